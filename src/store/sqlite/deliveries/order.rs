//! The order of a customer's deliveries to one endpoint: the oldest unfinished one is the head,
//! the others are parked behind it, which is what keeps them out of every search for due ones.

use super::super::super::Result;
use super::super::transaction::Tx;
use crate::domain::id::{CustomerId, DeliveryId, EndpointId};

/// Lets the next one go. `finished` was the head, and is out of the queue.
pub(super) fn unpark_behind(tx: &Tx<'_>, finished: DeliveryId) -> Result<()> {
    tx.prepare_cached(
        "-- unpark_behind
         UPDATE deliveries SET parked = 0
         WHERE id = (SELECT next.id
                     FROM deliveries finished JOIN deliveries next
                       ON next.endpoint = finished.endpoint
                      AND next.customer = finished.customer
                     WHERE finished.id = ?1 AND next.parked = 1
                     ORDER BY next.sequence LIMIT 1)",
    )?
    .execute([finished])?;
    Ok(())
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
