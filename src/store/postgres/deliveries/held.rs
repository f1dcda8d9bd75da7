//! Many deliveries of an endpoint at once: held while it is disabled, called off when it is gone,
//! and a new start for those that were held.

use super::super::columns::read;
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::order;
use crate::domain::clock::Timestamp;
use crate::domain::id::{CustomerId, EndpointId};

/// Those in flight as well: their outcome no longer counts.
pub(in super::super) async fn hold_all(tx: &mut Tx, endpoint: EndpointId) -> Done<()> {
    tx.ask(lock_unfinished(endpoint)).await?;
    hold_locked(tx, endpoint);
    Ok(())
}

/// The same with all customers locked.
pub(in super::super) fn hold_locked(tx: &mut Tx, endpoint: EndpointId) {
    tx.write(
        "-- hold_heads
         UPDATE deliveries SET status = 'held', due_at = NULL, lease = NULL
         WHERE endpoint = $1 AND NOT parked AND due_at IS NOT NULL",
        params![endpoint],
    );
    tx.write(
        "-- hold_parked
         UPDATE deliveries SET status = 'held', due_at = NULL, parked = false
         WHERE endpoint = $1 AND parked",
        params![endpoint],
    );
}

/// What is held as well.
pub(in super::super) async fn cancel_all(
    tx: &mut Tx,
    endpoint: EndpointId,
    now: Timestamp,
) -> Done<()> {
    hold_all(tx, endpoint).await?;
    tx.write(
        "-- cancel_held
         UPDATE deliveries SET status = 'cancelled', finished_at = $2
         WHERE endpoint = $1 AND status = 'held' AND due_at IS NULL AND status <> 'delivered'",
        params![endpoint, now],
    );
    Ok(())
}

/// The customers, in the order of their ids, as everybody does who takes several and waits for them.
pub(super) fn lock_unfinished(endpoint: EndpointId) -> Query<()> {
    Query::silent(
        "-- lock_customers_of_unfinished
         SELECT 1 FROM customers
         WHERE id IN (SELECT customer FROM deliveries
                      WHERE endpoint = $1 AND NOT parked AND due_at IS NOT NULL)
         ORDER BY id FOR NO KEY UPDATE",
        params![endpoint],
    )
}

/// What held them is mended. One that was overtaken stays: old news must not arrive after newer,
/// and an attempt that is under way or seemed to fail may have arrived.
pub(in super::super) async fn requeue_held(
    tx: &mut Tx,
    endpoint: EndpointId,
    now: Timestamp,
) -> Done<()> {
    let ((), mut customers) = tx.ask2(lock(endpoint), requeue(endpoint, now)).await?;
    customers.sort_unstable();
    customers.dedup();
    if !customers.is_empty() {
        order::restore(tx, endpoint, customers);
    }
    Ok(())
}

/// In the order of their ids, as everybody does who takes several and waits for them.
fn lock(endpoint: EndpointId) -> Query<()> {
    Query::silent(
        "-- lock_customers_of_held
         SELECT 1 FROM customers
         WHERE id IN (SELECT customer FROM deliveries WHERE endpoint = $1 AND status = 'held' AND due_at IS NULL
                        AND status <> 'delivered')
         ORDER BY id FOR NO KEY UPDATE",
        params![endpoint],
    )
}

fn requeue(endpoint: EndpointId, now: Timestamp) -> Query<Vec<CustomerId>> {
    Query::list(
        "-- requeue_held
         UPDATE deliveries SET status = 'pending', due_at = $1, parked = true
         WHERE endpoint = $2 AND status = 'held' AND due_at IS NULL AND status <> 'delivered'
           AND NOT EXISTS (SELECT 1
                           FROM events newer JOIN deliveries told ON told.event = newer.id
                           WHERE newer.customer = deliveries.customer
                             AND newer.sequence > deliveries.sequence
                             AND told.endpoint = $2
                             AND told.status IN ('delivered', 'in_flight', 'retrying', 'exhausted'))
         RETURNING customer",
        params![now, endpoint],
        |row| read(row, 0),
    )
}
