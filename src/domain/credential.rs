//! Credential records (WebAuthn Level 3, section 4): a customer's passkeys.

use super::clock::Timestamp;
use super::id::{CredentialId, CustomerId, LinkId};
use super::verdict::{Binding, words};

/// A credential's `transports` as the client reported them: at most 8 words of at most 16
/// lower-case letters, digits and `-`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transports(Vec<String>);

impl Transports {
    /// Keeps the words that look like transports and drops the rest: they are hints, unsigned.
    #[must_use]
    pub fn from_client(words: &[String]) -> Self {
        let fits = |word: &&String| {
            (1..=16).contains(&word.len())
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        Self(words.iter().filter(fits).take(8).cloned().collect())
    }

    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

words! {
    /// Which kind of authenticator answered, as the client reported it.
    Attachment { Platform = "platform", CrossPlatform = "cross-platform", }
}

/// What a registration tells about the new key. Only `id`, `public_key`, `sign_count` and the
/// flags take part in later checks; the rest is unattested information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The authenticator's credential id, 16 to 1,023 bytes.
    pub id: Vec<u8>,
    /// A `COSE_Key` (RFC 9052), always ES256 on P-256.
    pub public_key: Vec<u8>,
    pub sign_count: u32,
    pub backup_eligible: bool,
    pub backup_state: bool,
    pub transports: Transports,
    pub attachment: Option<Attachment>,
    /// The authenticator's model, unattested.
    pub aaguid: [u8; 16],
    /// The attestation statement format.
    pub fmt: String,
    /// The `credProps.rk` extension output: whether the key is discoverable.
    pub discoverable: Option<bool>,
}

/// A customer's passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    pub id: CredentialId,
    pub customer: CustomerId,
    pub key: NewKey,
    pub binding: Binding,
    /// The link it was made in.
    pub link: LinkId,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// Its counter went backwards once.
    pub suspected_at: Option<Timestamp>,
}

impl Credential {
    /// What a passkey is bound at that its owner asks to add now; `None` if this one may no
    /// longer ask for any.
    #[must_use]
    pub const fn may_authorise(&self) -> Option<Binding> {
        match (self.revoked_at, self.suspected_at) {
            (None, None) => Some(self.binding),
            (Some(_), _) | (None, Some(_)) => None,
        }
    }
}

/// What an accepted assertion tells about the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    pub credential: CredentialId,
    /// The counter in the assertion (section 6.1.1).
    pub sign_count: u32,
    pub backup_eligible: bool,
    pub backup_state: bool,
    pub attachment: Option<Attachment>,
}
