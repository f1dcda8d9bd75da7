//! The statement a customer approves, and the challenge bound to it.

use serde::Serialize;

use super::clock::Timestamp;
use super::customer::UserId;
use super::digest::sha256;
use super::encoding::base64url;
use super::id::LinkId;
use super::link::Link;
use super::random::{self, NoEntropy, Random};

/// The format's version, in every statement and in `docs/evidence.md`.
pub const VERSION: u8 = 1;

/// Canonical JSON (RFC 8785) of what is approved. Kept as text: it is what was hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement(String);

/// Members in the order of RFC 8785, section 3.2.3, so that serialising them in turn is canonical:
/// there are strings, nulls and one small number only.
#[derive(Serialize)]
struct Members<'a> {
    call_initiator: Option<&'static str>,
    created: Timestamp,
    expires: Timestamp,
    link_id: LinkId,
    locale: Option<&'a str>,
    requester: &'a str,
    rp_id: &'a str,
    text: Option<&'a str>,
    user_id: &'a UserId,
    version: u8,
}

impl Statement {
    /// What the customer of `link` approves at the relying party `rp_id`.
    ///
    /// # Errors
    /// None in practice: every member can be written as JSON.
    pub fn of(link: &Link, rp_id: &str) -> Result<Self, serde_json::Error> {
        serde_json::to_string(&Members {
            call_initiator: link.request.call_initiator.map(super::link::CallInitiator::as_str),
            created: link.created_at,
            expires: link.expires_at,
            link_id: link.id,
            locale: link.request.locale.as_ref().map(super::text::Line::as_str),
            requester: link.request.requester.as_str(),
            rp_id,
            text: link.request.statement.as_ref().map(super::text::Line::as_str),
            user_id: &link.user_id,
            version: VERSION,
        })
        .map(Self)
    }

    /// A statement read back from the store.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Statements hold personal data and never reach a log.
impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Statement(redacted)")
    }
}

/// 32 random bytes that make a challenge unguessable (WebAuthn Level 3, section 13.4.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nonce(pub [u8; 32]);

impl Nonce {
    /// # Errors
    /// As [`Random::fill`].
    pub fn draw(random: &dyn Random) -> Result<Self, NoEntropy> {
        random::bytes(random).map(Self)
    }
}

/// `SHA-256("vouchlink/challenge/v1" || 0x00 || nonce || SHA-256(statement))`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Challenge([u8; 32]);

impl Challenge {
    #[must_use]
    pub fn new(nonce: &Nonce, statement: &Statement) -> Self {
        let statement = sha256(&[statement.0.as_bytes()]);
        Self(sha256(&[b"vouchlink/challenge/v1\0", &nonce.0, &statement]))
    }

    /// A challenge of given bytes, for published test vectors.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As it stands in `clientDataJSON`.
    #[must_use]
    pub fn encoded(&self) -> String {
        base64url(&self.0)
    }
}
