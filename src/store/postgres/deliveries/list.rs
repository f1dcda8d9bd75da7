//! Deliveries as staff look for them, newest first. Ids are ordered by time, and a customer's events
//! by their numbers: what was asked for chooses the index that is walked backwards, the rest is
//! checked on the way.

use tokio_postgres::Row;

use super::super::super::history::{DeliveryFilter, DeliveryLine, DeliveryPage, WINDOW};
use super::super::columns::{Whole, read};
use super::super::failure::Done;
use super::super::query::{Param, Query, params};
use super::super::transaction::Tx;
use crate::domain::id::DeliveryId;

pub(super) async fn list(
    tx: &mut Tx,
    filter: &DeliveryFilter,
    after: Option<DeliveryId>,
    limit: u32,
) -> Done<DeliveryPage> {
    let (from, before) = filter.range(after);
    let (sql, params, walks) = statement(filter, from, before, i64::from(limit) + 1);
    let found = Query::list(sql, params, |row| read(row, 0));
    let (ids, end): (Vec<DeliveryId>, _) = if walks {
        tx.ask2(found, window_end(from, before)).await?
    } else {
        (tx.ask(found).await?, None)
    };
    let mut lines = tx.ask(lines(ids.clone())).await?;
    lines.sort_by_key(|line| ids.iter().position(|id| *id == line.id));
    Ok(DeliveryPage::of(lines, limit, end))
}

/// And whether it looks at so many only, whatever they are.
fn statement(
    filter: &DeliveryFilter,
    from: DeliveryId,
    before: DeliveryId,
    limit: i64,
) -> (&'static str, Vec<Param>, bool) {
    let undelivered = filter.is_undelivered();
    let DeliveryFilter { endpoint, status, event, user_id, link, .. } = filter.clone();
    if let Some(link) = link {
        let sql = "-- list_deliveries_of_link
             SELECT d.id FROM events e JOIN deliveries d ON d.event = e.id
             WHERE e.link = $1 AND d.id < $2 AND d.id >= $3
               AND ($4::uuid IS NULL OR d.endpoint = $4) AND ($5::text IS NULL OR d.status = $5)
               AND ($6::text IS NULL OR e.type = $6)
               AND ($7::text IS NULL OR e.customer = (SELECT id FROM customers WHERE user_id = $7))
             ORDER BY d.id DESC LIMIT $8";
        let params = params![link, before, from, endpoint, status, event, user_id, limit];
        return (sql, params, false);
    }
    if let Some(user_id) = user_id {
        let sql = "-- list_deliveries_of_customer
             SELECT d.id FROM events e JOIN deliveries d ON d.event = e.id
             WHERE e.customer = (SELECT id FROM customers WHERE user_id = $1)
               AND e.sequence <= coalesce((SELECT sequence FROM deliveries WHERE id = $2),
                                          9223372036854775807)
               AND (d.id < $2
                    OR e.sequence < (SELECT sequence FROM deliveries WHERE id = $2))
               AND d.id >= $3
               AND ($4::uuid IS NULL OR d.endpoint = $4) AND ($5::text IS NULL OR d.status = $5)
               AND ($6::text IS NULL OR e.type = $6)
             ORDER BY e.sequence DESC, d.id DESC LIMIT $7";
        let params = params![user_id, before, from, endpoint, status, event, limit];
        return (sql, params, false);
    }
    if undelivered {
        let sql = "-- list_undelivered
             SELECT d.id FROM endpoints p CROSS JOIN LATERAL (
                 SELECT i.id FROM deliveries i
                 WHERE i.endpoint = p.id AND i.status = $1 AND i.due_at IS NULL
                   AND i.status <> 'delivered' AND i.id < $2 AND i.id >= $3
                   AND ($4::text IS NULL OR $4 = (SELECT type FROM events WHERE id = i.event))
                 ORDER BY i.id DESC LIMIT $5) d
             WHERE $6::uuid IS NULL OR p.id = $6
             ORDER BY d.id DESC LIMIT $5";
        return (sql, params![status, before, from, event, limit, endpoint], false);
    }
    let sql = "-- list_deliveries
         SELECT d.id FROM (SELECT id, event, endpoint, status FROM deliveries
                           WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3) d
         WHERE ($4::uuid IS NULL OR d.endpoint = $4) AND ($5::text IS NULL OR d.status = $5)
           AND ($6::text IS NULL OR $6 = (SELECT type FROM events WHERE id = d.event))
         ORDER BY d.id DESC LIMIT $7";
    (sql, params![before, from, i64::from(WINDOW), endpoint, status, event, limit], true)
}

/// The last that a page looked at, if there may be more.
fn window_end(from: DeliveryId, before: DeliveryId) -> Query<Option<DeliveryId>> {
    Query::optional(
        "-- deliveries_window_end
         SELECT id FROM deliveries WHERE id < $1 AND id >= $2
         ORDER BY id DESC LIMIT 1 OFFSET $3",
        params![before, from, i64::from(WINDOW) - 1],
        |row| read(row, 0),
    )
}

fn lines(ids: Vec<DeliveryId>) -> Query<Vec<DeliveryLine>> {
    Query::list(
        "-- load_delivery_lines
         SELECT d.id, d.event, e.type, e.at, d.endpoint, c.user_id, e.link, d.status, d.attempts,
                d.due_at, d.finished_at
         FROM deliveries d JOIN events e ON e.id = d.event
              LEFT JOIN customers c ON c.id = e.customer
         WHERE d.id = ANY($1)",
        params![ids],
        line,
    )
}

fn line(row: &Row) -> Done<DeliveryLine> {
    Ok(DeliveryLine {
        id: read(row, 0)?,
        event: read(row, 1)?,
        kind: read(row, 2)?,
        at: read(row, 3)?,
        endpoint: read(row, 4)?,
        user_id: read(row, 5)?,
        link: read(row, 6)?,
        status: read(row, 7)?,
        attempts: read::<Whole<u32>>(row, 8)?.0,
        due_at: read(row, 9)?,
        finished_at: read(row, 10)?,
    })
}

/// With its body.
pub(super) fn find(id: DeliveryId) -> Query<Option<(DeliveryLine, String)>> {
    Query::optional(
        "-- find_delivery
         SELECT d.id, d.event, e.type, e.at, d.endpoint, c.user_id, e.link, d.status, d.attempts,
                d.due_at, d.finished_at, e.body
         FROM deliveries d JOIN events e ON e.id = d.event
              LEFT JOIN customers c ON c.id = e.customer
         WHERE d.id = $1",
        params![id],
        |row| Ok((line(row)?, read(row, 11)?)),
    )
}
