//! The addresses that are told of a customer's passkeys.

use serde_json::json;

use super::super::super::Context;
use super::super::columns::read;
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{audit, customers};
use super::queue::tell;
use crate::domain::audit::{Action, Entry};
use crate::domain::id::{ContactId, CustomerId};
use crate::domain::mail::{Contact, EmailAddress, MailKind};

pub(super) fn list(customer: CustomerId) -> Query<Vec<Contact>> {
    Query::list(
        "-- list_contacts
         SELECT id, email, created_at FROM contacts WHERE customer = $1 ORDER BY created_at, email",
        params![customer],
        |row| Ok(Contact { id: read(row, 0)?, email: read(row, 1)?, created_at: read(row, 2)? }),
    )
}

/// The address is told: whoever has a stolen key of staff's must not silence the owner's mailbox
/// without a sound.
pub(super) async fn remove(
    tx: &mut Tx,
    customer: CustomerId,
    contact: ContactId,
    context: &Context,
) -> Done<bool> {
    let removed = Query::optional(
        "-- remove_contact
         DELETE FROM contacts WHERE id = $1 AND customer = $2 RETURNING email",
        params![contact, customer],
        |row| read::<EmailAddress>(row, 0),
    );
    let (_, removed) = tx.ask2(customers::lock(customer), removed).await?;
    let Some(email) = removed else { return Ok(false) };
    tell(tx, customer, email, MailKind::ContactRemoved, context)?;
    let Context { now: at, actor, .. } = *context;
    let (action, customer) = (Action::ContactRemoved, Some(customer));
    let detail = json!({ "contact": contact });
    audit::append(tx, Entry { at, actor, action, link: None, customer, detail });
    Ok(true)
}
