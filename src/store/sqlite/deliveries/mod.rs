//! Deliveries: queued with their event, leased to the worker, settled by attempt. `due_at` says
//! when somebody should take one next; it is NULL for those that are over or held. Whatever takes
//! the head of a customer's queue out of it unparks the next one (see `order`).

mod attempt;
mod cancel;
mod held;
mod lease;
mod list;
mod order;
mod queue;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::{
    Arrivals, CallOff, Deliveries, DeliveryFilter, DeliveryPage, DeliveryRecord, DeliverySummary,
    History, LeaseRequest, Result, Store,
};
use super::SqliteStore;
use super::columns::Count;
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, Leased, Next};
use crate::domain::event::Event;
use crate::domain::id::{DeliveryId, EndpointId, LinkId};

pub(super) use self::held::{cancel_all, hold_all, requeue_held};
pub(super) use self::order::take_place;
pub(super) use self::queue::{anybody_asks, is_asked_for, queue};

#[async_trait]
impl Deliveries for SqliteStore {
    async fn lease_deliveries(&self, request: LeaseRequest, now: Timestamp) -> Result<Vec<Leased>> {
        self.write(move |tx| lease::lease(tx, &request, now)).await
    }

    fn lease_new(&self, request: LeaseRequest) -> Option<Arrivals> {
        self.takers.add(request)
    }

    async fn record_attempt(
        &self,
        leased: &Leased,
        attempt: Attempt,
        next: Next,
        now: Timestamp,
    ) -> Result<bool> {
        let leased = leased.clone();
        let told = self.write(move |tx| attempt::record(tx, &leased, &attempt, next, now)).await?;
        if told == Some(true) {
            self.changes().announce_queued();
        }
        Ok(told.is_some())
    }

    async fn next_delivery_due(&self, endpoint: EndpointId) -> Result<Option<Timestamp>> {
        self.read(|connection| {
            let due = connection
                .prepare_cached(
                    "-- next_delivery_due
                     SELECT max(due_at, coalesce((SELECT open_until FROM endpoints
                                                  WHERE id = ?1), due_at))
                     FROM deliveries
                     WHERE endpoint = ?1 AND parked = 0 AND due_at IS NOT NULL
                       AND (SELECT status FROM endpoints WHERE id = ?1) = 'active'
                     ORDER BY due_at LIMIT 1",
                )?
                .query_row([endpoint], |row| row.get(0))
                .optional()?;
            Ok(due)
        })
    }

    async fn link_deliveries(&self, link: LinkId) -> Result<Vec<DeliverySummary>> {
        self.scan(move |connection| of_link(connection, link)).await
    }
}

#[async_trait]
impl History for SqliteStore {
    async fn list_deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<DeliveryPage> {
        let filter = filter.clone();
        self.scan(move |connection| list::list(connection, &filter, after, limit)).await
    }

    async fn find_delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
        self.snapshot(|connection| list::find(connection, id))
    }

    async fn cancel_delivery(&self, id: DeliveryId, entry: Entry) -> Result<CallOff> {
        self.write(move |tx| cancel::cancel(tx, id, &entry)).await
    }
}

fn of_link(connection: &Connection, link: LinkId) -> Result<Vec<DeliverySummary>> {
    let mut summaries: Vec<DeliverySummary> = connection
        .prepare_cached(
            "-- link_deliveries
             SELECT d.id, d.endpoint, d.status, d.due_at, e.id, e.type, e.customer, e.link,
                    e.sequence, e.at, e.body
             FROM events e JOIN deliveries d ON d.event = e.id
             WHERE e.link = ?1 ORDER BY e.sequence",
        )?
        .query_map([link], summary)?
        .collect::<rusqlite::Result<_>>()?;
    for summary in &mut summaries {
        summary.attempts = attempt::of_delivery(connection, summary.id)?;
    }
    Ok(summaries)
}

fn summary(row: &Row<'_>) -> rusqlite::Result<DeliverySummary> {
    Ok(DeliverySummary {
        id: row.get(0)?,
        endpoint: row.get(1)?,
        status: row.get(2)?,
        due_at: row.get(3)?,
        event: Event {
            id: row.get(4)?,
            kind: row.get(5)?,
            customer: row.get(6)?,
            link: row.get(7)?,
            sequence: row.get::<_, Count>(8)?.0,
            at: row.get(9)?,
            body: row.get(10)?,
        },
        attempts: Vec::new(),
    })
}
