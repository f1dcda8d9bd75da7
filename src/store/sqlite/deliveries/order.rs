//! The order of a customer's deliveries to one endpoint: the oldest unfinished one is the head,
//! the others are parked behind it, which is what keeps them out of every search for due ones.

use rusqlite::OptionalExtension;

use super::super::super::Result;
use super::super::transaction::Tx;
use crate::domain::id::{CustomerId, DeliveryId, EndpointId};

/// Lets the next one go. `finished` was the head, and is out of the queue. Nearly always there is
/// none, which is found out without a write.
pub(super) fn unpark_behind(tx: &Tx<'_>, finished: DeliveryId) -> Result<()> {
    let next: Option<DeliveryId> = tx
        .prepare_cached(
            "-- next_behind
             SELECT next.id
             FROM deliveries finished JOIN deliveries next
               ON next.endpoint = finished.endpoint AND next.customer = finished.customer
             WHERE finished.id = ?1 AND next.parked = 1
             ORDER BY next.sequence LIMIT 1",
        )?
        .query_row([finished], |row| row.get(0))
        .optional()?;
    if let Some(next) = next {
        tx.prepare_cached("-- unpark_behind\nUPDATE deliveries SET parked = 0 WHERE id = ?1")?
            .execute([next])?;
    }
    Ok(())
}

/// Lets the oldest go, if nothing goes before it any more.
pub(super) fn let_oldest_go(tx: &Tx<'_>, endpoint: EndpointId, customer: CustomerId) -> Result<()> {
    tx.prepare_cached(
        "-- let_oldest_go
         UPDATE deliveries SET parked = 0
         WHERE id = (SELECT id FROM deliveries
                     WHERE endpoint = ?1 AND customer = ?2 AND parked = 1
                     ORDER BY sequence LIMIT 1)
           AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_head
                           WHERE endpoint = ?1 AND customer = ?2 AND due_at IS NOT NULL
                             AND parked = 0)",
    )?
    .execute((endpoint, customer))?;
    Ok(())
}

/// Whether newer news of the same customer waits behind this verdict, which therefore need not
/// arrive any more.
pub(super) fn is_overtaken(tx: &Tx<'_>, delivery: DeliveryId) -> Result<bool> {
    let overtaken = tx
        .prepare_cached(
            "-- is_overtaken
             SELECT EXISTS (
                 SELECT 1 FROM deliveries old
                 JOIN events was ON was.id = old.event
                 JOIN deliveries new ON new.endpoint = old.endpoint
                                    AND new.customer = old.customer AND new.parked = 1
                                    AND new.sequence > old.sequence
                 JOIN events news ON news.id = new.event
                 WHERE old.id = ?1
                   AND was.type IN ('verification.verified', 'verification.failed',
                                    'verification.declined', 'verification.expired',
                                    'verification.revoked', 'verification.lapsed')
                   AND news.type IN ('verification.verified', 'verification.failed',
                                     'verification.declined', 'verification.lapsed'))",
        )?
        .query_row([delivery], |row| row.get(0))?;
    Ok(overtaken)
}

/// Makes the oldest the head, after older ones came back and were parked.
pub(super) fn restore(tx: &Tx<'_>, endpoint: EndpointId, customer: CustomerId) -> Result<()> {
    tx.prepare_cached(
        "-- park_head
         UPDATE deliveries SET parked = 1
         WHERE endpoint = ?1 AND customer = ?2 AND due_at IS NOT NULL AND parked = 0",
    )?
    .execute((endpoint, customer))?;
    tx.prepare_cached(
        "-- unpark_oldest
         UPDATE deliveries SET parked = 0
         WHERE id = (SELECT id FROM deliveries
                     WHERE endpoint = ?1 AND customer = ?2 AND parked = 1
                     ORDER BY sequence LIMIT 1)",
    )?
    .execute((endpoint, customer))?;
    Ok(())
}

/// After one came back and was parked: its old place is the head's, if it is the oldest, and that of
/// the head is taken by nobody who is being sent at this moment: then it goes next.
pub(in super::super) fn take_place(
    tx: &Tx<'_>,
    endpoint: EndpointId,
    customer: CustomerId,
) -> Result<()> {
    let sending = tx
        .prepare_cached(
            "-- is_head_in_flight
             SELECT 1 FROM deliveries INDEXED BY deliveries_head
             WHERE endpoint = ?1 AND customer = ?2 AND due_at IS NOT NULL AND parked = 0
               AND status = 'in_flight'",
        )?
        .query_row((endpoint, customer), |_| Ok(()))
        .optional()?;
    if sending.is_none() {
        restore(tx, endpoint, customer)?;
    }
    Ok(())
}
