//! Endpoints: whether they get deliveries, and a new start for those that were held.

use std::collections::HashSet;

use rusqlite::OptionalExtension;

use super::super::super::Result;
use super::super::transaction::Tx;
use super::order;
use crate::domain::clock::Timestamp;
use crate::domain::id::{CustomerId, EndpointId};

pub(super) fn set(tx: &Tx<'_>, endpoint: EndpointId, active: bool, now: Timestamp) -> Result<bool> {
    let former: Option<bool> = tx
        .prepare_cached("-- find_endpoint\nSELECT active FROM endpoints WHERE id = ?1")?
        .query_row([endpoint], |row| row.get(0))
        .optional()?;
    tx.prepare_cached(
        "-- set_endpoint
         INSERT INTO endpoints (id, active) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET active = excluded.active",
    )?
    .execute((endpoint, active))?;
    if active {
        requeue_held(tx, endpoint, now)?;
    }
    Ok(former.is_some_and(|former| former != active))
}

/// What held them was for the operator to mend, who has. One that was overtaken stays: old news
/// must not arrive after newer, and an attempt that is under way or seemed to fail may have arrived.
fn requeue_held(tx: &Tx<'_>, endpoint: EndpointId, now: Timestamp) -> Result<()> {
    let customers: HashSet<CustomerId> = tx
        .prepare_cached(
            "-- requeue_held
             UPDATE deliveries SET status = 'pending', due_at = ?1, parked = 1
             WHERE endpoint = ?2 AND status = 'held'
               AND NOT EXISTS (SELECT 1
                               FROM events newer JOIN deliveries told ON told.event = newer.id
                               WHERE newer.customer = deliveries.customer
                                 AND newer.sequence > deliveries.sequence
                                 AND told.endpoint = ?2
                                 AND told.status IN
                                     ('delivered', 'in_flight', 'retrying', 'exhausted'))
             RETURNING customer",
        )?
        .query_map((now, endpoint), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for customer in customers {
        order::restore(tx, endpoint, customer)?;
    }
    Ok(())
}
