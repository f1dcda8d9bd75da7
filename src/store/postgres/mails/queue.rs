//! Queueing mails: a link's, and the notices to all whom a change of passkeys concerns.

use super::super::super::{Context, NewMail};
use super::super::columns::Whole;
use super::super::failure::Done;
use super::super::query::params;
use super::super::transaction::Tx;
use crate::domain::id::{ContactId, CustomerId, LinkId, MailId};
use crate::domain::link::Link;
use crate::domain::mail::{CONTACTS_MAX, EmailAddress, MailKind};

/// The mail with a link; its address becomes one of the customer's contacts.
pub(super) fn queue_link(tx: &mut Tx, link: &Link, mail: &NewMail, context: &Context) -> Done<()> {
    let contact = ContactId::new(context.now, tx.random())?;
    tx.write(
        "-- remember_contact
         INSERT INTO contacts (id, customer, email, created_at)
         SELECT $5::uuid, $1::uuid, $2::text, $3::bigint
         WHERE (SELECT count(*) FROM contacts WHERE customer = $1) < $4
         ON CONFLICT (customer, email) DO NOTHING",
        params![link.customer, mail.recipient.clone(), context.now, Whole(CONTACTS_MAX), contact],
    );
    tx.write(
        "-- insert_mail
         INSERT INTO mails (id, customer, link, kind, recipient, locale, status, due_at, created_at)
         VALUES ($1, $2, $3, 'link', $4, $5, 'pending', $6, $6)",
        params![
            mail.id,
            link.customer,
            link.id,
            mail.recipient.clone(),
            link.request.locale.clone(),
            context.now
        ],
    );
    Ok(())
}

/// Tells one address, which need not be a contact any more.
pub(super) fn tell(
    tx: &mut Tx,
    customer: CustomerId,
    recipient: EmailAddress,
    kind: MailKind,
    context: &Context,
) -> Done<()> {
    let id = MailId::new(context.now, tx.random())?;
    tx.write(
        "-- queue_notice
         INSERT INTO mails (id, customer, kind, recipient, locale, status, due_at, created_at)
         VALUES ($1, $2, $3, $4,
                 (SELECT locale FROM links WHERE customer = $2 ORDER BY id DESC LIMIT 1),
                 'pending', $5, $5)",
        params![id, customer, kind, recipient, context.now],
    );
    Ok(())
}

/// Tells every contact of a customer, once in a link, in the language of the newest link. One
/// statement, which finds nobody where nobody is to be told.
pub(in super::super) fn notify(
    tx: &mut Tx,
    customer: CustomerId,
    link: Option<LinkId>,
    kind: MailKind,
    context: &Context,
) -> Done<()> {
    let ids = (0..CONTACTS_MAX)
        .map(|_| MailId::new(context.now, tx.random()))
        .collect::<Result<Vec<_>, _>>()?;
    tx.write(
        "-- queue_notices
         INSERT INTO mails (id, customer, link, kind, recipient, locale, status, due_at, created_at)
         SELECT ($1::uuid[])[c.place], $2::uuid, $3::uuid, $4::text, c.email,
                (SELECT locale FROM links WHERE customer = $2 ORDER BY id DESC LIMIT 1),
                'pending', $5::bigint, $5::bigint
         FROM (SELECT email, row_number() OVER (ORDER BY created_at, email) AS place
               FROM contacts WHERE customer = $2) c
         WHERE c.place <= cardinality($1::uuid[])
           AND NOT EXISTS (SELECT 1 FROM mails WHERE link = $3 AND kind = $4)",
        params![ids, customer, link, kind, context.now],
    );
    Ok(())
}
