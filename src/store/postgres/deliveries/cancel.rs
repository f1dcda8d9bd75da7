//! Calling one delivery off.

use super::super::super::CallOff;
use super::super::audit;
use super::super::columns::read;
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::order;
use crate::domain::audit::Entry;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::id::DeliveryId;

pub(super) async fn cancel(tx: &mut Tx, id: DeliveryId, entry: &Entry) -> Done<CallOff> {
    let ((), found) = tx.ask2(order::lock(id), lock(id)).await?;
    let Some((status, parked)) = found else { return Ok(CallOff::Absent) };
    match status {
        DeliveryStatus::Pending | DeliveryStatus::Retrying | DeliveryStatus::Held => {}
        DeliveryStatus::InFlight
        | DeliveryStatus::Delivered
        | DeliveryStatus::Exhausted
        | DeliveryStatus::Superseded
        | DeliveryStatus::Cancelled => return Ok(CallOff::Left(status)),
    }
    tx.write_one(
        "-- cancel_delivery
         UPDATE deliveries
         SET status = 'cancelled', due_at = NULL, parked = false, finished_at = $2
         WHERE id = $1",
        params![id, entry.at],
    );
    if status != DeliveryStatus::Held && !parked {
        tx.ask(order::unpark_behind(id)).await?;
    }
    audit::append(tx, entry.clone());
    Ok(CallOff::Cancelled)
}

/// Waits for whoever leases it at this moment.
fn lock(id: DeliveryId) -> Query<Option<(DeliveryStatus, bool)>> {
    Query::optional(
        "-- lock_delivery\nSELECT status, parked FROM deliveries WHERE id = $1 FOR NO KEY UPDATE",
        params![id],
        |row| Ok((read(row, 0)?, read(row, 1)?)),
    )
}
