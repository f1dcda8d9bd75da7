//! Changing a link that exists: a new URL, an end by staff or customer, an end by time.

use serde_json::json;

use super::super::super::{Changed, Context, Result, StoreError};
use super::super::failure::exactly_one;
use super::super::transaction::Tx;
use super::super::{audit, verdicts};
use super::row::{load, must_load};
use crate::domain::audit::Action;
use crate::domain::clock::Timestamp;
use crate::domain::id::LinkId;
use crate::domain::link::{Link, LinkSecret, State};
use crate::domain::verdict::{Reason, Verdict};

pub(super) fn reissue(
    tx: &Tx<'_>,
    id: LinkId,
    secret: LinkSecret,
    expires_at: Timestamp,
    context: &Context,
) -> Result<Changed> {
    let Some(link) = load(tx, id)? else { return Ok(Changed::NotFound) };
    let mut link = end_overdue(tx, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Changed::Ended(link));
    }
    link.expires_at = expires_at;
    link.handover.renew(link.kind, link.request.enrolment, context.now, expires_at);
    let until = link.handover.call_code.map(|code| code.until);
    tx.prepare_cached("-- keep_code\nINSERT INTO former_codes (code_hash, link) VALUES (?1, ?2)")?
        .execute((link.secret.code_hash, id))?;
    let touched = tx
        .prepare_cached(
            "-- reissue_link
             UPDATE OR IGNORE links
             SET jti = ?1, code_hash = ?2, kid = ?3, expires_at = ?4, door_hash = ?5,
                 door_until = ?6, ceremony = NULL, call_code_until = ?7,
                 call_code_given_at = NULL, call_code_tries = 0, call_answer = NULL,
                 sent_at = NULL
             WHERE id = ?8 AND status IN ('pending', 'opened')",
        )?
        .execute((
            secret.jti,
            secret.code_hash,
            &secret.kid,
            expires_at,
            secret.door.map(|door| door.hash),
            secret.door.map(|door| door.until),
            until,
            id,
        ))?;
    // It was open: only a code that another link has keeps the row as it is.
    if touched == 0 {
        return Err(StoreError::Taken);
    }
    exactly_one("reissue_link", touched)?;
    tx.note_changed(id);
    link.secret = secret;
    audit::append_about(tx, Action::LinkReissued, &link, json!({}), context)?;
    Ok(Changed::Done(link))
}

pub(super) fn ask_new_phone(
    tx: &Tx<'_>,
    id: LinkId,
    jti: [u8; 16],
    context: &Context,
) -> Result<Changed> {
    let Some(link) = load(tx, id)?.filter(|link| link.secret.jti == jti) else {
        return Ok(Changed::NotFound);
    };
    let mut link = end_overdue(tx, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Changed::Ended(link));
    }
    if link.handover.new_phone_asked_at.is_some() {
        return Ok(Changed::Done(link));
    }
    let touched = tx
        .prepare_cached(
            "-- ask_new_phone
             UPDATE links SET new_phone_asked_at = ?1
             WHERE id = ?2 AND status IN ('pending', 'opened') AND new_phone_asked_at IS NULL",
        )?
        .execute((context.now, id))?;
    exactly_one("ask_new_phone", touched)?;
    tx.note_changed(id);
    link.handover.new_phone_asked_at = Some(context.now);
    audit::append_about(tx, Action::NewPhoneAsked, &link, json!({}), context)?;
    Ok(Changed::Done(link))
}

pub(super) fn end(
    tx: &Tx<'_>,
    id: LinkId,
    verdict: &Verdict,
    context: &Context,
) -> Result<Changed> {
    if verdict.verified().is_some() {
        return Err(StoreError::Corrupt("only a ceremony can verify a link".to_owned()));
    }
    let Some(link) = load(tx, id)? else { return Ok(Changed::NotFound) };
    let link = end_overdue(tx, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Changed::Ended(link));
    }
    let detail = json!({ "reason": verdict.reason() });
    verdicts::end(tx, link, verdict, detail, context).map(Changed::Done)
}

pub(super) fn expire(tx: &Tx<'_>, limit: u32, context: &Context) -> Result<usize> {
    let due: Vec<LinkId> = tx
        .prepare_cached(
            "-- links_to_expire
             SELECT id FROM links INDEXED BY links_to_expire
             WHERE status IN ('pending', 'opened') AND expires_at <= ?1
             ORDER BY expires_at LIMIT ?2",
        )?
        .query_map((context.now, limit), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    tx.each_readable("expire_links", &due, |id| {
        end_overdue(tx, must_load(tx, *id)?, context).map(drop)
    })
}

/// Ends an open link whose time is over, so that what a link is does not depend on when the
/// worker comes by. Any other link is left as it is.
pub(in super::super) fn end_overdue(tx: &Tx<'_>, link: Link, context: &Context) -> Result<Link> {
    if link.state.verdict().is_some() || context.now < link.expires_at {
        return Ok(link);
    }
    let reason = match link.state {
        // Whoever let the last attempt pass unanswered, or died over it, has failed all the same.
        State::Opened { .. } if link.attempts >= context.max_attempts => Reason::TooManyAttempts,
        _ => Reason::Expired,
    };
    let verdict = Verdict::NotVerified { reason, decided_at: context.now };
    verdicts::end(tx, link, &verdict, json!({ "reason": reason }), context)
}
