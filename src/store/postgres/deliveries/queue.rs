//! Queueing: one delivery of an event for every active endpoint.

use super::super::columns::Whole;
use super::super::customers::Owner;
use super::super::failure::Done;
use super::super::query::params;
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::event::Event;
use crate::domain::id::{DeliveryId, EventId};

/// Due at once.
pub(in super::super) fn queue(
    tx: &mut Tx,
    owner: &Owner,
    event: EventId,
    sequence: u64,
    at: Timestamp,
) -> Done<()> {
    for endpoint in &owner.endpoints {
        tx.noted.queued = true;
        let id = DeliveryId::new(at, tx.random())?;
        tx.write(
            "-- insert_delivery
             INSERT INTO deliveries (id, event, endpoint, customer, sequence, status, due_at, parked)
             VALUES ($1, $2, $3, $4, $5, $6, $7,
                     EXISTS (SELECT 1 FROM deliveries
                             WHERE endpoint = $3 AND customer = $4 AND NOT parked
                               AND due_at IS NOT NULL))",
            params![id, event, *endpoint, owner.id, Whole(sequence), DeliveryStatus::Pending, at,],
        );
    }
    Ok(())
}

/// What is still to arrive of the same customer must arrive before a new event, so its head, if it
/// waits to be tried again, waits no longer: no other was ever tried. No sooner than the receiver asked for, and not again
/// within five minutes: each hastened attempt is one of the schedule's.
pub(in super::super) fn hasten(tx: &mut Tx, owner: &Owner, event: &Event) {
    for endpoint in &owner.endpoints {
        tx.write(
            "-- hasten_deliveries
             UPDATE deliveries SET due_at = $1::bigint
             WHERE endpoint = $2 AND customer = $3 AND NOT parked AND due_at > $1
               AND status = 'retrying'
               AND NOT EXISTS (SELECT 1 FROM attempts
                               WHERE delivery = deliveries.id
                                 AND (started_at > $1::bigint - 300000
                                      OR started_at + took_ms + retry_after_ms > $1))",
            params![event.at, *endpoint, event.customer],
        );
    }
}
