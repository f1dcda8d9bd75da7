//! Ending a link with a right code, if it and its app still are what they were checked as.

use serde_json::json;

use super::super::super::{AppChange, CodeSettlement, Context, RefusedAnswer, Result, Settled};
use super::super::failure::exactly_one;
use super::super::transaction::Tx;
use super::super::verdicts::{self, By};
use super::super::{audit, ceremonies, events, evidence, links, mails};
use super::row;
use crate::domain::audit::Action;
use crate::domain::authenticator_app::{AuthenticatorApp, BINDING, RecoveryHash, UnusedCode};
use crate::domain::binding;
use crate::domain::ceremony::{Means, Refusal, Refused};
use crate::domain::event::EventType;
use crate::domain::id::CredentialId;
use crate::domain::link::Link;
use crate::domain::mail::MailKind;
use crate::domain::totp::Step;

pub(super) fn settle(
    tx: &Tx<'_>,
    settlement: &CodeSettlement,
    context: &Context,
) -> Result<Settled> {
    let CodeSettlement { ceremony, link: known, attempt, verified, record, change } = settlement;
    let (ceremony, attempt) = (*ceremony, *attempt);
    let link = links::must_load(tx, known.id)?;
    if link.state.verdict().is_some() || link.secret.jti != known.secret.jti {
        return Ok(Settled::LinkClosed(Box::new(link)));
    }
    let changed = match change {
        AppChange::Bind(app, codes) => bind(tx, &link, app, codes, context)?,
        AppChange::Step(app, step) => take_step(tx, &link, *app, *step, context)?,
        AppChange::Recovery(app, code) => take_recovery_code(tx, &link, *app, *code, context)?,
    };
    if let Err(refusal) = changed {
        let refused = Refused { refusal, suspect: None, detail: json!({}) };
        let refused = RefusedAnswer { ceremony, link: link.id, attempt, refused };
        let link = ceremonies::refuse(tx, link, refused, context)?;
        return Ok(Settled::Refused(refusal, Box::new(link)));
    }
    let detail = json!({ "method": verified.method, "credential": verified.credential });
    let link = verdicts::verify(tx, link, verified.clone(), By::Code(ceremony), detail, context)?;
    evidence::insert_code(tx, link.id, record)?;
    Ok(Settled::Done(Box::new(link)))
}

/// The outer error is the store's; the inner one refuses the code, and nothing was written.
type Checked = Result<std::result::Result<(), Refusal>>;

fn take_step(
    tx: &Tx<'_>,
    link: &Link,
    app: CredentialId,
    step: Step,
    context: &Context,
) -> Checked {
    let touched = tx
        .prepare_cached(
            "-- take_step
             UPDATE authenticator_apps
             SET last_step = ?1, last_used_at = ?2, tries = max(tries - 1, 0)
             WHERE id = ?3 AND customer = ?4 AND revoked_at IS NULL AND last_step < ?1",
        )?
        .execute((step.0.cast_signed(), context.now, app, link.customer))?;
    Ok(if touched == 1 { Ok(()) } else { Err(Refusal::CodeUsed) })
}

fn take_recovery_code(
    tx: &Tx<'_>,
    link: &Link,
    app: CredentialId,
    code: UnusedCode,
    context: &Context,
) -> Checked {
    let touched = tx
        .prepare_cached(
            "-- take_recovery_code
             UPDATE recovery_codes SET used_at = ?1
             WHERE app = ?2 AND number = ?3 AND hash = ?4 AND used_at IS NULL
               AND EXISTS (SELECT 1 FROM authenticator_apps
                           WHERE id = ?2 AND customer = ?5 AND revoked_at IS NULL)",
        )?
        .execute((context.now, app, code.number, code.hash, link.customer))?;
    if touched == 0 {
        return Ok(Err(Refusal::CodeUsed));
    }
    let touched = tx
        .prepare_cached(
            "-- note_app_used
             UPDATE authenticator_apps SET last_used_at = ?1, tries = max(tries - 1, 0)
             WHERE id = ?2",
        )?
        .execute((context.now, app))?;
    exactly_one("note_app_used", touched)?;
    let detail = json!({ "credential": app, "number": code.number });
    audit::append_about(tx, Action::RecoveryCodeUsed, link, detail, context)?;
    Ok(Ok(()))
}

fn bind(
    tx: &Tx<'_>,
    link: &Link,
    app: &AuthenticatorApp,
    codes: &[RecoveryHash],
    context: &Context,
) -> Checked {
    if !link.binds_apps() {
        return Ok(Err(Refusal::WrongCeremony));
    }
    if let Err(groundless) = binding::check(BINDING, link, &[], context.now) {
        return Ok(Err(groundless.into()));
    }
    let has_any = row::active(tx, link.customer)?.is_some() || row::has_passkey(tx, link.customer)?;
    if has_any || app.customer != link.customer {
        return Ok(Err(Refusal::CustomerChanged));
    }
    tx.prepare_cached(
        "-- insert_app
         INSERT INTO authenticator_apps (id, customer, link, sealed, last_step, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        app.id,
        link.customer,
        link.id,
        &app.sealed,
        app.last_step.0.cast_signed(),
        app.created_at,
    ))?;
    for (number, hash) in (1_u8..).zip(codes) {
        tx.prepare_cached(
            "-- insert_recovery_code
             INSERT INTO recovery_codes (app, number, hash) VALUES (?1, ?2, ?3)",
        )?
        .execute((app.id, number, hash))?;
    }
    let owner = (link.customer, &link.user_id);
    let (id, kind) = (app.id, EventType::CredentialBound);
    let what = (id, Means::Totp);
    events::publish_credential(tx, kind, owner, what, Some(link.id), context)?;
    mails::notify(tx, link.customer, Some(link.id), MailKind::AppAdded, context)?;
    let detail = json!({ "credential": id, "binding": BINDING });
    audit::append_about(tx, Action::AuthenticatorAppBound, link, detail, context)?;
    Ok(Ok(()))
}
