//! Replays: chosen once, then taken from their queue one delivery after another.

mod choose;
mod row;
mod step;

use async_trait::async_trait;

use super::super::{Idempotency, NewReplay, Once, Replays, Result, Step};
use super::columns::read;
use super::failure::{Done, missing};
use super::idempotency::{self, Made};
use super::query::{Query, params};
use super::transaction::Tx;
use super::{PostgresStore, audit};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::id::ReplayId;
use crate::domain::replay::Replay;

#[async_trait]
impl Replays for PostgresStore {
    async fn create_replay(
        &self,
        new: NewReplay,
        entry: Entry,
        idempotency: Option<Idempotency>,
    ) -> Result<Once<Replay>> {
        self.write((new, entry, idempotency), |tx, (new, entry, idempotency)| {
            Box::pin(async move {
                let find = idempotency::find_made(idempotency.as_ref(), entry, replay_of);
                match tx.ask(find).await? {
                    None => {}
                    Some(Once::Repeated(id) | Once::New(id)) => {
                        return Ok(Once::Repeated(must_find(tx, id).await?));
                    }
                    Some(Once::IdempotencyMismatch) => return Ok(Once::IdempotencyMismatch),
                }
                let chosen = choose::choose(tx, &new.selection.which).await?;
                row::insert(tx, new, chosen);
                audit::append(tx, entry.clone());
                if let Some(request) = idempotency {
                    idempotency::remember_made(tx, request, entry, Made::Replay(new.id));
                }
                Ok(Once::New(must_find(tx, new.id).await?))
            })
        })
        .await
    }

    async fn find_replay(&self, id: ReplayId) -> Result<Option<Replay>> {
        self.read(row::find(id)).await
    }

    async fn list_replays(&self, after: Option<ReplayId>, limit: u32) -> Result<Vec<Replay>> {
        self.read(row::list(after, limit)).await
    }

    async fn cancel_replay(&self, id: ReplayId, entry: Entry) -> Result<bool> {
        self.write((id, entry), |tx, (id, entry)| {
            Box::pin(async move {
                let cancelled = tx.ask(row::cancel(*id, entry.at)).await?;
                if cancelled {
                    row::forget_queue(tx, *id);
                    audit::append(tx, entry.clone());
                }
                Ok(cancelled)
            })
        })
        .await
    }

    async fn next_replay_due(&self) -> Result<Option<Timestamp>> {
        self.read(Query::optional(
            "-- next_replay_due
             SELECT due_at FROM replays WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
            params![],
            |row| read(row, 0),
        ))
        .await
    }

    async fn step_replay(&self, now: Timestamp, next: Timestamp) -> Result<Step> {
        self.write((now, next), |tx, (now, next)| Box::pin(step::step(tx, *now, *next))).await
    }
}

async fn must_find(tx: &mut Tx, id: ReplayId) -> Done<Replay> {
    tx.ask(row::find(id)).await?.ok_or_else(|| missing("a replay"))
}

const fn replay_of(made: Made) -> Option<ReplayId> {
    match made {
        Made::Replay(id) => Some(id),
        Made::Endpoint(_) => None,
    }
}
