//! Verdicts: the one way a link ends, with everything that belongs to it.

use serde_json::Value;

use super::super::{Context, Result, StoreError};
use super::failure::exactly_one;
use super::transaction::Tx;
use super::{audit, credentials, customers, events};
use crate::domain::audit::Action;
use crate::domain::customer::{Footing, Standing};
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
    tx: &Tx<'_>,
    link: Link,
    verdict: &Verdict,
    detail: Value,
    context: &Context,
) -> Result<Link> {
    finish(tx, link, verdict, None, detail, context)
}

/// Ends a link by the ceremony that verified it.
pub(super) fn verify(
    tx: &Tx<'_>,
    link: Link,
    verified: Verified,
    by: By,
    detail: Value,
    context: &Context,
) -> Result<Link> {
    finish(tx, link, &Verdict::Verified(verified), Some(by), detail, context)
}

fn finish(
    tx: &Tx<'_>,
    mut link: Link,
    verdict: &Verdict,
    by: Option<By>,
    detail: Value,
    context: &Context,
) -> Result<Link> {
    let from = link.state.status();
    let to = verdict.status();
    let refused = |refused: crate::domain::link::Refused| StoreError::Corrupt(refused.to_string());
    link.state = link.state.end(verdict.clone()).map_err(refused)?;
    link.secret.door = None;

    let ceremony = match by {
        Some(By::Answer(ceremony) | By::Code(ceremony)) => Some(ceremony),
        None => None,
    };
    match by {
        Some(By::Answer(ceremony)) => verify_link(tx, &link, ceremony, context)?,
        Some(By::Code(_)) | None => end_link(tx, &link, from, ceremony)?,
    }
    tx.note_changed(link.id);
    insert(tx, link.id, verdict, ceremony)?;
    if verdict.reason().objects() {
        credentials::object(tx, link.customer, context)?;
    }

    // Otherwise the passkey's own event has said it all.
    if link.tells_of_customer(verdict) {
        let (after, sequence) = stand(tx, &link, verdict)?;
        if let Some(kind) = EventType::of_end(to) {
            events::publish(tx, kind, &link, &after, sequence, context)?;
        }
    }
    if let Some(action) = action(to) {
        audit::append_about(tx, action, &link, detail, context)?;
    }
    Ok(link)
}

/// `link` is as it will be.
fn end_link(tx: &Tx<'_>, link: &Link, from: Status, ceremony: Option<CeremonyId>) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- end_link
             UPDATE links SET status = ?1, ceremony = NULL, door_hash = NULL, door_until = NULL
             WHERE id = ?2 AND status = ?3
               AND (?4 IS NULL OR EXISTS (SELECT 1 FROM ceremonies
                                          WHERE id = ?4 AND link = ?2 AND consumed_at IS NOT NULL))",
        )?
        .execute((link.state.status(), link.id, from, ceremony))?;
    exactly_one("end_link", touched)
}

/// Counts the attempt and ends the link, if the ceremony is its newest and it is open yet.
fn verify_link(tx: &Tx<'_>, link: &Link, ceremony: CeremonyId, context: &Context) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- verify_link
             UPDATE links
             SET status = 'verified', attempts = attempts + 1, ceremony = NULL, door_hash = NULL,
                 door_until = NULL
             WHERE id = ?1 AND ceremony = ?2 AND status = 'opened' AND expires_at > ?3
               AND attempts < ?4
               AND EXISTS (SELECT 1 FROM ceremonies
                           WHERE id = ?2 AND link = ?1 AND consumed_at IS NOT NULL)",
        )?
        .execute((link.id, ceremony, context.now, context.max_attempts))?;
    exactly_one("verify_link", touched)
}

/// Where the customer stands from now on, and the number of the event that tells of it.
fn stand(tx: &Tx<'_>, link: &Link, verdict: &Verdict) -> Result<(Footing, u64)> {
    if verdict.verified().is_some() {
        // Whatever was before.
        return customers::set_standing(tx, link.customer, Standing::Never.after(link.id, verdict));
    }
    let before = customers::standing_of(tx, link.customer)?;
    let after = before.standing.clone().after(link.id, verdict);
    if after == before.standing {
        Ok((before, customers::next_sequence(tx, link.customer)?))
    } else {
        customers::set_standing(tx, link.customer, after)
    }
}

fn insert(
    tx: &Tx<'_>,
    link: LinkId,
    verdict: &Verdict,
    ceremony: Option<CeremonyId>,
) -> Result<()> {
    let verified = verdict.verified();
    tx.prepare_cached(
        "-- insert_verdict
         INSERT INTO verdicts (link, reason, decided_at, ceremony, method, binding, first_use,
                               credential, verified_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        link,
        verdict.reason(),
        verdict.decided_at(),
        ceremony,
        verified.map(|verified| verified.method),
        verified.map(|verified| verified.binding),
        verified.map(|verified| verified.first_use),
        verified.map(|verified| verified.credential),
        verified.map(|verified| verified.verified_until),
    ))?;
    Ok(())
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
