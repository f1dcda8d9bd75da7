//! Retention: what may go is looked for without a lock, and asked again, under its customers' locks,
//! by the statement that deletes it. What belongs to it goes by `ON DELETE CASCADE`.

use async_trait::async_trait;

use super::super::{Purged, Result, Retention};
use super::columns::read;
use super::failure::Done;
use super::query::{Query, params};
use super::transaction::Tx;
use super::{PostgresStore, audit};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::id::{EventId, Id, LinkId, MailId};

#[async_trait]
impl Retention for PostgresStore {
    async fn purge_links(
        &self,
        cutoff: Timestamp,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Purged<LinkId>> {
        let (old, next) = split(self.read(see_links(cutoff, after, limit)).await?, limit);
        if old.is_empty() {
            return Ok(Purged { deleted: 0, next });
        }
        let deleted =
            self.write((old, cutoff), |tx, (old, cutoff)| Box::pin(purge_links(tx, old, *cutoff)));
        Ok(Purged { deleted: deleted.await?, next })
    }

    async fn purge_events(
        &self,
        cutoff: Timestamp,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Purged<EventId>> {
        let (old, next) = split(self.read(see_events(cutoff, after, limit)).await?, limit);
        if old.is_empty() {
            return Ok(Purged { deleted: 0, next });
        }
        // Events never change and nothing is queued for old ones: one statement, without locks.
        Ok(Purged { deleted: self.write_at_once(purge_events(old)).await?, next })
    }

    async fn purge_alerts(&self, cutoff: Timestamp) -> Result<usize> {
        let purge = Query::list(
            "-- purge_alerts
             DELETE FROM mails WHERE kind = 'alert' AND due_at IS NULL AND created_at < $1
             RETURNING id",
            params![cutoff],
            |row| read::<MailId>(row, 0),
        );
        Ok(self.write_at_once(purge).await?.len())
    }

    async fn record_purge(&self, entry: Entry) -> Result<()> {
        self.write(entry, |tx, entry| {
            Box::pin(async {
                audit::append(tx, entry.clone());
                Ok(())
            })
        })
        .await
    }
}

/// Those that may go, and where the next batch starts.
fn split<E>(seen: Vec<(Id<E>, bool)>, limit: u32) -> (Vec<Id<E>>, Option<Id<E>>) {
    let full = u32::try_from(seen.len()).is_ok_and(|seen| seen >= limit);
    let next = seen.last().map(|(id, _)| *id).filter(|_| full);
    (seen.into_iter().filter_map(|(id, old)| old.then_some(id)).collect(), next)
}

fn see_links(cutoff: Timestamp, after: Option<LinkId>, limit: u32) -> Query<Vec<(LinkId, bool)>> {
    let from = after.unwrap_or(LinkId::from_bytes([0; 16]));
    Query::list(
        "-- links_to_purge
         SELECT l.id,
                EXISTS (SELECT 1 FROM verdicts WHERE link = l.id AND decided_at < $1)
                AND NOT EXISTS (SELECT 1 FROM customers
                                WHERE id = l.customer AND standing_link = l.id)
                AND NOT EXISTS (SELECT 1 FROM events e JOIN deliveries d ON d.event = e.id
                                WHERE e.link = l.id AND d.due_at IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)
         FROM links l WHERE l.id > $2 AND l.id < $3 ORDER BY l.id LIMIT $4",
        params![cutoff, from, LinkId::first_of(cutoff), i64::from(limit)],
        |row| Ok((read(row, 0)?, read(row, 1)?)),
    )
}

async fn purge_links(tx: &mut Tx, links: &[LinkId], cutoff: Timestamp) -> Done<usize> {
    let ((), deleted) = tx.ask2(lock(links.to_vec()), delete(links.to_vec(), cutoff)).await?;
    Ok(deleted)
}

/// In the order of their ids, as everybody does who takes several and waits for them.
fn lock(links: Vec<LinkId>) -> Query<()> {
    Query::silent(
        "-- lock_customers_of_links
         SELECT 1 FROM customers
         WHERE id IN (SELECT customer FROM links WHERE id = ANY($1)) ORDER BY id FOR NO KEY UPDATE",
        params![links],
    )
}

fn delete(links: Vec<LinkId>, cutoff: Timestamp) -> Query<usize> {
    Query::list(
        "-- purge_links
         DELETE FROM links l
         WHERE l.id = ANY($1) AND l.status NOT IN ('pending', 'opened')
           AND EXISTS (SELECT 1 FROM verdicts WHERE link = l.id AND decided_at < $2)
           AND NOT EXISTS (SELECT 1 FROM customers
                           WHERE id = l.customer AND standing_link = l.id)
           AND NOT EXISTS (SELECT 1 FROM events e JOIN deliveries d ON d.event = e.id
                           WHERE e.link = l.id AND d.due_at IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)
         RETURNING l.id",
        params![links, cutoff],
        |row| read::<LinkId>(row, 0),
    )
    .map(|deleted| Ok(deleted.len()))
}

fn see_events(
    cutoff: Timestamp,
    after: Option<EventId>,
    limit: u32,
) -> Query<Vec<(EventId, bool)>> {
    let from = after.unwrap_or(EventId::from_bytes([0; 16]));
    Query::list(
        "-- events_to_purge
         SELECT e.id,
                e.link IS NULL
                AND NOT EXISTS (SELECT 1 FROM deliveries
                                WHERE event = e.id AND due_at IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)
         FROM events e WHERE e.id > $1 AND e.id < $2 ORDER BY e.id LIMIT $3",
        params![from, EventId::first_of(cutoff), i64::from(limit)],
        |row| Ok((read(row, 0)?, read(row, 1)?)),
    )
}

fn purge_events(events: Vec<EventId>) -> Query<usize> {
    Query::list(
        "-- purge_events
         WITH old AS (
             DELETE FROM events e
             WHERE e.id = ANY($1) AND e.link IS NULL
               AND NOT EXISTS (SELECT 1 FROM deliveries
                               WHERE event = e.id AND due_at IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)
             RETURNING e.id, e.customer, e.at),
         notices AS (
             DELETE FROM mails m USING old
             WHERE m.customer = old.customer AND m.link IS NULL AND m.due_at IS NULL
               AND m.created_at <= old.at)
         SELECT id FROM old",
        params![events],
        |row| read::<EventId>(row, 0),
    )
    .map(|deleted| Ok(deleted.len()))
}
