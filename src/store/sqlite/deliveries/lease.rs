//! Leasing: whoever holds a delivery's lease sends it, until the lease runs out. Only heads are
//! leased (see `order`), so a customer's deliveries to one endpoint go out one after another.

use rusqlite::OptionalExtension;

use super::super::super::{LeaseRequest, Result, StoreError};
use super::super::endpoints;
use super::super::failure::{exactly_one, missing};
use super::super::transaction::Tx;
use super::order;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{DeliveryStatus, Lease, Leased, Trigger};
use crate::domain::endpoint::EndpointStatus;
use crate::domain::id::DeliveryId;
use crate::domain::random;

pub(super) fn lease(tx: &Tx<'_>, request: &LeaseRequest, now: Timestamp) -> Result<Vec<Leased>> {
    let Some(endpoint) = endpoints::standing(tx, request.endpoint)? else { return Ok(Vec::new()) };
    if endpoint.status != EndpointStatus::Active {
        return Ok(Vec::new());
    }
    match endpoint.health.open_until() {
        None => take_due(tx, request, now),
        Some(until) if now < until => Ok(Vec::new()),
        Some(_) => {
            let mut probe = take_due(tx, &LeaseRequest { limit: 1, ..*request }, now)?;
            for leased in &mut probe {
                leased.trigger = Trigger::Probe;
                let health = endpoint.health.probing(now, request.ttl);
                endpoints::set_health(tx, request.endpoint, &health)?;
            }
            Ok(probe)
        }
    }
}

fn take_due(tx: &Tx<'_>, request: &LeaseRequest, now: Timestamp) -> Result<Vec<Leased>> {
    // One token for the batch: with the delivery's id it names one lease of one delivery.
    let lease = Lease(random::bytes(tx.random)?);
    let due: Vec<DeliveryId> = tx
        .prepare_cached(
            "-- due_deliveries
             SELECT id FROM deliveries
             WHERE endpoint = ?1 AND parked = 0 AND due_at <= ?2
             ORDER BY due_at LIMIT ?3",
        )?
        .query_map((request.endpoint, now, request.limit), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;

    let until = now.plus(request.ttl);
    let mut taken = Vec::with_capacity(due.len());
    for id in due {
        match load(tx, id, request, lease) {
            Ok(leased) => {
                take(tx, id, lease, until, now)?;
                taken.push(leased);
            }
            Err(StoreError::Corrupt(error)) => {
                tracing::error!(delivery = %id, error, "set aside what cannot be read");
                set_aside(tx, id)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}

fn load(tx: &Tx<'_>, id: DeliveryId, request: &LeaseRequest, lease: Lease) -> Result<Leased> {
    tx.prepare_cached(
        "-- load_delivery
         SELECT d.event, d.attempts, e.type, e.body, d.schedule_from, d.trigger
         FROM deliveries d JOIN events e ON e.id = d.event
         WHERE d.id = ?1",
    )?
    .query_row([id], |row| {
        Ok(Leased {
            id,
            event: row.get(0)?,
            attempts: row.get(1)?,
            kind: row.get(2)?,
            body: row.get(3)?,
            schedule_from: row.get(4)?,
            trigger: row.get(5)?,
            endpoint: request.endpoint,
            lease,
        })
    })
    .optional()?
    .ok_or_else(|| missing("a delivery's event"))
}

fn take(tx: &Tx<'_>, id: DeliveryId, lease: Lease, until: Timestamp, now: Timestamp) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- lease_delivery
             UPDATE deliveries SET status = ?1, lease = ?2, due_at = ?3
             WHERE id = ?4 AND parked = 0 AND due_at <= ?5",
        )?
        .execute((DeliveryStatus::InFlight, lease, until, id, now))?;
    exactly_one("lease_delivery", touched)
}

/// Held, like what waits for staff: it is looked at again when the server next starts, and nothing
/// waits for it until then.
fn set_aside(tx: &Tx<'_>, id: DeliveryId) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- set_delivery_aside
             UPDATE deliveries SET status = 'held', due_at = NULL, lease = NULL
             WHERE id = ?1 AND parked = 0 AND due_at IS NOT NULL",
        )?
        .execute([id])?;
    exactly_one("set_delivery_aside", touched)?;
    order::unpark_behind(tx, id)
}
