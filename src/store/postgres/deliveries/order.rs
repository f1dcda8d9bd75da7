//! The order of a customer's deliveries to one endpoint: the oldest unfinished one is the head,
//! the others are parked behind it, which is what keeps them out of every search for due ones.
//! Whoever changes a queue holds its customer's row.

use super::super::columns::read;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::id::{CustomerId, DeliveryId, EndpointId};

/// Locks the customer of a delivery.
pub(in super::super) fn lock(delivery: DeliveryId) -> Query<()> {
    Query::silent(
        "-- lock_customer_of_delivery
         SELECT 1 FROM customers WHERE id = (SELECT customer FROM deliveries WHERE id = $1)
         FOR NO KEY UPDATE",
        params![delivery],
    )
}

/// Lets the next one go, unless the queue has a head: then this delivery was not it.
pub(super) fn unpark_behind(finished: DeliveryId) -> Query<()> {
    Query::silent(
        "-- unpark_behind
         UPDATE deliveries SET parked = false
         WHERE id = (SELECT next.id
                     FROM deliveries finished
                     CROSS JOIN LATERAL (SELECT id FROM deliveries
                                         WHERE endpoint = finished.endpoint
                                           AND customer = finished.customer AND parked
                                         ORDER BY sequence LIMIT 1) next
                     WHERE finished.id = $1
                       AND NOT EXISTS (SELECT 1 FROM deliveries head
                                       WHERE head.endpoint = finished.endpoint
                                         AND head.customer = finished.customer
                                         AND head.due_at IS NOT NULL AND NOT head.parked))",
        params![finished],
    )
}

/// Makes the oldest the head, after older ones came back and were parked.
pub(in super::super) fn restore(tx: &mut Tx, endpoint: EndpointId, customers: Vec<CustomerId>) {
    tx.write(
        "-- park_heads
         UPDATE deliveries SET parked = true
         WHERE endpoint = $1 AND customer = ANY($2) AND due_at IS NOT NULL AND NOT parked",
        params![endpoint, customers.clone()],
    );
    tx.write(
        "-- unpark_oldest
         UPDATE deliveries SET parked = false
         WHERE id IN (SELECT DISTINCT ON (customer) id FROM deliveries
                      WHERE endpoint = $1 AND customer = ANY($2) AND parked
                      ORDER BY customer, sequence)",
        params![endpoint, customers],
    );
}

/// Locks the head of a queue against being leased; where it is. The customer's row is locked.
pub(in super::super) fn lock_head(
    endpoint: EndpointId,
    customer: CustomerId,
) -> Query<Option<DeliveryStatus>> {
    Query::optional(
        "-- lock_head
         SELECT status FROM deliveries
         WHERE endpoint = $1 AND customer = $2 AND due_at IS NOT NULL AND NOT parked
         FOR NO KEY UPDATE",
        params![endpoint, customer],
        |row| read(row, 0),
    )
}
