//! Attempts: one row per HTTP try, written with what becomes of the delivery.

use std::time::Duration;

use rusqlite::Connection;

use super::super::super::Result;
use super::super::columns::Millis;
use super::super::transaction::Tx;
use super::super::{alerts, endpoints};
use super::order;
use crate::domain::alert::News;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, DeliveryStatus, Leased, Next};
use crate::domain::id::DeliveryId;

/// With what it says about the endpoint, and whether others were queued an event about that.
/// `None`, and nothing written, if the delivery is no longer under this lease.
pub(super) fn record(
    tx: &Tx<'_>,
    leased: &Leased,
    attempt: &Attempt,
    next: Next,
    now: Timestamp,
) -> Result<Option<bool>> {
    let delivery = leased.id;
    let (status, due_at, finished_at) = match next {
        Next::RetryAt(_) | Next::Held if order::is_overtaken(tx, delivery)? => {
            (DeliveryStatus::Superseded, None, Some(now))
        }
        Next::RetryAt(at) => (next.status(), Some(at), None),
        Next::Delivered | Next::Exhausted => (next.status(), None, Some(now)),
        Next::Held => (next.status(), None, None),
    };
    let touched = tx
        .prepare_cached(
            "-- settle_delivery
             UPDATE deliveries
             SET status = ?1, attempts = ?2, due_at = ?3, finished_at = ?4, lease = NULL,
                 trigger = 'auto'
             WHERE id = ?5 AND lease = ?6 AND status = 'in_flight'",
        )?
        .execute((status, attempt.number, due_at, finished_at, delivery, leased.lease))?;
    if touched == 0 {
        return Ok(None);
    }
    insert(tx, delivery, attempt)?;
    if due_at.is_none() {
        order::unpark_behind(tx, delivery)?;
    }
    if status.needs_staff() {
        alerts::note(tx, leased.endpoint, News::Undelivered, now)?;
    }
    endpoints::note_attempt(tx, leased.endpoint, attempt, now).map(Some)
}

fn insert(tx: &Tx<'_>, delivery: DeliveryId, attempt: &Attempt) -> Result<()> {
    tx.prepare_cached(
        "-- insert_attempt
         INSERT INTO attempts (delivery, number, started_at, took_ms, class, http_status,
                               remote_addr, retry_after_ms, answer, remedy, trigger)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        delivery,
        attempt.number,
        attempt.started_at,
        Millis(attempt.took),
        attempt.class,
        attempt.http_status,
        &attempt.remote_addr,
        attempt.retry_after.map(Millis),
        &attempt.answer,
        attempt.remedy,
        attempt.trigger,
    ))?;
    Ok(())
}

/// In the order they were made.
pub(super) fn of_delivery(connection: &Connection, delivery: DeliveryId) -> Result<Vec<Attempt>> {
    let mut statement = connection.prepare_cached(
        "-- delivery_attempts
         SELECT number, started_at, took_ms, class, http_status, remote_addr, retry_after_ms, answer,
                remedy, trigger
         FROM attempts WHERE delivery = ?1 ORDER BY number",
    )?;
    let attempts = statement.query_map([delivery], |row| {
        let span = |millis: Millis| -> Duration { millis.0 };
        Ok(Attempt {
            number: row.get(0)?,
            started_at: row.get(1)?,
            took: row.get(2).map(span)?,
            class: row.get(3)?,
            http_status: row.get(4)?,
            remote_addr: row.get(5)?,
            retry_after: row.get::<_, Option<Millis>>(6)?.map(span),
            answer: row.get(7)?,
            remedy: row.get(8)?,
            trigger: row.get(9)?,
        })
    })?;
    Ok(attempts.collect::<rusqlite::Result<_>>()?)
}
