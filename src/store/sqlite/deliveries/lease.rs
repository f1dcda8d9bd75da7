//! Leasing: whoever holds a delivery's lease sends it, until the lease runs out. A customer's
//! deliveries to one endpoint go out one after another, in the order of their events.

use super::super::super::{LeaseRequest, Result};
use super::super::failure::exactly_one;
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{DeliveryStatus, Lease, Leased};
use crate::domain::random;

pub(super) fn lease(tx: &Tx<'_>, request: &LeaseRequest, now: Timestamp) -> Result<Vec<Leased>> {
    // One token for the batch: with the delivery's id it names one lease of one delivery.
    let lease = Lease(random::bytes(tx.random)?);
    let due: Vec<Leased> = tx
        .prepare_cached(
            "-- due_deliveries
             SELECT d.id, d.event, d.attempts, e.type, e.body
             FROM deliveries d JOIN events e ON e.id = d.event
             WHERE d.endpoint = ?1 AND d.due_at <= ?2
               AND NOT EXISTS (SELECT 1 FROM deliveries older
                               WHERE older.endpoint = d.endpoint AND older.customer = d.customer
                                 AND older.sequence < d.sequence AND older.due_at IS NOT NULL)
             ORDER BY d.due_at LIMIT ?3",
        )?
        .query_map((request.endpoint, now, request.limit), |row| {
            Ok(Leased {
                id: row.get(0)?,
                event: row.get(1)?,
                attempts: row.get(2)?,
                kind: row.get(3)?,
                body: row.get(4)?,
                endpoint: request.endpoint,
                lease,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;

    let until = now.plus(request.ttl);
    let mut take = tx.prepare_cached(
        "-- lease_delivery
         UPDATE deliveries SET status = ?1, lease = ?2, due_at = ?3 WHERE id = ?4 AND due_at <= ?5",
    )?;
    for leased in &due {
        let touched = take.execute((DeliveryStatus::InFlight, lease, until, leased.id, now))?;
        exactly_one("lease_delivery", touched)?;
    }
    Ok(due)
}
