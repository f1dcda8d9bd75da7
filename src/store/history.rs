//! What the store does for staff who look at deliveries: list, show, call off.

use async_trait::async_trait;

use super::Result;
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::customer::UserId;
use crate::domain::delivery::{Attempt, DeliveryStatus};
use crate::domain::event::EventType;
use crate::domain::id::{DeliveryId, EndpointId, EventId, LinkId};

/// Which deliveries staff want to see; whatever is given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub endpoint: Option<EndpointId>,
    pub status: Option<DeliveryStatus>,
    pub event: Option<EventType>,
    pub user_id: Option<UserId>,
    pub link: Option<LinkId>,
    /// Of events from this moment on.
    pub since: Option<Timestamp>,
    /// Of events before this moment.
    pub until: Option<Timestamp>,
}

impl DeliveryFilter {
    /// The ids that the times and a cursor leave: from the first on, and below the second. A
    /// delivery's id begins with the moment of its event.
    pub(super) fn range(&self, after: Option<DeliveryId>) -> (DeliveryId, DeliveryId) {
        const NEWEST: DeliveryId = DeliveryId::from_bytes([0xff; 16]);
        let from = self.since.map_or(DeliveryId::from_bytes([0; 16]), DeliveryId::first_of);
        let until = self.until.map_or(NEWEST, DeliveryId::first_of);
        (from, after.map_or(until, |after| after.min(until)))
    }

    /// Whether there is an index for what is asked: of deliveries that did not arrive, and will not.
    pub(super) fn is_undelivered(&self) -> bool {
        matches!(
            self.status,
            Some(
                DeliveryStatus::Exhausted
                    | DeliveryStatus::Held
                    | DeliveryStatus::Superseded
                    | DeliveryStatus::Cancelled
            )
        )
    }
}

/// How many deliveries one page looks at, if there is no index for what it looks for.
pub(super) const WINDOW: u32 = 10_000;

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryLine {
    pub id: DeliveryId,
    pub event: EventId,
    pub kind: EventType,
    /// When the event happened.
    pub at: Timestamp,
    pub endpoint: EndpointId,
    pub user_id: Option<UserId>,
    pub link: Option<LinkId>,
    pub status: DeliveryStatus,
    pub attempts: u32,
    /// When somebody takes it next; `None` if nobody will.
    pub due_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// Newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPage {
    /// They may be fewer than were asked for, even none, with more to come.
    pub items: Vec<DeliveryLine>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<DeliveryId>,
}

impl DeliveryPage {
    /// Of what was found, one more than asked for. `end`: where looking stopped, if it did before
    /// the end.
    pub(super) fn of(mut found: Vec<DeliveryLine>, limit: u32, end: Option<DeliveryId>) -> Self {
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > size;
        found.truncate(size);
        let next = if more { found.last().map(|line| line.id) } else { end };
        Self { items: found, next }
    }
}

/// A delivery with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    pub line: DeliveryLine,
    /// The event's body as it is sent.
    pub body: String,
    /// In the order they were made.
    pub attempts: Vec<Attempt>,
}

/// What became of calling a delivery off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOff {
    Cancelled,
    /// It is being sent, or over: it is left as it is.
    Left(DeliveryStatus),
    Absent,
}

#[async_trait]
pub trait History {
    /// Newest first, starting after `after`; `limit` items at most. However many deliveries there
    /// are, a page looks at a bounded number of them.
    async fn list_deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<DeliveryPage>;

    async fn find_delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>>;

    /// Calls off one that is neither under way at this moment nor over.
    async fn cancel_delivery(&self, id: DeliveryId, entry: Entry) -> Result<CallOff>;
}
