//! Many deliveries of an endpoint at once: held while it is disabled, called off when it is gone,
//! and a new start for those that were held.

use std::collections::HashSet;

use super::super::super::Result;
use super::super::transaction::Tx;
use super::order;
use crate::domain::clock::Timestamp;
use crate::domain::id::{CustomerId, EndpointId};

/// Those in flight as well: their outcome no longer counts.
pub(in super::super) fn hold_all(tx: &Tx<'_>, endpoint: EndpointId) -> Result<()> {
    tx.prepare_cached(
        "-- hold_heads
         UPDATE deliveries SET status = 'held', due_at = NULL, lease = NULL
         WHERE endpoint = ?1 AND parked = 0 AND due_at IS NOT NULL",
    )?
    .execute([endpoint])?;
    tx.prepare_cached(
        "-- hold_parked
         UPDATE deliveries SET status = 'held', due_at = NULL, parked = 0
         WHERE endpoint = ?1 AND parked = 1",
    )?
    .execute([endpoint])?;
    Ok(())
}

/// What is held as well.
pub(in super::super) fn cancel_all(
    tx: &Tx<'_>,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<()> {
    hold_all(tx, endpoint)?;
    tx.prepare_cached(
        "-- cancel_held
         UPDATE deliveries SET status = 'cancelled', finished_at = ?2
         WHERE endpoint = ?1 AND status = 'held' AND due_at IS NULL AND status <> 'delivered'",
    )?
    .execute((endpoint, now))?;
    Ok(())
}

/// What held them is mended. One that was overtaken stays: old news must not arrive after newer,
/// and an attempt that is under way or seemed to fail may have arrived.
pub(in super::super) fn requeue_held(
    tx: &Tx<'_>,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<()> {
    let customers: HashSet<CustomerId> = tx
        .prepare_cached(
            "-- requeue_held
             UPDATE deliveries SET status = 'pending', due_at = ?1, parked = 1
             WHERE endpoint = ?2 AND status = 'held' AND due_at IS NULL AND status <> 'delivered'
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
