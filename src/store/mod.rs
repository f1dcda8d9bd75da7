//! Everything that knows SQL. Small traits under one [`Store`]; each method is one transaction,
//! speaks domain types and takes the time as an argument. No transaction leaves this layer. Two
//! engines, [`sqlite`] and [`postgres`], keep one contract, which one suite of tests holds them to.
//!
//! What changes state writes everything that belongs to the change together: the state, the
//! verdict with its evidence, the customer's standing, the event, its deliveries and the audit
//! entry. Every guard of the domain is here again as a `WHERE` that must touch exactly one row.

mod alerts;
mod authenticator_apps;
pub mod bulk;
mod ceremonies;
mod changes;
mod customers;
mod deliveries;
mod endpoints;
mod history;
mod keys;
mod links;
mod mails;
mod migration;
pub mod postgres;
mod replays;
mod retention;
pub mod sqlite;

use std::time::Duration;

use async_trait::async_trait;

pub use self::alerts::Alerts;
pub use self::authenticator_apps::{AppChange, AuthenticatorApps, CodeSettlement};
pub use self::ceremonies::{
    Answered, Begun, Ceremonies, Check, Checked, Consumed, KeyChange, Listened, NotLive,
    RefusedAnswer, Settled, Settlement, Subject,
};
pub use self::changes::{Bell, Changes, Watch};
pub use self::customers::Customers;
pub use self::deliveries::{Arrival, Arrivals, Deliveries, DeliverySummary, LeaseRequest};
pub use self::endpoints::{BuiltIn, Endpoints, Undelivered};
pub use self::history::{
    CallOff, DeliveryFilter, DeliveryLine, DeliveryPage, DeliveryRecord, History,
};
pub use self::keys::Keys;
pub use self::links::{Changed, Created, Idempotency, Links, NewLink, Once, Page};
pub use self::mails::{
    Bound, MAILS_COUNTED, MailLease, Mails, MailsWaiting, NewMail, SendOrder, Sending,
};
pub use self::migration::Misfit;
pub use self::replays::{NewReplay, Replays, Step};
pub use self::retention::{Purged, Retention};
use crate::config::Verification;
use crate::domain::audit::Actor;
use crate::domain::clock::Timestamp;
use crate::domain::verdict::Assurance;

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
    /// A code that was drawn is another open link's; nothing was written, draw again.
    #[error("a code that was drawn is taken")]
    Taken,
    #[error(transparent)]
    NoEntropy(#[from] crate::domain::random::NoEntropy),
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// A whole store.
#[async_trait]
pub trait Store:
    Links
    + History
    + Ceremonies
    + Alerts
    + AuthenticatorApps
    + Customers
    + Deliveries
    + Endpoints
    + Keys
    + Mails
    + Replays
    + Retention
    + Send
    + Sync
{
    /// Whether reads and writes work now.
    async fn ready(&self) -> Result<()>;

    /// Takes no more work, finishes what waits and closes cleanly. Later calls are `Unavailable`.
    async fn close(&self) -> Result<()>;

    /// Where this store announces what its commits changed: every link that was opened, answered,
    /// reissued or ended.
    fn changes(&self) -> &Changes;

    /// Writes answered and commits they took since this store was opened; `None` if the engine does
    /// not group them.
    fn grouped_writes(&self) -> Option<(u64, u64)>;
}

/// What the transaction of a state change needs to know besides the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    pub now: Timestamp,
    pub actor: Actor,
    /// The gate's default demand, for the `verified` in the event's body.
    pub gate_min_assurance: Assurance,
    /// Answers a link may take; the refusal of the last one fails it.
    pub max_attempts: u32,
    /// The waiting period of new passkeys.
    pub seasoning: Duration,
}

impl Context {
    /// As the engines compare it.
    fn seasoning_millis(&self) -> i64 {
        i64::try_from(self.seasoning.as_millis()).unwrap_or(i64::MAX)
    }

    #[must_use]
    pub const fn new(now: Timestamp, actor: Actor, settings: &Verification) -> Self {
        let Verification { gate_min_assurance, max_attempts, seasoning, .. } = *settings;
        Self { now, actor, gate_min_assurance, max_attempts, seasoning }
    }
}
