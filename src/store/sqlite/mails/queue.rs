//! Queueing mails: a link's, and the notices to all whom a change of passkeys concerns.

use super::super::super::{Context, NewMail, Result};
use super::super::transaction::Tx;
use crate::domain::id::{ContactId, CustomerId, LinkId, MailId};
use crate::domain::link::Link;
use crate::domain::mail::{CONTACTS_MAX, EmailAddress, MailKind};

/// The mail with a link; its address becomes one of the customer's contacts.
pub(super) fn queue_link(
    tx: &Tx<'_>,
    link: &Link,
    mail: &NewMail,
    context: &Context,
) -> Result<()> {
    tx.prepare_cached(
        "-- remember_contact
         INSERT INTO contacts (id, customer, email, created_at)
         SELECT ?5, ?1, ?2, ?3 WHERE (SELECT count(*) FROM contacts WHERE customer = ?1) < ?4
         ON CONFLICT (customer, email) DO NOTHING",
    )?
    .execute((
        link.customer,
        &mail.recipient,
        context.now,
        CONTACTS_MAX,
        ContactId::new(context.now, tx.random)?,
    ))?;
    insert(tx, mail.id, (link.customer, Some(link.id)), MailKind::Link, mail, context)
}

/// Tells every contact of a customer, once in a link.
pub(in super::super) fn notify(
    tx: &Tx<'_>,
    customer: CustomerId,
    link: Option<LinkId>,
    kind: MailKind,
    context: &Context,
) -> Result<()> {
    let recipients = tx
        .prepare_cached(
            "-- whom_to_notify
             SELECT email FROM contacts
             WHERE customer = ?1
               AND NOT EXISTS (SELECT 1 FROM mails WHERE link = ?2 AND kind = ?3)
             ORDER BY created_at, email LIMIT ?4",
        )?
        .query_map((customer, link, kind, CONTACTS_MAX), |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for recipient in recipients {
        let mail = NewMail { id: MailId::new(context.now, tx.random)?, recipient };
        insert(tx, mail.id, (customer, link), kind, &mail, context)?;
    }
    Ok(())
}

/// Tells one address, which need not be a contact any more.
pub(super) fn tell(
    tx: &Tx<'_>,
    customer: CustomerId,
    recipient: EmailAddress,
    kind: MailKind,
    context: &Context,
) -> Result<()> {
    let mail = NewMail { id: MailId::new(context.now, tx.random)?, recipient };
    insert(tx, mail.id, (customer, None), kind, &mail, context)
}

/// In the language of the customer's newest link.
fn insert(
    tx: &Tx<'_>,
    id: MailId,
    about: (CustomerId, Option<LinkId>),
    kind: MailKind,
    mail: &NewMail,
    context: &Context,
) -> Result<()> {
    tx.prepare_cached(
        "-- insert_mail
         INSERT INTO mails (id, customer, link, kind, recipient, locale, status, due_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5,
                 (SELECT locale FROM links WHERE customer = ?2 ORDER BY id DESC LIMIT 1),
                 'pending', ?6, ?6)",
    )?
    .execute((id, about.0, about.1, kind, &mail.recipient, context.now))?;
    Ok(())
}
