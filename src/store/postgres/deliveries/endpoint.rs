//! Endpoints: whether they get deliveries, and a new start for those that were held.

use super::super::columns::read;
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::order;
use crate::domain::clock::Timestamp;
use crate::domain::id::{CustomerId, EndpointId};

/// The endpoint's row stays locked to the end, which keeps leasing out meanwhile.
pub(super) async fn set(
    tx: &mut Tx,
    endpoint: EndpointId,
    active: bool,
    now: Timestamp,
) -> Done<bool> {
    let former: Option<bool> = tx
        .ask(Query::optional(
            "-- find_endpoint\nSELECT active FROM endpoints WHERE id = $1 FOR NO KEY UPDATE",
            params![endpoint],
            |row| read(row, 0),
        ))
        .await?;
    tx.write_one(
        "-- set_endpoint
         INSERT INTO endpoints (id, active) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET active = excluded.active",
        params![endpoint, active],
    );
    if active {
        requeue_held(tx, endpoint, now).await?;
    }
    Ok(former.is_some_and(|former| former != active))
}

/// What held them was for the operator to mend, who has. One that was overtaken stays: old news
/// must not arrive after newer, and an attempt that is under way or seemed to fail may have arrived.
async fn requeue_held(tx: &mut Tx, endpoint: EndpointId, now: Timestamp) -> Done<()> {
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
         WHERE id IN (SELECT customer FROM deliveries WHERE endpoint = $1 AND status = 'held')
         ORDER BY id FOR NO KEY UPDATE",
        params![endpoint],
    )
}

fn requeue(endpoint: EndpointId, now: Timestamp) -> Query<Vec<CustomerId>> {
    Query::list(
        "-- requeue_held
         UPDATE deliveries SET status = 'pending', due_at = $1, parked = true
         WHERE endpoint = $2 AND status = 'held'
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
