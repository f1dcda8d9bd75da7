//! Leasing mails, and what came of them.

use tokio_postgres::Row;

use super::super::super::{Context, MailLease};
use super::super::columns::{Bytes, Whole, read};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{audit, customers};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Lease;
use crate::domain::id::MailId;
use crate::domain::mail::{LeasedMail, MailNext};
use crate::domain::random;

/// Those that another worker is taking at this moment are left to it.
pub(super) async fn lease(
    tx: &mut Tx,
    request: MailLease,
    now: Timestamp,
) -> Done<Vec<LeasedMail>> {
    let lease = Lease(random::bytes(tx.random())?);
    let due = now.minus(request.overdue);
    tx.ask(Query::list(
        "-- lease_mails
         WITH due AS (
             SELECT id FROM mails WHERE due_at <= $1
             ORDER BY due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
         UPDATE mails m
         SET status = 'in_flight', lease = $3, due_at = $4, attempts = attempts + 1
         FROM due WHERE m.id = due.id
         RETURNING m.id, m.customer, m.link, m.kind, m.recipient, m.locale, m.attempts,
                   m.created_at, m.lease, m.alert",
        params![due, i64::from(request.limit), lease, now.plus(request.ttl)],
        from_row,
    ))
    .await
}

fn from_row(row: &Row) -> Done<LeasedMail> {
    Ok(LeasedMail {
        id: read(row, 0)?,
        customer: read(row, 1)?,
        link: read(row, 2)?,
        kind: read(row, 3)?,
        recipient: read(row, 4)?,
        locale: read(row, 5)?,
        attempt: read::<Whole<u32>>(row, 6)?.0,
        created_at: read(row, 7)?,
        lease: read(row, 8)?,
        alert: read(row, 9)?,
    })
}

/// The customer is locked first, as by everybody who changes a link.
pub(super) async fn record(
    tx: &mut Tx,
    leased: &LeasedMail,
    next: MailNext,
    answer: &str,
    context: &Context,
) -> Done<bool> {
    let (due_at, finished_at) = match next {
        MailNext::RetryAt(at) => (Some(at), None),
        MailNext::Sent { .. } | MailNext::Failed | MailNext::Cancelled => (None, Some(context.now)),
    };
    let settled = Query::list(
        "-- settle_mail
         UPDATE mails SET status = $1, due_at = $2, finished_at = $3, answer = $4, lease = NULL
         WHERE id = $5 AND lease = $6 AND status = 'in_flight' RETURNING id",
        params![
            next.status(),
            due_at,
            finished_at,
            answer.replace('\0', "\u{fffd}"),
            leased.id,
            leased.lease
        ],
        |row| read::<MailId>(row, 0),
    );
    let settled = match leased.customer {
        Some(customer) => tx.ask2(customers::lock(customer), settled).await?.1,
        None => tx.ask(settled).await?,
    };
    if settled.is_empty() {
        return Ok(false);
    }
    if let (MailNext::Sent { jti: Some(jti) }, Some(link)) = (next, leased.link) {
        tx.write(
            "-- mark_link_sent
             UPDATE links SET sent_at = coalesce(sent_at, $1)
             WHERE id = $2 AND jti = $3 AND status IN ('pending', 'opened')",
            params![context.now, link, Bytes(jti)],
        );
    }
    if let Some(action) = next.action(leased.kind) {
        let Context { now: at, actor, .. } = *context;
        let detail = leased.detail(next, answer);
        let (link, customer) = (leased.link, leased.customer);
        audit::append(tx, Entry { at, actor, action, link, customer, detail });
    }
    Ok(true)
}
