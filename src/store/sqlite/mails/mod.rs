//! Mails: queued with what they tell of, leased to the worker, settled by what came of a try.

mod contacts;
mod lease;
mod queue;
mod send;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension};

use super::super::{
    Context, MAILS_COUNTED, MailLease, Mails, MailsWaiting, Result, SendOrder, Sending,
};
use super::SqliteStore;
use crate::domain::clock::Timestamp;
use crate::domain::id::{ContactId, CustomerId, LinkId};
use crate::domain::mail::{Contact, LeasedMail, MailNext, SentMail};

pub(super) use self::queue::notify;
pub(super) use self::send::{may_send, send_new};

#[async_trait]
impl Mails for SqliteStore {
    async fn send_link(&self, id: LinkId, order: SendOrder, context: Context) -> Result<Sending> {
        self.write(move |tx| send::send(tx, id, &order, &context)).await
    }

    async fn lease_mails(&self, request: MailLease, now: Timestamp) -> Result<Vec<LeasedMail>> {
        self.write(move |tx| lease::lease(tx, request, now)).await
    }

    async fn record_mail(
        &self,
        leased: &LeasedMail,
        next: MailNext,
        answer: String,
        context: Context,
    ) -> Result<bool> {
        let leased = leased.clone();
        self.write(move |tx| lease::record(tx, &leased, next, &answer, &context)).await
    }

    async fn next_mail_due(&self) -> Result<Option<Timestamp>> {
        self.read(|connection| {
            let due = connection
                .prepare_cached(
                    "-- next_mail_due
                     SELECT due_at FROM mails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
                )?
                .query_row([], |row| row.get(0))
                .optional()?;
            Ok(due)
        })
    }

    async fn list_contacts(&self, customer: CustomerId) -> Result<Vec<Contact>> {
        self.read(|connection| contacts::list(connection, customer))
    }

    async fn remove_contact(
        &self,
        customer: CustomerId,
        contact: ContactId,
        context: Context,
    ) -> Result<bool> {
        self.write(move |tx| contacts::remove(tx, customer, contact, &context)).await
    }

    async fn mails_waiting(&self) -> Result<MailsWaiting> {
        self.read(|connection| {
            let waiting = connection
                .prepare_cached(
                    "-- mails_waiting
                     SELECT count(*), min(created_at)
                     FROM (SELECT created_at FROM mails WHERE due_at IS NOT NULL
                           ORDER BY due_at LIMIT ?1)",
                )?
                .query_one([MAILS_COUNTED + 1], |row| {
                    Ok(MailsWaiting { count: row.get(0)?, oldest: row.get(1)? })
                })?;
            Ok(waiting)
        })
    }

    async fn link_mails(&self, link: LinkId) -> Result<Vec<SentMail>> {
        self.read(|connection| of_link(connection, link))
    }
}

fn of_link(connection: &Connection, link: LinkId) -> Result<Vec<SentMail>> {
    let mut statement = connection.prepare_cached(
        "-- link_mails
         SELECT recipient, status, attempts, created_at, finished_at, answer
         FROM mails WHERE link = ?1 AND kind = 'link' ORDER BY id",
    )?;
    let mails = statement.query_map([link], |row| {
        Ok(SentMail {
            recipient: row.get(0)?,
            status: row.get(1)?,
            attempts: row.get(2)?,
            created_at: row.get(3)?,
            finished_at: row.get(4)?,
            answer: row.get(5)?,
        })
    })?;
    Ok(mails.collect::<rusqlite::Result<_>>()?)
}
