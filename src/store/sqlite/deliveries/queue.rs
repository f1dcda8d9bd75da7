//! Queueing: one delivery of an event for every active endpoint.

use super::super::super::Result;
use super::super::columns::Count;
use super::super::transaction::Tx;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::event::Event;
use crate::domain::id::{DeliveryId, EndpointId};

/// Due at once, or parked: what is still to arrive of the same customer must arrive before, so if
/// that waits to be tried again, it waits no longer.
pub(in super::super) fn queue(tx: &Tx<'_>, event: &Event) -> Result<()> {
    let endpoints: Vec<EndpointId> = tx
        .prepare_cached("-- active_endpoints\nSELECT id FROM endpoints WHERE active = 1")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for endpoint in endpoints {
        hasten(tx, endpoint, event)?;
        insert(tx, endpoint, event)?;
    }
    Ok(())
}

/// The head only: no other was ever tried. No sooner than the receiver asked for, and not again
/// within five minutes: each hastened attempt is one of the schedule's. The index is named because
/// `SQLite`, left to itself, may go through everything that is due later, which after an outage is
/// everything.
fn hasten(tx: &Tx<'_>, endpoint: EndpointId, event: &Event) -> Result<()> {
    tx.prepare_cached(
        "-- hasten_deliveries
         UPDATE deliveries INDEXED BY deliveries_head SET due_at = ?1
         WHERE endpoint = ?2 AND customer = ?3 AND parked = 0 AND due_at > ?1
           AND status = 'retrying'
           AND NOT EXISTS (SELECT 1 FROM attempts
                           WHERE delivery = deliveries.id
                             AND (started_at > ?1 - 300000
                                  OR started_at + took_ms + retry_after_ms > ?1))",
    )?
    .execute((event.at, endpoint, event.customer))?;
    Ok(())
}

fn insert(tx: &Tx<'_>, endpoint: EndpointId, event: &Event) -> Result<()> {
    tx.prepare_cached(
        "-- insert_delivery
         INSERT INTO deliveries (id, event, endpoint, customer, sequence, status, due_at, parked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
                 EXISTS (SELECT 1 FROM deliveries
                         WHERE endpoint = ?3 AND customer = ?4 AND parked = 0
                           AND due_at IS NOT NULL))",
    )?
    .execute((
        DeliveryId::new(event.at, tx.random)?,
        event.id,
        endpoint,
        event.customer,
        Count(event.sequence),
        DeliveryStatus::Pending,
        event.at,
    ))?;
    Ok(())
}
