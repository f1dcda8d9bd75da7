//! Which deliveries a replay begins with.

use rusqlite::Connection;

use super::super::super::Result;
use super::super::columns::Count;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::event::EventType;
use crate::domain::id::{DeliveryId, EndpointId};
use crate::domain::replay::{MOST, Which};

/// When its event happened, its place among its customer's, and itself: what puts it in order.
type Chosen = (Timestamp, u64, DeliveryId);

/// In the order of their events.
pub(super) fn choose(connection: &Connection, which: &Which) -> Result<Vec<DeliveryId>> {
    let mut chosen = match which {
        Which::These(ids) => these(connection, ids)?,
        Which::Matching { endpoint, status, event, since, until } => {
            let range = (
                since.map_or(DeliveryId::from_bytes([0; 16]), DeliveryId::first_of),
                until.map_or(DeliveryId::from_bytes([0xff; 16]), DeliveryId::first_of),
            );
            match status {
                None => {
                    let mut all = undelivered(
                        connection,
                        *endpoint,
                        DeliveryStatus::Exhausted,
                        *event,
                        range,
                    )?;
                    all.extend(undelivered(
                        connection,
                        *endpoint,
                        DeliveryStatus::Held,
                        *event,
                        range,
                    )?);
                    all
                }
                Some(DeliveryStatus::Delivered) => delivered(connection, *endpoint, *event, range)?,
                Some(status) => undelivered(connection, *endpoint, *status, *event, range)?,
            }
        }
    };
    chosen.sort_unstable();
    chosen.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(chosen.into_iter().map(|(_, _, id)| id).collect())
}

fn these(connection: &Connection, ids: &[DeliveryId]) -> Result<Vec<Chosen>> {
    let mut statement = connection.prepare_cached(
        "-- choose_delivery
         SELECT e.at, e.sequence, d.id FROM deliveries d JOIN events e ON e.id = d.event
         WHERE d.id = ?1",
    )?;
    let mut chosen = Vec::new();
    for id in ids {
        let rows = statement.query_map([id], from_row)?;
        chosen.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

fn undelivered(
    connection: &Connection,
    endpoint: EndpointId,
    status: DeliveryStatus,
    event: Option<EventType>,
    (from, until): (DeliveryId, DeliveryId),
) -> Result<Vec<Chosen>> {
    let chosen = connection
        .prepare_cached(
            "-- choose_undelivered
             SELECT e.at, e.sequence, d.id FROM deliveries d JOIN events e ON e.id = d.event
             WHERE d.endpoint = ?1 AND d.status = ?2 AND d.due_at IS NULL
               AND d.status <> 'delivered' AND d.id >= ?4 AND d.id < ?5
               AND (?3 IS NULL OR e.type = ?3)
             ORDER BY d.id LIMIT ?6",
        )?
        .query_map((endpoint, status, event, from, until, MOST), from_row)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(chosen)
}

fn delivered(
    connection: &Connection,
    endpoint: EndpointId,
    event: Option<EventType>,
    (from, until): (DeliveryId, DeliveryId),
) -> Result<Vec<Chosen>> {
    let chosen = connection
        .prepare_cached(
            "-- choose_delivered
             SELECT e.at, e.sequence, d.id FROM deliveries d JOIN events e ON e.id = d.event
             WHERE d.id >= ?3 AND d.id < ?4 AND d.endpoint = ?1 AND d.status = 'delivered'
               AND (?2 IS NULL OR e.type = ?2)
             ORDER BY d.id LIMIT ?5",
        )?
        .query_map((endpoint, event, from, until, MOST), from_row)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(chosen)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Chosen> {
    Ok((row.get(0)?, row.get::<_, Count>(1)?.0, row.get(2)?))
}
