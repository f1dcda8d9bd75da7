//! Attempts: one row per HTTP try, written with what becomes of the delivery.

use super::super::columns::{Millis, Whole, read};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::order;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, Lease, Next};
use crate::domain::id::{DeliveryId, LinkId};

/// Both in one statement. `false`, and nothing written, if the delivery is no longer under this
/// lease.
pub(super) fn record(
    delivery: DeliveryId,
    lease: Lease,
    attempt: Attempt,
    next: Next,
    now: Timestamp,
) -> Query<bool> {
    let (due_at, finished_at) = match next {
        Next::RetryAt(at) => (Some(at), None),
        Next::Delivered | Next::Exhausted => (None, Some(now)),
        Next::Held => (None, None),
    };
    Query::exists(
        "-- record_attempt
         WITH settled AS (
             UPDATE deliveries
             SET status = $1, attempts = $2, due_at = $3, finished_at = $4, lease = NULL
             WHERE id = $5 AND lease = $6 AND status = 'in_flight'
             RETURNING id)
         INSERT INTO attempts (delivery, number, started_at, took_ms, class, http_status,
                               remote_addr, retry_after_ms, answer)
         SELECT id, $2::bigint, $7::bigint, $8::bigint, $9::text, $10::bigint, $11::text,
                $12::bigint, $13::text
         FROM settled
         RETURNING number",
        params![
            next.status(),
            Whole(attempt.number),
            due_at,
            finished_at,
            delivery,
            lease,
            attempt.started_at,
            Millis(attempt.took),
            attempt.class,
            attempt.http_status.map(Whole),
            attempt.remote_addr,
            attempt.retry_after.map(Millis),
            // The one character that PostgreSQL's texts cannot hold.
            attempt.answer.replace('\0', "\u{fffd}"),
        ],
    )
}

/// The same with an attempt that takes the delivery out of its queue: the next one may go.
pub(super) async fn finish(
    tx: &mut Tx,
    delivery: DeliveryId,
    lease: Lease,
    attempt: &Attempt,
    next: Next,
    now: Timestamp,
) -> Done<bool> {
    let recorded = record(delivery, lease, attempt.clone(), next, now);
    let ((), recorded, ()) =
        tx.ask3(order::lock(delivery), recorded, order::unpark_behind(delivery)).await?;
    Ok(recorded)
}

/// All attempts of a link's deliveries, of each in the order they were made.
pub(super) fn of_link(link: LinkId) -> Query<Vec<(DeliveryId, Attempt)>> {
    Query::list(
        "-- link_attempts
         SELECT a.delivery, a.number, a.started_at, a.took_ms, a.class, a.http_status,
                a.remote_addr, a.retry_after_ms, a.answer
         FROM events e
         JOIN deliveries d ON d.event = e.id
         JOIN attempts a ON a.delivery = d.id
         WHERE e.link = $1 ORDER BY a.delivery, a.number",
        params![link],
        |row| {
            let attempt = Attempt {
                number: read::<Whole<u32>>(row, 1)?.0,
                started_at: read(row, 2)?,
                took: read::<Millis>(row, 3)?.0,
                class: read(row, 4)?,
                http_status: read::<Option<Whole<u16>>>(row, 5)?.map(|status| status.0),
                remote_addr: read(row, 6)?,
                retry_after: read::<Option<Millis>>(row, 7)?.map(|span| span.0),
                answer: read(row, 8)?,
            };
            Ok((read(row, 0)?, attempt))
        },
    )
}
