//! What the store does so that it does not grow for ever.

use async_trait::async_trait;

use super::Result;
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::id::{EventId, LinkId};

/// What one batch of a purge came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged<I> {
    pub deleted: usize,
    /// After which the next batch starts; `None` if nothing older than the cutoff is left to see.
    pub next: Option<I>,
}

/// Deleting what was kept long enough, oldest first, in batches: each looks at `limit` rows at
/// most, in the order of their ids, and deletes in one short transaction those that may go. Others
/// write between batches, and a purge can be left and taken up at any of them.
///
/// Customers, their passkeys and the audit stay. An engine that runs transactions beside each other
/// locks a link's customer before it deletes the link, or what is queued meanwhile goes along.
///
/// While a replay runs, nothing goes: it has chosen deliveries that nothing else shows to be needed,
/// and is done within the hour.
#[async_trait]
pub trait Retention {
    /// Deletes links that ended before `cutoff`, each with all that was written for it: its
    /// ceremonies, verdict, evidence, codes and events with their deliveries and attempts, held
    /// deliveries too, for news that old serve nobody. Kept are open links, the link a customer's
    /// standing rests on, and those of which something is still to be delivered; the transaction
    /// that deletes a link asks again.
    async fn purge_links(
        &self,
        cutoff: Timestamp,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Purged<LinkId>>;

    /// Deletes events from before `cutoff` that belong to no link, such as `credential.revoked`,
    /// unless they are still to be delivered; with each its customer's notices up to then.
    async fn purge_events(
        &self,
        cutoff: Timestamp,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Purged<EventId>>;

    /// Deletes alerts to the operators from before `cutoff` that were sent or given up; how many.
    async fn purge_alerts(&self, cutoff: Timestamp) -> Result<usize>;

    /// Puts a purge on record.
    async fn record_purge(&self, entry: Entry) -> Result<()>;
}
