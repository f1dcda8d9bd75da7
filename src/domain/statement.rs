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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;
    use crate::domain::audit::Actor;
    use crate::domain::ceremony::Kind;
    use crate::domain::customer::Username;
    use crate::domain::id::CustomerId;
    use crate::domain::link::{CodeHash, Enrolment, Handover, LinkSecret, Request, State};
    use crate::domain::text::Line;

    fn link(user_id: &str, text: Option<&str>, requester: &str) -> Option<Link> {
        Some(Link {
            id: LinkId::from_bytes([1; 16]),
            customer: CustomerId::from_bytes([2; 16]),
            user_id: UserId::parse(user_id).ok()?,
            username: Username::parse("ada").ok()?,
            kind: Kind::Authenticate,
            request: Request {
                requester: Line::parse(requester).ok()?,
                created_by: Actor::Operator,
                statement: match text {
                    Some(text) => Some(Line::parse(text).ok()?),
                    None => None,
                },
                call_initiator: None,
                enrolment: Enrolment::Open,
                totp: false,
                locale: None,
                reference: None,
                crm: None,
                metadata: Map::new(),
                return_url: None,
            },
            secret: LinkSecret {
                jti: [3; 16],
                code_hash: CodeHash([4; 32]),
                kid: "kid".to_owned(),
                door: None,
            },
            handover: Handover::default(),
            state: State::Pending,
            attempts: 0,
            created_at: Timestamp::from_millis(1_795_255_200_000),
            expires_at: Timestamp::from_millis(1_795_256_100_000),
        })
    }

    fn statement(user_id: &str, text: Option<&str>, requester: &str) -> Option<Statement> {
        link(user_id, text, requester).map(|link| Statement::of(&link, "example.com").unwrap())
    }

    #[test]
    fn a_statement_reads_as_documented() {
        let statement = statement("12345", Some("Say \"yes\""), "Anna").unwrap();
        assert_eq!(
            statement.as_str(),
            "{\"call_initiator\":null,\"created\":\"2026-11-21T10:00:00Z\",\
             \"expires\":\"2026-11-21T10:15:00Z\",\"link_id\":\"lnk_01040g2081040g2081040g2081\",\
             \"locale\":null,\"requester\":\"Anna\",\"rp_id\":\"example.com\",\
             \"text\":\"Say \\\"yes\\\"\",\"user_id\":\"12345\",\"version\":1}"
        );
    }

    proptest! {
        /// RFC 8785: sorted members, no white space, the shortest escapes. Sorting what a parser
        /// read and writing it again must give the same text.
        #[test]
        fn a_statement_is_canonical_and_says_what_was_asked(
            user in "\\PC{1,40}", text in proptest::option::of("\\PC{1,80}"),
            requester in "\\PC{1,30}",
        ) {
            let made = statement(&user, text.as_deref(), &requester);
            prop_assume!(made.is_some());
            let made = made.unwrap();
            let read: Value = serde_json::from_str(made.as_str()).unwrap();
            let mut members: Vec<_> = read.as_object().unwrap().iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            let again: Vec<String> =
                members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            prop_assert_eq!(format!("{{{}}}", again.join(",")), made.as_str());
            prop_assert_eq!(read["user_id"].as_str(), Some(user.trim()));
            prop_assert_eq!(read["requester"].as_str(), Some(requester.trim()));
            prop_assert_eq!(read["text"].as_str(), text.as_deref().map(str::trim));
        }

        #[test]
        fn another_text_is_another_challenge(one in "[a-z ]{1,20}x", other in "[a-z ]{1,20}x") {
            prop_assume!(one.trim() != other.trim());
            let challenge = |text: &str| {
                let statement = statement("12345", Some(text), "Anna").unwrap();
                Challenge::new(&Nonce([7; 32]), &statement)
            };
            prop_assert_ne!(challenge(&one), challenge(&other));
        }
    }
}
