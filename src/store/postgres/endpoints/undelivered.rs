//! What did not arrive at an endpoint, and why.

use super::super::super::Undelivered;
use super::super::columns::{Whole, read};
use super::super::query::{Query, params};
use crate::domain::alert::Answer;
use crate::domain::id::EndpointId;

/// What came last of deliveries that have not arrived, the newest first.
pub(in super::super) fn failures(id: EndpointId, limit: u32) -> Query<Vec<Answer>> {
    Query::list(
        "-- newest_failures
         SELECT a.started_at, a.class, a.http_status, a.remedy
         FROM ((SELECT id, attempts FROM deliveries
                WHERE endpoint = $1 AND due_at IS NOT NULL AND NOT parked
                ORDER BY due_at DESC LIMIT 20)
               UNION ALL
               (SELECT id, attempts FROM deliveries
                WHERE endpoint = $1 AND status = 'held' AND due_at IS NULL
                  AND status <> 'delivered' ORDER BY id DESC LIMIT 20)
               UNION ALL
               (SELECT id, attempts FROM deliveries
                WHERE endpoint = $1 AND status = 'exhausted' AND due_at IS NULL
                  AND status <> 'delivered' ORDER BY id DESC LIMIT 20)) d
              JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts
         WHERE a.class <> 'success' ORDER BY a.started_at DESC LIMIT $2",
        params![id, i64::from(limit)],
        |row| {
            Ok(Answer {
                at: read(row, 0)?,
                class: read(row, 1)?,
                status: read::<Option<Whole<u16>>>(row, 2)?.map(|status| status.0),
                remedy: read(row, 3)?,
            })
        },
    )
}

pub(in super::super) fn count(id: EndpointId) -> Query<Option<Undelivered>> {
    Query::optional(
        "-- count_undelivered
         SELECT (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                       WHERE endpoint = $1 AND due_at IS NOT NULL AND NOT parked
                                       LIMIT $2) heads),
                (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                       WHERE endpoint = $1 AND parked LIMIT $2) parked),
                (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                       WHERE endpoint = $1 AND status = 'held' AND due_at IS NULL
                                         AND status <> 'delivered' LIMIT $2) held),
                (SELECT count(*) FROM (SELECT 1 FROM deliveries
                                       WHERE endpoint = $1 AND status = 'exhausted'
                                         AND due_at IS NULL AND status <> 'delivered'
                                       LIMIT $2) exhausted)",
        params![id, i64::from(Undelivered::MOST)],
        |row| {
            let count = |column| read::<Whole<u32>>(row, column).map(|count| count.0);
            Ok(Undelivered {
                waiting: count(0)?.saturating_add(count(1)?).min(Undelivered::MOST),
                held: count(2)?,
                exhausted: count(3)?,
            })
        },
    )
}
