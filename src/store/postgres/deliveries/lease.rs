//! Leasing: whoever holds a delivery's lease sends it, until the lease runs out. Only heads are
//! leased (see `order`), so a customer's deliveries to one endpoint go out one after another.

use tokio_postgres::Row;

use super::super::super::{LeaseRequest, StoreError};
use super::super::columns::{Whole, read};
use super::super::endpoints;
use super::super::failure::{Done, Failure};
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::order;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Lease, Leased, Trigger};
use crate::domain::endpoint::EndpointStatus;
use crate::domain::id::{DeliveryId, EndpointId};
use crate::domain::random;

/// A batch under one lease.
pub(super) struct Taken {
    pub(super) lease: Lease,
    /// Nothing was taken, because the breaker is open; it is time for a probe.
    pub(super) probe: bool,
    pub(super) readable: Vec<Leased>,
    pub(super) unreadable: Vec<DeliveryId>,
}

pub(super) async fn lease(tx: &mut Tx, request: &LeaseRequest, now: Timestamp) -> Done<Taken> {
    // One token for the batch: with the delivery's id it names one lease of one delivery.
    let lease = Lease(random::bytes(tx.random())?);
    let (open_until, rows) = tx.ask2(lock(request.endpoint), take(request, lease, now)).await?;
    let probe = open_until.is_some_and(|until| until <= now);
    Ok(Taken::new(lease, probe, rows))
}

/// One delivery, to see whether the endpoint works again. Asks anew whether it is time for that:
/// another instance may have come first.
pub(super) async fn probe(tx: &mut Tx, request: &LeaseRequest, now: Timestamp) -> Done<Taken> {
    let lease = Lease(random::bytes(tx.random())?);
    let endpoint = tx.ask(endpoints::lock(request.endpoint)).await?;
    let Some(endpoint) = endpoint.filter(|endpoint| {
        endpoint.status == EndpointStatus::Active
            && endpoint.health.open_until().is_some_and(|until| until <= now)
    }) else {
        return Ok(Taken::new(lease, false, Vec::new()));
    };
    let due = take_any(&LeaseRequest { limit: 1, ..*request }, lease, now);
    let mut taken = Taken::new(lease, false, tx.ask(due).await?);
    for leased in &mut taken.readable {
        leased.trigger = Trigger::Probe;
        let health = endpoint.health.probing(now, request.ttl);
        endpoints::set_health(tx, request.endpoint, &health);
    }
    Ok(taken)
}

impl Taken {
    fn new(lease: Lease, probe: bool, rows: Vec<(DeliveryId, Option<Leased>)>) -> Self {
        let mut taken = Self { lease, probe, readable: Vec::new(), unreadable: Vec::new() };
        for (id, leased) in rows {
            match leased {
                Some(leased) => taken.readable.push(leased),
                None => taken.unreadable.push(id),
            }
        }
        taken
    }
}

/// Until when the breaker is open, if the endpoint is active. The lock is shared by all who lease;
/// who makes held deliveries due again waits for them, and they for him.
fn lock(endpoint: EndpointId) -> Query<Option<Timestamp>> {
    Query::list(
        "-- lock_endpoint
         SELECT open_until FROM endpoints WHERE id = $1 AND status = 'active' FOR SHARE",
        params![endpoint],
        |row| read::<Option<Timestamp>>(row, 0),
    )
    .map(|active| Ok(active.into_iter().flatten().next()))
}

/// Of an endpoint that is active, with its breaker closed. Those that another worker is taking at this moment are left to it.
fn take(
    request: &LeaseRequest,
    lease: Lease,
    now: Timestamp,
) -> Query<Vec<(DeliveryId, Option<Leased>)>> {
    Query::list(
        "-- lease_deliveries
         WITH due AS (
             SELECT id, due_at FROM deliveries
             WHERE endpoint = $1 AND NOT parked AND due_at <= $2
               AND (SELECT status = 'active' AND open_until IS NULL FROM endpoints WHERE id = $1)
             ORDER BY due_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED),
         taken AS (
             UPDATE deliveries d SET status = 'in_flight', lease = $4, due_at = $5
             FROM due WHERE d.id = due.id
             RETURNING d.id, d.event, d.attempts, d.endpoint, d.lease, d.schedule_from, d.trigger,
                       due.due_at AS was_due)
         SELECT t.id, t.event, t.attempts, t.endpoint, t.lease, e.type, e.body, t.schedule_from,
                t.trigger
         FROM taken t JOIN events e ON e.id = t.event ORDER BY t.was_due",
        params![request.endpoint, now, i64::from(request.limit), lease, now.plus(request.ttl),],
        readable,
    )
}

/// Whatever the breaker says.
fn take_any(
    request: &LeaseRequest,
    lease: Lease,
    now: Timestamp,
) -> Query<Vec<(DeliveryId, Option<Leased>)>> {
    Query::list(
        "-- lease_probe
         WITH due AS (
             SELECT id, due_at FROM deliveries
             WHERE endpoint = $1 AND NOT parked AND due_at <= $2
             ORDER BY due_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED),
         taken AS (
             UPDATE deliveries d SET status = 'in_flight', lease = $4, due_at = $5
             FROM due WHERE d.id = due.id
             RETURNING d.id, d.event, d.attempts, d.endpoint, d.lease, d.schedule_from, d.trigger)
         SELECT t.id, t.event, t.attempts, t.endpoint, t.lease, e.type, e.body, t.schedule_from,
                t.trigger
         FROM taken t JOIN events e ON e.id = t.event",
        params![request.endpoint, now, i64::from(request.limit), lease, now.plus(request.ttl)],
        readable,
    )
}

fn readable(row: &Row) -> Done<(DeliveryId, Option<Leased>)> {
    let id: DeliveryId = read(row, 0)?;
    match leased(row) {
        Ok(leased) => Ok((id, Some(leased))),
        Err(Failure::Store(StoreError::Corrupt(error))) => {
            tracing::error!(delivery = %id, error, "set aside what cannot be read");
            Ok((id, None))
        }
        Err(failure) => Err(failure),
    }
}

fn leased(row: &Row) -> Done<Leased> {
    Ok(Leased {
        id: read(row, 0)?,
        event: read(row, 1)?,
        attempts: read::<Whole<u32>>(row, 2)?.0,
        endpoint: read(row, 3)?,
        lease: read(row, 4)?,
        kind: read(row, 5)?,
        body: read(row, 6)?,
        schedule_from: read::<Whole<u32>>(row, 7)?.0,
        trigger: read(row, 8)?,
    })
}

/// Held, like what waits for staff: it is looked at again when a server next starts, and nothing
/// waits for it until then. After the lease, in a transaction that takes the customer's lock first;
/// should it not come to that, the lease runs out and the delivery is met again.
pub(super) async fn set_aside(tx: &mut Tx, id: DeliveryId, lease: Lease) -> Done<()> {
    let held = Query::silent(
        "-- set_delivery_aside
         UPDATE deliveries SET status = 'held', due_at = NULL, lease = NULL
         WHERE id = $1 AND lease = $2 AND status = 'in_flight'",
        params![id, lease],
    );
    let ((), (), ()) = tx.ask3(order::lock(id), held, order::unpark_behind(id)).await?;
    Ok(())
}
