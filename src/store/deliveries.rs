//! What the store does for deliveries: lease, record, show.

use std::time::Duration;

use async_trait::async_trait;

use super::Result;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, Leased, Next};
use crate::domain::event::Event;
use crate::domain::id::{DeliveryId, EndpointId, LinkId};

/// What the delivery worker asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseRequest {
    pub endpoint: EndpointId,
    pub limit: u32,
    pub ttl: Duration,
}

/// A delivery as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverySummary {
    pub id: DeliveryId,
    pub event: Event,
    pub endpoint: EndpointId,
    pub status: crate::domain::delivery::DeliveryStatus,
    pub attempts: Vec<Attempt>,
    pub due_at: Option<Timestamp>,
}

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
/// An engine that runs transactions beside each other must keep finishing a head and queueing
/// another delivery of the same customer apart, or a delivery is parked behind nothing: both lock
/// the customer's row first.
#[async_trait]
pub trait Deliveries {
    /// Says whether the built-in endpoint exists (`CRM_WEBHOOK_URL` is set). From now on verdicts
    /// get a delivery to it, or none. If it does, its held deliveries are due again, but for those
    /// that newer news of the same customer has overtaken. Whether it was the other way before.
    async fn set_built_in_endpoint(&self, active: bool, now: Timestamp) -> Result<bool>;

    /// Takes due heads, oldest due first, also those whose lease ran out. A customer's deliveries
    /// are so taken one at a time, in the order of their events; a new one makes an older one that
    /// waits for its next try due at once. An unreadable one is logged and held.
    async fn lease_deliveries(&self, request: LeaseRequest, now: Timestamp) -> Result<Vec<Leased>>;

    /// Records an attempt and what becomes of the delivery. `false`, and nothing written, if the
    /// lease is no longer this one; one that ran out counts until somebody takes the delivery.
    async fn record_attempt(
        &self,
        leased: &Leased,
        attempt: Attempt,
        next: Next,
        now: Timestamp,
    ) -> Result<bool>;

    /// When the earliest head of this endpoint is due; `None` if nothing is unfinished.
    async fn next_delivery_due(&self, endpoint: EndpointId) -> Result<Option<Timestamp>>;

    /// All deliveries of a link's events with their attempts, oldest first.
    async fn link_deliveries(&self, link: LinkId) -> Result<Vec<DeliverySummary>>;
}
