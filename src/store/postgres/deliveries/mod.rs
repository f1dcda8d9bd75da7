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

use super::super::{
    CallOff, Deliveries, DeliveryFilter, DeliveryPage, DeliveryRecord, DeliverySummary, History,
    LeaseRequest, Result, Store,
};
use super::columns::{Whole, read};
use super::query::{Query, params};
use super::{PostgresStore, endpoints};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, Leased, Next};
use crate::domain::event::Event;
use crate::domain::id::{DeliveryId, EndpointId, LinkId};

use self::attempt::Recorded;
pub(super) use self::held::{cancel_all, hold_all, hold_locked, requeue_held};
pub(super) use self::order::{lock as lock_customer, lock_head, restore};
pub(super) use self::queue::{News, queue};

#[async_trait]
impl Deliveries for PostgresStore {
    async fn lease_deliveries(&self, request: LeaseRequest, now: Timestamp) -> Result<Vec<Leased>> {
        let input = (request, now);
        let mut taken = self
            .write(input, |tx, (request, now)| Box::pin(lease::lease(tx, request, *now)))
            .await?;
        if taken.probe {
            taken = self
                .write(input, |tx, (request, now)| Box::pin(lease::probe(tx, request, *now)))
                .await?;
        }
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
        let failure = attempt::is_failure(&attempt);
        let input = (leased.clone(), attempt, next, now);
        let (endpoint, attempt) = (leased.endpoint, input.1.clone());
        let recorded = if failure {
            self.write(input, |tx, (leased, attempt, next, now)| {
                Box::pin(attempt::record_failure(tx, leased, attempt, *next, *now))
            })
            .await?
        } else {
            self.write(input, |tx, (leased, attempt, next, now)| {
                Box::pin(attempt::record(tx, leased, attempt, *next, *now))
            })
            .await?
        };
        if recorded == Recorded::Told {
            self.changes().announce_queued();
        }
        if recorded == Recorded::Recovering {
            // In a transaction of its own: this lock comes before a customer's.
            let recovered = self
                .write((endpoint, attempt, now), |tx, (endpoint, attempt, now)| {
                    Box::pin(async move {
                        let noted = endpoints::note(tx, *endpoint, attempt, *now).await?;
                        endpoints::write(tx, noted, *now).await
                    })
                })
                .await;
            if let Err(error) = recovered {
                // The next success says it again.
                tracing::warn!(%endpoint, %error, "a recovery is not recorded");
            }
        }
        Ok(recorded != Recorded::No)
    }

    async fn next_delivery_due(&self, endpoint: EndpointId) -> Result<Option<Timestamp>> {
        self.read(Query::optional(
            "-- next_delivery_due
             SELECT greatest(due_at, (SELECT open_until FROM endpoints WHERE id = $1))
             FROM deliveries
             WHERE endpoint = $1 AND NOT parked AND due_at IS NOT NULL
               AND (SELECT status FROM endpoints WHERE id = $1) = 'active'
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

#[async_trait]
impl History for PostgresStore {
    async fn list_deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<DeliveryPage> {
        let asked = (filter.clone(), after, limit);
        self.snapshot(&asked, |tx, (filter, after, limit)| {
            Box::pin(list::list(tx, filter, *after, *limit))
        })
        .await
    }

    async fn find_delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
        let (found, attempts) = self.read_both(list::find(id), attempt::of_delivery(id)).await?;
        Ok(found.map(|(line, body)| DeliveryRecord { line, body, attempts }))
    }

    async fn cancel_delivery(&self, id: DeliveryId, entry: Entry) -> Result<CallOff> {
        self.write((id, entry), |tx, (id, entry)| Box::pin(cancel::cancel(tx, *id, entry))).await
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
