//! What the store does for deliveries: lease, record, show.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::Result;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, DeliveryStatus, Leased, Next};
use crate::domain::event::Event;
use crate::domain::id::{DeliveryId, EndpointId, LinkId};

/// What the delivery worker asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseRequest {
    pub endpoint: EndpointId,
    pub limit: u32,
    pub ttl: Duration,
}

/// A new delivery that is leased already, and since when.
pub type Arrival = (Leased, Timestamp);
/// The new deliveries of an endpoint, after their commits. Closing it ends that; those whose
/// transactions are under way still come.
pub type Arrivals = mpsc::Receiver<Arrival>;

/// A delivery as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverySummary {
    pub id: DeliveryId,
    pub event: Event,
    pub endpoint: EndpointId,
    pub status: DeliveryStatus,
    pub attempts: Vec<Attempt>,
    pub due_at: Option<Timestamp>,
}

/// A receiver that works is never so far behind.
pub(super) const LONG_IN_LINE: Duration = Duration::from_secs(60);

/// Deliveries to endpoints.
///
/// A customer's deliveries to one endpoint are a queue in the order of their events. Always true,
/// at the end of every transaction: the oldest unfinished one (pending, in flight or waiting for
/// its next try) is the queue's head; every other unfinished one is parked. Heads alone are leased
/// and asked about, so that what waits behind a receiver that is down costs nothing until its turn
/// comes. Whoever takes the head out of the queue (delivered, exhausted, held) unparks the next in
/// the same transaction; whoever queues an event parks its delivery if there is a head; what comes
/// back from being held takes its old place.
///
/// A new event that says anew where the customer stands
/// ([`supersedes`](crate::domain::event::EventType::supersedes)) makes the customer's older verdicts
/// needless that failed, are held, or have waited for [`LONG_IN_LINE`] (behind a receiver that is
/// down, or an endpoint that is paused): they are superseded in its transaction. One that is in
/// flight is superseded when its attempt fails. What merely stands in line for a moment arrives. What
/// is for an endpoint that is disabled is held; while one is paused its deliveries wait. What befell an
/// endpoint is told to the others, in queues of one event each.
///
/// An engine that runs transactions beside each other must keep finishing a head and queueing
/// another delivery of the same customer apart, or a delivery is parked behind nothing: both lock
/// the customer's row first.
#[async_trait]
pub trait Deliveries {
    /// Takes due heads of an active endpoint, oldest due first, also those whose lease ran out. A
    /// customer's deliveries are so taken one at a time, in the order of their events; a new one
    /// makes an older one that waits for its next try, and is still wanted, due at once. While the
    /// endpoint's breaker is open nothing is taken but, when it is time, one probe, the oldest due,
    /// whoever asks. An unreadable one is logged and held.
    async fn lease_deliveries(&self, request: LeaseRequest, now: Timestamp) -> Result<Vec<Leased>>;

    /// Leases new deliveries of an active endpoint to the caller as they are queued, which spares
    /// asking for them: those of customers for whom nothing waits, while the endpoint's breaker is
    /// closed and as many as `limit` are not fetched. Others are [leased](Self::lease_deliveries).
    /// `None` if another worker has them, or the engine does not do this.
    fn lease_new(&self, _: LeaseRequest) -> Option<Arrivals> {
        None
    }

    /// Records an attempt, what becomes of the delivery, and what it says of the endpoint: staff are
    /// told through the other endpoints when it has been failing, and it is disabled when it said
    /// 410 or failed for a week. `false`, and nothing written, if the lease is no longer this one;
    /// one that ran out counts until somebody takes the delivery.
    async fn record_attempt(
        &self,
        leased: &Leased,
        attempt: Attempt,
        next: Next,
        now: Timestamp,
    ) -> Result<bool>;

    /// When there is something to take for this endpoint; `None` if nothing is unfinished, or it is
    /// not active.
    async fn next_delivery_due(&self, endpoint: EndpointId) -> Result<Option<Timestamp>>;

    /// All deliveries of a link's events with their attempts, oldest first.
    async fn link_deliveries(&self, link: LinkId) -> Result<Vec<DeliverySummary>>;
}
