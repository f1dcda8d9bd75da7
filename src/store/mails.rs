//! What the store does for mails, and for links that are to be sent.

use std::time::Duration;

use async_trait::async_trait;

use super::{Context, Result};
use crate::domain::clock::Timestamp;
use crate::domain::id::{ContactId, CustomerId, LinkId, MailId};
use crate::domain::link::Link;
use crate::domain::mail::{Contact, EmailAddress, LeasedMail, MailNext, Phone, SentMail};

/// A mail with a link, to be queued in the transaction that wants it sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    pub id: MailId,
    /// Also remembered as one of the customer's contacts.
    pub recipient: EmailAddress,
}

/// How a link is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOrder {
    Mail(NewMail),
    /// By the company's own gateway, which is told by `link.send_requested`. `short_url` opens the
    /// link while its secret has this `jti`.
    Gateway {
        short_url: String,
        jti: [u8; 16],
        phone: Option<Phone>,
    },
}

/// What sending a link came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Sending {
    /// It is queued.
    Queued(Link),
    Ended(Link),
    NotFound,
    /// The link, or its customer, was sent links as often as may be.
    TooOften(Bound),
    /// No endpoint asks for `link.send_requested`.
    NobodyAsks,
    /// The link was reissued just now, and its short URL is another one.
    Reissued,
}

/// Which bound was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Link,
    /// Of the customer, within a day.
    Customer,
}

/// What to lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLease {
    /// So many at most.
    pub limit: u32,
    /// How long the lease holds.
    pub ttl: Duration,
    /// Only what was due this long ago.
    pub overdue: Duration,
}

/// Mails that are neither sent nor given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailsWaiting {
    /// Up to one more than [`MAILS_COUNTED`].
    pub count: u32,
    /// When the oldest of those that were counted was queued.
    pub oldest: Option<Timestamp>,
}

/// More mails than that are as many.
pub const MAILS_COUNTED: u32 = 10_000;

#[async_trait]
pub trait Mails {
    /// Queues an open link's mail, or the event for the company's own gateway, within the bounds of
    /// [`crate::domain::mail`].
    async fn send_link(&self, id: LinkId, order: SendOrder, context: Context) -> Result<Sending>;

    /// Leases what is due, the longest due first. Each lease is a try, also of one that dies.
    async fn lease_mails(&self, request: MailLease, now: Timestamp) -> Result<Vec<LeasedMail>>;

    /// Writes what a try came to, with what the mail server said (no address in it). The first mail
    /// that was sent with the URL of a link that is still open makes the link a sent one. `false`,
    /// and nothing written, if the mail is no longer under this lease.
    async fn record_mail(
        &self,
        leased: &LeasedMail,
        next: MailNext,
        answer: String,
        context: Context,
    ) -> Result<bool>;

    /// When a mail should be taken next.
    async fn next_mail_due(&self) -> Result<Option<Timestamp>>;

    /// Addresses that are told of passkeys, oldest first.
    async fn list_contacts(&self, customer: CustomerId) -> Result<Vec<Contact>>;

    /// Forgets an address of this customer's, and tells it so. `false` if there is none such.
    async fn remove_contact(
        &self,
        customer: CustomerId,
        contact: ContactId,
        context: Context,
    ) -> Result<bool>;

    /// How much waits.
    async fn mails_waiting(&self) -> Result<MailsWaiting>;

    /// The mails with this link, oldest first.
    async fn link_mails(&self, link: LinkId) -> Result<Vec<SentMail>>;
}
