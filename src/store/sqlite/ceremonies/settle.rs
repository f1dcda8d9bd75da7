//! Ending a link with a checked answer, if the credential still is what it was checked as.

use serde_json::{Value, json};

use super::super::super::{Context, KeyChange, RefusedAnswer, Result, Settled, Settlement};
use super::super::transaction::Tx;
use super::super::{audit, credentials, evidence, links, verdicts};
use super::refuse::refuse;
use crate::domain::audit::Action;
use crate::domain::ceremony::Refusal;
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::link::Link;

pub(super) fn settle(tx: &Tx<'_>, settlement: Settlement, context: &Context) -> Result<Settled> {
    let Settlement { ceremony, link, jti, attempt, verified, evidence, key, detail } = settlement;
    let link = links::must_load(tx, link)?;
    if link.state.verdict().is_some() || link.secret.jti != jti {
        return Ok(Settled::LinkClosed(Box::new(link)));
    }
    let changed = match &key {
        KeyChange::Use(used) => use_key(tx, &link, used, context)?,
        KeyChange::Bind { credential, replace } => {
            bind_key(tx, &link, credential, *replace, context)?
        }
    };
    if let Err(refusal) = changed {
        let suspect = match (refusal, &key) {
            (Refusal::CloneSuspected, KeyChange::Use(used)) => Some(used.credential),
            _ => None,
        };
        let refused = RefusedAnswer { ceremony, link: link.id, attempt, refusal, suspect, detail };
        let link = refuse(tx, link, refused, context)?;
        return Ok(Settled::Refused(refusal, Box::new(link)));
    }
    let link = verdicts::verify(tx, link, verified, ceremony, detail, context)?;
    evidence::insert(tx, link.id, &evidence)?;
    Ok(Settled::Done(Box::new(link)))
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

fn bind_key(
    tx: &Tx<'_>,
    link: &Link,
    credential: &Credential,
    replace: bool,
    context: &Context,
) -> Checked {
    if credentials::is_bound(tx, &credential.key.id)? {
        return Ok(Err(Refusal::CredentialInUse));
    }
    if credential.customer != link.customer {
        return Ok(Err(Refusal::CustomerChanged));
    }
    if replace {
        credentials::revoke_all(tx, link, context)?;
    } else if credentials::has_active(tx, link.customer)? {
        return Ok(Err(Refusal::CustomerChanged));
    }
    credentials::bind(tx, link, credential, context)?;
    Ok(Ok(()))
}
