//! Attempts: one row per HTTP try, written with what becomes of the delivery.

use tokio_postgres::Row;

use super::super::columns::{Millis, Whole, read};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{alerts, endpoints};
use super::{held, order, queue};
use crate::domain::alert::News;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, DeliveryStatus, Leased, Next};
use crate::domain::endpoint::Health;
use crate::domain::id::{DeliveryId, LinkId};

/// What recording came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    /// The delivery is no longer under this lease; nothing was written.
    No,
    Yes,
    /// And other endpoints were queued an event about this one.
    Told,
    /// The endpoint took something after it had been failing, which is still to be written.
    Recovering,
}

/// An attempt that says nothing against the endpoint, which therefore need not be locked.
pub(super) async fn record(
    tx: &mut Tx,
    leased: &Leased,
    attempt: &Attempt,
    next: Next,
    now: Timestamp,
) -> Done<Recorded> {
    let after = after(tx, leased, next, now).await?;
    let status = after.0;
    let settled = settle(leased, attempt.clone(), after);
    let ((), recorded, (), failing) = tx
        .ask4(
            order::lock(leased.id),
            settled,
            order::unpark_behind(leased.id),
            endpoints::is_failing(leased.endpoint),
        )
        .await?;
    if recorded && status.needs_staff() {
        alerts::note(tx, leased.endpoint, News::Undelivered, now);
    }
    Ok(match (recorded, failing) {
        (false, _) => Recorded::No,
        (true, false) => Recorded::Yes,
        (true, true) => Recorded::Recovering,
    })
}

/// One that does. The endpoint is locked before any customer, as whoever disables it does.
pub(super) async fn record_failure(
    tx: &mut Tx,
    leased: &Leased,
    attempt: &Attempt,
    next: Next,
    now: Timestamp,
) -> Done<Recorded> {
    let noted = endpoints::note(tx, leased.endpoint, attempt, now).await?;
    if noted.disables() {
        tx.ask(held::lock_unfinished(leased.endpoint)).await?;
    }
    let after = after(tx, leased, next, now).await?;
    let status = after.0;
    let settled = settle(leased, attempt.clone(), after);
    let ((), recorded, ()) =
        tx.ask3(order::lock(leased.id), settled, order::unpark_behind(leased.id)).await?;
    if !recorded {
        return Ok(Recorded::No);
    }
    if status.needs_staff() {
        alerts::note(tx, leased.endpoint, News::Undelivered, now);
    }
    let told = endpoints::write(tx, noted, now).await?;
    Ok(if told { Recorded::Told } else { Recorded::Yes })
}

/// Whether an attempt of this class is one for [`record_failure`].
pub(super) fn is_failure(attempt: &Attempt) -> bool {
    Health::is_dented_by(attempt.class)
}

/// What an attempt makes of a delivery: its status, when it is due, when it ended.
type After = (DeliveryStatus, Option<Timestamp>, Option<Timestamp>);

/// One that has not arrived is not tried again if newer news waits behind it.
async fn after(tx: &mut Tx, leased: &Leased, next: Next, now: Timestamp) -> Done<After> {
    let due_at = match next {
        Next::Delivered | Next::Exhausted => return Ok((next.status(), None, Some(now))),
        Next::RetryAt(at) => Some(at),
        Next::Held => None,
    };
    let ((), overtaken) = tx.ask2(order::lock(leased.id), queue::is_overtaken(leased.id)).await?;
    if overtaken == Some(true) {
        Ok((DeliveryStatus::Superseded, None, Some(now)))
    } else {
        Ok((next.status(), due_at, None))
    }
}

/// Delivery and attempt in one statement. `false`, and nothing written, if the delivery is no
/// longer under this lease.
fn settle(leased: &Leased, attempt: Attempt, after: After) -> Query<bool> {
    let (status, due_at, finished_at) = after;
    Query::exists(
        "-- record_attempt
         WITH settled AS (
             UPDATE deliveries
             SET status = $1, attempts = $2, due_at = $3, finished_at = $4, lease = NULL,
                 trigger = 'auto'
             WHERE id = $5 AND lease = $6 AND status = 'in_flight'
             RETURNING id)
         INSERT INTO attempts (delivery, number, started_at, took_ms, class, http_status,
                               remote_addr, retry_after_ms, answer, remedy, trigger)
         SELECT id, $2::bigint, $7::bigint, $8::bigint, $9::text, $10::bigint, $11::text,
                $12::bigint, $13::text, $14::text, $15::text
         FROM settled
         RETURNING number",
        params![
            status,
            Whole(attempt.number),
            due_at,
            finished_at,
            leased.id,
            leased.lease,
            attempt.started_at,
            Millis(attempt.took),
            attempt.class,
            attempt.http_status.map(Whole),
            attempt.remote_addr,
            attempt.retry_after.map(Millis),
            // The one character that PostgreSQL's texts cannot hold.
            attempt.answer.replace('\0', "\u{fffd}"),
            attempt.remedy,
            attempt.trigger,
        ],
    )
}

/// All attempts of a link's deliveries, of each in the order they were made.
pub(super) fn of_link(link: LinkId) -> Query<Vec<(DeliveryId, Attempt)>> {
    Query::list(
        "-- link_attempts
         SELECT a.delivery, a.number, a.started_at, a.took_ms, a.class, a.http_status,
                a.remote_addr, a.retry_after_ms, a.answer, a.remedy, a.trigger
         FROM events e
         JOIN deliveries d ON d.event = e.id
         JOIN attempts a ON a.delivery = d.id
         WHERE e.link = $1 ORDER BY a.delivery, a.number",
        params![link],
        |row| Ok((read(row, 0)?, from_row(row, 1)?)),
    )
}

/// In the order they were made.
pub(super) fn of_delivery(delivery: DeliveryId) -> Query<Vec<Attempt>> {
    Query::list(
        "-- delivery_attempts
         SELECT number, started_at, took_ms, class, http_status, remote_addr, retry_after_ms, answer,
                remedy, trigger
         FROM attempts WHERE delivery = $1 ORDER BY number",
        params![delivery],
        |row| from_row(row, 0),
    )
}

/// From ten columns, of which this is the first.
fn from_row(row: &Row, first: usize) -> Done<Attempt> {
    Ok(Attempt {
        number: read::<Whole<u32>>(row, first)?.0,
        started_at: read(row, first + 1)?,
        took: read::<Millis>(row, first + 2)?.0,
        class: read(row, first + 3)?,
        http_status: read::<Option<Whole<u16>>>(row, first + 4)?.map(|status| status.0),
        remote_addr: read(row, first + 5)?,
        retry_after: read::<Option<Millis>>(row, first + 6)?.map(|span| span.0),
        answer: read(row, first + 7)?,
        remedy: read(row, first + 8)?,
        trigger: read(row, first + 9)?,
    })
}
