//! How an endpoint fares: what each attempt says about it, and what follows from that.

use serde_json::json;

use super::super::columns::read;
use super::super::failure::{Done, missing, unwritable};
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{alerts, audit, deliveries, events};
use super::row::{lock, set_health};
use crate::domain::alert::News;
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Attempt;
use crate::domain::endpoint::{DisabledReason, Endpoint, EndpointStatus, Health, Notice};
use crate::domain::event::{Event, EventType};
use crate::domain::id::{EndpointId, EventId};

/// An endpoint that events may be meant for.
#[derive(Clone, Debug)]
pub(in super::super) struct Addressee {
    pub(in super::super) id: EndpointId,
    pub(in super::super) status: EndpointStatus,
    /// Words, parted by spaces.
    pub(in super::super) events: String,
}

impl Addressee {
    pub(in super::super) fn asks_for(&self, kind: EventType) -> bool {
        self.events.split(' ').any(|asked| asked == kind.as_str())
    }
}

/// All but one.
fn others(endpoint: EndpointId) -> Query<Vec<Addressee>> {
    Query::list(
        "-- other_endpoints
         SELECT id, status, events FROM endpoints WHERE status <> 'removed' AND id <> $1",
        params![endpoint],
        |row| Ok(Addressee { id: read(row, 0)?, status: read(row, 1)?, events: read(row, 2)? }),
    )
}

/// Whether it has been failing.
pub(in super::super) fn is_failing(id: EndpointId) -> Query<bool> {
    Query::exists(
        "-- is_failing\nSELECT 1 FROM endpoints WHERE id = $1 AND failing_since IS NOT NULL",
        params![id],
    )
}

/// What an attempt says about its endpoint, whose row is locked from here on.
pub(in super::super) struct Noted {
    endpoint: Endpoint,
    health: Health,
    notice: Option<Notice>,
}

impl Noted {
    /// Whether the endpoint is to be disabled.
    pub(in super::super) fn disables(&self) -> bool {
        let on = matches!(self.endpoint.status, EndpointStatus::Active | EndpointStatus::Paused);
        on && matches!(self.notice, Some(Notice::Disabled(_)))
    }
}

pub(in super::super) async fn note(
    tx: &mut Tx,
    id: EndpointId,
    attempt: &Attempt,
    now: Timestamp,
) -> Done<Noted> {
    let endpoint = tx.ask(lock(id)).await?.ok_or_else(|| missing("an endpoint"))?;
    let (health, notice) = endpoint.health.after(attempt.class, attempt.trigger, now);
    Ok(Noted { endpoint, health, notice })
}

/// Writes it, and what follows. Whether other endpoints were queued an event about it.
pub(in super::super) async fn write(tx: &mut Tx, noted: Noted, now: Timestamp) -> Done<bool> {
    let disables = noted.disables();
    let Noted { endpoint: Endpoint { id, name, health: former, .. }, health, notice } = noted;
    if health != former {
        set_health(tx, id, &health);
    }
    let reason = match notice {
        Some(Notice::Failing { since }) => {
            tracing::warn!(endpoint = %id, %since, "an endpoint has been failing");
            alerts::note(tx, id, News::Failing, now);
            None
        }
        Some(Notice::Disabled(reason)) if disables => {
            disable(tx, id, reason, now);
            alerts::note(tx, id, News::Disabled, now);
            Some(reason)
        }
        Some(Notice::Recovered) => {
            tracing::info!(endpoint = %id, "an endpoint takes messages again");
            alerts::note(tx, id, News::Recovered, now);
            return Ok(false);
        }
        // What is off already is not switched off.
        None | Some(Notice::Disabled(_)) => return Ok(false),
    };
    let others = tx.ask(others(id)).await?;
    let event = EventId::new(now, tx.random())?;
    let event = Event::of_endpoint(event, (id, &name), &health, reason, now)
        .map_err(|error| unwritable(&error))?;
    events::publish_endpoint(tx, &others, event)?;
    Ok(true)
}

/// Whoever has unfinished deliveries of it is locked already.
fn disable(tx: &mut Tx, id: EndpointId, reason: DisabledReason, now: Timestamp) {
    tracing::error!(endpoint = %id, %reason, "an endpoint was disabled, its deliveries are held");
    tx.write_one(
        "-- disable_endpoint
         UPDATE endpoints SET status = 'disabled', disabled = $2, revision = revision + 1
         WHERE id = $1 AND status IN ('active', 'paused')",
        params![id, reason],
    );
    deliveries::hold_locked(tx, id);
    audit::append(
        tx,
        Entry {
            at: now,
            actor: Actor::System,
            action: Action::EndpointDisabled,
            link: None,
            customer: None,
            detail: json!({ "endpoint": id, "reason": reason }),
        },
    );
}
