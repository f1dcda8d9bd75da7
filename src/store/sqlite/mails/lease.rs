//! Leasing mails, and what came of them.

use rusqlite::Row;

use super::super::super::{Context, MailLease, Result};
use super::super::audit;
use super::super::transaction::Tx;
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Lease;
use crate::domain::id::MailId;
use crate::domain::mail::{LeasedMail, MailNext};
use crate::domain::random;

pub(super) fn lease(tx: &Tx<'_>, request: MailLease, now: Timestamp) -> Result<Vec<LeasedMail>> {
    let lease = Lease(random::bytes(tx.random)?);
    let due: Vec<MailId> = tx
        .prepare_cached(
            "-- due_mails
             SELECT id FROM mails WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
        )?
        .query_map((now.minus(request.overdue), request.limit), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut take = tx.prepare_cached(
        "-- lease_mail
         UPDATE mails SET status = 'in_flight', lease = ?2, due_at = ?3, attempts = attempts + 1
         WHERE id = ?1 AND due_at IS NOT NULL
         RETURNING id, customer, link, kind, recipient, locale, attempts, created_at, lease,
                   alert",
    )?;
    let until = now.plus(request.ttl);
    due.into_iter().map(|id| Ok(take.query_one((id, lease, until), from_row)?)).collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<LeasedMail> {
    Ok(LeasedMail {
        id: row.get(0)?,
        customer: row.get(1)?,
        link: row.get(2)?,
        kind: row.get(3)?,
        recipient: row.get(4)?,
        locale: row.get(5)?,
        attempt: row.get(6)?,
        created_at: row.get(7)?,
        lease: row.get(8)?,
        alert: row.get(9)?,
    })
}

pub(super) fn record(
    tx: &Tx<'_>,
    leased: &LeasedMail,
    next: MailNext,
    answer: &str,
    context: &Context,
) -> Result<bool> {
    let (due_at, finished_at) = match next {
        MailNext::RetryAt(at) => (Some(at), None),
        MailNext::Sent { .. } | MailNext::Failed | MailNext::Cancelled => (None, Some(context.now)),
    };
    let touched = tx
        .prepare_cached(
            "-- settle_mail
             UPDATE mails
             SET status = ?1, due_at = ?2, finished_at = ?3, answer = ?4, lease = NULL
             WHERE id = ?5 AND lease = ?6 AND status = 'in_flight'",
        )?
        .execute((next.status(), due_at, finished_at, answer, leased.id, leased.lease))?;
    if touched == 0 {
        return Ok(false);
    }
    if let (MailNext::Sent { jti: Some(jti) }, Some(link)) = (next, leased.link) {
        tx.prepare_cached(
            "-- mark_link_sent
             UPDATE links SET sent_at = coalesce(sent_at, ?1)
             WHERE id = ?2 AND jti = ?3 AND status IN ('pending', 'opened')",
        )?
        .execute((context.now, link, jti))?;
    }
    if let Some(action) = next.action(leased.kind) {
        audit::append(
            tx,
            &Entry {
                at: context.now,
                actor: context.actor,
                action,
                link: leased.link,
                customer: leased.customer,
                detail: leased.detail(next, answer),
            },
        )?;
    }
    Ok(true)
}
