//! Refusing an answer: recorded for auditors, and the end of the link if it was the last attempt.

use serde_json::json;

use super::super::super::{Context, RefusedAnswer};
use super::super::customers::{Owner, must_lock};
use super::super::failure::Done;
use super::super::transaction::Tx;
use super::super::{audit, credentials, links, verdicts};
use crate::domain::audit::Action;
use crate::domain::ceremony::{Refusal, Refused};
use crate::domain::link::{Link, State};
use crate::domain::verdict::{Reason, Verdict};

pub(super) async fn refuse_attempt(
    tx: &mut Tx,
    refused: &RefusedAnswer,
    context: &Context,
) -> Done<Link> {
    let (mut owner, link) =
        tx.ask2(must_lock(refused.link), links::must_load(refused.link)).await?;
    refuse(tx, &mut owner, link, refused, context)
}

/// The attempt is counted already; a later one may be under way, which this refusal must not end. The link as it is now.
pub(in super::super) fn refuse(
    tx: &mut Tx,
    owner: &mut Owner,
    link: Link,
    refused: &RefusedAnswer,
    context: &Context,
) -> Done<Link> {
    let RefusedAnswer { ceremony, attempt, refused, .. } = refused;
    let Refused { refusal, suspect, detail } = refused;
    if let Some(credential) = suspect {
        credentials::suspect(tx, owner, &link, *credential, context)?;
    }
    let facts = json!({ "reason": refusal, "ceremony": ceremony, "detail": detail });
    audit::append_about(tx, Action::AttemptRefused, &link, facts, context);
    match link.state {
        State::Opened { .. } if *attempt >= context.max_attempts => {
            let reason = match refusal {
                Refusal::CloneSuspected => Reason::CloneSuspected,
                _ => Reason::TooManyAttempts,
            };
            let verdict = Verdict::NotVerified { reason, decided_at: context.now };
            verdicts::end(tx, owner, link, &verdict, json!({ "reason": reason }), context)
        }
        State::Pending | State::Opened { .. } | State::Ended { .. } => Ok(link),
    }
}
