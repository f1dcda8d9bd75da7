//! Verdicts: how a link ended and what that is worth.

use serde::Serialize;

use super::clock::Timestamp;
use super::id::CredentialId;

/// Defines an enum whose variants have one stable text each, in the API and in the store.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// `None` if the text is none of these words.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text)
                    .ok_or_else(|| serde::de::Error::custom(concat!("not a ", stringify!($name))))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Why a verdict came out as it did.
    Reason {
        /// Verified.
        Ok = "ok",
        /// `MAX_ATTEMPTS` answers were refused.
        TooManyAttempts = "too_many_attempts",
        /// Three wrong call codes: whoever held the link did not have the agent on the phone.
        CallCodeWrong = "call_code_wrong",
        /// The key's signature counter went backwards: it may have been copied.
        CloneSuspected = "clone_suspected",
        /// The customer said that they did not ask for this.
        NotMe = "not_me",
        /// The customer was called by someone who claimed to be the company.
        CalledByStranger = "called_by_stranger",
        /// The customer declined for another reason.
        Other = "other",
        /// Nobody finished in time.
        Expired = "expired",
        /// Staff took the link back.
        Revoked = "revoked",
        /// A newer link for the same customer replaced it.
        Superseded = "superseded",
        /// A verdict passed its `verified_until`.
        Lapsed = "lapsed",
    }
}

words! {
    /// With what a customer was verified.
    Method {
        Passkey = "passkey",
        /// A code of the customer's authenticator app.
        Totp = "totp",
        /// One of the codes that came with the app, from a list on paper.
        RecoveryCode = "recovery_code",
    }
}

words! {
    /// How a credential came to belong to the customer, weakest first.
    #[derive(PartialOrd, Ord)]
    Binding {
        /// Made in a link, by whoever held it.
        Link = "link",
        /// The link was sent by us to a contact the CRM already held.
        Channel = "channel",
        /// Plus the code the agent read out.
        CallCode = "call_code",
        /// Bound at `channel` or `call_code`, waiting period passed, used again.
        Seasoned = "seasoned",
        /// A second staff member approved with a named proof.
        Proofed = "proofed",
    }
}

impl Method {
    /// What a ceremony of this kind bears at most, however well its key is bound. A passkey's is
    /// the highest: phishing-resistant, and accepted only with user verification. A code that is
    /// typed can be relayed to another site, and nobody misses one from a list on paper.
    #[must_use]
    pub const fn ceremony(self) -> Assurance {
        Assurance(match self {
            Self::Passkey => 4,
            Self::Totp => 1,
            Self::RecoveryCode => 0,
        })
    }
}

impl Binding {
    /// What a key of this binding bears at most, however good its ceremony is.
    #[must_use]
    pub const fn bears(self) -> Assurance {
        Assurance(match self {
            Self::Link => 0,
            Self::Channel => 1,
            Self::CallCode => 2,
            Self::Seasoned => 3,
            Self::Proofed => 4,
        })
    }
}

/// 0 to 4, see `docs/assurance.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Assurance(u8);

impl Assurance {
    pub const LOWEST: Self = Self(0);

    /// From here on the gate says no while a customer's passkeys were replaced recently.
    pub const NEEDS_NO_REBIND: Self = Self(3);

    /// What a verdict is worth: as little as the weaker of its ceremony and its key's binding.
    #[must_use]
    pub fn of(method: Method, binding: Binding) -> Self {
        method.ceremony().min(binding.bears())
    }

    /// `None` above 4.
    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (level <= 4).then_some(Self(level))
    }

    #[must_use]
    pub const fn level(self) -> u8 {
        self.0
    }
}

/// How a link ended: written once, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The customer unlocked a device that holds (or now holds) their key, or typed a code.
    Verified(Verified),
    /// It ended any other way.
    NotVerified { reason: Reason, decided_at: Timestamp },
}

/// The facts of a positive verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub method: Method,
    pub binding: Binding,
    /// The key was made in this very link.
    pub first_use: bool,
    /// The passkey, or the authenticator app.
    pub credential: CredentialId,
    pub verified_at: Timestamp,
    /// From here on the gate says `stale`.
    pub verified_until: Timestamp,
}

impl Reason {
    /// Whether the customer objects to what happens with their passkeys: none they have now
    /// becomes worth more by itself.
    #[must_use]
    pub const fn objects(self) -> bool {
        match self {
            Self::NotMe | Self::CalledByStranger => true,
            Self::Ok
            | Self::TooManyAttempts
            | Self::CallCodeWrong
            | Self::CloneSuspected
            | Self::Other
            | Self::Expired
            | Self::Revoked
            | Self::Superseded
            | Self::Lapsed => false,
        }
    }
}

impl Verdict {
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Verified(_) => Reason::Ok,
            Self::NotVerified { reason, .. } => *reason,
        }
    }

    #[must_use]
    pub const fn decided_at(&self) -> Timestamp {
        match self {
            Self::Verified(verified) => verified.verified_at,
            Self::NotVerified { decided_at, .. } => *decided_at,
        }
    }

    #[must_use]
    pub const fn verified(&self) -> Option<&Verified> {
        match self {
            Self::Verified(verified) => Some(verified),
            Self::NotVerified { .. } => None,
        }
    }
}

impl Verified {
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        Assurance::of(self.method, self.binding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_worth_no_more_than_its_binding_nor_than_its_ceremony() {
        for method in Method::ALL.iter().copied() {
            for binding in Binding::ALL.iter().copied() {
                let assurance = Assurance::of(method, binding);
                assert!(assurance <= method.ceremony() && assurance <= binding.bears());
                assert!(assurance == method.ceremony() || assurance == binding.bears());
            }
        }
    }

    #[test]
    fn a_stronger_binding_bears_more() {
        assert!(Binding::ALL.is_sorted());
        let bears: Vec<u8> = Binding::ALL.iter().map(|binding| binding.bears().level()).collect();
        assert_eq!(bears, [0, 1, 2, 3, 4]);
    }
}
