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
    /// The passkey whose owner added this one.
    pub added_by: Option<CredentialId>,
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

/// The active ones of `all` that were added with `first`, or with one that was added so: whoever
/// had `first` may have all of them. Not `spared`, nor what was added with that one only.
#[must_use]
pub fn added_with(
    all: &[Credential],
    first: CredentialId,
    spared: Option<CredentialId>,
) -> Vec<CredentialId> {
    let mut chain = vec![first];
    loop {
        let belongs = |key: &&Credential| {
            key.added_by.is_some_and(|by| chain.contains(&by))
                && !chain.contains(&key.id)
                && spared != Some(key.id)
        };
        let more: Vec<_> = all.iter().filter(belongs).map(|key| key.id).collect();
        if more.is_empty() {
            break;
        }
        chain.extend(more);
    }
    let active =
        |key: &&Credential| key.id != first && key.revoked_at.is_none() && chain.contains(&key.id);
    all.iter().filter(active).map(|key| key.id).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u8, added_by: Option<u8>, revoked: bool) -> Credential {
        Credential {
            id: CredentialId::from_bytes([id; 16]),
            customer: CustomerId::from_bytes([9; 16]),
            key: NewKey {
                id: vec![id; 16],
                public_key: Vec::new(),
                sign_count: 0,
                backup_eligible: false,
                backup_state: false,
                transports: Transports::default(),
                attachment: None,
                aaguid: [0; 16],
                fmt: "none".to_owned(),
                discoverable: None,
            },
            binding: Binding::Link,
            link: LinkId::from_bytes([9; 16]),
            created_at: Timestamp::from_millis(0),
            last_used_at: None,
            revoked_at: revoked.then_some(Timestamp::from_millis(1)),
            suspected_at: None,
            added_by: added_by.map(|by| CredentialId::from_bytes([by; 16])),
        }
    }

    fn numbers(all: &[Credential], first: u8, spared: Option<u8>) -> Vec<u8> {
        let id = |number| CredentialId::from_bytes([number; 16]);
        let added = added_with(all, id(first), spared.map(id));
        added.iter().map(|id| id.as_bytes()[0]).collect()
    }

    #[test]
    fn what_was_added_is_followed_through_what_is_gone_and_to_nobody_else() {
        // 1 added 2, which is revoked and had added 3; 3 added 4; 5 stands alone and added 6.
        let all = [
            key(1, None, false),
            key(2, Some(1), true),
            key(3, Some(2), false),
            key(4, Some(3), false),
            key(5, None, false),
            key(6, Some(5), false),
        ];
        assert_eq!(numbers(&all, 1, None), [3, 4]);
        assert_eq!(numbers(&all, 3, None), [4]);
        assert_eq!(numbers(&all, 4, None), Vec::<u8>::new());
        assert_eq!(numbers(&all, 5, None), [6]);
        assert_eq!(numbers(&all, 1, Some(3)), Vec::<u8>::new(), "nor what only it leads to");
        assert_eq!(numbers(&all, 1, Some(4)), [3]);
    }

    #[test]
    fn a_circle_has_an_end() {
        let all = [key(1, Some(2), false), key(2, Some(1), false)];
        assert_eq!(numbers(&all, 1, None), [2]);
    }
}
