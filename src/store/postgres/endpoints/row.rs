//! How an endpoint stands in its row.

use tokio_postgres::Row;

use super::super::columns::{Json, Millis, Whole, read};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::endpoint::{Endpoint, Failing, Health, KeptKey, Open};
use crate::domain::id::EndpointId;

/// Without their keys.
pub(super) fn list() -> Query<Vec<Endpoint>> {
    Query::list(
        "-- list_endpoints
         SELECT id, name, kind, shown_url, body_mode, events, timeout_ms, rate, concurrency,
                settings, sealed, status, disabled, created_at, revision, failing_since,
                failing_last, failing_attempts, failing_days, warnings, open_until,
                open_wait_ms, recovered_at
         FROM endpoints WHERE status <> 'removed' ORDER BY id",
        params![],
        from_row,
    )
}

/// Also one that is removed; without its keys.
pub(in super::super) fn find(id: EndpointId) -> Query<Option<Endpoint>> {
    Query::optional(
        "-- find_endpoint
         SELECT id, name, kind, shown_url, body_mode, events, timeout_ms, rate, concurrency,
                settings, sealed, status, disabled, created_at, revision, failing_since,
                failing_last, failing_attempts, failing_days, warnings, open_until,
                open_wait_ms, recovered_at
         FROM endpoints WHERE id = $1",
        params![id],
        from_row,
    )
}

/// The same, kept from everybody else until the transaction ends.
pub(in super::super) fn lock(id: EndpointId) -> Query<Option<Endpoint>> {
    Query::optional(
        "-- lock_whole_endpoint
         SELECT id, name, kind, shown_url, body_mode, events, timeout_ms, rate, concurrency,
                settings, sealed, status, disabled, created_at, revision, failing_since,
                failing_last, failing_attempts, failing_days, warnings, open_until,
                open_wait_ms, recovered_at
         FROM endpoints WHERE id = $1 FOR NO KEY UPDATE",
        params![id],
        from_row,
    )
}

fn from_row(row: &Row) -> Done<Endpoint> {
    Ok(Endpoint {
        id: read(row, 0)?,
        name: read(row, 1)?,
        kind: read(row, 2)?,
        shown_url: read(row, 3)?,
        body_mode: read(row, 4)?,
        events: read(row, 5)?,
        timeout: read::<Millis>(row, 6)?.0,
        rate: read::<Option<Whole<u32>>>(row, 7)?.map(|rate| rate.0),
        concurrency: read::<Option<Whole<u32>>>(row, 8)?.map(|most| most.0),
        settings: read::<Json<_>>(row, 9)?.0,
        sealed: read(row, 10)?,
        keys: Vec::new(),
        status: read(row, 11)?,
        disabled: read(row, 12)?,
        created_at: read(row, 13)?,
        revision: read::<Whole<u32>>(row, 14)?.0,
        health: health(row, 15)?,
    })
}

/// From eight columns, of which this is the first.
pub(in super::super) fn health(row: &Row, first: usize) -> Done<Health> {
    let since: Option<Timestamp> = read(row, first)?;
    let failing = match since {
        None => None,
        Some(since) => {
            let until: Option<Timestamp> = read(row, first + 5)?;
            let wait = read::<Millis>(row, first + 6)?.0;
            Some(Failing {
                since,
                last: read::<Option<Timestamp>>(row, first + 1)?.unwrap_or(since),
                attempts: read::<Whole<u32>>(row, first + 2)?.0,
                days: read::<Whole<u32>>(row, first + 3)?.0,
                warnings: read::<Whole<u32>>(row, first + 4)?.0,
                open: until.map(|until| Open { until, wait }),
            })
        }
    };
    Ok(Health { failing, recovered_at: read(row, first + 7)? })
}

/// Writes how it fares.
pub(in super::super) fn set_health(tx: &mut Tx, id: EndpointId, health: &Health) {
    let failing = health.failing.as_ref();
    let open = failing.and_then(|failing| failing.open);
    tx.write_one(
        "-- set_endpoint_health
         UPDATE endpoints
         SET failing_since = $2, failing_last = $3, failing_attempts = $4, failing_days = $5,
             warnings = $6, open_until = $7, open_wait_ms = $8, recovered_at = $9
         WHERE id = $1",
        params![
            id,
            failing.map(|failing| failing.since),
            failing.map(|failing| failing.last),
            Whole(failing.map_or(0, |failing| failing.attempts)),
            Whole(failing.map_or(0, |failing| failing.days)),
            Whole(failing.map_or(0, |failing| failing.warnings)),
            open.map(|open| open.until),
            Millis(open.map(|open| open.wait).unwrap_or_default()),
            health.recovered_at,
        ],
    );
}

/// Everything but its health and its keys, if there are fewer than `most`.
pub(super) fn insert(endpoint: &Endpoint, most: u32) -> Query<bool> {
    let endpoint = endpoint.clone();
    Query::exists(
        "-- insert_endpoint
         INSERT INTO endpoints (id, name, kind, shown_url, body_mode, events, timeout_ms, rate,
                                concurrency, settings, sealed, status, disabled, created_at,
                                revision)
         SELECT $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::bigint,
                $8::bigint, $9::bigint, $10::text, $11::bytea, $12::text, $13::text, $14::bigint,
                $15::bigint
         WHERE (SELECT count(*) FROM endpoints WHERE status <> 'removed') < $16
         RETURNING id",
        params![
            endpoint.id,
            endpoint.name,
            endpoint.kind,
            endpoint.shown_url,
            endpoint.body_mode,
            endpoint.events,
            Millis(endpoint.timeout),
            endpoint.rate.map(Whole),
            endpoint.concurrency.map(Whole),
            Json(endpoint.settings),
            endpoint.sealed,
            endpoint.status,
            endpoint.disabled,
            endpoint.created_at,
            Whole(endpoint.revision),
            Whole(most),
        ],
    )
}

/// Under its lock.
pub(super) fn update(tx: &mut Tx, endpoint: &Endpoint) {
    let endpoint = endpoint.clone();
    tx.write_one(
        "-- update_endpoint
         UPDATE endpoints
         SET name = $2, shown_url = $3, body_mode = $4, events = $5, timeout_ms = $6,
             rate = $7, concurrency = $8, settings = $9, sealed = $10, status = $11,
             disabled = $12, revision = revision + 1
         WHERE id = $1 AND revision = $13",
        params![
            endpoint.id,
            endpoint.name,
            endpoint.shown_url,
            endpoint.body_mode,
            endpoint.events,
            Millis(endpoint.timeout),
            endpoint.rate.map(Whole),
            endpoint.concurrency.map(Whole),
            Json(endpoint.settings),
            endpoint.sealed,
            endpoint.status,
            endpoint.disabled,
            Whole(endpoint.revision),
        ],
    );
}

/// Of one endpoint or, without an id, of all that are not removed; each one's newest first.
pub(super) fn keys(endpoint: Option<EndpointId>) -> Query<Vec<(EndpointId, KeptKey)>> {
    Query::list(
        "-- endpoint_keys
         SELECT k.endpoint, k.fingerprint, k.sealed, k.created_at, k.retires_at
         FROM endpoint_keys k
         WHERE k.endpoint = coalesce($1, k.endpoint)
         ORDER BY k.endpoint, k.retires_at IS NOT NULL, k.created_at DESC",
        params![endpoint],
        |row| {
            let key = KeptKey {
                fingerprint: read(row, 1)?,
                sealed: read(row, 2)?,
                created_at: read(row, 3)?,
                retires_at: read(row, 4)?,
            };
            Ok((read(row, 0)?, key))
        },
    )
}

/// These in place of whatever keys there are.
pub(super) fn set_keys(tx: &mut Tx, endpoint: EndpointId, keys: &[KeptKey]) {
    tx.write(
        "-- forget_endpoint_keys\nDELETE FROM endpoint_keys WHERE endpoint = $1",
        params![endpoint],
    );
    for key in keys.iter().cloned() {
        tx.write_one(
            "-- insert_endpoint_key
             INSERT INTO endpoint_keys (endpoint, fingerprint, sealed, created_at, retires_at)
             VALUES ($1, $2, $3, $4, $5)",
            params![endpoint, key.fingerprint, key.sealed, key.created_at, key.retires_at],
        );
    }
}
