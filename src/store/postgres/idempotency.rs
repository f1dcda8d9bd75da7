//! `Idempotency-Key`s: what a caller's key made, for 24 hours.

use super::super::{Context, Idempotency, Once};
use super::columns::{Bytes, read};
use super::query::{Query, params};
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

/// Without a key there is none.
pub(super) fn find(request: Option<&Idempotency>, context: &Context) -> Query<Option<Earlier>> {
    let key = request.map(|request| request.key.clone());
    Query::optional(
        "-- find_idempotency
         SELECT body, link FROM idempotency WHERE scope = $1 AND key = $2 AND created_at > $3",
        params![context.actor, key, day_before(context.now)],
        |row| Ok(Earlier { body: read::<Bytes<32>>(row, 0)?.0, link: read(row, 1)? }),
    )
}

/// Remembers what a key made, and forgets a few keys of yesterday, so that they never pile up.
/// Another link may have been made with the key since it was looked for: then the transaction
/// begins again, and finds it.
pub(super) fn remember(tx: &mut Tx, request: &Idempotency, link: LinkId, context: &Context) {
    let yesterday = day_before(context.now);
    let (key, body) = (request.key.clone(), Bytes(request.body));
    tx.write_one_or_again(
        "-- remember_idempotency
         INSERT INTO idempotency (scope, key, body, link, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (scope, key) DO UPDATE
         SET body = excluded.body, link = excluded.link, created_at = excluded.created_at
         WHERE idempotency.created_at <= $6",
        params![context.actor, key, body, link, context.now, yesterday],
    );
    // After the one that may have to wait, so that nobody waits for whom they keep waiting.
    tx.write(
        "-- forget_idempotency
         DELETE FROM idempotency WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM idempotency WHERE created_at <= $1
             ORDER BY created_at LIMIT 8 FOR UPDATE SKIP LOCKED))",
        params![yesterday],
    );
}

/// What a key made that is no link.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Endpoint(EndpointId),
    Replay(ReplayId),
}

/// What the entry's actor made with this key, by `wanted` if it is of that kind. Without a key
/// there is none.
pub(super) fn find_made<T: 'static>(
    request: Option<&Idempotency>,
    entry: &Entry,
    wanted: fn(Made) -> Option<T>,
) -> Query<Option<Once<T>>> {
    let key = request.map(|request| request.key.clone());
    let body = request.map(|request| request.body);
    Query::optional(
        "-- find_repeat
         SELECT body, endpoint, replay FROM repeats
         WHERE scope = $1 AND key = $2 AND created_at > $3",
        params![entry.actor, key, day_before(entry.at)],
        |row| {
            let endpoint: Option<EndpointId> = read(row, 1)?;
            let replay: Option<ReplayId> = read(row, 2)?;
            let made = endpoint.map(Made::Endpoint).or(replay.map(Made::Replay));
            Ok((read::<Bytes<32>>(row, 0)?.0, made))
        },
    )
    .map(move |earlier| {
        Ok(earlier.map(|(earlier, made)| {
            let made = made.filter(|_| body == Some(earlier)).and_then(wanted);
            made.map_or(Once::IdempotencyMismatch, Once::Repeated)
        }))
    })
}

/// Remembers it, and forgets a few of yesterday; see [`remember`].
pub(super) fn remember_made(tx: &mut Tx, request: &Idempotency, entry: &Entry, made: Made) {
    let yesterday = day_before(entry.at);
    let (key, body) = (request.key.clone(), Bytes(request.body));
    let (endpoint, replay) = match made {
        Made::Endpoint(id) => (Some(id), None),
        Made::Replay(id) => (None, Some(id)),
    };
    tx.write_one_or_again(
        "-- remember_repeat
         INSERT INTO repeats (scope, key, body, endpoint, replay, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (scope, key) DO UPDATE
         SET body = excluded.body, endpoint = excluded.endpoint, replay = excluded.replay,
             created_at = excluded.created_at
         WHERE repeats.created_at <= $7",
        params![entry.actor, key, body, endpoint, replay, entry.at, yesterday],
    );
    tx.write(
        "-- forget_repeats
         DELETE FROM repeats WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM repeats WHERE created_at <= $1
             ORDER BY created_at LIMIT 8 FOR UPDATE SKIP LOCKED))",
        params![yesterday],
    );
}

fn day_before(now: Timestamp) -> Timestamp {
    Timestamp::from_millis(now.millis().saturating_sub(DAY_MILLIS))
}
