//! Ending a link with a right answer, if its credential may sign.

use serde_json::{Value, json};

use super::super::super::{Context, KeyChange, Result, Settlement, Subject};
use super::super::transaction::Tx;
use super::super::verdicts::{self, By};
use super::super::{audit, authenticator_apps, credentials, customers, evidence};
use crate::domain::audit::Action;
use crate::domain::binding;
use crate::domain::ceremony::{Refusal, Refused};
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::id::CeremonyId;
use crate::domain::link::{Enrolment, Link};

/// The link as it ended; the inner error refuses the answer, and nothing was written.
pub(super) fn settle(
    tx: &Tx<'_>,
    subject: &Subject,
    ceremony: CeremonyId,
    settlement: &Settlement,
    context: &Context,
) -> Result<std::result::Result<Link, Refused>> {
    let Settlement { verified, evidence, key, detail } = settlement;
    let changed = match key {
        KeyChange::Use(used) => use_key(tx, subject, used, context)?,
        KeyChange::Bind(credential) => bind_key(tx, subject, credential, context)?,
    };
    if let Err(refusal) = changed {
        let suspect = match (refusal, key) {
            (Refusal::CloneSuspected, KeyChange::Use(used)) => Some(used.credential),
            _ => None,
        };
        return Ok(Err(Refused { refusal, suspect, detail: detail.clone() }));
    }
    let link = subject.link.clone();
    let by = By::Answer(ceremony);
    let link = verdicts::verify(tx, link, verified.clone(), by, detail.clone(), context)?;
    evidence::insert(tx, link.id, evidence)?;
    Ok(Ok(link))
}

/// The outer error is the store's; the inner one refuses the answer, and nothing was written.
type Changed = Result<std::result::Result<(), Refusal>>;

fn use_key(tx: &Tx<'_>, subject: &Subject, used: &KeyUse, context: &Context) -> Changed {
    let Some(current) = subject.credentials.iter().find(|key| key.id == used.credential) else {
        return Ok(Err(Refusal::CredentialUnknown));
    };
    if current.key.backup_eligible != used.backup_eligible {
        return Ok(Err(Refusal::PasskeyChanged));
    }
    if !credentials::advance(tx, used, context)? {
        return Ok(Err(Refusal::CloneSuspected));
    }
    if current.key.backup_state != used.backup_state {
        let (action, detail) = (Action::CredentialBackupChanged, backup_detail(used));
        audit::append_about(tx, action, &subject.link, detail, context)?;
    }
    Ok(Ok(()))
}

fn backup_detail(used: &KeyUse) -> Value {
    json!({ "credential": used.credential, "backup_state": used.backup_state })
}

fn bind_key(
    tx: &Tx<'_>,
    Subject { link, credentials: active, .. }: &Subject,
    credential: &Credential,
    context: &Context,
) -> Changed {
    if credentials::is_bound(tx, &credential.key.id)? {
        return Ok(Err(Refusal::CredentialInUse));
    }
    if credential.customer != link.customer {
        return Ok(Err(Refusal::CustomerChanged));
    }
    if let Err(groundless) = binding::check(credential.binding, link, active, context.now) {
        return Ok(Err(groundless.into()));
    }
    match link.request.enrolment {
        Enrolment::Replace => {
            let owner = (link.customer, &link.user_id);
            for former in active {
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
