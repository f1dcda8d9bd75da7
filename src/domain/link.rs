//! Links: one request to verify one customer. A link ends in exactly one verdict.

use super::audit::Actor;
use super::ceremony::Kind;
use super::clock::Timestamp;
use super::customer::{UserId, Username};
use super::digest::sha256;
use super::door::Door;
use super::id::{CredentialId, CustomerId, LinkId};
use super::text::Line;
use super::verdict::{Reason, Verdict, words};

words! {
    /// Who called whom, as the agent says.
    CallInitiator { Customer = "customer", Company = "company", }
}

words! {
    /// Under which conditions a link may bind a new passkey.
    Enrolment {
        /// Registers if the customer has no active passkey.
        Open = "open",
        /// Registers if the customer has no active passkey, and knows the code that the agent reads
        /// out to them.
        CallCode = "call_code",
        /// Only ever uses a passkey (or, where codes are taken, an app) that is there: 409 without
        /// one.
        Existing = "existing",
        /// Registers a new passkey after a lost phone and revokes the old ones on success.
        Replace = "replace",
        /// Registers one more passkey, as the owner of another asked us to. Never staff's choice.
        Add = "add",
    }
}

impl Enrolment {
    /// What staff may ask for.
    pub const OF_STAFF: &'static [Self] =
        &[Self::Open, Self::CallCode, Self::Existing, Self::Replace];

    /// Whether it registers a passkey though the customer has one.
    #[must_use]
    pub const fn adds(self) -> bool {
        matches!(self, Self::Replace | Self::Add)
    }
}

words! {
    /// Where a link is in its life.
    Status {
        Pending = "pending",
        Opened = "opened",
        Verified = "verified",
        Failed = "failed",
        Declined = "declined",
        Expired = "expired",
        Revoked = "revoked",
    }
}

impl Status {
    /// Whether a verdict is still to come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Opened)
    }
}

words! {
    /// What to do if the customer has an open link already.
    IfOpen {
        /// The newest wins: the older one is revoked as `superseded`.
        Supersede = "supersede",
        /// Answer `conflict` with the older one's id.
        Refuse = "refuse",
    }
}

words! {
    /// Why a customer declined.
    DeclineReason {
        NotMe = "not_me",
        CalledByStranger = "called_by_stranger",
        Other = "other",
    }
}

impl DeclineReason {
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::NotMe => Reason::NotMe,
            Self::CalledByStranger => Reason::CalledByStranger,
            Self::Other => Reason::Other,
        }
    }
}

/// The CRM record a link is about.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CrmRecord {
    pub module: Line<64>,
    pub record_id: Line<64>,
}

/// What staff asked for, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Who asks, as the customer reads it.
    pub requester: Line<64>,
    pub created_by: Actor,
    /// What the customer approves; `None`: just that it is them.
    pub statement: Option<Line<500>>,
    pub call_initiator: Option<CallInitiator>,
    pub enrolment: Enrolment,
    /// Whether a code of the customer's authenticator app does as well as a passkey.
    pub totp: bool,
    /// A BCP 47 language tag.
    pub locale: Option<Line<35>>,
    /// Staff's case number; sent along in webhooks.
    pub reference: Option<Line<128>>,
    pub crm: Option<CrmRecord>,
    /// At most 2 KiB of JSON, sent along in webhooks.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Where the page offers to go after success.
    pub return_url: Option<String>,
}

/// The random part of a link's URLs: the token's `jti`, and which secret signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSecret {
    /// Must match the token's `jti`; a reissue draws a new one.
    pub jti: [u8; 16],
    /// SHA-256 of the short code.
    pub code_hash: CodeHash,
    /// The `kid` of the secret that signs the token and makes the codes.
    pub kid: String,
    /// `None` once the link has ended.
    pub door: Option<Door>,
}

/// SHA-256 of a short code's 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeHash(pub [u8; 32]);

impl CodeHash {
    #[must_use]
    pub fn of(code: &[u8; 16]) -> Self {
        Self(sha256(&[b"vouchlink/code/v1\0", code]))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub id: LinkId,
    pub customer: CustomerId,
    pub user_id: UserId,
    pub username: Username,
    pub kind: Kind,
    pub request: Request,
    pub secret: LinkSecret,
    pub handover: Handover,
    pub state: State,
    /// Ceremonies whose answer was taken for checking.
    pub attempts: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What is known of the way a link took to its customer: what its verdict is worth rests on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// When a mail server first took our mail with this very URL.
    pub sent_at: Option<Timestamp>,
    /// `None` if the link asks for no code.
    pub call_code: Option<CallCode>,
    /// Who called whom, as the customer says.
    pub call_answer: Option<CallInitiator>,
    /// The passkey whose owner asked for this link ([`Enrolment::Add`]).
    pub authorised_by: Option<CredentialId>,
    /// When the customer said that they have a new phone.
    pub new_phone_asked_at: Option<Timestamp>,
}

/// How the code fares that the agent reads out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallCode {
    /// Until when it may be typed.
    pub until: Timestamp,
    /// When it was typed rightly.
    pub given_at: Option<Timestamp>,
    /// Wrong ones so far.
    pub tries: u32,
}

/// Where a link is in its life, with what that state knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Opened {
        at: Timestamp,
    },
    /// For ever.
    Ended {
        opened_at: Option<Timestamp>,
        verdict: Verdict,
    },
}

/// A transition that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a link that is {from} cannot become {to}")]
pub struct Refused {
    pub from: Status,
    pub to: Status,
}

impl State {
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Opened { .. } => Status::Opened,
            Self::Ended { verdict, .. } => verdict.status(),
        }
    }

    #[must_use]
    pub const fn opened_at(&self) -> Option<Timestamp> {
        match self {
            Self::Pending => None,
            Self::Opened { at } => Some(*at),
            Self::Ended { opened_at, .. } => *opened_at,
        }
    }

    #[must_use]
    pub const fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Pending | Self::Opened { .. } => None,
            Self::Ended { verdict, .. } => Some(verdict),
        }
    }

    /// The first ceremony begins; later ones change nothing.
    ///
    /// # Errors
    /// [`Refused`] once the link has ended.
    pub fn open(self, now: Timestamp) -> Result<Self, Refused> {
        match self {
            Self::Pending => Ok(Self::Opened { at: now }),
            Self::Opened { .. } => Ok(self),
            Self::Ended { .. } => Err(Refused { from: self.status(), to: Status::Opened }),
        }
    }

    /// # Errors
    /// [`Refused`] if the link has ended already, or would be verified without having been opened.
    pub fn end(self, verdict: Verdict) -> Result<Self, Refused> {
        let to = verdict.status();
        match (&self, to) {
            (Self::Pending, Status::Verified | Status::Failed) | (Self::Ended { .. }, _) => {
                Err(Refused { from: self.status(), to })
            }
            (Self::Pending | Self::Opened { .. }, _) => {
                Ok(Self::Ended { opened_at: self.opened_at(), verdict })
            }
        }
    }
}

impl Verdict {
    /// The status of a link that ended so.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Verified(_) => Status::Verified,
            Self::NotVerified { reason, .. } => match reason {
                Reason::NotMe | Reason::CalledByStranger | Reason::Other => Status::Declined,
                Reason::Expired | Reason::Lapsed => Status::Expired,
                Reason::Revoked | Reason::Superseded => Status::Revoked,
                // `ok` is no reason for a refusal; should one ever carry it, it is a failure.
                Reason::Ok
                | Reason::TooManyAttempts
                | Reason::CallCodeWrong
                | Reason::CloneSuspected => Status::Failed,
            },
        }
    }
}

impl Link {
    /// Whether ending so says where its customer stands.
    ///
    /// A passkey that another one's owner adds was not asked for by staff, and proves only that its
    /// maker held a link: were it to count, whoever took over a session could turn a gate green that
    /// a refusal had closed, and keep it green by adding key after key. What goes wrong with such a
    /// link counts as ever: somebody says that they did not ask for another passkey.
    #[must_use]
    pub fn tells_of_customer(&self, verdict: &Verdict) -> bool {
        self.request.enrolment != Enrolment::Add || verdict.verified().is_none()
    }

    /// Whether the customer may verify with a code of their authenticator app. Not where passkeys
    /// take the place of others or join them: what was lost may have been the phone with the app.
    #[must_use]
    pub const fn takes_codes(&self) -> bool {
        self.request.totp && !self.request.enrolment.adds()
    }

    /// Whether an authenticator app may be bound here: only where an agent reads out a code.
    #[must_use]
    pub const fn binds_apps(&self) -> bool {
        self.takes_codes() && self.asks_call_code()
    }

    /// Whether a ceremony may go on; what a customer reads if not.
    ///
    /// # Errors
    /// [`Closed`] with how it ended; a link past its time counts as expired even before the
    /// worker came by.
    pub fn check_open(&self, now: Timestamp) -> Result<(), Closed> {
        match self.state.status() {
            Status::Pending | Status::Opened if now < self.expires_at => Ok(()),
            Status::Pending | Status::Opened | Status::Expired => Err(Closed::Expired),
            Status::Verified => Err(Closed::Used),
            Status::Failed => Err(Closed::Failed),
            Status::Declined => Err(Closed::Declined),
            Status::Revoked => Err(Closed::Revoked),
        }
    }
}

/// How a link that can no longer be used ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Expired,
    Used,
    Failed,
    Declined,
    Revoked,
}

/// Which links to list; all that are given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub user_id: Option<UserId>,
    pub status: Option<Status>,
    pub created_by: Option<String>,
    pub reference: Option<Line<128>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(5);

    fn ended(reason: Reason) -> Verdict {
        Verdict::NotVerified { reason, decided_at: NOW }
    }

    #[test]
    fn a_link_opens_once_and_ends_once() {
        let opened = State::Pending.open(NOW).unwrap();
        assert_eq!(opened.clone().open(Timestamp::from_millis(9)), Ok(opened.clone()));
        let over = opened.end(ended(Reason::NotMe)).unwrap();
        assert_eq!(over.opened_at(), Some(NOW));
        assert_eq!(
            over.clone().end(ended(Reason::Expired)),
            Err(Refused { from: Status::Declined, to: Status::Expired })
        );
        assert_eq!(over.open(NOW), Err(Refused { from: Status::Declined, to: Status::Opened }));
    }

    #[test]
    fn a_link_that_was_never_opened_can_expire_but_not_fail() {
        assert!(State::Pending.end(ended(Reason::Expired)).is_ok());
        assert_eq!(
            State::Pending.end(ended(Reason::TooManyAttempts)),
            Err(Refused { from: Status::Pending, to: Status::Failed })
        );
    }
}
