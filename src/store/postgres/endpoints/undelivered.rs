//! What did not arrive at an endpoint, and why.

use super::super::super::Undelivered;
use super::super::columns::{Whole, read};
use super::super::query::{Query, params};
use crate::domain::id::EndpointId;
use crate::domain::remedy::Remedy;

pub(super) fn remedy(id: EndpointId) -> Query<Option<Remedy>> {
    Query::optional(
        "-- newest_remedy
         SELECT a.remedy
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
         WHERE a.class <> 'success' AND a.remedy IS NOT NULL
         ORDER BY a.started_at DESC LIMIT 1",
        params![id],
        |row| read(row, 0),
    )
}

pub(super) fn count(id: EndpointId) -> Query<Option<Undelivered>> {
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
