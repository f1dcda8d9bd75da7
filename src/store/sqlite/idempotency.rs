//! `Idempotency-Key`s: what a caller's key made, for 24 hours.

use rusqlite::OptionalExtension;

use super::super::{Context, Idempotency, Once, Result};
use super::transaction::Tx;
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::id::{EndpointId, LinkId, ReplayId};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// The same caller's earlier use of a key.
pub(super) struct Earlier {
    pub(super) body: [u8; 32],
    pub(super) link: LinkId,
}

pub(super) fn find(
    tx: &Tx<'_>,
    request: &Idempotency,
    context: &Context,
) -> Result<Option<Earlier>> {
    let earlier = tx
        .prepare_cached(
            "-- find_idempotency
             SELECT body, link FROM idempotency
             WHERE scope = ?1 AND key = ?2 AND created_at > ?3",
        )?
        .query_row((context.actor, &request.key, day_before(context.now)), |row| {
            Ok(Earlier { body: row.get(0)?, link: row.get(1)? })
        })
        .optional()?;
    Ok(earlier)
}

/// Remembers what a key made, and forgets a few keys of yesterday, so that they never pile up.
pub(super) fn remember(
    tx: &Tx<'_>,
    request: &Idempotency,
    link: LinkId,
    context: &Context,
) -> Result<()> {
    tx.prepare_cached(
        "-- forget_idempotency
         DELETE FROM idempotency WHERE rowid IN (
             SELECT rowid FROM idempotency WHERE created_at <= ?1 ORDER BY created_at LIMIT 8)",
    )?
    .execute([day_before(context.now)])?;
    tx.prepare_cached(
        "-- remember_idempotency
         INSERT INTO idempotency (scope, key, body, link, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (scope, key) DO UPDATE
         SET body = excluded.body, link = excluded.link, created_at = excluded.created_at",
    )?
    .execute((context.actor, &request.key, request.body, link, context.now))?;
    Ok(())
}

/// What a key made that is no link.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Endpoint(EndpointId),
    Replay(ReplayId),
}

/// What the entry's actor made with this key, by `wanted` if it is of that kind.
pub(super) fn find_made<T>(
    tx: &Tx<'_>,
    request: &Idempotency,
    entry: &Entry,
    wanted: impl Fn(Made) -> Option<T>,
) -> Result<Option<Once<T>>> {
    let earlier: Option<([u8; 32], Option<EndpointId>, Option<ReplayId>)> = tx
        .prepare_cached(
            "-- find_repeat
             SELECT body, endpoint, replay FROM repeats
             WHERE scope = ?1 AND key = ?2 AND created_at > ?3",
        )?
        .query_row((entry.actor, &request.key, day_before(entry.at)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(earlier.map(|(body, endpoint, replay)| {
        let made = endpoint.map(Made::Endpoint).or(replay.map(Made::Replay));
        let made = made.filter(|_| body == request.body).and_then(wanted);
        made.map_or(Once::IdempotencyMismatch, Once::Repeated)
    }))
}

/// Remembers it, and forgets a few of yesterday.
pub(super) fn remember_made(
    tx: &Tx<'_>,
    request: &Idempotency,
    entry: &Entry,
    made: Made,
) -> Result<()> {
    let (endpoint, replay) = match made {
        Made::Endpoint(id) => (Some(id), None),
        Made::Replay(id) => (None, Some(id)),
    };
    tx.prepare_cached(
        "-- forget_repeats
         DELETE FROM repeats WHERE rowid IN (
             SELECT rowid FROM repeats WHERE created_at <= ?1 ORDER BY created_at LIMIT 8)",
    )?
    .execute([day_before(entry.at)])?;
    tx.prepare_cached(
        "-- remember_repeat
         INSERT INTO repeats (scope, key, body, endpoint, replay, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (scope, key) DO UPDATE
         SET body = excluded.body, endpoint = excluded.endpoint, replay = excluded.replay,
             created_at = excluded.created_at",
    )?
    .execute((entry.actor, &request.key, request.body, endpoint, replay, entry.at))?;
    Ok(())
}

fn day_before(now: Timestamp) -> Timestamp {
    Timestamp::from_millis(now.millis().saturating_sub(DAY_MILLIS))
}
