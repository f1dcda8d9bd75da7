//! Changing a link that exists: a new URL, an end by staff or customer, an end by time.

use serde_json::json;

use super::super::super::{Changed, Context};
use super::super::columns::{Bytes, read};
use super::super::customers::{Owner, lock_of_link};
use super::super::failure::{Done, corrupt};
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{audit, verdicts};
use super::row::load;
use crate::domain::audit::Action;
use crate::domain::clock::Timestamp;
use crate::domain::id::LinkId;
use crate::domain::link::{Link, LinkSecret, State};
use crate::domain::verdict::{Reason, Verdict};

pub(super) async fn reissue(
    tx: &mut Tx,
    id: LinkId,
    secret: &LinkSecret,
    expires_at: Timestamp,
    context: &Context,
) -> Done<Changed> {
    let (Some(mut owner), Some(link)) = tx.ask2(lock_of_link(id), load(id)).await? else {
        return Ok(Changed::NotFound);
    };
    let mut link = end_overdue(tx, &mut owner, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Changed::Ended(link));
    }
    link.expires_at = expires_at;
    link.handover.renew(link.kind, link.request.enrolment, context.now, expires_at);
    let until = link.handover.call_code.map(|code| code.until);
    tx.write(
        "-- keep_code\nINSERT INTO former_codes (code_hash, link) VALUES ($1, $2)",
        params![link.secret.code_hash, id],
    );
    tx.write_one(
        "-- reissue_link
         UPDATE links
         SET jti = $1, code_hash = $2, kid = $3, expires_at = $4, door_hash = $5, door_until = $6,
             ceremony = NULL, call_code_until = $7, call_code_given_at = NULL,
             call_code_tries = 0, call_answer = NULL, sent_at = NULL
         WHERE id = $8 AND status IN ('pending', 'opened')",
        params![
            Bytes(secret.jti),
            secret.code_hash,
            secret.kid.clone(),
            expires_at,
            secret.door.map(|door| door.hash),
            secret.door.map(|door| door.until),
            until,
            id,
        ],
    );
    tx.noted.links.push(id);
    link.secret = secret.clone();
    audit::append_about(tx, Action::LinkReissued, &link, json!({}), context);
    Ok(Changed::Done(link))
}

pub(super) async fn ask_new_phone(
    tx: &mut Tx,
    id: LinkId,
    jti: [u8; 16],
    context: &Context,
) -> Done<Changed> {
    let (Some(mut owner), Some(link)) = tx.ask2(lock_of_link(id), load(id)).await? else {
        return Ok(Changed::NotFound);
    };
    if link.secret.jti != jti {
        return Ok(Changed::NotFound);
    }
    let mut link = end_overdue(tx, &mut owner, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Changed::Ended(link));
    }
    if link.handover.new_phone_asked_at.is_some() {
        return Ok(Changed::Done(link));
    }
    tx.write_one(
        "-- ask_new_phone
         UPDATE links SET new_phone_asked_at = $1
         WHERE id = $2 AND status IN ('pending', 'opened') AND new_phone_asked_at IS NULL",
        params![context.now, id],
    );
    tx.noted.links.push(id);
    link.handover.new_phone_asked_at = Some(context.now);
    audit::append_about(tx, Action::NewPhoneAsked, &link, json!({}), context);
    Ok(Changed::Done(link))
}

pub(super) async fn end(
    tx: &mut Tx,
    id: LinkId,
    verdict: &Verdict,
    context: &Context,
) -> Done<Changed> {
    if verdict.verified().is_some() {
        return Err(corrupt("only a ceremony can verify a link"));
    }
    let (Some(mut owner), Some(link)) = tx.ask2(lock_of_link(id), load(id)).await? else {
        return Ok(Changed::NotFound);
    };
    let link = end_overdue(tx, &mut owner, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Changed::Ended(link));
    }
    let detail = json!({ "reason": verdict.reason() });
    verdicts::end(tx, &mut owner, link, verdict, detail, context).map(Changed::Done)
}

/// Of several instances that sweep at once each takes the links of others' customers.
pub(super) async fn expire(tx: &mut Tx, limit: u32, context: &Context) -> Done<usize> {
    let due = tx
        .ask(Query::list(
            "-- links_to_expire
             SELECT l.id FROM links l JOIN customers c ON c.id = l.customer
             WHERE l.status IN ('pending', 'opened') AND l.expires_at <= $1
             ORDER BY l.expires_at LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED",
            params![context.now, i64::from(limit)],
            |row| read::<LinkId>(row, 0),
        ))
        .await?;
    tx.each_readable("expire_links", &due, context, |tx, id, context| {
        Box::pin(expire_one(tx, *id, context))
    })
    .await
}

/// Whether it was still to be ended: another instance may have been faster before we had the lock.
async fn expire_one(tx: &mut Tx, id: LinkId, context: &Context) -> Done<bool> {
    let (Some(mut owner), Some(link)) = tx.ask2(lock_of_link(id), load(id)).await? else {
        return Ok(false);
    };
    let was_open = link.state.verdict().is_none();
    let link = end_overdue(tx, &mut owner, link, context)?;
    Ok(was_open && link.state.verdict().is_some())
}

/// Ends an open link whose time is over, so that what a link is does not depend on when the
/// worker comes by. Any other link is left as it is.
pub(in super::super) fn end_overdue(
    tx: &mut Tx,
    owner: &mut Owner,
    link: Link,
    context: &Context,
) -> Done<Link> {
    if link.state.verdict().is_some() || context.now < link.expires_at {
        return Ok(link);
    }
    let reason = match link.state {
        // Whoever let the last attempt pass unanswered, or died over it, has failed all the same.
        State::Opened { .. } if link.attempts >= context.max_attempts => Reason::TooManyAttempts,
        _ => Reason::Expired,
    };
    let verdict = Verdict::NotVerified { reason, decided_at: context.now };
    verdicts::end(tx, owner, link, &verdict, json!({ "reason": reason }), context)
}
