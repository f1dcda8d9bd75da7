//! How a replay stands in its row.

use serde_json::Value;
use tokio_postgres::Row;

use super::super::super::NewReplay;
use super::super::columns::{Json, Whole, read};
use super::super::failure::{Done, corrupt};
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::id::{DeliveryId, ReplayId};
use crate::domain::replay::{Replay, Selection};

/// With what it has before it. One without anything is done at its first step.
pub(super) fn insert(tx: &mut Tx, new: &NewReplay, chosen: Vec<DeliveryId>) {
    let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    tx.write_one(
        "-- insert_replay
         INSERT INTO replays (id, actor, reason, selection, status, chosen, created_at, due_at)
         VALUES ($1, $2, $3, $4, 'running', $5, $6, $6)",
        params![
            new.id,
            new.by,
            new.reason.clone(),
            Json(new.selection.as_json()),
            count,
            new.created_at,
        ],
    );
    tx.write(
        "-- queue_replay
         INSERT INTO replay_queue (replay, place, delivery)
         SELECT $1, place, delivery
         FROM unnest($2::uuid[]) WITH ORDINALITY AS chosen (delivery, place)",
        params![new.id, chosen],
    );
}

pub(super) fn find(id: ReplayId) -> Query<Option<Replay>> {
    Query::optional(
        "-- find_replay
         SELECT id, actor, reason, selection, status, chosen, requeued, skipped, created_at,
                finished_at
         FROM replays WHERE id = $1",
        params![id],
        from_row,
    )
}

pub(super) fn list(after: Option<ReplayId>, limit: u32) -> Query<Vec<Replay>> {
    let before = after.unwrap_or(ReplayId::from_bytes([0xff; 16]));
    Query::list(
        "-- list_replays
         SELECT id, actor, reason, selection, status, chosen, requeued, skipped, created_at,
                finished_at
         FROM replays WHERE id < $1 ORDER BY id DESC LIMIT $2",
        params![before, i64::from(limit)],
        from_row,
    )
}

fn from_row(row: &Row) -> Done<Replay> {
    let selection = Selection::from_json(&read::<Json<Value>>(row, 3)?.0);
    Ok(Replay {
        id: read(row, 0)?,
        by: read(row, 1)?,
        reason: read(row, 2)?,
        selection: selection.ok_or_else(|| corrupt("a replay's selection".to_owned()))?,
        status: read(row, 4)?,
        chosen: read::<Whole<u32>>(row, 5)?.0,
        requeued: read::<Whole<u32>>(row, 6)?.0,
        skipped: read::<Whole<u32>>(row, 7)?.0,
        created_at: read(row, 8)?,
        finished_at: read(row, 9)?,
    })
}

/// Nothing if it has ended already.
pub(super) fn cancel(id: ReplayId, now: Timestamp) -> Query<bool> {
    Query::exists(
        "-- cancel_replay
         UPDATE replays SET status = 'cancelled', due_at = NULL, finished_at = $2
         WHERE id = $1 AND status = 'running' RETURNING id",
        params![id, now],
    )
}

/// It is of no more use.
pub(super) fn forget_queue(tx: &mut Tx, id: ReplayId) {
    tx.write("-- forget_replay_queue\nDELETE FROM replay_queue WHERE replay = $1", params![id]);
}

pub(super) fn finish(tx: &mut Tx, id: ReplayId, now: Timestamp) {
    tx.write_one(
        "-- finish_replay
         UPDATE replays SET status = 'done', due_at = NULL, finished_at = $2
         WHERE id = $1 AND status = 'running'",
        params![id, now],
    );
}

/// Counts one delivery, and says when the next one is due.
pub(super) fn count(tx: &mut Tx, id: ReplayId, requeued: bool, next: Timestamp) {
    tx.write_one(
        "-- count_replayed
         UPDATE replays SET requeued = requeued + $2, skipped = skipped + $3, due_at = $4
         WHERE id = $1 AND status = 'running'",
        params![id, i64::from(requeued), i64::from(!requeued), next],
    );
}
