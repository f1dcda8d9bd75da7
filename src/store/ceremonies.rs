//! What the store does for ceremonies: begin, take the answer once, settle or refuse.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Context, Result};
use crate::domain::call::{Outcome, Said};
use crate::domain::ceremony::{Ceremony, Refusal, Refused, Wish};
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::customer::UserHandle;
use crate::domain::digest::sha256;
use crate::domain::evidence::Evidence;
use crate::domain::id::{CeremonyId, LinkId};
use crate::domain::link::Link;
use crate::domain::verdict::Verified;

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

/// What hearing the customer came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Listened {
    /// With the link as it is now: it may have ended with what was said.
    Heard(Outcome, Box<Link>),
    /// As [`Begun::LinkClosed`].
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
    /// Its answer may be checked, now and never again. The attempt is counted in the subject.
    Live(Box<(Ceremony, Subject)>),
    NotLive(NotLive),
}

/// Why an answer is not checked. Nothing was written.
#[derive(Clone, Debug, PartialEq)]
pub enum NotLive {
    /// The very same answer was checked before and verified its link: here it is.
    Repeated(Box<Link>),
    /// Answered, or replaced by a newer challenge.
    Used,
    /// The challenge's own time is over (the link may still be open).
    Expired,
    /// The link can no longer be used: how it stands (out of time or attempts, it may be open yet).
    LinkClosed(Box<Link>),
    /// No such link. A ceremony that is not there is `Used`: only a newer one removes it.
    Unknown,
}

/// Checks an answer against what was read when its challenge was consumed. Free of side effects: it
/// is done again if the transaction had to begin again.
///
/// # Errors
/// Whatever says nothing about the answer: then its challenge is not consumed.
pub type Check = Arc<dyn Fn(&Ceremony, &Subject) -> Result<Checked> + Send + Sync>;

/// What checking an answer came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    Right(Box<Settlement>),
    Wrong(Refused),
}

/// What a right answer ends its link with.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    pub verified: Verified,
    pub evidence: Evidence,
    pub key: KeyChange,
    /// Facts for the audit: flags, counters, formats; no secrets, no texts.
    pub detail: serde_json::Value,
}

/// What a successful ceremony does to the customer's credentials.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyChange {
    /// Bind this one, as the link's enrolment says: beside the one that asked for it, which must
    /// still be good for its binding (`add`); in place of all others, which are revoked
    /// (`replace`); or as the customer's only one.
    Bind(Box<Credential>),
    /// This one signed.
    Use(KeyUse),
}

/// An answer that was refused, for the audit. The credential under suspicion is marked for staff.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedAnswer {
    pub ceremony: CeremonyId,
    pub link: LinkId,
    /// As which it was counted: the link's `attempts` when its challenge was consumed.
    pub attempt: u32,
    pub refused: Refused,
}

/// What settling came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Verdict, evidence, standing, credential, event, deliveries and audit are written.
    Done(Box<Link>),
    /// Nothing but the refusal was written: the answer is wrong, or what it was checked with may not
    /// be used so. Counts as a failed attempt, which may have ended the link. As it is now.
    Refused(Refusal, Box<Link>),
    /// Of a code only, which is checked after its challenge was consumed: the link ended or was
    /// reissued meanwhile; nothing was written. As it is.
    LinkClosed(Box<Link>),
}

#[async_trait]
pub trait Ceremonies {
    /// The link with its customer's handle and active credentials.
    async fn ceremony_subject(&self, link: LinkId) -> Result<Option<Subject>>;

    /// Writes down what the customer says before a ceremony, if the link is still open and its
    /// secret is still `jti`, under which the code was compared. What is said opens the link. A
    /// wrong code is counted, and the third ends the link as failed; an answer that contradicts
    /// staff ends it as declined.
    async fn hear_customer(
        &self,
        link: LinkId,
        jti: [u8; 16],
        said: Said,
        context: Context,
    ) -> Result<Listened>;

    /// Stores a begun ceremony and opens the link, if the link is still open, not past its time,
    /// has attempts left, no call code is owed and its secret is still that of `link`, which is the
    /// link as it was read for this. Older ceremonies of the link are superseded, and forgotten
    /// unless they were answered: only the newest challenge is live.
    async fn begin_ceremony(
        &self,
        ceremony: Ceremony,
        link: &Link,
        context: Context,
    ) -> Result<Begun>;

    /// Reads the subject and begins on it what the customer wants, if [`Wish::on`] finds nothing in
    /// the way: what came of it, and what it came of. `None`, and nothing written, otherwise.
    async fn begin_wished(
        &self,
        wish: Wish,
        context: Context,
    ) -> Result<Option<Box<(Ceremony, Subject)>>>;

    /// Consumes a live challenge, checks its answer and writes what it came to, in one transaction:
    /// nobody's challenge is gone without an outcome, and no answer is checked that is not the
    /// challenge's first. Whether it is in time is a question of `context.now`, when it came, however
    /// long the store takes. A right answer ends the link with its verdict, if the credential may
    /// sign: it must be active, of this customer, its counter must rise (or stay zero, section
    /// 6.1.1) and its backup eligibility be unchanged; a new one must be unknown. Anything else is
    /// recorded as refused, and ends the link as failed if it was the last attempt.
    async fn answer_ceremony(
        &self,
        answered: Answered,
        check: Check,
        context: Context,
    ) -> Result<std::result::Result<Settled, NotLive>>;

    /// Takes a live challenge out of circulation and counts the attempt, whatever the answer
    /// turns out to be: for answers that are not checked at once.
    async fn consume_ceremony(&self, answered: Answered, context: Context) -> Result<Consumed>;

    /// Records a refused answer; ends the link as failed if it was the last attempt, not if that
    /// one is still under way. The link as it is now.
    async fn refuse_attempt(&self, refused: RefusedAnswer, context: Context) -> Result<Link>;
}
