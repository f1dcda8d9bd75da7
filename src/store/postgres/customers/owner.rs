//! A customer whose row this transaction holds: whoever else wants to change anything of theirs
//! waits. Taken before every other lock.

use tokio_postgres::Row;

use super::super::super::Context;
use super::super::columns::{Whole, read};
use super::super::endpoints::Addressee;
use super::super::failure::{Done, missing};
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::standing;
use crate::domain::customer::{Footing, Standing, UserId, Username};
use crate::domain::endpoint::EndpointStatus;
use crate::domain::id::{CustomerId, EndpointId, LinkId};

/// What the row says, kept up to date with what this transaction makes of it.
pub(in super::super) struct Owner {
    pub(in super::super) id: CustomerId,
    pub(in super::super) user_id: UserId,
    pub(in super::super) username: Username,
    pub(in super::super) footing: Footing,
    sequence: u64,
    /// The endpoints that may want to know what happens.
    pub(in super::super) endpoints: Vec<Addressee>,
}

impl Owner {
    /// Draws the number of the next event.
    pub(in super::super) fn next_sequence(&mut self, tx: &mut Tx) -> u64 {
        self.sequence = self.sequence.saturating_add(1);
        tx.write_one(
            "-- next_sequence
             UPDATE customers SET sequence = $2 WHERE id = $1 AND sequence = $2::bigint - 1",
            params![self.id, Whole(self.sequence)],
        );
        self.sequence
    }

    /// Writes a new standing and draws the number of the event that tells of it.
    pub(in super::super) fn set_standing(&mut self, tx: &mut Tx, standing: Standing) -> u64 {
        self.sequence = self.sequence.saturating_add(1);
        standing::set(tx, self.id, &standing, self.sequence);
        self.footing.standing = standing;
        self.sequence
    }

    /// A passkey takes the place of all others: whoever made it said that those are lost.
    pub(in super::super) fn note_rebound(&mut self, tx: &mut Tx, context: &Context) {
        tx.write_one(
            "-- note_rebound\nUPDATE customers SET rebound_at = $1 WHERE id = $2",
            params![context.now, self.id],
        );
        self.footing.rebound_at = Some(context.now);
    }
}

/// By the id.
pub(in super::super) fn lock(customer: CustomerId) -> Query<Option<Owner>> {
    lock_either(Some(customer), None)
}

/// Whom a link is for.
pub(in super::super) fn lock_of_link(link: LinkId) -> Query<Option<Owner>> {
    lock_either(None, Some(link))
}

/// The same, of a link that is there.
pub(in super::super) fn must_lock(link: LinkId) -> Query<Owner> {
    lock_of_link(link).map(|owner| owner.ok_or_else(|| missing("a link")))
}

fn lock_either(customer: Option<CustomerId>, link: Option<LinkId>) -> Query<Option<Owner>> {
    Query::optional(
        "-- lock_customer
         SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                verified_until, lapsed, rebound_at, id, user_id, username, sequence,
                ARRAY(SELECT id FROM endpoints WHERE status <> 'removed' ORDER BY id),
                ARRAY(SELECT status || ' ' || events FROM endpoints
                      WHERE status <> 'removed' ORDER BY id)
         FROM customers
         WHERE id = coalesce($1, (SELECT customer FROM links WHERE id = $2))
         FOR NO KEY UPDATE",
        params![customer, link],
        from_row,
    )
}

/// By the CRM's id.
pub(in super::super) fn lock_by_user(user_id: &UserId) -> Query<Option<Owner>> {
    Query::optional(
        "-- lock_customer_by_user
         SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                verified_until, lapsed, rebound_at, id, user_id, username, sequence,
                ARRAY(SELECT id FROM endpoints WHERE status <> 'removed' ORDER BY id),
                ARRAY(SELECT status || ' ' || events FROM endpoints
                      WHERE status <> 'removed' ORDER BY id)
         FROM customers WHERE user_id = $1 FOR NO KEY UPDATE",
        params![user_id.clone()],
        from_row,
    )
}

fn from_row(row: &Row) -> Done<Owner> {
    Ok(Owner {
        footing: standing::from_row(row)?,
        id: read(row, 10)?,
        user_id: read(row, 11)?,
        username: read(row, 12)?,
        sequence: read::<Whole<u64>>(row, 13)?.0,
        endpoints: addressees(read(row, 14)?, read(row, 15)?)?,
    })
}

/// From their ids and, in the same order, status and events in one text.
fn addressees(ids: Vec<EndpointId>, texts: Vec<String>) -> Done<Vec<Addressee>> {
    let addressee = |(id, text): (EndpointId, String)| {
        let (status, events) =
            text.split_once(' ').ok_or_else(|| missing("an endpoint's events"))?;
        let status =
            EndpointStatus::parse(status).ok_or_else(|| missing("an endpoint's status"))?;
        Ok(Addressee { id, status, events: events.to_owned() })
    };
    ids.into_iter().zip(texts).map(addressee).collect()
}
