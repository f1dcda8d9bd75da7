//! Ending a link with a checked answer, if the credential still is what it was checked as.

use serde_json::{Value, json};

use super::super::super::{Context, KeyChange, RefusedAnswer, Settled, Settlement};
use super::super::credentials::Current;
use super::super::customers::{Owner, must_lock};
use super::super::failure::Done;
use super::super::transaction::Tx;
use super::super::{audit, authenticator_apps, credentials, evidence, links, verdicts};
use super::refuse::refuse;
use crate::domain::audit::Action;
use crate::domain::binding;
use crate::domain::ceremony::Refusal;
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::link::{Enrolment, Link};

pub(super) async fn settle(
    tx: &mut Tx,
    settlement: &Settlement,
    context: &Context,
) -> Done<Settled> {
    let Settlement { ceremony, link, attempt, verified, evidence, key, detail } =
        settlement.clone();
    let (link, jti) = (link.id, link.secret.jti);
    let (lock, load) = (must_lock(link), links::must_load(link));
    let (mut owner, link, known) = match &key {
        KeyChange::Use(used) => {
            let (owner, link, current) =
                tx.ask3(lock, load, credentials::current(used.credential)).await?;
            (owner, link, Known::Key(current))
        }
        KeyChange::Bind(credential) => {
            let bound = credentials::is_bound(&credential.key.id);
            let active = credentials::active(credential.customer);
            let (owner, link, bound, active) = tx.ask4(lock, load, bound, active).await?;
            (owner, link, Known::Customer { bound, active })
        }
    };
    if link.state.verdict().is_some() || link.secret.jti != jti {
        return Ok(Settled::LinkClosed(Box::new(link)));
    }
    let changed = match (&key, known) {
        (KeyChange::Use(used), Known::Key(current)) => {
            use_key(tx, &link, current.as_ref(), used, context)
        }
        (KeyChange::Bind(credential), Known::Customer { bound, active }) => {
            if bound {
                Err(Refusal::CredentialInUse)
            } else {
                bind_key(tx, &mut owner, &link, credential, &active, context)?
            }
        }
        (KeyChange::Use(_), Known::Customer { .. }) | (KeyChange::Bind(_), Known::Key(_)) => {
            Err(Refusal::CredentialUnknown)
        }
    };
    if let Err(refusal) = changed {
        let suspect = match (refusal, &key) {
            (Refusal::CloneSuspected, KeyChange::Use(used)) => Some(used.credential),
            _ => None,
        };
        let refused = RefusedAnswer { ceremony, link: link.id, attempt, refusal, suspect, detail };
        let link = refuse(tx, &mut owner, link, &refused, context)?;
        return Ok(Settled::Refused(refusal, Box::new(link)));
    }
    if matches!(key, KeyChange::Bind(_)) && link.request.enrolment == Enrolment::Replace {
        authenticator_apps::revoke_all(tx, &mut owner, link.id, context).await?;
    }
    let link = verdicts::verify(tx, &mut owner, link, (verified, ceremony), detail, context)?;
    evidence::insert(tx, link.id, &evidence);
    Ok(Settled::Done(Box::new(link)))
}

/// What was read for the change of a key.
enum Known {
    Key(Option<Current>),
    /// Whether the new key is bound already, and the active keys beside it.
    Customer {
        bound: bool,
        active: Vec<Credential>,
    },
}

/// The error refuses the answer, and nothing was noted.
type Checked = Result<(), Refusal>;

fn use_key(
    tx: &mut Tx,
    link: &Link,
    current: Option<&Current>,
    used: &KeyUse,
    context: &Context,
) -> Checked {
    let current = match current {
        Some(current) if current.customer == link.customer => current,
        Some(_) | None => return Err(Refusal::CredentialUnknown),
    };
    if current.revoked {
        return Err(Refusal::CredentialRevoked);
    }
    if current.backup_eligible != used.backup_eligible {
        return Err(Refusal::PasskeyChanged);
    }
    if !credentials::advance(tx, current, used, context) {
        return Err(Refusal::CloneSuspected);
    }
    if current.backup_state != used.backup_state {
        let detail = backup_detail(used);
        audit::append_about(tx, Action::CredentialBackupChanged, link, detail, context);
    }
    Ok(())
}

fn backup_detail(used: &KeyUse) -> Value {
    json!({ "credential": used.credential, "backup_state": used.backup_state })
}

/// `active`: the customer's keys.
fn bind_key(
    tx: &mut Tx,
    owner: &mut Owner,
    link: &Link,
    credential: &Credential,
    active: &[Credential],
    context: &Context,
) -> Done<Checked> {
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
    Ok(Ok(()))
}
