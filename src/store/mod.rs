//! Everything that knows SQL. Small traits under one [`Store`]; each method is one transaction,
//! speaks domain types and takes the time as an argument. No transaction leaves this layer and
//! none is held across an `.await`.
//!
//! What changes state writes everything that belongs to the change together: the state, the
//! verdict with its evidence, the customer's standing, the event, its deliveries and the audit
//! entry. Every guard of the domain is here again as a `WHERE` that must touch exactly one row.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::audit::{Actor, Entry, TimelineEntry};
use crate::domain::ceremony::{Ceremony, Refusal};
use crate::domain::clock::Timestamp;
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::customer::{Customer, Standing, UserHandle, UserId};
use crate::domain::delivery::{Attempt, Leased, Next};
use crate::domain::digest::sha256;
use crate::domain::event::Event;
use crate::domain::evidence::Evidence;
use crate::domain::id::{
    ApiKeyId, CeremonyId, CredentialId, CustomerId, DeliveryId, EndpointId, LinkId,
};
use crate::domain::link::{CodeHash, Filter, IfOpen, Link, LinkSecret};
use crate::domain::verdict::{Assurance, Verdict};

/// Why the store could not do what it was asked. It says nothing about the request: the caller
/// answers 503 and the same request may be sent again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More writes wait than may; come back in a moment.
    #[error("the store has too many writes waiting")]
    Busy,
    /// The store is shutting down or its engine failed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row does not read as what was written: a defect or a damaged file.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
    #[error(transparent)]
    NoEntropy(#[from] crate::domain::random::NoEntropy),
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// A whole store.
#[async_trait]
pub trait Store: Links + Ceremonies + Customers + Deliveries + Keys + Send + Sync {
    /// Whether reads and writes work now.
    async fn ready(&self) -> Result<()>;

    /// Takes no more work, finishes what waits and closes cleanly. Later calls are `Unavailable`.
    async fn close(&self) -> Result<()>;
}

/// What the transaction of a state change needs to know besides the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    pub now: Timestamp,
    pub actor: Actor,
    /// The gate's default demand, for the `verified` in the event's body.
    pub gate_min_assurance: Assurance,
}

/// A link to be created; the store finds or makes the customer and fixes the kind.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLink {
    /// As it will be, but for `customer` and `kind`, which the store decides: the customer's own
    /// id if there is one, and by `enrolment` and the customer's active credentials.
    pub link: Link,
    /// The user handle if this link makes the customer.
    pub new_handle: UserHandle,
    pub if_open: IfOpen,
    pub idempotency: Option<Idempotency>,
}

/// A caller's `Idempotency-Key`, kept for 24 hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    pub key: String,
    /// SHA-256 of the request's body: the same key with another body is refused.
    pub body: [u8; 32],
}

/// What creating a link came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Created {
    /// A new link; the older open one, if any, was revoked as `superseded`.
    New(Link),
    /// This caller's same request made this link before.
    Repeated(Link),
    /// The idempotency key was used with another body.
    IdempotencyMismatch,
    /// `if_open: refuse`, and this link is open.
    OpenLink(LinkId),
    /// `enrolment: existing`, and the customer has no active credential.
    NoCredential,
}

/// What changing a link came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Changed {
    /// As it is now.
    Done(Link),
    /// It had ended already; as it is.
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
    async fn create_link(&self, new: NewLink, context: Context) -> Result<Created>;

    async fn find_link(&self, id: LinkId) -> Result<Option<Link>>;

    /// By the hash of its short code.
    async fn find_link_by_code(&self, code: CodeHash) -> Result<Option<Link>>;

    /// The audit entries of a link, oldest first.
    async fn link_timeline(&self, id: LinkId) -> Result<Vec<TimelineEntry>>;

    /// Newest first, starting after `after`; `limit` items at most.
    async fn list_links(
        &self,
        filter: &Filter,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Page<Link>>;

    /// Replaces the secret and the expiry of an open link; the old token and code match no more,
    /// a begun ceremony is superseded.
    async fn reissue_link(
        &self,
        id: LinkId,
        secret: LinkSecret,
        expires_at: Timestamp,
        context: Context,
    ) -> Result<Changed>;

    /// Ends an open link without a ceremony's success (revoked, declined); guarded by the state.
    async fn end_link(&self, id: LinkId, verdict: Verdict, context: Context) -> Result<Changed>;

    /// Ends up to `limit` open links whose time is over, each with verdict and event. How many.
    async fn expire_links(&self, limit: u32, context: Context) -> Result<usize>;

    /// What a third party needs to check the link's verdict; `None` if no ceremony ended it.
    /// Reading it is audited.
    async fn read_evidence(&self, id: LinkId, context: Context) -> Result<Option<Evidence>>;
}

/// All that beginning or finishing a ceremony on a link needs, read at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub link: Link,
    pub handle: UserHandle,
    /// The customer's active credentials.
    pub credentials: Vec<Credential>,
}

/// What beginning a ceremony came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    Begun,
    /// The link ended, ran out of attempts or of time, or was reissued in between.
    LinkClosed,
}

/// A ceremony's answer, on its way to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    pub ceremony: CeremonyId,
    pub link: LinkId,
    /// SHA-256 of the request's body, to know the same answer again.
    pub body: [u8; 32],
}

impl Answered {
    #[must_use]
    pub fn new(ceremony: CeremonyId, link: LinkId, body: &[u8]) -> Self {
        Self { ceremony, link, body: sha256(&[body]) }
    }
}

/// What consuming a challenge came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Consumed {
    /// This caller may check the answer now; nobody else ever will.
    Live(Box<(Ceremony, Subject)>),
    /// The very same answer was checked before and verified its link: here it is.
    Repeated(Box<Link>),
    /// Answered, or replaced by a newer challenge.
    Used,
    /// The challenge's own time is over (the link may still be open).
    Expired,
    /// The link can no longer be used: how it stands (open but past its time counts).
    LinkClosed(Box<Link>),
    /// No such ceremony under this link.
    Unknown,
}

/// A checked answer, ready to end its link.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    pub ceremony: CeremonyId,
    pub link: LinkId,
    pub verdict: Verdict,
    pub evidence: Evidence,
    pub key: KeyChange,
    /// Facts for the audit: flags, counters, formats; no secrets, no texts.
    pub detail: serde_json::Value,
}

/// What a successful ceremony does to the customer's credentials.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyChange {
    /// Bind this one. With `replace`, all others of the customer are revoked; without, the
    /// customer must still have no active one.
    Bind { credential: Box<Credential>, replace: bool },
    /// This one signed.
    Use(KeyUse),
}

/// What settling came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Verdict, evidence, standing, credential, event, deliveries and audit are written.
    Done(Box<Link>),
    /// Nothing but the refusal was written: the credential is not what it was checked as. Counts
    /// as a failed attempt, which may have ended the link. As it is now.
    Refused(Refusal, Box<Link>),
    /// The link ended meanwhile; nothing was written. As it is.
    LinkClosed(Box<Link>),
}

#[async_trait]
pub trait Ceremonies {
    /// The link with its customer's handle and active credentials.
    async fn ceremony_subject(&self, link: LinkId) -> Result<Option<Subject>>;

    /// Stores a begun ceremony and opens the link, if the link is still open, not past its time,
    /// has attempts left and its secret is still `jti`. Older ceremonies of the link are
    /// superseded: only the newest challenge is live.
    async fn begin_ceremony(
        &self,
        ceremony: Ceremony,
        jti: [u8; 16],
        max_attempts: u32,
        context: Context,
    ) -> Result<Begun>;

    /// Takes a live challenge out of circulation and counts the attempt, whatever the answer
    /// turns out to be.
    async fn consume_ceremony(&self, answered: Answered, now: Timestamp) -> Result<Consumed>;

    /// Ends the link with its verdict, everything in one transaction. The credential is read
    /// again inside: it must be active, of this customer, its counter must rise (or stay zero,
    /// section 6.1.1) and its backup eligibility be unchanged; a new one must be unknown.
    async fn settle_ceremony(
        &self,
        settlement: Settlement,
        max_attempts: u32,
        context: Context,
    ) -> Result<Settled>;

    /// Records a refused answer; ends the link as failed if it was the last attempt. The link as
    /// it is now.
    async fn refuse_attempt(
        &self,
        ceremony: CeremonyId,
        link: LinkId,
        refusal: Refusal,
        detail: serde_json::Value,
        max_attempts: u32,
        context: Context,
    ) -> Result<Link>;
}

#[async_trait]
pub trait Customers {
    async fn find_customer(&self, user_id: &UserId) -> Result<Option<Customer>>;

    /// Where a customer stands; `None` for one nobody has heard of. The gate's whole read.
    async fn standing(&self, user_id: &UserId) -> Result<Option<Standing>>;

    /// All credentials of a customer, revoked ones too, oldest first.
    async fn list_credentials(&self, customer: CustomerId) -> Result<Vec<Credential>>;

    /// Revokes an active credential of this customer. `false` if there is none such.
    async fn revoke_credential(
        &self,
        customer: CustomerId,
        credential: CredentialId,
        context: Context,
    ) -> Result<bool>;

    /// Sends `verification.lapsed` for up to `limit` customers whose verdict passed its
    /// `verified_until`, once each. How many.
    async fn lapse_verdicts(&self, limit: u32, context: Context) -> Result<usize>;
}

/// What the delivery worker asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseRequest {
    pub endpoint: EndpointId,
    pub limit: u32,
    pub ttl: Duration,
}

/// A delivery as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverySummary {
    pub id: DeliveryId,
    pub event: Event,
    pub endpoint: EndpointId,
    pub status: crate::domain::delivery::DeliveryStatus,
    pub attempts: Vec<Attempt>,
    pub due_at: Option<Timestamp>,
}

#[async_trait]
pub trait Deliveries {
    /// Says whether the built-in endpoint exists (`CRM_WEBHOOK_URL` is set). From now on verdicts
    /// get a delivery to it, or none.
    async fn set_built_in_endpoint(&self, active: bool) -> Result<()>;

    /// Takes due deliveries, oldest due first, also those whose lease ran out.
    async fn lease_deliveries(&self, request: LeaseRequest, now: Timestamp) -> Result<Vec<Leased>>;

    /// Records an attempt and what becomes of the delivery. `false`, and nothing written, if the
    /// lease is no longer this one.
    async fn record_attempt(
        &self,
        leased: &Leased,
        attempt: Attempt,
        next: Next,
        now: Timestamp,
    ) -> Result<bool>;

    /// When the earliest unfinished delivery to this endpoint is due; `None` if there is none.
    async fn next_delivery_due(&self, endpoint: EndpointId) -> Result<Option<Timestamp>>;

    /// All deliveries of a link's events with their attempts, oldest first.
    async fn link_deliveries(&self, link: LinkId) -> Result<Vec<DeliverySummary>>;
}

#[async_trait]
pub trait Keys {
    /// Stores a new API key. `entry` is its audit entry.
    async fn insert_key(&self, key: ApiKey, entry: Entry) -> Result<()>;

    /// An active key by its hash.
    async fn find_key(&self, hash: KeyHash) -> Result<Option<ApiKey>>;

    /// All keys, oldest first.
    async fn list_keys(&self) -> Result<Vec<ApiKey>>;

    /// Revokes an active key. `false` if there is none such.
    async fn revoke_key(&self, id: ApiKeyId, entry: Entry) -> Result<bool>;

    /// Makes `BOOTSTRAP_API_KEY` (or its absence) true: at most one key has this id, with this
    /// hash, active; a former one is revoked.
    async fn set_bootstrap_key(&self, key: Option<ApiKey>, now: Timestamp) -> Result<()>;
}
