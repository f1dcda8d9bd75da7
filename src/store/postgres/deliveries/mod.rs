//! Deliveries: queued with their event, leased to the worker, settled by attempt. `due_at` says
//! when somebody should take one next; it is NULL for those that are over or held. Whatever takes
//! the head of a customer's queue out of it unparks the next one (see `order`).

mod attempt;
mod endpoint;
mod lease;
mod order;
mod queue;

use async_trait::async_trait;

use super::super::{Deliveries, DeliverySummary, LeaseRequest, Result};
use super::PostgresStore;
use super::columns::{Whole, read};
use super::query::{Query, params};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, Leased, Next};
use crate::domain::endpoint::BUILT_IN;
use crate::domain::event::Event;
use crate::domain::id::{EndpointId, LinkId};

pub(super) use self::queue::{hasten, queue};

#[async_trait]
impl Deliveries for PostgresStore {
    async fn set_built_in_endpoint(&self, active: bool, now: Timestamp) -> Result<bool> {
        self.write((active, now), |tx, (active, now)| {
            Box::pin(endpoint::set(tx, BUILT_IN, *active, *now))
        })
        .await
    }

    async fn lease_deliveries(&self, request: LeaseRequest, now: Timestamp) -> Result<Vec<Leased>> {
        let taken = self
            .write((request, now), |tx, (request, now)| Box::pin(lease::lease(tx, request, *now)))
            .await?;
        for unreadable in taken.unreadable {
            self.write((unreadable, taken.lease), |tx, (id, lease)| {
                Box::pin(lease::set_aside(tx, *id, *lease))
            })
            .await?;
        }
        Ok(taken.readable)
    }

    async fn record_attempt(
        &self,
        leased: &Leased,
        attempt: Attempt,
        next: Next,
        now: Timestamp,
    ) -> Result<bool> {
        let (id, lease) = (leased.id, leased.lease);
        match next {
            Next::RetryAt(_) => {
                self.write_at_once(attempt::record(id, lease, attempt, next, now)).await
            }
            Next::Delivered | Next::Exhausted | Next::Held => {
                let input = (id, lease, attempt, next, now);
                self.write(input, |tx, (id, lease, attempt, next, now)| {
                    Box::pin(attempt::finish(tx, *id, *lease, attempt, *next, *now))
                })
                .await
            }
        }
    }

    async fn next_delivery_due(&self, endpoint: EndpointId) -> Result<Option<Timestamp>> {
        self.read(Query::optional(
            "-- next_delivery_due
             SELECT due_at FROM deliveries
             WHERE endpoint = $1 AND NOT parked AND due_at IS NOT NULL
             ORDER BY due_at LIMIT 1",
            params![endpoint],
            |row| read(row, 0),
        ))
        .await
    }

    async fn link_deliveries(&self, link: LinkId) -> Result<Vec<DeliverySummary>> {
        let (mut summaries, attempts) =
            self.read_both(of_link(link), attempt::of_link(link)).await?;
        for (delivery, attempt) in attempts {
            let mut of = summaries.iter_mut().filter(|summary| summary.id == delivery);
            if let Some(summary) = of.next() {
                summary.attempts.push(attempt);
            }
        }
        Ok(summaries)
    }
}

fn of_link(link: LinkId) -> Query<Vec<DeliverySummary>> {
    Query::list(
        "-- link_deliveries
         SELECT d.id, d.endpoint, d.status, d.due_at, e.id, e.type, e.customer, e.link,
                e.sequence, e.at, e.body
         FROM events e JOIN deliveries d ON d.event = e.id
         WHERE e.link = $1 ORDER BY e.sequence",
        params![link],
        |row| {
            Ok(DeliverySummary {
                id: read(row, 0)?,
                endpoint: read(row, 1)?,
                status: read(row, 2)?,
                due_at: read(row, 3)?,
                event: Event {
                    id: read(row, 4)?,
                    kind: read(row, 5)?,
                    customer: read(row, 6)?,
                    link: read(row, 7)?,
                    sequence: read::<Whole<u64>>(row, 8)?.0,
                    at: read(row, 9)?,
                    body: read(row, 10)?,
                },
                attempts: Vec::new(),
            })
        },
    )
}
