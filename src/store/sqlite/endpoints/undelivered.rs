//! What did not arrive at an endpoint, and why.

use rusqlite::Connection;

use super::super::super::{Result, Undelivered};
use crate::domain::alert::Answer;
use crate::domain::id::EndpointId;

/// What came last of deliveries that have not arrived, the newest first.
pub(in super::super) fn failures(
    connection: &Connection,
    id: EndpointId,
    limit: u32,
) -> Result<Vec<Answer>> {
    let failures = connection
        .prepare_cached(
            "-- newest_failures
             SELECT a.started_at, a.class, a.http_status, a.remedy
             FROM (SELECT * FROM (SELECT id, attempts FROM deliveries
                                  WHERE endpoint = ?1 AND due_at IS NOT NULL AND parked = 0
                                  ORDER BY due_at DESC LIMIT 20)
                   UNION ALL
                   SELECT * FROM (SELECT id, attempts FROM deliveries
                                  WHERE endpoint = ?1 AND status = 'held' AND due_at IS NULL
                                    AND status <> 'delivered' ORDER BY id DESC LIMIT 20)
                   UNION ALL
                   SELECT * FROM (SELECT id, attempts FROM deliveries
                                  WHERE endpoint = ?1 AND status = 'exhausted' AND due_at IS NULL
                                    AND status <> 'delivered' ORDER BY id DESC LIMIT 20)) d
                  JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts
             WHERE a.class <> 'success' ORDER BY a.started_at DESC LIMIT ?2",
        )?
        .query_map((id, limit), |row| {
            Ok(Answer {
                at: row.get(0)?,
                class: row.get(1)?,
                status: row.get(2)?,
                remedy: row.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(failures)
}

pub(in super::super) fn count(connection: &Connection, id: EndpointId) -> Result<Undelivered> {
    let counted = connection
        .prepare_cached(
            "-- count_undelivered
             SELECT (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                           WHERE endpoint = ?1 AND due_at IS NOT NULL
                                             AND parked = 0 LIMIT ?2)),
                    (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                           WHERE endpoint = ?1 AND parked = 1 LIMIT ?2)),
                    (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                           WHERE endpoint = ?1 AND status = 'held'
                                             AND due_at IS NULL AND status <> 'delivered'
                                           LIMIT ?2)),
                    (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                           WHERE endpoint = ?1 AND status = 'exhausted'
                                             AND due_at IS NULL AND status <> 'delivered'
                                           LIMIT ?2))",
        )?
        .query_row((id, Undelivered::MOST), |row| {
            let (heads, parked): (u32, u32) = (row.get(0)?, row.get(1)?);
            Ok(Undelivered {
                waiting: heads.saturating_add(parked).min(Undelivered::MOST),
                held: row.get(2)?,
                exhausted: row.get(3)?,
            })
        })?;
    Ok(counted)
}
