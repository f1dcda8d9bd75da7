//! Queueing: one delivery of an event for every endpoint that asks for it, and what becomes of
//! older ones that have not arrived yet.

use super::super::super::Result;
use super::super::super::deliveries::LONG_IN_LINE;
use super::super::columns::Count;
use super::super::takers::Place;
use super::super::transaction::Tx;
use super::order;
use crate::domain::delivery::{DeliveryStatus, Lease, Leased, Trigger};
use crate::domain::endpoint::EndpointStatus;
use crate::domain::event::{Event, EventType};
use crate::domain::id::{DeliveryId, EndpointId};
use crate::domain::random;

/// For every endpoint that asks for it but `except`. Due at once, or leased to a worker that takes
/// new ones, or parked behind what is still to arrive of the same customer: unless the new event makes
/// that needless, it waits no longer to be tried again. For an endpoint that is disabled, held.
pub(in super::super) fn queue(
    tx: &Tx<'_>,
    event: &Event,
    except: Option<EndpointId>,
) -> Result<()> {
    for Asking { endpoint, status, well } in asking(tx, event.kind)? {
        if Some(endpoint) == except {
            continue;
        }
        let mut waiting = waiting(tx, endpoint, event)?;
        if waiting.any() {
            if event.kind.supersedes() {
                supersede(tx, endpoint, event)?;
                waiting = self::waiting(tx, endpoint, event)?;
            } else if event.kind.is_verdict() {
                hasten(tx, endpoint, event)?;
            }
        }
        match status {
            EndpointStatus::Active if well && !waiting.head => {
                let born = match tx.place(endpoint) {
                    Some(place) => Born::Leased(place),
                    None => Born::Due,
                };
                insert(tx, endpoint, event, born)?;
            }
            EndpointStatus::Active | EndpointStatus::Paused => {
                let born = if waiting.head { Born::Parked } else { Born::Due };
                insert(tx, endpoint, event, born)?;
            }
            EndpointStatus::Disabled => insert(tx, endpoint, event, Born::Held)?,
            EndpointStatus::Removed => {}
        }
    }
    Ok(())
}

/// Whether an endpoint that is delivered to asks for events of this type.
pub(in super::super) fn anybody_asks(tx: &Tx<'_>, kind: EventType) -> Result<bool> {
    let asking = asking(tx, kind)?;
    Ok(asking.iter().any(|asking| asking.status == EndpointStatus::Active))
}

/// Whether any endpoint that is not removed asks for events of this type.
pub(in super::super) fn is_asked_for(tx: &Tx<'_>, kind: EventType) -> Result<bool> {
    Ok(!asking(tx, kind)?.is_empty())
}

/// An endpoint that asks for an event.
struct Asking {
    endpoint: EndpointId,
    status: EndpointStatus,
    /// Its breaker is closed.
    well: bool,
}

fn asking(tx: &Tx<'_>, kind: EventType) -> Result<Vec<Asking>> {
    let word = kind.as_str();
    let mut statement = tx.prepare_cached(
        "-- asking_endpoints
         SELECT id, status, events, open_until IS NULL
         FROM endpoints WHERE status <> 'removed'",
    )?;
    let mut rows = statement.query([])?;
    let mut asking = Vec::new();
    while let Some(row) = rows.next()? {
        let events = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        if events.split(' ').any(|asked| asked == word) {
            asking.push(Asking { endpoint: row.get(0)?, status: row.get(1)?, well: row.get(3)? });
        }
    }
    Ok(asking)
}

/// What has not arrived yet of the same queue.
struct Waiting {
    head: bool,
    held: bool,
}

impl Waiting {
    const fn any(&self) -> bool {
        self.head || self.held
    }
}

/// Nearly always there is nothing, which this finds out without a write.
fn waiting(tx: &Tx<'_>, endpoint: EndpointId, event: &Event) -> Result<Waiting> {
    let waiting = tx
        .prepare_cached(
            "-- what_waits
             SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_head
                            WHERE endpoint = ?1 AND customer = ?2 AND due_at IS NOT NULL
                              AND parked = 0),
                    EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_held
                            WHERE endpoint = ?1 AND customer = ?2 AND status = 'held')",
        )?
        .query_row((endpoint, event.queue()), |row| {
            Ok(Waiting { head: row.get(0)?, held: row.get(1)? })
        })?;
    Ok(waiting)
}

/// Older verdicts that failed, are held or wait for long; what merely stands in line arrives, in
/// its order. The indexes are named because `SQLite`, left to itself, may go through everything
/// that is due, which after an outage is a lot.
fn supersede(tx: &Tx<'_>, endpoint: EndpointId, event: &Event) -> Result<()> {
    tx.prepare_cached(
        "-- supersede_deliveries
         UPDATE deliveries
         SET status = 'superseded', due_at = NULL, parked = 0, finished_at = ?3
         WHERE id IN (SELECT id FROM deliveries INDEXED BY deliveries_head
                      WHERE endpoint = ?1 AND customer = ?2 AND due_at IS NOT NULL AND parked = 0
                      UNION ALL
                      SELECT id FROM deliveries INDEXED BY deliveries_parked
                      WHERE endpoint = ?1 AND customer = ?2 AND parked = 1
                      UNION ALL
                      SELECT id FROM deliveries INDEXED BY deliveries_held
                      WHERE endpoint = ?1 AND customer = ?2 AND status = 'held')
           AND (status = 'retrying' OR status = 'held' OR (status = 'pending' AND due_at <= ?4))
           AND (SELECT type FROM events WHERE id = deliveries.event)
               IN ('verification.verified', 'verification.failed', 'verification.declined',
                   'verification.expired', 'verification.revoked', 'verification.lapsed')",
    )?
    .execute((endpoint, event.queue(), event.at, event.at.minus(LONG_IN_LINE)))?;
    order::let_oldest_go(tx, endpoint, event.queue())
}

/// The head only: no other was ever tried. No sooner than the receiver asked for, and not again
/// within five minutes: each hastened attempt is one of the schedule's.
fn hasten(tx: &Tx<'_>, endpoint: EndpointId, event: &Event) -> Result<()> {
    tx.prepare_cached(
        "-- hasten_deliveries
         UPDATE deliveries INDEXED BY deliveries_head SET due_at = ?1
         WHERE endpoint = ?2 AND customer = ?3 AND parked = 0 AND due_at > ?1
           AND status = 'retrying'
           AND NOT EXISTS (SELECT 1 FROM attempts
                           WHERE delivery = deliveries.id
                             AND (started_at > ?1 - 300000
                                  OR started_at + took_ms + retry_after_ms > ?1))",
    )?
    .execute((event.at, endpoint, event.queue()))?;
    Ok(())
}

/// As what a delivery begins.
enum Born {
    Due,
    /// With a worker that has a place for it.
    Leased(Place),
    /// Behind older ones of the same queue.
    Parked,
    /// Until its endpoint is enabled again.
    Held,
}

fn insert(tx: &Tx<'_>, endpoint: EndpointId, event: &Event, born: Born) -> Result<()> {
    let id = DeliveryId::new(event.at, tx.random)?;
    let (status, due_at, parked, place) = match born {
        Born::Due => (DeliveryStatus::Pending, Some(event.at), false, None),
        Born::Parked => (DeliveryStatus::Pending, Some(event.at), true, None),
        Born::Held => (DeliveryStatus::Held, None, false, None),
        Born::Leased(place) => {
            let until = event.at.plus(place.ttl);
            (DeliveryStatus::InFlight, Some(until), false, Some(place))
        }
    };
    let lease = if place.is_some() { Some(Lease(random::bytes(tx.random)?)) } else { None };
    tx.prepare_cached(
        "-- insert_delivery
         INSERT INTO deliveries (id, event, endpoint, customer, sequence, status, due_at, parked,
                                 lease)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        id,
        event.id,
        endpoint,
        event.queue(),
        Count(event.sequence),
        status,
        due_at,
        parked,
        lease,
    ))?;
    if let Some((place, lease)) = place.zip(lease) {
        tx.keep(place.keep(leased(id, endpoint, event, lease), event.at));
    }
    Ok(())
}

fn leased(id: DeliveryId, endpoint: EndpointId, event: &Event, lease: Lease) -> Leased {
    Leased {
        id,
        event: event.id,
        kind: event.kind,
        endpoint,
        attempts: 0,
        schedule_from: 0,
        trigger: Trigger::Auto,
        body: event.body.clone(),
        lease,
    }
}
