//! Retention: what may go is looked for beside the writer, and asked again by the statement that
//! deletes it. What belongs to it goes by `ON DELETE CASCADE`.

use async_trait::async_trait;
use rusqlite::Connection;

use super::super::{Purged, Result, Retention};
use super::transaction::Tx;
use super::{SqliteStore, audit};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::id::{EventId, Id, LinkId};

#[async_trait]
impl Retention for SqliteStore {
    async fn purge_links(
        &self,
        cutoff: Timestamp,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Purged<LinkId>> {
        let seen = self.scan(move |connection| see_links(connection, cutoff, after, limit)).await?;
        self.purge(seen, limit, move |tx, link| purge_link(tx, link, cutoff)).await
    }

    async fn purge_events(
        &self,
        cutoff: Timestamp,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Purged<EventId>> {
        let seen =
            self.scan(move |connection| see_events(connection, cutoff, after, limit)).await?;
        self.purge(seen, limit, purge_event).await
    }

    async fn purge_alerts(&self, cutoff: Timestamp) -> Result<usize> {
        self.write(move |tx| {
            let deleted = tx
                .prepare_cached(
                    "-- purge_alerts
                     DELETE FROM mails WHERE kind = 'alert' AND due_at IS NULL AND created_at < ?1",
                )?
                .execute([cutoff])?;
            Ok(deleted)
        })
        .await
    }

    async fn record_purge(&self, entry: Entry) -> Result<()> {
        self.write(move |tx| audit::append(tx, &entry)).await
    }
}

/// Rows in the order of their ids, and whether each may go.
type Seen<E> = Vec<(Id<E>, bool)>;

impl SqliteStore {
    async fn purge<E: 'static>(
        &self,
        seen: Seen<E>,
        limit: u32,
        delete: impl Fn(&Tx<'_>, Id<E>) -> Result<usize> + Send + 'static,
    ) -> Result<Purged<Id<E>>> {
        let full = u32::try_from(seen.len()).is_ok_and(|seen| seen >= limit);
        let next = seen.last().map(|(id, _)| *id).filter(|_| full);
        let old: Vec<Id<E>> = seen.into_iter().filter_map(|(id, old)| old.then_some(id)).collect();
        if old.is_empty() {
            return Ok(Purged { deleted: 0, next });
        }
        let deleted = self.write(move |tx| old.iter().map(|id| delete(tx, *id)).sum()).await?;
        Ok(Purged { deleted, next })
    }
}

fn see_links(
    connection: &Connection,
    cutoff: Timestamp,
    after: Option<LinkId>,
    limit: u32,
) -> Result<Seen<crate::domain::id::LinkEntity>> {
    let mut statement = connection.prepare_cached(
        "-- links_to_purge
         SELECT l.id,
                EXISTS (SELECT 1 FROM verdicts WHERE link = l.id AND decided_at < ?1)
                AND NOT EXISTS (SELECT 1 FROM customers
                                WHERE id = l.customer AND standing_link = l.id)
                AND NOT EXISTS (SELECT 1 FROM events e JOIN deliveries d ON d.event = e.id
                                WHERE e.link = l.id AND d.due_at IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)
         FROM links l WHERE l.id > ?2 AND l.id < ?3 ORDER BY l.id LIMIT ?4",
    )?;
    let from = after.unwrap_or(LinkId::from_bytes([0; 16]));
    let seen = statement.query_map((cutoff, from, LinkId::first_of(cutoff), limit), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(seen.collect::<rusqlite::Result<_>>()?)
}

fn purge_link(tx: &Tx<'_>, link: LinkId, cutoff: Timestamp) -> Result<usize> {
    let deleted = tx
        .prepare_cached(
            "-- purge_link
             DELETE FROM links
             WHERE id = ?1 AND status NOT IN ('pending', 'opened')
               AND EXISTS (SELECT 1 FROM verdicts WHERE link = ?1 AND decided_at < ?2)
               AND NOT EXISTS (SELECT 1 FROM customers
                               WHERE id = links.customer AND standing_link = ?1)
               AND NOT EXISTS (SELECT 1 FROM events e JOIN deliveries d ON d.event = e.id
                               WHERE e.link = ?1 AND d.due_at IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)",
        )?
        .execute((link, cutoff))?;
    Ok(deleted)
}

fn see_events(
    connection: &Connection,
    cutoff: Timestamp,
    after: Option<EventId>,
    limit: u32,
) -> Result<Seen<crate::domain::id::EventEntity>> {
    let mut statement = connection.prepare_cached(
        "-- events_to_purge
         SELECT e.id,
                e.link IS NULL
                AND NOT EXISTS (SELECT 1 FROM deliveries
                                WHERE event = e.id AND due_at IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)
         FROM events e WHERE e.id > ?1 AND e.id < ?2 ORDER BY e.id LIMIT ?3",
    )?;
    let from = after.unwrap_or(EventId::from_bytes([0; 16]));
    let seen = statement.query_map((from, EventId::first_of(cutoff), limit), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(seen.collect::<rusqlite::Result<_>>()?)
}

fn purge_event(tx: &Tx<'_>, event: EventId) -> Result<usize> {
    tx.prepare_cached(
        "-- purge_notices
         DELETE FROM mails
         WHERE link IS NULL AND due_at IS NULL
           AND customer = (SELECT customer FROM events WHERE id = ?1 AND link IS NULL)
           AND created_at <= (SELECT at FROM events WHERE id = ?1)",
    )?
    .execute([event])?;
    let deleted = tx
        .prepare_cached(
            "-- purge_event
             DELETE FROM events
             WHERE id = ?1 AND link IS NULL
               AND NOT EXISTS (SELECT 1 FROM deliveries
                               WHERE event = ?1 AND due_at IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM replays WHERE due_at IS NOT NULL)",
        )?
        .execute([event])?;
    Ok(deleted)
}
