//! Deliveries as staff look for them, newest first. Ids are ordered by time, and a customer's events
//! by their numbers: what was asked for chooses the index that is walked backwards, the rest is
//! checked on the way.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row};

use super::super::super::history::{DeliveryFilter, DeliveryLine, DeliveryPage, WINDOW};
use super::super::super::{DeliveryRecord, Result};
use super::super::failure::missing;
use super::attempt;
use crate::domain::id::DeliveryId;

pub(super) fn list(
    connection: &Connection,
    filter: &DeliveryFilter,
    after: Option<DeliveryId>,
    limit: u32,
) -> Result<DeliveryPage> {
    let (from, before) = filter.range(after);
    let (mut statement, walks) = statement(connection, filter)?;
    let ids: Vec<DeliveryId> = statement
        .query_map(
            (
                before,
                from,
                filter.endpoint,
                filter.status,
                filter.event,
                &filter.user_id,
                filter.link,
                i64::from(limit) + 1,
                if walks { i64::from(WINDOW) } else { 0 },
            ),
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let end = if walks { window_end(connection, from, before)? } else { None };
    let lines = ids
        .into_iter()
        .map(|id| line(connection, id)?.ok_or_else(|| missing("a delivery's event")))
        .collect::<Result<Vec<_>>>()?;
    Ok(DeliveryPage::of(lines, limit, end))
}

/// And whether it looks at so many only, whatever they are.
fn statement<'a>(
    connection: &'a Connection,
    filter: &DeliveryFilter,
) -> Result<(CachedStatement<'a>, bool)> {
    if filter.link.is_some() {
        let statement = connection.prepare_cached(
            "-- list_deliveries_of_link
             SELECT d.id FROM events e JOIN deliveries d ON d.event = e.id
             WHERE e.link = ?7 AND d.id < ?1 AND d.id >= ?2
               AND (?3 IS NULL OR d.endpoint = ?3) AND (?4 IS NULL OR d.status = ?4)
               AND (?5 IS NULL OR e.type = ?5)
               AND (?6 IS NULL OR e.customer = (SELECT id FROM customers WHERE user_id = ?6))
             ORDER BY d.id DESC LIMIT ?8 + 0 * ?9",
        )?;
        return Ok((statement, false));
    }
    if filter.user_id.is_some() {
        let statement = connection.prepare_cached(
            "-- list_deliveries_of_customer
             SELECT d.id FROM events e JOIN deliveries d ON d.event = e.id
             WHERE e.customer = (SELECT id FROM customers WHERE user_id = ?6)
               AND e.sequence <= coalesce((SELECT sequence FROM deliveries WHERE id = ?1),
                                          9223372036854775807)
               AND (d.id < ?1
                    OR e.sequence < (SELECT sequence FROM deliveries WHERE id = ?1))
               AND d.id >= ?2
               AND (?3 IS NULL OR d.endpoint = ?3) AND (?4 IS NULL OR d.status = ?4)
               AND (?5 IS NULL OR e.type = ?5) AND ?7 IS NULL
             ORDER BY e.sequence DESC, d.id DESC LIMIT ?8 + 0 * ?9",
        )?;
        return Ok((statement, false));
    }
    if filter.is_undelivered() {
        let statement = connection.prepare_cached(
            "-- list_undelivered
             SELECT d.id FROM endpoints p JOIN deliveries d ON d.id IN (
                 SELECT i.id FROM deliveries i
                 WHERE i.endpoint = p.id AND i.status = ?4 AND i.due_at IS NULL
                   AND i.status <> 'delivered' AND i.id < ?1 AND i.id >= ?2
                   AND (?5 IS NULL OR ?5 = (SELECT type FROM events WHERE id = i.event))
                 ORDER BY i.id DESC LIMIT ?8)
             WHERE (?3 IS NULL OR p.id = ?3) AND ?6 IS NULL AND ?7 IS NULL
             ORDER BY d.id DESC LIMIT ?8 + 0 * ?9",
        )?;
        return Ok((statement, false));
    }
    let statement = connection.prepare_cached(
        "-- list_deliveries
         SELECT d.id FROM (SELECT id, event, endpoint, status FROM deliveries
                           WHERE id < ?1 AND id >= ?2 ORDER BY id DESC LIMIT ?9) d
         WHERE (?3 IS NULL OR d.endpoint = ?3) AND (?4 IS NULL OR d.status = ?4)
           AND (?5 IS NULL OR ?5 = (SELECT type FROM events WHERE id = d.event))
           AND ?6 IS NULL AND ?7 IS NULL
         ORDER BY d.id DESC LIMIT ?8",
    )?;
    Ok((statement, true))
}

/// The last that a page looked at, if there may be more.
fn window_end(
    connection: &Connection,
    from: DeliveryId,
    before: DeliveryId,
) -> Result<Option<DeliveryId>> {
    let end = connection
        .prepare_cached(
            "-- deliveries_window_end
             SELECT id FROM deliveries WHERE id < ?1 AND id >= ?2
             ORDER BY id DESC LIMIT 1 OFFSET ?3",
        )?
        .query_row((before, from, i64::from(WINDOW) - 1), |row| row.get(0))
        .optional()?;
    Ok(end)
}

fn line(connection: &Connection, id: DeliveryId) -> Result<Option<DeliveryLine>> {
    let line = connection
        .prepare_cached(
            "-- find_delivery_line
             SELECT d.id, d.event, e.type, e.at, d.endpoint, c.user_id, e.link, d.status,
                    d.attempts, d.due_at, d.finished_at
             FROM deliveries d JOIN events e ON e.id = d.event
                  LEFT JOIN customers c ON c.id = e.customer
             WHERE d.id = ?1",
        )?
        .query_row([id], from_row)
        .optional()?;
    Ok(line)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<DeliveryLine> {
    Ok(DeliveryLine {
        id: row.get(0)?,
        event: row.get(1)?,
        kind: row.get(2)?,
        at: row.get(3)?,
        endpoint: row.get(4)?,
        user_id: row.get(5)?,
        link: row.get(6)?,
        status: row.get(7)?,
        attempts: row.get(8)?,
        due_at: row.get(9)?,
        finished_at: row.get(10)?,
    })
}

/// With its body and its attempts.
pub(super) fn find(connection: &Connection, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
    let Some(line) = line(connection, id)? else { return Ok(None) };
    let body = connection
        .prepare_cached("-- event_body\nSELECT body FROM events WHERE id = ?1")?
        .query_row([line.event], |row| row.get(0))?;
    let attempts = attempt::of_delivery(connection, id)?;
    Ok(Some(DeliveryRecord { line, body, attempts }))
}
