//! How an endpoint fares: what each attempt says about it, and what follows from that.

use rusqlite::OptionalExtension;
use serde_json::json;

use super::super::super::Result;
use super::super::failure::{missing, unwritable};
use super::super::transaction::Tx;
use super::super::{alerts, audit, deliveries, events};
use super::row::{health, set_health};
use crate::domain::alert::News;
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Attempt;
use crate::domain::endpoint::{DisabledReason, EndpointStatus, Health, Notice};
use crate::domain::event::Event;
use crate::domain::id::{EndpointId, EventId};
use crate::domain::text::Line;

/// What decides whether an endpoint is sent to.
pub(in super::super) struct Standing {
    pub(in super::super) status: EndpointStatus,
    pub(in super::super) health: Health,
    name: Line<64>,
}

pub(in super::super) fn standing(tx: &Tx<'_>, id: EndpointId) -> Result<Option<Standing>> {
    let found = tx
        .prepare_cached(
            "-- endpoint_standing
             SELECT status, name, failing_since, failing_last, failing_attempts, failing_days,
                    warnings, open_until, open_wait_ms, recovered_at
             FROM endpoints WHERE id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Standing { status: row.get(0)?, name: row.get(1)?, health: health(row, 2)? })
        })
        .optional()?;
    Ok(found)
}

/// Nothing is written while it goes well. Whether other endpoints were queued an event about it.
pub(in super::super) fn note_attempt(
    tx: &Tx<'_>,
    id: EndpointId,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<bool> {
    let Standing { health: former, name, .. } =
        standing(tx, id)?.ok_or_else(|| missing("an endpoint"))?;
    let (health, notice) = former.after(attempt.class, attempt.trigger, now);
    if health != former {
        set_health(tx, id, &health)?;
    }
    let reason = match notice {
        Some(Notice::Failing { since }) => {
            tracing::warn!(endpoint = %id, %since, "an endpoint has been failing");
            alerts::note(tx, id, News::Failing, now)?;
            None
        }
        Some(Notice::Disabled(reason)) if disable(tx, id, reason, now)? => {
            alerts::note(tx, id, News::Disabled, now)?;
            Some(reason)
        }
        Some(Notice::Recovered) => {
            tracing::info!(endpoint = %id, "an endpoint takes messages again");
            alerts::note(tx, id, News::Recovered, now)?;
            return Ok(false);
        }
        // What is off already is not switched off.
        None | Some(Notice::Disabled(_)) => return Ok(false),
    };
    let event = EventId::new(now, tx.random)?;
    let event = Event::of_endpoint(event, (id, &name), &health, reason, now)
        .map_err(|error| unwritable(&error))?;
    events::publish_endpoint(tx, &event, id)?;
    Ok(true)
}

fn disable(tx: &Tx<'_>, id: EndpointId, reason: DisabledReason, now: Timestamp) -> Result<bool> {
    let touched = tx
        .prepare_cached(
            "-- disable_endpoint
             UPDATE endpoints SET status = 'disabled', disabled = ?2, revision = revision + 1
             WHERE id = ?1 AND (status = 'active' OR status = 'paused')",
        )?
        .execute((id, reason))?;
    if touched == 0 {
        return Ok(false);
    }
    tracing::error!(endpoint = %id, %reason, "an endpoint was disabled, its deliveries are held");
    deliveries::hold_all(tx, id)?;
    audit::append(
        tx,
        &Entry {
            at: now,
            actor: Actor::System,
            action: Action::EndpointDisabled,
            link: None,
            customer: None,
            detail: json!({ "endpoint": id, "reason": reason }),
        },
    )?;
    Ok(true)
}
