//! `Idempotency-Key`s: what a caller's key made, for 24 hours.

use rusqlite::OptionalExtension;

use super::super::{Context, Idempotency, Result};
use super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::id::LinkId;

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

fn day_before(now: Timestamp) -> Timestamp {
    Timestamp::from_millis(now.millis().saturating_sub(DAY_MILLIS))
}
