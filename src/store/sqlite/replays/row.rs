//! How a replay stands in its row.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;

use super::super::super::{NewReplay, Result, StoreError};
use super::super::columns::Json;
use super::super::failure::{exactly_one, missing};
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::id::{DeliveryId, ReplayId};
use crate::domain::replay::{Replay, Selection};

/// With what it has before it. One without anything is done at its first step.
pub(super) fn insert(tx: &Tx<'_>, new: &NewReplay, chosen: &[DeliveryId]) -> Result<Replay> {
    let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    tx.prepare_cached(
        "-- insert_replay
         INSERT INTO replays (id, actor, reason, selection, status, chosen, created_at, due_at)
         VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6, ?6)",
    )?
    .execute((
        new.id,
        new.by,
        &new.reason,
        Json(new.selection.as_json()),
        count,
        new.created_at,
    ))?;
    let mut queue = tx.prepare_cached(
        "-- queue_replay
         INSERT INTO replay_queue (replay, place, delivery) VALUES (?1, ?2, ?3)",
    )?;
    for (place, delivery) in (1_i64..).zip(chosen) {
        queue.execute((new.id, place, delivery))?;
    }
    find(tx, new.id)?.ok_or_else(|| missing("a replay"))
}

pub(super) fn find(connection: &Connection, id: ReplayId) -> Result<Option<Replay>> {
    let found = connection
        .prepare_cached(
            "-- find_replay
             SELECT id, actor, reason, selection, status, chosen, requeued, skipped, created_at,
                    finished_at
             FROM replays WHERE id = ?1",
        )?
        .query_row([id], from_row)
        .optional()?;
    found.map(|(replay, selection)| with(replay, &selection)).transpose()
}

pub(super) fn list(
    connection: &Connection,
    after: Option<ReplayId>,
    limit: u32,
) -> Result<Vec<Replay>> {
    let before = after.unwrap_or(ReplayId::from_bytes([0xff; 16]));
    let rows: Vec<(Replay, Value)> = connection
        .prepare_cached(
            "-- list_replays
             SELECT id, actor, reason, selection, status, chosen, requeued, skipped, created_at,
                    finished_at
             FROM replays WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
        )?
        .query_map((before, limit), from_row)?
        .collect::<rusqlite::Result<_>>()?;
    rows.into_iter().map(|(replay, selection)| with(replay, &selection)).collect()
}

/// Its selection reads as JSON first, which is then understood.
fn from_row(row: &Row<'_>) -> rusqlite::Result<(Replay, Value)> {
    let nothing = Selection { which: crate::domain::replay::Which::These(vec![]), forced: false };
    let replay = Replay {
        id: row.get(0)?,
        by: row.get(1)?,
        reason: row.get(2)?,
        selection: nothing,
        status: row.get(4)?,
        chosen: row.get(5)?,
        requeued: row.get(6)?,
        skipped: row.get(7)?,
        created_at: row.get(8)?,
        finished_at: row.get(9)?,
    };
    Ok((replay, row.get::<_, Json<Value>>(3)?.0))
}

fn with(replay: Replay, selection: &Value) -> Result<Replay> {
    let selection = Selection::from_json(selection)
        .ok_or_else(|| StoreError::Corrupt("a replay's selection".to_owned()))?;
    Ok(Replay { selection, ..replay })
}

pub(super) fn cancel(tx: &Tx<'_>, id: ReplayId, now: Timestamp) -> Result<bool> {
    end(tx, id, crate::domain::replay::ReplayStatus::Cancelled, now)
}

/// `false` if it has ended already. Its queue is of no more use.
pub(super) fn end(
    tx: &Tx<'_>,
    id: ReplayId,
    status: crate::domain::replay::ReplayStatus,
    now: Timestamp,
) -> Result<bool> {
    let touched = tx
        .prepare_cached(
            "-- end_replay
             UPDATE replays SET status = ?2, due_at = NULL, finished_at = ?3
             WHERE id = ?1 AND status = 'running'",
        )?
        .execute((id, status, now))?;
    tx.prepare_cached("-- forget_replay_queue\nDELETE FROM replay_queue WHERE replay = ?1")?
        .execute([id])?;
    Ok(touched == 1)
}

/// Counts one delivery, and says when the next one is due.
pub(super) fn count(tx: &Tx<'_>, id: ReplayId, requeued: bool, next: Timestamp) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- count_replayed
             UPDATE replays SET requeued = requeued + ?2, skipped = skipped + ?3, due_at = ?4
             WHERE id = ?1 AND status = 'running'",
        )?
        .execute((id, requeued, !requeued, next))?;
    exactly_one("count_replayed", touched)
}
