//! Calling one delivery off.

use rusqlite::OptionalExtension;

use super::super::super::{CallOff, Result};
use super::super::audit;
use super::super::failure::exactly_one;
use super::super::transaction::Tx;
use super::order;
use crate::domain::audit::Entry;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::id::DeliveryId;

pub(super) fn cancel(tx: &Tx<'_>, id: DeliveryId, entry: &Entry) -> Result<CallOff> {
    let found: Option<(DeliveryStatus, bool)> = tx
        .prepare_cached("-- delivery_status\nSELECT status, parked FROM deliveries WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((status, parked)) = found else { return Ok(CallOff::Absent) };
    match status {
        DeliveryStatus::Pending | DeliveryStatus::Retrying | DeliveryStatus::Held => {}
        DeliveryStatus::InFlight
        | DeliveryStatus::Delivered
        | DeliveryStatus::Exhausted
        | DeliveryStatus::Superseded
        | DeliveryStatus::Cancelled => return Ok(CallOff::Left(status)),
    }
    let touched = tx
        .prepare_cached(
            "-- cancel_delivery
             UPDATE deliveries
             SET status = 'cancelled', due_at = NULL, parked = 0, finished_at = ?2
             WHERE id = ?1 AND status = ?3",
        )?
        .execute((id, entry.at, status))?;
    exactly_one("cancel_delivery", touched)?;
    if status != DeliveryStatus::Held && !parked {
        order::unpark_behind(tx, id)?;
    }
    audit::append(tx, entry)?;
    Ok(CallOff::Cancelled)
}
