//! The addresses that are told of a customer's passkeys.

use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use super::super::super::{Context, Result};
use super::super::audit;
use super::super::transaction::Tx;
use super::queue::tell;
use crate::domain::audit::{Action, Entry};
use crate::domain::id::{ContactId, CustomerId};
use crate::domain::mail::{Contact, EmailAddress, MailKind};

pub(super) fn list(connection: &Connection, customer: CustomerId) -> Result<Vec<Contact>> {
    let mut statement = connection.prepare_cached(
        "-- list_contacts
         SELECT id, email, created_at FROM contacts WHERE customer = ?1 ORDER BY created_at, email",
    )?;
    let contacts = statement.query_map([customer], |row| {
        Ok(Contact { id: row.get(0)?, email: row.get(1)?, created_at: row.get(2)? })
    })?;
    Ok(contacts.collect::<rusqlite::Result<_>>()?)
}

/// The address is told: whoever has a stolen key of staff's must not silence the owner's mailbox
/// without a sound.
pub(super) fn remove(
    tx: &Tx<'_>,
    customer: CustomerId,
    contact: ContactId,
    context: &Context,
) -> Result<bool> {
    let email: Option<EmailAddress> = tx
        .prepare_cached(
            "-- remove_contact
             DELETE FROM contacts WHERE id = ?1 AND customer = ?2 RETURNING email",
        )?
        .query_row((contact, customer), |row| row.get(0))
        .optional()?;
    let Some(email) = email else { return Ok(false) };
    tell(tx, customer, email, MailKind::ContactRemoved, context)?;
    audit::append(
        tx,
        &Entry {
            at: context.now,
            actor: context.actor,
            action: Action::ContactRemoved,
            link: None,
            customer: Some(customer),
            detail: json!({ "contact": contact }),
        },
    )?;
    Ok(true)
}
