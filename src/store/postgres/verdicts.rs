//! Verdicts: the one way a link ends, with everything that belongs to it.

use serde_json::Value;

use super::super::Context;
use super::columns::Whole;
use super::customers::Owner;
use super::failure::{Done, corrupt};
use super::query::params;
use super::transaction::Tx;
use super::{audit, credentials, events};
use crate::domain::audit::Action;
use crate::domain::event::EventType;
use crate::domain::id::{CeremonyId, LinkId};
use crate::domain::link::{Link, Status};
use crate::domain::verdict::{Verdict, Verified};

/// The ceremony that verified a link; its challenge was consumed.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// In this transaction: its attempt is counted with the link's end.
    Answer(CeremonyId),
    /// Before, when its attempt was counted.
    Code(CeremonyId),
}

/// Ends a link without a success. The link as it is now.
pub(super) fn end(
    tx: &mut Tx,
    owner: &mut Owner,
    link: Link,
    verdict: &Verdict,
    detail: Value,
    context: &Context,
) -> Done<Link> {
    finish(tx, owner, link, verdict, None, detail, context)
}

/// Ends a link by the ceremony that verified it.
pub(super) fn verify(
    tx: &mut Tx,
    owner: &mut Owner,
    link: Link,
    (verified, by): (Verified, By),
    detail: Value,
    context: &Context,
) -> Done<Link> {
    finish(tx, owner, link, &Verdict::Verified(verified), Some(by), detail, context)
}

fn finish(
    tx: &mut Tx,
    owner: &mut Owner,
    mut link: Link,
    verdict: &Verdict,
    by: Option<By>,
    detail: Value,
    context: &Context,
) -> Done<Link> {
    let from = link.state.status();
    let to = verdict.status();
    link.state = link.state.end(verdict.clone()).map_err(|refused| corrupt(refused.to_string()))?;
    link.secret.door = None;

    let ceremony = match by {
        Some(By::Answer(ceremony) | By::Code(ceremony)) => Some(ceremony),
        None => None,
    };
    match by {
        Some(By::Answer(ceremony)) => verify_link(tx, &link, ceremony, context),
        Some(By::Code(_)) | None => end_link(tx, &link, from, ceremony),
    }
    tx.noted.links.push(link.id);
    insert(tx, link.id, verdict, ceremony);
    if verdict.reason().objects() {
        credentials::object(tx, owner, context);
    }

    // Otherwise the passkey's own event has said it all.
    if link.tells_of_customer(verdict) {
        let after = owner.footing.standing.clone().after(link.id, verdict);
        let sequence = if after == owner.footing.standing {
            owner.next_sequence(tx)
        } else {
            owner.set_standing(tx, after)
        };
        if let Some(kind) = EventType::of_end(to) {
            events::publish(tx, kind, &link, owner, sequence, context)?;
        }
    }
    if let Some(action) = action(to) {
        audit::append_about(tx, action, &link, detail, context);
    }
    Ok(link)
}

/// `link` is as it will be.
fn end_link(tx: &mut Tx, link: &Link, from: Status, ceremony: Option<CeremonyId>) {
    tx.write_one(
        "-- end_link
         UPDATE links SET status = $1, ceremony = NULL, door_hash = NULL, door_until = NULL
         WHERE id = $2 AND status = $3
           AND ($4::uuid IS NULL
                OR EXISTS (SELECT 1 FROM ceremonies
                           WHERE id = $4 AND link = $2 AND consumed_at IS NOT NULL))",
        params![link.state.status(), link.id, from, ceremony],
    );
}

/// Counts the attempt and ends the link, if the ceremony is its newest and it is open yet.
fn verify_link(tx: &mut Tx, link: &Link, ceremony: CeremonyId, context: &Context) {
    tx.write_one(
        "-- verify_link
         UPDATE links
         SET status = 'verified', attempts = attempts + 1, ceremony = NULL, door_hash = NULL,
             door_until = NULL
         WHERE id = $1 AND ceremony = $2 AND status = 'opened' AND expires_at > $3
           AND attempts < $4
           AND EXISTS (SELECT 1 FROM ceremonies
                       WHERE id = $2 AND link = $1 AND consumed_at IS NOT NULL)",
        params![link.id, ceremony, context.now, Whole(context.max_attempts)],
    );
}

fn insert(tx: &mut Tx, link: LinkId, verdict: &Verdict, ceremony: Option<CeremonyId>) {
    let verified = verdict.verified();
    tx.write(
        "-- insert_verdict
         INSERT INTO verdicts (link, reason, decided_at, ceremony, method, binding, first_use,
                               credential, verified_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            link,
            verdict.reason(),
            verdict.decided_at(),
            ceremony,
            verified.map(|verified| verified.method),
            verified.map(|verified| verified.binding),
            verified.map(|verified| verified.first_use),
            verified.map(|verified| verified.credential),
            verified.map(|verified| verified.verified_until),
        ],
    );
}

const fn action(end: Status) -> Option<Action> {
    match end {
        Status::Verified => Some(Action::LinkVerified),
        Status::Failed => Some(Action::LinkFailed),
        Status::Declined => Some(Action::LinkDeclined),
        Status::Expired => Some(Action::LinkExpired),
        Status::Revoked => Some(Action::LinkRevoked),
        Status::Pending | Status::Opened => None,
    }
}
