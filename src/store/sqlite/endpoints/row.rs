//! How an endpoint stands in its row.

use rusqlite::{Connection, OptionalExtension, Row};

use super::super::super::Result;
use super::super::columns::{Json, Millis};
use super::super::failure::exactly_one;
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::endpoint::{Endpoint, Failing, Health, KeptKey, Open};
use crate::domain::id::EndpointId;

pub(super) fn list(connection: &Connection) -> Result<Vec<Endpoint>> {
    let mut endpoints: Vec<Endpoint> = connection
        .prepare_cached(
            "-- list_endpoints
             SELECT id, name, kind, shown_url, body_mode, events, timeout_ms, rate, concurrency,
                    settings, sealed, status, disabled, created_at, revision, failing_since,
                    failing_last, failing_attempts, failing_days, warnings, open_until,
                    open_wait_ms, recovered_at
             FROM endpoints WHERE status <> 'removed' ORDER BY id",
        )?
        .query_map([], from_row)?
        .collect::<rusqlite::Result<_>>()?;
    for endpoint in &mut endpoints {
        endpoint.keys = keys(connection, endpoint.id)?;
    }
    Ok(endpoints)
}

/// Also one that is removed.
pub(in super::super) fn find(connection: &Connection, id: EndpointId) -> Result<Option<Endpoint>> {
    let found = connection
        .prepare_cached(
            "-- find_endpoint
             SELECT id, name, kind, shown_url, body_mode, events, timeout_ms, rate, concurrency,
                    settings, sealed, status, disabled, created_at, revision, failing_since,
                    failing_last, failing_attempts, failing_days, warnings, open_until,
                    open_wait_ms, recovered_at
             FROM endpoints WHERE id = ?1",
        )?
        .query_row([id], from_row)
        .optional()?;
    let Some(mut endpoint) = found else { return Ok(None) };
    endpoint.keys = keys(connection, id)?;
    Ok(Some(endpoint))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Endpoint> {
    Ok(Endpoint {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        shown_url: row.get(3)?,
        body_mode: row.get(4)?,
        events: row.get(5)?,
        timeout: row.get::<_, Millis>(6)?.0,
        rate: row.get(7)?,
        concurrency: row.get(8)?,
        settings: row.get::<_, Json<_>>(9)?.0,
        sealed: row.get(10)?,
        keys: Vec::new(),
        status: row.get(11)?,
        disabled: row.get(12)?,
        created_at: row.get(13)?,
        revision: row.get(14)?,
        health: health(row, 15)?,
    })
}

/// From eight columns, of which this is the first.
pub(in super::super) fn health(row: &Row<'_>, first: usize) -> rusqlite::Result<Health> {
    let since: Option<Timestamp> = row.get(first)?;
    let failing = match since {
        None => None,
        Some(since) => {
            let until: Option<Timestamp> = row.get(first + 5)?;
            let wait = row.get::<_, Millis>(first + 6)?.0;
            Some(Failing {
                since,
                last: row.get::<_, Option<Timestamp>>(first + 1)?.unwrap_or(since),
                attempts: row.get(first + 2)?,
                days: row.get(first + 3)?,
                warnings: row.get(first + 4)?,
                open: until.map(|until| Open { until, wait }),
            })
        }
    };
    Ok(Health { failing, recovered_at: row.get(first + 7)? })
}

/// Writes how it fares.
pub(in super::super) fn set_health(tx: &Tx<'_>, id: EndpointId, health: &Health) -> Result<()> {
    let failing = health.failing.as_ref();
    let open = failing.and_then(|failing| failing.open);
    let touched = tx
        .prepare_cached(
            "-- set_endpoint_health
             UPDATE endpoints
             SET failing_since = ?2, failing_last = ?3, failing_attempts = ?4, failing_days = ?5,
                 warnings = ?6, open_until = ?7, open_wait_ms = ?8, recovered_at = ?9
             WHERE id = ?1",
        )?
        .execute((
            id,
            failing.map(|failing| failing.since),
            failing.map(|failing| failing.last),
            failing.map_or(0, |failing| failing.attempts),
            failing.map_or(0, |failing| failing.days),
            failing.map_or(0, |failing| failing.warnings),
            open.map(|open| open.until),
            Millis(open.map(|open| open.wait).unwrap_or_default()),
            health.recovered_at,
        ))?;
    exactly_one("set_endpoint_health", touched)
}

/// Everything but its health and its keys.
pub(super) fn insert(tx: &Tx<'_>, endpoint: &Endpoint) -> Result<()> {
    tx.prepare_cached(
        "-- insert_endpoint
         INSERT INTO endpoints (id, name, kind, shown_url, body_mode, events, timeout_ms, rate,
                                concurrency, settings, sealed, status, disabled, created_at,
                                revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute((
        endpoint.id,
        &endpoint.name,
        endpoint.kind,
        &endpoint.shown_url,
        endpoint.body_mode,
        &endpoint.events,
        Millis(endpoint.timeout),
        endpoint.rate,
        endpoint.concurrency,
        Json(&endpoint.settings),
        &endpoint.sealed,
        endpoint.status,
        endpoint.disabled,
        endpoint.created_at,
        endpoint.revision,
    ))?;
    Ok(())
}

/// `false` if it has another revision by now.
pub(super) fn update(tx: &Tx<'_>, endpoint: &Endpoint) -> Result<bool> {
    let touched = tx
        .prepare_cached(
            "-- update_endpoint
             UPDATE endpoints
             SET name = ?2, shown_url = ?3, body_mode = ?4, events = ?5, timeout_ms = ?6,
                 rate = ?7, concurrency = ?8, settings = ?9, sealed = ?10, status = ?11,
                 disabled = ?12, revision = revision + 1
             WHERE id = ?1 AND revision = ?13 AND status <> 'removed'",
        )?
        .execute((
            endpoint.id,
            &endpoint.name,
            &endpoint.shown_url,
            endpoint.body_mode,
            &endpoint.events,
            Millis(endpoint.timeout),
            endpoint.rate,
            endpoint.concurrency,
            Json(&endpoint.settings),
            &endpoint.sealed,
            endpoint.status,
            endpoint.disabled,
            endpoint.revision,
        ))?;
    Ok(touched == 1)
}

fn keys(connection: &Connection, endpoint: EndpointId) -> Result<Vec<KeptKey>> {
    let keys = connection
        .prepare_cached(
            "-- endpoint_keys
             SELECT fingerprint, sealed, created_at, retires_at
             FROM endpoint_keys WHERE endpoint = ?1
             ORDER BY retires_at IS NOT NULL, created_at DESC",
        )?
        .query_map([endpoint], |row| {
            Ok(KeptKey {
                fingerprint: row.get(0)?,
                sealed: row.get(1)?,
                created_at: row.get(2)?,
                retires_at: row.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(keys)
}

/// These in place of whatever keys there are.
pub(super) fn set_keys(tx: &Tx<'_>, endpoint: EndpointId, keys: &[KeptKey]) -> Result<()> {
    tx.prepare_cached("-- forget_endpoint_keys\nDELETE FROM endpoint_keys WHERE endpoint = ?1")?
        .execute([endpoint])?;
    for key in keys {
        tx.prepare_cached(
            "-- insert_endpoint_key
             INSERT INTO endpoint_keys (endpoint, fingerprint, sealed, created_at, retires_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            endpoint,
            &key.fingerprint,
            &key.sealed,
            key.created_at,
            key.retires_at,
        ))?;
    }
    Ok(())
}
