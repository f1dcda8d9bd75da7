//! What the store does for links.

use async_trait::async_trait;

use super::{Context, NewMail, Result};
use crate::domain::audit::TimelineEntry;
use crate::domain::clock::Timestamp;
use crate::domain::customer::UserHandle;
use crate::domain::door::DoorHash;
use crate::domain::evidence::Record;
use crate::domain::id::LinkId;
use crate::domain::link::{CodeHash, Filter, IfOpen, Link, LinkSecret, Status};
use crate::domain::verdict::Verdict;

/// A link to be created; the store finds or makes the customer and fixes the kind.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLink {
    /// As it will be, but for `customer` and `kind`, which the store decides: by the customer's id
    /// if there is one, and by `enrolment` and the customer's active credentials.
    pub link: Link,
    /// The user handle if this link makes the customer.
    pub new_handle: UserHandle,
    pub if_open: IfOpen,
    pub idempotency: Option<Idempotency>,
    /// Sends the link to its customer.
    pub mail: Option<NewMail>,
}

/// A caller's `Idempotency-Key`, kept for 24 hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    pub key: String,
    /// SHA-256 of the request's body: the same key with another body is refused.
    pub body: [u8; 32],
}

/// What making something else than a link came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Once<T> {
    New(T),
    /// This caller's same request made this before.
    Repeated(T),
    /// The idempotency key was used with another body, or for something else.
    IdempotencyMismatch,
}

/// What creating a link came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Created {
    /// A new link, and how an older open one ended for it: revoked as `superseded`, or expired if
    /// its time was over.
    New(Link, Option<Status>),
    /// This caller's same request made this link before.
    Repeated(Link),
    /// The idempotency key was used with another body.
    IdempotencyMismatch,
    /// `if_open: refuse`, and this link is open and not past its time.
    OpenLink(LinkId),
    /// `enrolment: existing`, and the customer has no active credential.
    NoCredential,
    /// The customer was sent links as often as may be within a day.
    TooManySends,
}

/// What changing a link came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Changed {
    /// As it is now.
    Done(Link),
    /// It had ended already, or its time was over, with which it has expired now; as it is.
    Ended(Link),
    NotFound,
}

/// One page of a list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page starts: the id of this page's last item; `None` on the last page.
    pub next: Option<LinkId>,
}

#[async_trait]
pub trait Links {
    /// Finds or makes the customer, supersedes an older open link, and inserts the link.
    /// [`Taken`](super::StoreError::Taken) if another open link has its door.
    async fn create_link(&self, new: NewLink, context: Context) -> Result<Created>;

    async fn find_link(&self, id: LinkId) -> Result<Option<Link>>;

    /// By the hash of its short code, or of one that a reissue replaced: the caller compares it with
    /// the link's own.
    async fn find_link_by_code(&self, code: CodeHash) -> Result<Option<Link>>;

    /// The open link with this code of the known door, though its time may be over.
    async fn find_link_by_door(&self, door: DoorHash) -> Result<Option<Link>>;

    /// The newest 200 audit entries of a link, oldest first.
    async fn link_timeline(&self, id: LinkId) -> Result<Vec<TimelineEntry>>;

    /// Newest first, starting after `after`; `limit` items at most.
    async fn list_links(
        &self,
        filter: &Filter,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Page<Link>>;

    /// Replaces the secret and the expiry of an open link; the old token and code open nothing more,
    /// a begun ceremony is superseded, and the new ones were not sent yet.
    /// [`Taken`](super::StoreError::Taken) as [`create_link`](Self::create_link).
    async fn reissue_link(
        &self,
        id: LinkId,
        secret: LinkSecret,
        expires_at: Timestamp,
        context: Context,
    ) -> Result<Changed>;

    /// Notes, once, that the customer of an open link says that they have a new phone. Changes
    /// nothing else; the link as it is now. `NotFound` also if its secret is another by now.
    async fn ask_new_phone(&self, id: LinkId, jti: [u8; 16], context: Context) -> Result<Changed>;

    /// Ends an open link without a ceremony's success (revoked, declined); guarded by the state.
    async fn end_link(&self, id: LinkId, verdict: Verdict, context: Context) -> Result<Changed>;

    /// Ends up to `limit` open links whose time is over, each with verdict and event: as expired, or
    /// as failed if its attempts are used up. How many; an unreadable one is logged and left.
    async fn expire_links(&self, limit: u32, context: Context) -> Result<usize>;

    /// What stays of the link's verdict, for a third party to check if they can; `None` if no ceremony ended it.
    /// Reading it is audited.
    async fn read_evidence(&self, id: LinkId, context: Context) -> Result<Option<Record>>;
}
