//! One step of a replay: one delivery takes its old place in its queue.

use rusqlite::OptionalExtension;

use super::super::super::{Result, Step, StoreError};
use super::super::columns::Json;
use super::super::deliveries;
use super::super::failure::exactly_one;
use super::super::transaction::Tx;
use super::row;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::endpoint::EndpointStatus;
use crate::domain::id::{CustomerId, DeliveryId, EndpointId, ReplayId};
use crate::domain::replay::ReplayStatus;

pub(super) fn step(tx: &Tx<'_>, now: Timestamp, next: Timestamp) -> Result<Step> {
    let due: Option<(ReplayId, bool)> = tx
        .prepare_cached(
            "-- due_replay
             SELECT id, selection FROM replays
             WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT 1",
        )?
        .query_row([now], |row| {
            let selection: serde_json::Value = row.get::<_, Json<_>>(1)?.0;
            let forced = selection.get("forced").and_then(serde_json::Value::as_bool);
            Ok((row.get(0)?, forced.unwrap_or_default()))
        })
        .optional()?;
    let Some((replay, forced)) = due else { return Ok(Step::Idle) };
    let first: Option<(i64, DeliveryId)> = tx
        .prepare_cached(
            "-- next_replayed
             SELECT place, delivery FROM replay_queue WHERE replay = ?1 ORDER BY place LIMIT 1",
        )?
        .query_row([replay], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((place, delivery)) = first else {
        row::end(tx, replay, ReplayStatus::Done, now)?;
        return Ok(Step::Passed);
    };
    let requeued = match requeue(tx, replay, delivery, forced, now) {
        Err(StoreError::Corrupt(error)) => {
            // Nothing of it was written, and those behind it must not wait for ever.
            tracing::error!(%delivery, error, "not replayed: it cannot be read");
            false
        }
        requeued => requeued?,
    };
    tx.prepare_cached(
        "-- pass_replayed\nDELETE FROM replay_queue WHERE replay = ?1 AND place = ?2",
    )?
    .execute((replay, place))?;
    row::count(tx, replay, requeued, next)?;
    if !queued(tx, replay)? {
        row::end(tx, replay, ReplayStatus::Done, now)?;
    }
    Ok(if requeued { Step::Requeued } else { Step::Passed })
}

fn queued(tx: &Tx<'_>, replay: ReplayId) -> Result<bool> {
    let more = tx
        .prepare_cached(
            "-- is_replay_queued\nSELECT 1 FROM replay_queue WHERE replay = ?1 LIMIT 1",
        )?
        .query_row([replay], |_| Ok(()))
        .optional()?;
    Ok(more.is_some())
}

/// Whether it was; `false` if it is left alone.
fn requeue(
    tx: &Tx<'_>,
    replay: ReplayId,
    id: DeliveryId,
    forced: bool,
    now: Timestamp,
) -> Result<bool> {
    let found: Option<(EndpointId, CustomerId, DeliveryStatus, EndpointStatus)> = tx
        .prepare_cached(
            "-- load_replayed
             SELECT d.endpoint, d.customer, d.status, p.status
             FROM deliveries d JOIN endpoints p ON p.id = d.endpoint WHERE d.id = ?1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((endpoint, customer, status, at_endpoint)) = found else { return Ok(false) };
    let reachable = matches!(at_endpoint, EndpointStatus::Active | EndpointStatus::Paused);
    if !reachable || !status.may_be_replayed(forced) {
        return Ok(false);
    }
    if !forced && overtaken(tx, replay, id)? {
        return Ok(false);
    }
    let touched = tx
        .prepare_cached(
            "-- requeue_replayed
             UPDATE deliveries
             SET status = 'pending', due_at = ?2, finished_at = NULL, parked = 1,
                 schedule_from = attempts, trigger = 'replay'
             WHERE id = ?1 AND due_at IS NULL",
        )?
        .execute((id, now))?;
    exactly_one("requeue_replayed", touched)?;
    deliveries::take_place(tx, endpoint, customer)?;
    Ok(true)
}

/// Whether a newer verdict of the same customer has reached the endpoint, or may have.
/// One that was given up counts unless it comes later in this replay.
fn overtaken(tx: &Tx<'_>, replay: ReplayId, id: DeliveryId) -> Result<bool> {
    let found = tx
        .prepare_cached(
            "-- is_replay_overtaken
             SELECT 1
             FROM deliveries d JOIN events e ON e.id = d.event
                  JOIN events newer ON newer.customer = e.customer AND newer.sequence > e.sequence
                  JOIN deliveries told ON told.event = newer.id AND told.endpoint = d.endpoint
             WHERE d.id = ?1
               AND e.type LIKE 'verification.%' AND e.type <> 'verification.opened'
               AND newer.type LIKE 'verification.%' AND newer.type <> 'verification.opened'
               AND (told.status IN ('delivered', 'in_flight', 'retrying')
                    OR told.status = 'exhausted'
                       AND NOT EXISTS (SELECT 1 FROM replay_queue
                                       WHERE replay = ?2 AND delivery = told.id))
             LIMIT 1",
        )?
        .query_row((id, replay), |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}
