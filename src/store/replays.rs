//! What the store does for replays: choose deliveries, send them on their way one after another.

use async_trait::async_trait;

use super::{Idempotency, Once, Result};
use crate::domain::audit::{Actor, Entry};
use crate::domain::clock::Timestamp;
use crate::domain::id::ReplayId;
use crate::domain::replay::{Replay, Selection};
use crate::domain::text::Line;

/// A replay that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReplay {
    pub id: ReplayId,
    pub by: Actor,
    pub reason: Line<200>,
    pub selection: Selection,
    pub created_at: Timestamp,
}

/// What one step of a replay did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// No replay was due.
    Idle,
    /// A delivery is on its way again.
    Requeued,
    /// A delivery was left alone, or the replay is done.
    Passed,
}

/// Replays: deliveries that are sent again, slowly, whoever asked for them having gone home.
///
/// A replayed delivery takes its old place in its customer's queue, as one that comes back from
/// being held does; see [`Deliveries`](super::Deliveries). It has the whole schedule before it, and
/// keeps its id and what was tried before. Left alone is what is on its way anyway, what belongs to
/// an endpoint that is disabled or removed, and, unless the replay is forced, what was superseded
/// and a verdict that a newer one of the same customer has overtaken: that arrived there, may have
/// arrived, or is just being sent. A newer one that was given up overtakes nothing if it comes next
/// in the same replay.
#[async_trait]
pub trait Replays {
    /// Chooses the deliveries, the oldest [`MOST`](crate::domain::replay::MOST) of those that match,
    /// in the order of their events, and begins with them.
    /// Not twice with the same idempotency key.
    async fn create_replay(
        &self,
        new: NewReplay,
        entry: Entry,
        idempotency: Option<Idempotency>,
    ) -> Result<Once<Replay>>;

    async fn find_replay(&self, id: ReplayId) -> Result<Option<Replay>>;

    /// Newest first, starting after `after`; `limit` at most.
    async fn list_replays(&self, after: Option<ReplayId>, limit: u32) -> Result<Vec<Replay>>;

    /// Sends no more of it on its way. Whether it was running.
    async fn cancel_replay(&self, id: ReplayId, entry: Entry) -> Result<bool>;

    /// When the next step of any replay is due; `None` if none runs.
    async fn next_replay_due(&self) -> Result<Option<Timestamp>>;

    /// Takes the replay that is due, and of it the next delivery; nobody else takes the same. The
    /// replay's next step is due at `next`.
    async fn step_replay(&self, now: Timestamp, next: Timestamp) -> Result<Step>;
}
