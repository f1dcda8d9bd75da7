//! Ending a link with a checked answer, if the credential still is what it was checked as.

use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use super::super::super::{Context, KeyChange, RefusedAnswer, Result, Settled, Settlement};
use super::super::transaction::Tx;
use super::super::{audit, authenticator_apps, credentials, customers, evidence, links, verdicts};
use super::refuse::refuse;
use crate::domain::audit::Action;
use crate::domain::binding;
use crate::domain::ceremony::Refusal;
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::link::{Enrolment, Link, State};

pub(super) fn settle(tx: &Tx<'_>, settlement: &Settlement, context: &Context) -> Result<Settled> {
    let Settlement { ceremony, link: known, attempt, verified, evidence, key, detail } = settlement;
    let (ceremony, attempt, detail) = (*ceremony, *attempt, detail.clone());
    let link = as_it_is(tx, known)?;
    if link.state.verdict().is_some() || link.secret.jti != known.secret.jti {
        return Ok(Settled::LinkClosed(Box::new(link)));
    }
    let changed = match key {
        KeyChange::Use(used) => use_key(tx, &link, used, context)?,
        KeyChange::Bind(credential) => bind_key(tx, &link, credential, context)?,
    };
    if let Err(refusal) = changed {
        let suspect = match (refusal, key) {
            (Refusal::CloneSuspected, KeyChange::Use(used)) => Some(used.credential),
            _ => None,
        };
        let refused = RefusedAnswer { ceremony, link: link.id, attempt, refusal, suspect, detail };
        let link = refuse(tx, link, refused, context)?;
        return Ok(Settled::Refused(refusal, Box::new(link)));
    }
    let link = verdicts::verify(tx, link, verified.clone(), ceremony, detail, context)?;
    evidence::insert(tx, link.id, evidence)?;
    Ok(Settled::Done(Box::new(link)))
}

/// What of an opened link whose secret is the same can have changed since it was read is little, and
/// less to read than all of it.
pub(in super::super) fn as_it_is(tx: &Tx<'_>, link: &Link) -> Result<Link> {
    let opened = tx
        .prepare_cached(
            "-- opened_link
             SELECT opened_at, attempts FROM links
             WHERE id = ?1 AND status = 'opened' AND jti = ?2",
        )?
        .query_row((link.id, link.secret.jti), |row| {
            Ok((State::Opened { at: row.get(0)? }, row.get(1)?))
        })
        .optional()?;
    match opened {
        Some((state, attempts)) => Ok(Link { state, attempts, ..link.clone() }),
        None => links::must_load(tx, link.id),
    }
}

/// The outer error is the store's; the inner one refuses the answer, and nothing was written.
type Checked = Result<std::result::Result<(), Refusal>>;

fn use_key(tx: &Tx<'_>, link: &Link, used: &KeyUse, context: &Context) -> Checked {
    let current = match credentials::current(tx, used.credential)? {
        Some(current) if current.customer == link.customer => current,
        Some(_) | None => return Ok(Err(Refusal::CredentialUnknown)),
    };
    if current.revoked {
        return Ok(Err(Refusal::CredentialRevoked));
    }
    if current.backup_eligible != used.backup_eligible {
        return Ok(Err(Refusal::PasskeyChanged));
    }
    if !credentials::advance(tx, used, context)? {
        return Ok(Err(Refusal::CloneSuspected));
    }
    if current.backup_state != used.backup_state {
        let detail = backup_detail(used);
        audit::append_about(tx, Action::CredentialBackupChanged, link, detail, context)?;
    }
    Ok(Ok(()))
}

fn backup_detail(used: &KeyUse) -> Value {
    json!({ "credential": used.credential, "backup_state": used.backup_state })
}

fn bind_key(tx: &Tx<'_>, link: &Link, credential: &Credential, context: &Context) -> Checked {
    if credentials::is_bound(tx, &credential.key.id)? {
        return Ok(Err(Refusal::CredentialInUse));
    }
    if credential.customer != link.customer {
        return Ok(Err(Refusal::CustomerChanged));
    }
    let active = credentials::active(tx, link.customer)?;
    if let Err(groundless) = binding::check(credential.binding, link, &active, context.now) {
        return Ok(Err(groundless.into()));
    }
    match link.request.enrolment {
        Enrolment::Replace => {
            let owner = (link.customer, &link.user_id);
            for former in &active {
                credentials::revoke(tx, owner, former.id, Some(link.id), context)?;
            }
            customers::note_rebound(tx, link.customer, context)?;
        }
        Enrolment::Add => {}
        Enrolment::Open | Enrolment::CallCode | Enrolment::Existing => {
            if !active.is_empty() {
                return Ok(Err(Refusal::CustomerChanged));
            }
        }
    }
    credentials::bind(tx, link, credential, context)?;
    if link.request.enrolment == Enrolment::Replace {
        let owner = (link.customer, &link.user_id);
        authenticator_apps::revoke_all(tx, owner, link.id, context)?;
    }
    Ok(Ok(()))
}
