//! Customers: the people to verify, and where each of them stands.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::clock::Timestamp;
use super::id::{CustomerId, LinkId};
use super::text::{BadText, Line};
use super::verdict::{Reason, Verdict, Verified};

/// The CRM's identifier for a customer: 1 to 128 characters.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct UserId(Line<128>);

impl UserId {
    /// # Errors
    /// As [`Line::parse`].
    pub fn parse(text: &str) -> Result<Self, BadText> {
        Line::parse(text).map(Self)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UserId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What the device's passkey dialog shows: 1 to 64 characters, as authenticators may cut off more
/// (WebAuthn Level 3, section 6.4.1).
pub type Username = Line<64>;

/// The WebAuthn user handle: 16 random bytes, never the CRM's identifier (section 14.6.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserHandle(pub [u8; 16]);

#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    pub id: CustomerId,
    pub user_id: UserId,
    pub username: Username,
    pub handle: UserHandle,
    pub standing: Standing,
    /// When a passkey last took the place of all others.
    pub rebound_at: Option<Timestamp>,
    /// Counts this customer's events; receivers ignore an event with a lower one than they saw.
    pub sequence: u64,
    pub created_at: Timestamp,
}

impl Customer {
    /// As [`Footing::recent_rebind`].
    #[must_use]
    pub fn recent_rebind(&self, seasoning: Duration, now: Timestamp) -> bool {
        recent(self.rebound_at, seasoning, now)
    }
}

fn recent(rebound_at: Option<Timestamp>, seasoning: Duration, now: Timestamp) -> bool {
    rebound_at.is_some_and(|at| now < at.plus(seasoning))
}

/// What the gate reads of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footing {
    pub standing: Standing,
    /// As [`Customer::rebound_at`].
    pub rebound_at: Option<Timestamp>,
}

impl Footing {
    /// Whether a passkey took the place of all others less than the waiting period ago: whoever
    /// "lost their phone" may be somebody else, and the owner may not know yet.
    #[must_use]
    pub fn recent_rebind(&self, seasoning: Duration, now: Timestamp) -> bool {
        recent(self.rebound_at, seasoning, now)
    }
}

/// The last word on a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Never,
    Verified {
        link: LinkId,
        verified: Verified,
        /// `verification.lapsed` has been sent.
        lapsed: bool,
    },
    Refused(Refused),
}

/// A ceremony that failed or was declined: it closes the gate until a newer verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub link: LinkId,
    pub at: Timestamp,
}

impl Standing {
    /// Where a customer stands after `link` ended so. A link that merely expired or was taken
    /// back says nothing about the customer.
    #[must_use]
    pub fn after(self, link: LinkId, verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Verified(verified) => {
                Self::Verified { link, verified: verified.clone(), lapsed: false }
            }
            Verdict::NotVerified { reason, decided_at } => match reason {
                Reason::TooManyAttempts
                | Reason::CallCodeWrong
                | Reason::CloneSuspected
                | Reason::NotMe
                | Reason::CalledByStranger
                | Reason::Other => Self::Refused(Refused { link, at: *decided_at }),
                Reason::Ok
                | Reason::Expired
                | Reason::Revoked
                | Reason::Superseded
                | Reason::Lapsed => self,
            },
        }
    }
}
