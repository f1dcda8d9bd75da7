//! One step of a replay: one delivery takes its old place in its queue.
//!
//! Locked in this order: the replay (others take another one), the endpoint against being disabled,
//! the customer, then the delivery and the head of its queue against being leased.

use serde_json::Value;

use super::super::super::{Step, StoreError};
use super::super::columns::{Json, read};
use super::super::deliveries;
use super::super::failure::{Done, Failure};
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::row;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::endpoint::EndpointStatus;
use crate::domain::id::{CustomerId, DeliveryId, EndpointId, ReplayId};

pub(super) async fn step(tx: &mut Tx, now: Timestamp, next: Timestamp) -> Done<Step> {
    let Some((replay, forced)) = tx.ask(due(now)).await? else { return Ok(Step::Idle) };
    let Some(delivery) = tx.ask(pop(replay)).await? else {
        row::finish(tx, replay, now);
        return Ok(Step::Passed);
    };
    let requeued = match requeue(tx, replay, delivery, forced, now).await {
        Err(Failure::Store(StoreError::Corrupt(error))) => {
            // Nothing of it was written, and those behind it must not wait for ever.
            tracing::error!(%delivery, error, "not replayed: it cannot be read");
            false
        }
        requeued => requeued?,
    };
    row::count(tx, replay, requeued, next);
    if !tx.ask(queued(replay)).await? {
        row::finish(tx, replay, now);
    }
    if requeued {
        tx.noted.queued = true;
    }
    Ok(if requeued { Step::Requeued } else { Step::Passed })
}

fn due(now: Timestamp) -> Query<Option<(ReplayId, bool)>> {
    Query::optional(
        "-- due_replay
         SELECT id, selection FROM replays
         WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT 1
         FOR NO KEY UPDATE SKIP LOCKED",
        params![now],
        |row| {
            let selection = read::<Json<Value>>(row, 1)?.0;
            let forced = selection.get("forced").and_then(Value::as_bool).unwrap_or_default();
            Ok((read(row, 0)?, forced))
        },
    )
}

fn pop(replay: ReplayId) -> Query<Option<DeliveryId>> {
    Query::optional(
        "-- pop_replayed
         DELETE FROM replay_queue
         WHERE replay = $1
           AND place = (SELECT place FROM replay_queue WHERE replay = $1 ORDER BY place LIMIT 1)
         RETURNING delivery",
        params![replay],
        |row| read(row, 0),
    )
}

fn queued(replay: ReplayId) -> Query<bool> {
    Query::exists(
        "-- is_replay_queued\nSELECT 1 FROM replay_queue WHERE replay = $1 LIMIT 1",
        params![replay],
    )
}

/// Whether it was; `false` if it is left alone.
async fn requeue(
    tx: &mut Tx,
    replay: ReplayId,
    id: DeliveryId,
    forced: bool,
    now: Timestamp,
) -> Done<bool> {
    let (at_endpoint, (), found) =
        tx.ask3(lock_endpoint(id), deliveries::lock_customer(id), lock_delivery(id)).await?;
    let (Some(at_endpoint), Some((endpoint, customer, status))) = (at_endpoint, found) else {
        return Ok(false);
    };
    let reachable = matches!(at_endpoint, EndpointStatus::Active | EndpointStatus::Paused);
    if !reachable || !status.may_be_replayed(forced) {
        return Ok(false);
    }
    let (sending, overtaken) =
        tx.ask2(deliveries::lock_head(endpoint, customer), overtaken(replay, id)).await?;
    if !forced && overtaken {
        return Ok(false);
    }
    tx.write_one(
        "-- requeue_replayed
         UPDATE deliveries
         SET status = 'pending', due_at = $2, finished_at = NULL, parked = true,
             schedule_from = attempts, trigger = 'replay'
         WHERE id = $1 AND due_at IS NULL",
        params![id, now],
    );
    // Its old place is the head's, if it is the oldest, unless the head is being sent at this
    // moment: then it goes next.
    if sending != Some(DeliveryStatus::InFlight) {
        deliveries::restore(tx, endpoint, vec![customer]);
    }
    Ok(true)
}

fn lock_endpoint(id: DeliveryId) -> Query<Option<EndpointStatus>> {
    Query::optional(
        "-- lock_endpoint_of_delivery
         SELECT status FROM endpoints WHERE id = (SELECT endpoint FROM deliveries WHERE id = $1)
         FOR SHARE",
        params![id],
        |row| read(row, 0),
    )
}

fn lock_delivery(id: DeliveryId) -> Query<Option<(EndpointId, CustomerId, DeliveryStatus)>> {
    Query::optional(
        "-- lock_replayed
         SELECT endpoint, customer, status FROM deliveries WHERE id = $1 FOR NO KEY UPDATE",
        params![id],
        |row| Ok((read(row, 0)?, read(row, 1)?, read(row, 2)?)),
    )
}

/// Whether a newer verdict of the same customer has reached the endpoint, or may have. One that was
/// given up counts unless it comes later in this replay.
fn overtaken(replay: ReplayId, id: DeliveryId) -> Query<bool> {
    Query::exists(
        "-- is_replay_overtaken
         SELECT 1
         FROM deliveries d JOIN events e ON e.id = d.event
              JOIN events newer ON newer.customer = e.customer AND newer.sequence > e.sequence
              JOIN deliveries told ON told.event = newer.id AND told.endpoint = d.endpoint
         WHERE d.id = $1
           AND e.type LIKE 'verification.%' AND e.type <> 'verification.opened'
           AND newer.type LIKE 'verification.%' AND newer.type <> 'verification.opened'
           AND (told.status IN ('delivered', 'in_flight', 'retrying')
                OR told.status = 'exhausted'
                   AND NOT EXISTS (SELECT 1 FROM replay_queue
                                   WHERE replay = $2 AND delivery = told.id))
         LIMIT 1",
        params![id, replay],
    )
}
