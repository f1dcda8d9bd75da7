//! Ending a link with a right code, if it and its app still are what they were checked as.

use serde_json::json;

use super::super::super::{AppChange, CodeSettlement, Context, RefusedAnswer, Settled};
use super::super::columns::Whole;
use super::super::customers::{Owner, must_lock};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::verdicts::{self, By};
use super::super::{audit, ceremonies, events, evidence, links, mails};
use super::row;
use crate::domain::audit::Action;
use crate::domain::authenticator_app::{AuthenticatorApp, BINDING, RecoveryHash, UnusedCode};
use crate::domain::binding;
use crate::domain::ceremony::{Means, Refusal, Refused};
use crate::domain::event::EventType;
use crate::domain::link::Link;
use crate::domain::mail::MailKind;
use crate::domain::totp::Step;

pub(super) async fn settle(
    tx: &mut Tx,
    settlement: &CodeSettlement,
    context: &Context,
) -> Done<Settled> {
    let CodeSettlement { ceremony, link: known, attempt, verified, record, change } =
        settlement.clone();
    let id = known.id;
    let (mut owner, link, app, has_passkey) = tx
        .ask4(must_lock(id), links::must_load(id), row::active_for(id), row::has_passkey(id))
        .await?;
    if link.state.verdict().is_some() || link.secret.jti != known.secret.jti {
        return Ok(Settled::LinkClosed(Box::new(link)));
    }
    let changed = match (change, app) {
        (AppChange::Bind(_, _), Some(_)) => Err(Refusal::CustomerChanged),
        (AppChange::Bind(app, codes), None) => {
            bind(tx, &mut owner, &link, &app, &codes, has_passkey, context)?
        }
        (AppChange::Step(id, step), Some(app)) if app.id == id => {
            take_step(tx, &app, step, context)
        }
        (AppChange::Recovery(id, code), Some(app)) if app.id == id => {
            take_recovery_code(tx, &link, &app, code, context).await?
        }
        (AppChange::Step(..) | AppChange::Recovery(..), _) => Err(Refusal::CodeUsed),
    };
    if let Err(refusal) = changed {
        let refused = Refused { refusal, suspect: None, detail: json!({}) };
        let refused = RefusedAnswer { ceremony, link: id, attempt, refused };
        let link = ceremonies::refuse(tx, &mut owner, link, &refused, context)?;
        return Ok(Settled::Refused(refusal, Box::new(link)));
    }
    let detail = json!({ "method": verified.method, "credential": verified.credential });
    let by = By::Code(ceremony);
    let link = verdicts::verify(tx, &mut owner, link, (verified, by), detail, context)?;
    evidence::insert_code(tx, link.id, &record);
    Ok(Settled::Done(Box::new(link)))
}

/// The error refuses the code, and nothing was noted.
type Checked = Result<(), Refusal>;

fn take_step(tx: &mut Tx, app: &AuthenticatorApp, step: Step, context: &Context) -> Checked {
    if step <= app.last_step {
        return Err(Refusal::CodeUsed);
    }
    tx.write_one(
        "-- take_step
         UPDATE authenticator_apps
         SET last_step = $1, last_used_at = $2, tries = greatest(tries - 1, 0)
         WHERE id = $3 AND customer = $4 AND revoked_at IS NULL AND last_step < $1",
        params![Whole(step.0), context.now, app.id, app.customer],
    );
    Ok(())
}

async fn take_recovery_code(
    tx: &mut Tx,
    link: &Link,
    app: &AuthenticatorApp,
    code: UnusedCode,
    context: &Context,
) -> Done<Checked> {
    let taken = Query::exists(
        "-- take_recovery_code
         UPDATE recovery_codes SET used_at = $1
         WHERE app = $2 AND number = $3 AND hash = $4 AND used_at IS NULL
         RETURNING number",
        params![context.now, app.id, Whole(code.number), code.hash],
    );
    if !tx.ask(taken).await? {
        return Ok(Err(Refusal::CodeUsed));
    }
    tx.write_one(
        "-- note_app_used
         UPDATE authenticator_apps SET last_used_at = $1, tries = greatest(tries - 1, 0)
         WHERE id = $2 AND revoked_at IS NULL",
        params![context.now, app.id],
    );
    let detail = json!({ "credential": app.id, "number": code.number });
    audit::append_about(tx, Action::RecoveryCodeUsed, link, detail, context);
    Ok(Ok(()))
}

fn bind(
    tx: &mut Tx,
    owner: &mut Owner,
    link: &Link,
    app: &AuthenticatorApp,
    codes: &[RecoveryHash],
    has_passkey: bool,
    context: &Context,
) -> Done<Checked> {
    if !link.binds_apps() {
        return Ok(Err(Refusal::WrongCeremony));
    }
    if let Err(groundless) = binding::check(BINDING, link, &[], context.now) {
        return Ok(Err(groundless.into()));
    }
    if has_passkey || app.customer != link.customer {
        return Ok(Err(Refusal::CustomerChanged));
    }
    tx.write_one(
        "-- insert_app
         INSERT INTO authenticator_apps (id, customer, link, sealed, last_step, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            app.id,
            link.customer,
            link.id,
            app.sealed.clone(),
            Whole(app.last_step.0),
            app.created_at,
        ],
    );
    for (number, hash) in (1_u8..).zip(codes) {
        tx.write_one(
            "-- insert_recovery_code
             INSERT INTO recovery_codes (app, number, hash) VALUES ($1, $2, $3)",
            params![app.id, Whole(number), *hash],
        );
    }
    let (id, kind) = (app.id, EventType::CredentialBound);
    let what = (id, Means::Totp);
    events::publish_credential(tx, kind, owner, what, Some(link.id), context)?;
    mails::notify(tx, owner.id, Some(link.id), MailKind::AppAdded, context)?;
    let detail = json!({ "credential": id, "binding": BINDING });
    audit::append_about(tx, Action::AuthenticatorAppBound, link, detail, context);
    Ok(Ok(()))
}
