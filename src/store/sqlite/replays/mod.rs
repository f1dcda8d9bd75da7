//! Replays: chosen once, then taken from their queue one delivery after another.

mod choose;
mod row;
mod step;

use async_trait::async_trait;
use rusqlite::OptionalExtension;

use super::super::{Idempotency, NewReplay, Once, Replays, Result, Step};
use super::SqliteStore;
use super::audit;
use super::failure::missing;
use super::idempotency::{self, Made};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::id::ReplayId;
use crate::domain::replay::Replay;

#[async_trait]
impl Replays for SqliteStore {
    async fn create_replay(
        &self,
        new: NewReplay,
        entry: Entry,
        idempotency: Option<Idempotency>,
    ) -> Result<Once<Replay>> {
        // Beside the writer: what changes meanwhile is judged again when its turn comes.
        let which = new.selection.which.clone();
        let chosen = self.scan(move |connection| choose::choose(connection, &which)).await?;
        self.write(move |tx| {
            if let Some(request) = &idempotency {
                match idempotency::find_made(tx, request, &entry, replay_of)? {
                    None => {}
                    Some(Once::Repeated(id) | Once::New(id)) => {
                        let replay = row::find(tx, id)?.ok_or_else(|| missing("a replay"))?;
                        return Ok(Once::Repeated(replay));
                    }
                    Some(Once::IdempotencyMismatch) => return Ok(Once::IdempotencyMismatch),
                }
            }
            let replay = row::insert(tx, &new, &chosen)?;
            audit::append(tx, &entry)?;
            if let Some(request) = &idempotency {
                idempotency::remember_made(tx, request, &entry, Made::Replay(new.id))?;
            }
            Ok(Once::New(replay))
        })
        .await
    }

    async fn find_replay(&self, id: ReplayId) -> Result<Option<Replay>> {
        self.read(|connection| row::find(connection, id))
    }

    async fn list_replays(&self, after: Option<ReplayId>, limit: u32) -> Result<Vec<Replay>> {
        self.scan(move |connection| row::list(connection, after, limit)).await
    }

    async fn cancel_replay(&self, id: ReplayId, entry: Entry) -> Result<bool> {
        self.write(move |tx| {
            let cancelled = row::cancel(tx, id, entry.at)?;
            if cancelled {
                audit::append(tx, &entry)?;
            }
            Ok(cancelled)
        })
        .await
    }

    async fn next_replay_due(&self) -> Result<Option<Timestamp>> {
        self.read(|connection| {
            let due = connection
                .prepare_cached(
                    "-- next_replay_due
                     SELECT due_at FROM replays WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
                )?
                .query_row([], |row| row.get(0))
                .optional()?;
            Ok(due)
        })
    }

    async fn step_replay(&self, now: Timestamp, next: Timestamp) -> Result<Step> {
        self.write(move |tx| step::step(tx, now, next)).await
    }
}

const fn replay_of(made: Made) -> Option<ReplayId> {
    match made {
        Made::Replay(id) => Some(id),
        Made::Endpoint(_) => None,
    }
}
