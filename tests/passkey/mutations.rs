//! Random bytes and random changes of valid answers: nothing panics, and nothing that was changed
//! in its meaning is accepted.

use std::sync::LazyLock;

use proptest::prelude::*;
use vouchlink::domain::ceremony::{Kind, Refused};
use vouchlink::domain::encoding::{base64url, from_base64url};
use vouchlink::domain::statement::Challenge;
use vouchlink::passkey::{Answer, Asserted, Registered};

use super::oracle;
use super::party::Party;
use crate::support::authenticator::Authenticator;
use crate::support::cbor;
use crate::support::draft::{Statement, packed_self};
use crate::support::message::Message;

/// One customer with a key and a valid answer of each kind, self-attested so that registrations
/// are signed too.
struct Scene {
    party: Party,
    registration: (Challenge, Message),
    authentication: (Challenge, Message),
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    authenticator.sign_count = 5;
    party.enrol(&mut authenticator);
    let (challenge, options) = party.options(Kind::Register);
    let mut draft = authenticator.draft_registration(&options, &party.origin);
    draft.fmt = cbor::text("packed");
    draft.statement = Statement::Packed(packed_self);
    let registration = (challenge, draft.seal());
    let (challenge, options) = party.options(Kind::Authenticate);
    let draft = authenticator.draft_assertion(&options, &party.origin);
    let authentication = (challenge, draft.seal());
    Scene { party, registration, authentication }
});

impl Scene {
    fn register(&self, json: &[u8]) -> Result<Registered, Refused> {
        self.party.passkeys.check_registration(json, &self.registration.0)
    }

    fn authenticate(&self, json: &[u8]) -> Result<Asserted, Refused> {
        oracle::check(&self.party, json, &self.authentication.0)
    }

    /// Everything that matters of an accepted registration; unsigned hints do not.
    fn registered(&self, json: &[u8]) -> Option<(Vec<u8>, Vec<u8>, Answer)> {
        let registered = self.register(json).ok()?;
        Some((registered.key.id, registered.key.public_key, registered.answer))
    }

    fn asserted(&self, json: &[u8]) -> Option<(u32, Answer)> {
        let asserted = self.authenticate(json).ok()?;
        Some((asserted.used.sign_count, asserted.answer))
    }
}

fn flipped(bytes: &[u8], at: prop::sample::Index, bit: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = at.index(bytes.len());
    bytes[at] ^= 1 << bit;
    bytes
}

/// The message with one bit of the bytes behind one of its base64url members flipped.
fn with_flipped_part(message: &Message, part: &str, at: prop::sample::Index, bit: u8) -> String {
    let mut message = message.clone();
    message
        .response
        .edit_text(part, |text| base64url(&flipped(&from_base64url(text).unwrap(), at, bit)));
    message.to_json()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_are_refused_and_nothing_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        prop_assert!(SCENE.register(&bytes).is_err());
        prop_assert!(SCENE.authenticate(&bytes).is_err());
    }

    #[test]
    fn random_bytes_in_any_part_are_refused_and_nothing_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let (_, registration) = &SCENE.registration;
        for part in ["clientDataJSON", "attestationObject"] {
            let mut message = registration.clone();
            message.response.set_text(part, &base64url(&bytes));
            prop_assert!(SCENE.register(message.to_json().as_bytes()).is_err(), "{part}");
        }
        let (_, authentication) = &SCENE.authentication;
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            let mut message = authentication.clone();
            message.response.set_text(part, &base64url(&bytes));
            prop_assert!(SCENE.authenticate(message.to_json().as_bytes()).is_err(), "{part}");
        }
    }

    #[test]
    fn random_authenticator_data_behind_an_honest_start_does_not_panic(
        tail in prop::collection::vec(any::<u8>(), 0..200),
        flags in any::<u8>(),
    ) {
        let (_, authentication) = &SCENE.authentication;
        let mut message = authentication.clone();
        message.response.edit_text("authenticatorData", |text| {
            let mut bytes = from_base64url(text).unwrap();
            bytes[32] = flags;
            bytes.extend(&tail);
            base64url(&bytes)
        });
        let unchanged = tail.is_empty() && flags == 0x1d;
        prop_assert_eq!(SCENE.authenticate(message.to_json().as_bytes()).is_ok(), unchanged);
    }

    #[test]
    fn a_flipped_bit_in_what_is_signed_is_always_refused(
        at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let (_, authentication) = &SCENE.authentication;
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            let json = with_flipped_part(authentication, part, at, bit);
            prop_assert!(SCENE.authenticate(json.as_bytes()).is_err(), "{part}");
        }
        let (_, registration) = &SCENE.registration;
        for part in ["clientDataJSON", "attestationObject"] {
            let json = with_flipped_part(registration, part, at, bit);
            prop_assert!(SCENE.register(json.as_bytes()).is_err(), "{part}");
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_in_the_text_is_refused_or_changes_nothing(
        at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let json = SCENE.authentication.1.to_json();
        let honest = SCENE.asserted(json.as_bytes());
        prop_assert!(honest.is_some());
        let changed = SCENE.asserted(&flipped(json.as_bytes(), at, bit));
        prop_assert!(changed.is_none() || changed == honest);

        let json = SCENE.registration.1.to_json();
        let honest = SCENE.registered(json.as_bytes());
        prop_assert!(honest.is_some());
        let changed = SCENE.registered(&flipped(json.as_bytes(), at, bit));
        prop_assert!(changed.is_none() || changed == honest);
    }
}
