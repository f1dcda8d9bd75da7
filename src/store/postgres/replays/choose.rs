//! Which deliveries a replay begins with.

use tokio_postgres::Row;

use super::super::columns::{Whole, read};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::event::EventType;
use crate::domain::id::{DeliveryId, EndpointId};
use crate::domain::replay::{MOST, Which};

/// When its event happened, its place among its customer's, and itself: what puts it in order.
type Chosen = (Timestamp, u64, DeliveryId);

/// In the order of their events.
pub(super) async fn choose(tx: &mut Tx, which: &Which) -> Done<Vec<DeliveryId>> {
    let mut chosen = match which {
        Which::These(ids) => tx.ask(these(ids.clone())).await?,
        Which::Matching { endpoint, status, event, since, until } => {
            let range = (
                since.map_or(DeliveryId::from_bytes([0; 16]), DeliveryId::first_of),
                until.map_or(DeliveryId::from_bytes([0xff; 16]), DeliveryId::first_of),
            );
            let undelivered = |status| undelivered(*endpoint, status, *event, range);
            match status {
                None => {
                    let exhausted = undelivered(DeliveryStatus::Exhausted);
                    let held = undelivered(DeliveryStatus::Held);
                    let (mut exhausted, held) = tx.ask2(exhausted, held).await?;
                    exhausted.extend(held);
                    exhausted
                }
                Some(DeliveryStatus::Delivered) => {
                    tx.ask(delivered(*endpoint, *event, range)).await?
                }
                Some(status) => tx.ask(undelivered(*status)).await?,
            }
        }
    };
    chosen.sort_unstable();
    chosen.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(chosen.into_iter().map(|(_, _, id)| id).collect())
}

fn these(ids: Vec<DeliveryId>) -> Query<Vec<Chosen>> {
    Query::list(
        "-- choose_deliveries
         SELECT e.at, e.sequence, d.id FROM deliveries d JOIN events e ON e.id = d.event
         WHERE d.id = ANY($1)",
        params![ids],
        from_row,
    )
}

fn undelivered(
    endpoint: EndpointId,
    status: DeliveryStatus,
    event: Option<EventType>,
    (from, until): (DeliveryId, DeliveryId),
) -> Query<Vec<Chosen>> {
    Query::list(
        "-- choose_undelivered
         SELECT e.at, e.sequence, d.id FROM deliveries d JOIN events e ON e.id = d.event
         WHERE d.endpoint = $1 AND d.status = $2 AND d.due_at IS NULL AND d.status <> 'delivered'
           AND d.id >= $3 AND d.id < $4 AND ($5::text IS NULL OR e.type = $5)
         ORDER BY d.id LIMIT $6",
        params![endpoint, status, from, until, event, i64::from(MOST)],
        from_row,
    )
}

fn delivered(
    endpoint: EndpointId,
    event: Option<EventType>,
    (from, until): (DeliveryId, DeliveryId),
) -> Query<Vec<Chosen>> {
    Query::list(
        "-- choose_delivered
         SELECT e.at, e.sequence, d.id FROM deliveries d JOIN events e ON e.id = d.event
         WHERE d.id >= $1 AND d.id < $2 AND d.endpoint = $3 AND d.status = 'delivered'
           AND ($4::text IS NULL OR e.type = $4)
         ORDER BY d.id LIMIT $5",
        params![from, until, endpoint, event, i64::from(MOST)],
        from_row,
    )
}

fn from_row(row: &Row) -> Done<Chosen> {
    Ok((read(row, 0)?, read::<Whole<u64>>(row, 1)?.0, read(row, 2)?))
}
