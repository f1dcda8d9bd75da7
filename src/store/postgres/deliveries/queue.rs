//! Queueing: one delivery of an event for every endpoint that asks for it, and what becomes of
//! older ones that have not arrived yet.

use super::super::super::deliveries::LONG_IN_LINE;
use super::super::columns::{Whole, read};
use super::super::endpoints::Addressee;
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::endpoint::EndpointStatus;
use crate::domain::event::{Event, EventType};
use crate::domain::id::{CustomerId, DeliveryId, EndpointId, EventId};

/// What of an event its deliveries need to know.
pub(in super::super) struct News {
    event: EventId,
    kind: EventType,
    queue: CustomerId,
    sequence: u64,
    at: Timestamp,
}

impl From<&Event> for News {
    fn from(event: &Event) -> Self {
        Self {
            event: event.id,
            kind: event.kind,
            queue: event.queue(),
            sequence: event.sequence,
            at: event.at,
        }
    }
}

/// For each of these that asks for it. Due at once, or parked behind what is still to arrive of the
/// same customer: unless the new event makes that needless, it waits no longer to be tried again.
/// For an endpoint that is disabled, held. The customer, if there is one, is locked.
pub(in super::super) fn queue(tx: &mut Tx, endpoints: &[Addressee], news: &News) -> Done<()> {
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.asks_for(news.kind)) {
        // Nothing came before a customer's first event.
        if news.sequence > 1 {
            if news.kind.supersedes() {
                supersede(tx, endpoint.id, news);
            } else if news.kind.is_verdict() {
                hasten(tx, endpoint.id, news);
            }
        }
        match endpoint.status {
            EndpointStatus::Active | EndpointStatus::Paused => insert(tx, endpoint.id, news)?,
            EndpointStatus::Disabled => insert_held(tx, endpoint.id, news)?,
            EndpointStatus::Removed => {}
        }
    }
    Ok(())
}

fn insert(tx: &mut Tx, endpoint: EndpointId, news: &News) -> Done<()> {
    tx.noted.queued = true;
    let id = DeliveryId::new(news.at, tx.random())?;
    tx.write(
        "-- insert_delivery
         INSERT INTO deliveries (id, event, endpoint, customer, sequence, status, due_at, parked)
         VALUES ($1, $2, $3, $4, $5, $6, $7,
                 EXISTS (SELECT 1 FROM deliveries
                         WHERE endpoint = $3 AND customer = $4 AND NOT parked
                           AND due_at IS NOT NULL))",
        params![
            id,
            news.event,
            endpoint,
            news.queue,
            Whole(news.sequence),
            DeliveryStatus::Pending,
            news.at
        ],
    );
    Ok(())
}

fn insert_held(tx: &mut Tx, endpoint: EndpointId, news: &News) -> Done<()> {
    let id = DeliveryId::new(news.at, tx.random())?;
    tx.write(
        "-- insert_held_delivery
         INSERT INTO deliveries (id, event, endpoint, customer, sequence, status)
         VALUES ($1, $2, $3, $4, $5, 'held')",
        params![id, news.event, endpoint, news.queue, Whole(news.sequence)],
    );
    Ok(())
}

/// Older verdicts that failed, are held or wait for long; what merely stands in line arrives, in
/// its order. What is left behind them goes next.
fn supersede(tx: &mut Tx, endpoint: EndpointId, news: &News) {
    tx.write(
        "-- supersede_deliveries
         WITH overtaken AS (
             UPDATE deliveries d
             SET status = 'superseded', due_at = NULL, parked = false, finished_at = $3
             FROM events e
             WHERE d.id IN (SELECT id FROM deliveries
                            WHERE endpoint = $1 AND customer = $2 AND due_at IS NOT NULL
                              AND NOT parked
                            UNION ALL
                            SELECT id FROM deliveries
                            WHERE endpoint = $1 AND customer = $2 AND parked
                            UNION ALL
                            SELECT id FROM deliveries
                            WHERE endpoint = $1 AND customer = $2 AND status = 'held')
               AND (d.status IN ('retrying', 'held')
                    OR d.status = 'pending' AND d.due_at <= $4)
               AND e.id = d.event
               AND e.type IN ('verification.verified', 'verification.failed',
                              'verification.declined', 'verification.expired',
                              'verification.revoked', 'verification.lapsed')
             RETURNING d.id)
         UPDATE deliveries SET parked = false
         WHERE id = (SELECT id FROM deliveries
                     WHERE endpoint = $1 AND customer = $2 AND parked
                       AND id NOT IN (SELECT id FROM overtaken)
                     ORDER BY sequence LIMIT 1)
           AND NOT EXISTS (SELECT 1 FROM deliveries
                           WHERE endpoint = $1 AND customer = $2 AND due_at IS NOT NULL
                             AND NOT parked AND id NOT IN (SELECT id FROM overtaken))",
        params![endpoint, news.queue, news.at, news.at.minus(LONG_IN_LINE)],
    );
}

/// The head only: no other was ever tried. No sooner than the receiver asked for, and not again
/// within five minutes: each hastened attempt is one of the schedule's.
fn hasten(tx: &mut Tx, endpoint: EndpointId, news: &News) {
    tx.write(
        "-- hasten_deliveries
         UPDATE deliveries SET due_at = $1::bigint
         WHERE endpoint = $2 AND customer = $3 AND NOT parked AND due_at > $1
           AND status = 'retrying'
           AND NOT EXISTS (SELECT 1 FROM attempts
                           WHERE delivery = deliveries.id
                             AND (started_at > $1::bigint - 300000
                                  OR started_at + took_ms + retry_after_ms > $1))",
        params![news.at, endpoint, news.queue],
    );
}

/// Whether newer news of the same customer waits behind this verdict, which therefore need not
/// arrive any more.
pub(super) fn is_overtaken(delivery: DeliveryId) -> Query<Option<bool>> {
    Query::optional(
        "-- is_overtaken
         SELECT EXISTS (
             SELECT 1 FROM deliveries old
             JOIN events was ON was.id = old.event
             JOIN deliveries new ON new.endpoint = old.endpoint AND new.customer = old.customer
                                AND new.parked AND new.sequence > old.sequence
             JOIN events news ON news.id = new.event
             WHERE old.id = $1
               AND was.type IN ('verification.verified', 'verification.failed',
                                'verification.declined', 'verification.expired',
                                'verification.revoked', 'verification.lapsed')
               AND news.type IN ('verification.verified', 'verification.failed',
                                 'verification.declined', 'verification.lapsed'))",
        params![delivery],
        |row| read(row, 0),
    )
}
