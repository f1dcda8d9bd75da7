//! Answers that must be refused, each for one reason: an honest answer with exactly one thing
//! changed. Whoever runs them asserts that the honest twin is accepted and that the refusal is
//! the pinned one: a test that is refused for another reason tests something else.
//!
//! An attack needs nothing but the options and the origin, so the same table serves against the
//! verifier itself and over HTTP.

mod assertion;
mod attestation;
mod authenticator_data;
mod client_data;
mod envelope;
mod key;

use serde_json::Value;
use vouchlink::domain::ceremony::{Kind, Refusal};

use super::authenticator::Authenticator;
use super::draft::Draft;
use super::message::Message;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Attack {
    /// Unique within its kind.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) expected: Refusal,
    /// What the authenticator is like when it is enrolled, before the attack.
    prepare: fn(&mut Authenticator),
    mutation: Mutation,
}

/// The one thing that is changed.
#[derive(Clone, Copy, Debug)]
enum Mutation {
    /// Before bytes are made and signed.
    Draft(fn(&mut Draft)),
    /// After signing, in the JSON members.
    Message(fn(&mut Message)),
    /// In the finished text.
    Text(fn(String) -> String),
}

impl Attack {
    /// An authenticator as this attack needs it, for the honest enrolment (and, for attacks on
    /// authentications, the honest authentications) before [`Self::make`].
    pub(crate) fn authenticator(&self) -> Authenticator {
        let mut authenticator = Authenticator::new();
        (self.prepare)(&mut authenticator);
        authenticator
    }

    /// The attack as the credential's JSON text, answering `options` (the `publicKey` member of
    /// the options of this attack's kind) at `origin`.
    pub(crate) fn make(
        &self,
        authenticator: &mut Authenticator,
        options: &Value,
        origin: &str,
    ) -> String {
        let mut draft = match self.kind {
            Kind::Register => authenticator.draft_registration(options, origin),
            Kind::Authenticate => authenticator.draft_assertion(options, origin),
        };
        match self.mutation {
            Mutation::Draft(change) => {
                change(&mut draft);
                draft.to_json()
            }
            Mutation::Message(change) => {
                let mut message = draft.seal();
                change(&mut message);
                message.to_json()
            }
            Mutation::Text(change) => change(draft.to_json()),
        }
    }
}

/// The whole table.
pub(crate) fn all() -> Vec<Attack> {
    let mut both = envelope::cases();
    both.extend(client_data::cases());
    let register = [attestation::cases(), authenticator_data::registration_cases(), key::cases()];
    let authenticate = [assertion::cases(), authenticator_data::assertion_cases()];
    let mut attacks = Vec::new();
    for kind in [Kind::Register, Kind::Authenticate] {
        attacks.extend(both.iter().map(|case| case.of(kind)));
        attacks.extend(authenticator_data::cases().iter().map(|case| case.of(kind)));
    }
    attacks.extend(register.iter().flatten().map(|case| case.of(Kind::Register)));
    attacks.extend(authenticate.iter().flatten().map(|case| case.of(Kind::Authenticate)));
    attacks
}

/// An attack of either kind.
struct Case {
    name: &'static str,
    expected: Refusal,
    prepare: fn(&mut Authenticator),
    mutation: Mutation,
}

impl Case {
    fn of(&self, kind: Kind) -> Attack {
        Attack {
            name: self.name,
            kind,
            expected: self.expected,
            prepare: self.prepare,
            mutation: self.mutation,
        }
    }

    fn enrolled(self, prepare: fn(&mut Authenticator)) -> Self {
        Self { prepare, ..self }
    }
}

fn draft(name: &'static str, expected: Refusal, change: fn(&mut Draft)) -> Case {
    Case { name, expected, prepare: |_| {}, mutation: Mutation::Draft(change) }
}

fn message(name: &'static str, expected: Refusal, change: fn(&mut Message)) -> Case {
    Case { name, expected, prepare: |_| {}, mutation: Mutation::Message(change) }
}

fn text(name: &'static str, expected: Refusal, change: fn(String) -> String) -> Case {
    Case { name, expected, prepare: |_| {}, mutation: Mutation::Text(change) }
}

/// The same bytes with a bit set behind their end: not canonical base64url (RFC 4648, section 3.5).
fn with_stray_bits(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    assert_ne!(text.len() % 4, 0, "whole groups have no bits to spare");
    let (kept, last) = text.split_at(text.len() - 1);
    let next = ALPHABET.chars().skip_while(|letter| !last.starts_with(*letter)).nth(1);
    format!("{kept}{}", next.unwrap())
}

/// With the padding that base64 has and base64url, as `WebAuthn` uses it, has not.
fn padded(text: &str) -> String {
    let width = text.len().next_multiple_of(4).max(text.len() + 1);
    format!("{text:=<width$}")
}
