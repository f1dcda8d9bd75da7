//! Ending a link with a right answer, if its credential may sign.

use serde_json::{Value, json};

use super::super::super::{Context, KeyChange, Settlement, Subject};
use super::super::customers::Owner;
use super::super::failure::Done;
use super::super::transaction::Tx;
use super::super::verdicts::{self, By};
use super::super::{audit, authenticator_apps, credentials, evidence};
use crate::domain::audit::Action;
use crate::domain::binding;
use crate::domain::ceremony::{Refusal, Refused};
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::id::CeremonyId;
use crate::domain::link::{Enrolment, Link};

/// The link as it ended; the inner error refuses the answer, and nothing was noted.
pub(super) async fn settle(
    tx: &mut Tx,
    owner: &mut Owner,
    subject: &Subject,
    ceremony: CeremonyId,
    settlement: Settlement,
    context: &Context,
) -> Done<Result<Link, Refused>> {
    let Settlement { verified, evidence, key, detail } = settlement;
    let changed = match &key {
        KeyChange::Use(used) => use_key(tx, subject, used, context),
        KeyChange::Bind(credential) => bind_key(tx, owner, subject, credential, context).await?,
    };
    if let Err(refusal) = changed {
        let suspect = match (refusal, &key) {
            (Refusal::CloneSuspected, KeyChange::Use(used)) => Some(used.credential),
            _ => None,
        };
        return Ok(Err(Refused { refusal, suspect, detail }));
    }
    let link = subject.link.clone();
    let link =
        verdicts::verify(tx, owner, link, (verified, By::Answer(ceremony)), detail, context)?;
    evidence::insert(tx, link.id, &evidence);
    Ok(Ok(link))
}

/// The error refuses the answer, and nothing was noted.
type Changed = Result<(), Refusal>;

fn use_key(tx: &mut Tx, subject: &Subject, used: &KeyUse, context: &Context) -> Changed {
    let current = subject.credentials.iter().find(|key| key.id == used.credential);
    let current = &current.ok_or(Refusal::CredentialUnknown)?.key;
    if current.backup_eligible != used.backup_eligible {
        return Err(Refusal::PasskeyChanged);
    }
    if !credentials::advance(tx, current.sign_count, used, context) {
        return Err(Refusal::CloneSuspected);
    }
    if current.backup_state != used.backup_state {
        let (action, detail) = (Action::CredentialBackupChanged, backup_detail(used));
        audit::append_about(tx, action, &subject.link, detail, context);
    }
    Ok(())
}

fn backup_detail(used: &KeyUse) -> Value {
    json!({ "credential": used.credential, "backup_state": used.backup_state })
}

async fn bind_key(
    tx: &mut Tx,
    owner: &mut Owner,
    Subject { link, credentials: active, .. }: &Subject,
    credential: &Credential,
    context: &Context,
) -> Done<Changed> {
    if tx.ask(credentials::is_bound(&credential.key.id)).await? {
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
            for former in active {
                credentials::revoke(tx, owner, former.id, Some(link.id), context)?;
            }
            owner.note_rebound(tx, context);
        }
        Enrolment::Add => {}
        Enrolment::Open | Enrolment::CallCode | Enrolment::Existing => {
            if !active.is_empty() {
                return Ok(Err(Refusal::CustomerChanged));
            }
        }
    }
    credentials::bind(tx, owner, link, credential, context)?;
    if link.request.enrolment == Enrolment::Replace {
        authenticator_apps::revoke_all(tx, owner, link.id, context).await?;
    }
    Ok(Ok(()))
}
