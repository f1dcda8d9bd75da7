//! Mails: queued with what they tell of, leased to the worker, settled by what came of a try.

mod contacts;
mod lease;
mod queue;
mod send;

use async_trait::async_trait;

use super::super::{
    Context, MAILS_COUNTED, MailLease, Mails, MailsWaiting, Result, SendOrder, Sending,
};
use super::PostgresStore;
use super::columns::{Whole, read};
use super::query::{Query, params};
use crate::domain::clock::Timestamp;
use crate::domain::id::{ContactId, CustomerId, LinkId};
use crate::domain::mail::{Contact, LeasedMail, MailNext, SentMail};

pub(super) use self::queue::notify;
pub(super) use self::send::{may_send, send_new};

#[async_trait]
impl Mails for PostgresStore {
    async fn send_link(&self, id: LinkId, order: SendOrder, context: Context) -> Result<Sending> {
        self.write((id, order, context), |tx, (id, order, context)| {
            Box::pin(send::send(tx, *id, order, context))
        })
        .await
    }

    async fn lease_mails(&self, request: MailLease, now: Timestamp) -> Result<Vec<LeasedMail>> {
        self.write((request, now), |tx, (request, now)| Box::pin(lease::lease(tx, *request, *now)))
            .await
    }

    async fn record_mail(
        &self,
        leased: &LeasedMail,
        next: MailNext,
        answer: String,
        context: Context,
    ) -> Result<bool> {
        let input = (leased.clone(), next, answer, context);
        self.write(input, |tx, (leased, next, answer, context)| {
            Box::pin(lease::record(tx, leased, *next, answer, context))
        })
        .await
    }

    async fn next_mail_due(&self) -> Result<Option<Timestamp>> {
        self.read(Query::optional(
            "-- next_mail_due
             SELECT due_at FROM mails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
            Vec::new(),
            |row| read(row, 0),
        ))
        .await
    }

    async fn list_contacts(&self, customer: CustomerId) -> Result<Vec<Contact>> {
        self.read(contacts::list(customer)).await
    }

    async fn remove_contact(
        &self,
        customer: CustomerId,
        contact: ContactId,
        context: Context,
    ) -> Result<bool> {
        self.write((customer, contact, context), |tx, (customer, contact, context)| {
            Box::pin(contacts::remove(tx, *customer, *contact, context))
        })
        .await
    }

    async fn mails_waiting(&self) -> Result<MailsWaiting> {
        self.read(Query::list(
            "-- mails_waiting
             SELECT count(*), min(created_at)
             FROM (SELECT created_at FROM mails WHERE due_at IS NOT NULL
                   ORDER BY due_at LIMIT $1) waiting",
            params![i64::from(MAILS_COUNTED + 1)],
            |row| Ok(MailsWaiting { count: read::<Whole<u32>>(row, 0)?.0, oldest: read(row, 1)? }),
        ))
        .await
        .map(|rows| rows.first().copied().unwrap_or_default())
    }

    async fn link_mails(&self, link: LinkId) -> Result<Vec<SentMail>> {
        self.read(of_link(link)).await
    }
}

fn of_link(link: LinkId) -> Query<Vec<SentMail>> {
    Query::list(
        "-- link_mails
         SELECT recipient, status, attempts, created_at, finished_at, answer
         FROM mails WHERE link = $1 AND kind = 'link' ORDER BY id",
        params![link],
        |row| {
            Ok(SentMail {
                recipient: read(row, 0)?,
                status: read(row, 1)?,
                attempts: read::<Whole<u32>>(row, 2)?.0,
                created_at: read(row, 3)?,
                finished_at: read(row, 4)?,
                answer: read(row, 5)?,
            })
        },
    )
}
