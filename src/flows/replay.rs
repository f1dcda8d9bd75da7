//! Sending again what was sent, or was not: asked for by staff, done step by step.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::Unavailable;
use super::wake::Wake;
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::endpoint::EndpointStatus;
use crate::domain::id::ReplayId;
use crate::domain::random::Random;
use crate::domain::replay::{Replay, Selection, Which};
use crate::domain::text::Line;
use crate::metrics::Metrics;
use crate::store::{Idempotency, NewReplay, Once, Step, Store, StoreError};

#[derive(Clone)]
pub struct Replays {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Rung when there is something to deliver.
    pub deliveries: Wake,
    pub metrics: Arc<Metrics>,
}

/// Why nothing is replayed, or shown.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("no such replay")]
    NotFound,
    #[error("no such endpoint")]
    NoEndpoint,
    #[error("the endpoint is disabled: resume it first, which sends it a test event")]
    Disabled,
    #[error("the replay has ended")]
    Ended,
    #[error("this Idempotency-Key was used with another body")]
    IdempotencyMismatch,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StoreError> for ReplayError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Replays {
    /// Between two deliveries of one replay: five a second.
    pub const PACE: Duration = Duration::from_millis(200);

    /// Chooses deliveries and begins with them; who and why is kept. The same request of the same
    /// caller within 24 hours gives the same replay.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn create(
        &self,
        selection: Selection,
        reason: Line<200>,
        idempotency: Option<Idempotency>,
        by: Actor,
    ) -> Result<Replay, ReplayError> {
        if let Which::Matching { endpoint, .. } = selection.which {
            let endpoint = self.store.find_endpoint(endpoint).await?;
            match endpoint.ok_or(ReplayError::NoEndpoint)?.status {
                EndpointStatus::Disabled => return Err(ReplayError::Disabled),
                EndpointStatus::Active | EndpointStatus::Paused | EndpointStatus::Removed => {}
            }
        }
        let now = self.clock.now();
        let id = ReplayId::new(now, &*self.random).map_err(Unavailable::from)?;
        let detail = json!({ "replay": id, "forced": selection.forced });
        let new = NewReplay { id, by, reason, selection, created_at: now };
        let entry = entry(Action::DeliveriesReplayed, detail, by, now);
        match self.store.create_replay(new, entry, idempotency).await? {
            Once::New(replay) | Once::Repeated(replay) => Ok(replay),
            Once::IdempotencyMismatch => Err(ReplayError::IdempotencyMismatch),
        }
    }

    /// # Errors
    /// [`ReplayError`].
    pub async fn show(&self, id: ReplayId) -> Result<Replay, ReplayError> {
        self.store.find_replay(id).await?.ok_or(ReplayError::NotFound)
    }

    /// Newest first.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn list(
        &self,
        after: Option<ReplayId>,
        limit: u32,
    ) -> Result<Vec<Replay>, Unavailable> {
        Ok(self.store.list_replays(after, limit).await?)
    }

    /// Sends no more of it on its way; what is on its way goes on.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn cancel(&self, id: ReplayId, by: Actor) -> Result<Replay, ReplayError> {
        let detail = json!({ "replay": id });
        let entry = entry(Action::DeliveriesCancelled, detail, by, self.clock.now());
        let cancelled = self.store.cancel_replay(id, entry).await?;
        let replay = self.show(id).await?;
        if cancelled { Ok(replay) } else { Err(ReplayError::Ended) }
    }

    /// Does what is due of all replays, one step at most; how long until the next.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn step(&self) -> Result<Option<Duration>, Unavailable> {
        let now = self.clock.now();
        match self.store.next_replay_due().await? {
            None => return Ok(None),
            Some(due) if due > now => return Ok(Some(due.since(now))),
            Some(_) => {}
        }
        match self.store.step_replay(now, now.plus(Self::PACE)).await? {
            Step::Idle => {}
            Step::Passed => return Ok(Some(Duration::ZERO)),
            Step::Requeued => {
                self.metrics.replayed();
                self.deliveries.wake();
            }
        }
        let due = self.store.next_replay_due().await?;
        Ok(due.map(|due| due.since(self.clock.now())))
    }
}

fn entry(action: Action, detail: serde_json::Value, actor: Actor, at: Timestamp) -> Entry {
    Entry { at, actor, action, link: None, customer: None, detail }
}

impl fmt::Debug for Replays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replays").finish_non_exhaustive()
    }
}
