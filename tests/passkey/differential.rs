//! Both verifiers before the same bytes: every attack, and random changes that are signed as if
//! they were meant, so that what reads them has to find what is wrong.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use p256::ecdsa::SigningKey;
use proptest::prelude::*;
use vouchlink::domain::ceremony::{Kind, Refusal};
use vouchlink::domain::encoding::{base64url, from_base64url};
use vouchlink::domain::statement::Challenge;

use super::oracle;
use super::party::Party;
use crate::support::attacks;
use crate::support::authenticator::Authenticator;
use crate::support::draft::{ED, sign};
use crate::support::message::Message;

/// What the library accepts in some attack and we do not, and why that is meant.
const OURS_ALONE: [(Refusal, &str); 13] = [
    (Refusal::Malformed, "it gets the parts of the message that it needs, nothing of the rest"),
    (Refusal::TooLarge, "it has no limits"),
    (Refusal::NotBase64Url, "the user handle is not shown to it"),
    (Refusal::WrongCredentialType, "it does not look at the type"),
    (Refusal::IdNotCanonical, "it looks at `rawId` and not at `id`"),
    (Refusal::IdMismatch, "likewise"),
    (Refusal::ClientDataMalformed, "it takes `crossOrigin: null` for false"),
    (Refusal::ChallengeMismatch, "it compares bytes, so that padding passes; we compare texts"),
    (Refusal::OriginMismatch, "it compares what a URL means; we compare what browsers write"),
    (Refusal::CrossOrigin, "it looks at frames in registrations only"),
    (Refusal::TopOrigin, "it does not know the member"),
    (Refusal::UserHandleMismatch, "it leaves the customer to its callers"),
    (Refusal::AuthenticatorDataMalformed, "it reads what it needs, in loose CBOR, and stops"),
];

#[test]
fn the_library_refuses_every_attack_but_those_that_are_left_to_its_callers() {
    let mut alone = BTreeSet::new();
    for attack in attacks::all().iter().filter(|attack| attack.kind == Kind::Authenticate) {
        let mut party = Party::new();
        let mut authenticator = attack.authenticator();
        party.enrol(&mut authenticator);
        party.verify(&mut authenticator);
        let (challenge, options) = party.options(Kind::Authenticate);
        let json = attack.make(&mut authenticator, &options, &party.origin);
        assert!(oracle::check(&party, json.as_bytes(), &challenge).is_err(), "{}", attack.name);
        if oracle::ask(&party, json.as_bytes(), &challenge).is_ok() {
            alone.insert(attack.expected.to_string());
        }
    }
    let listed = OURS_ALONE.iter().map(|(refusal, _)| refusal.to_string()).collect();
    assert_eq!(alone, listed);
}

/// A customer, their key, and an answer that it signed.
struct Scene {
    party: Party,
    key: SigningKey,
    challenge: Challenge,
    message: Message,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    authenticator.sign_count = 5;
    party.enrol(&mut authenticator);
    let (challenge, options) = party.options(Kind::Authenticate);
    let draft = authenticator.draft_assertion(&options, &party.origin);
    let message = draft.seal();
    let part = |name| from_base64url(&message.response.text(name)).unwrap();
    let (client_data, authenticator_data) = (part("clientDataJSON"), part("authenticatorData"));
    Scene { party, key: draft.key, challenge, client_data, authenticator_data, message }
});

impl Scene {
    /// Whether the verifiers accept these bytes, signed by the customer's key.
    fn accepts(&self, authenticator_data: &[u8], client_data: &[u8]) -> bool {
        let signature = sign(&self.key, authenticator_data, client_data);
        self.accepts_signed(authenticator_data, client_data, &signature)
    }

    fn accepts_signed(&self, data: &[u8], client_data: &[u8], signature: &[u8]) -> bool {
        let mut message = self.message.clone();
        message.response.set_text("authenticatorData", &base64url(data));
        message.response.set_text("clientDataJSON", &base64url(client_data));
        message.response.set_text("signature", &base64url(signature));
        oracle::check(&self.party, message.to_json().as_bytes(), &self.challenge).is_ok()
    }

    /// The client data with this behind its last member.
    fn client_data_with(&self, more: &str) -> Vec<u8> {
        let inner = self.client_data.strip_suffix(b"}").unwrap();
        [inner, b",", more.as_bytes(), b"}"].concat()
    }
}

/// JSON, almost JSON, and what only some readers take for JSON.
fn jsonish() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "null",
        "true",
        "0",
        "-0",
        "1e400",
        "-1E-400",
        "01",
        "1.",
        "18446744073709551616",
        "\"\"",
        "\"a\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\ude00\"",
        "\"\\u0000\"",
        "\"\\x\"",
        "\"status\"",
        "\"id\"",
        "\"present\"",
        "\"$serde_json::private::RawValue\"",
        "\"$serde_json::private::Number\"",
        "\"\u{feff}\"",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        " ",
        "\n",
        "\u{b}",
        "/",
        "'",
    ]);
    let value = prop::collection::vec(words, 0..12).prop_map(|words| words.concat());
    let deep = (100..140_usize).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth));
    let pair = (value.clone(), value.clone())
        .prop_map(|(key, value)| format!("{{\"status\":{key},\"id\":{value}}}"));
    prop_oneof![4 => value, 1 => deep, 2 => pair]
}

/// CBOR heads and short contents in any order.
fn cborish() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => any::<u8>().prop_map(|byte| vec![byte]),
        2 => prop::sample::select(vec![
            &b"\xa0"[..], b"\xa1", b"\xa2", b"\x61a", b"\x61b", b"\x41a", b"\xf5", b"\xf6",
            b"\xe0", b"\xf8\x20", b"\xf8\x18", b"\xf9\x7e\x00", b"\xfa\x00\x00\x00\x00", b"\x00",
            b"\x20", b"\x81", b"\x80", b"\x9f", b"\xbf", b"\xff", b"\xc1", b"\x18\x01",
        ]).prop_map(<[u8]>::to_vec),
    ];
    let any = prop::collection::vec(piece.clone(), 0..8).prop_map(|pieces| pieces.concat());
    let one = prop::collection::vec(piece, 1..4)
        .prop_map(|pieces| [&b"\xa1\x61a"[..], &pieces.concat()].concat());
    prop_oneof![any, one]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_stands_beside_the_known_members_passes_both_or_is_refused(
        name in prop::sample::select(vec![
            "a", "tokenBinding", "crossOrigin", "topOrigin", "type", "challenge", "origin",
            "unknown_keys", "$serde_json::private::RawValue", "\\u0061", "\\ud83d",
        ]),
        value in jsonish(),
    ) {
        let client_data = SCENE.client_data_with(&format!("\"{name}\":{value}"));
        SCENE.accepts(&SCENE.authenticator_data, &client_data);
    }

    #[test]
    fn client_data_changed_before_it_is_signed_passes_both_or_is_refused(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), insert in any::<bool>(),
    ) {
        let mut client_data = SCENE.client_data.clone();
        let at = at.index(client_data.len());
        if insert { client_data.insert(at, byte) } else { client_data[at] = byte }
        SCENE.accepts(&SCENE.authenticator_data, &client_data);
    }

    #[test]
    fn authenticator_data_changed_before_it_is_signed_passes_both_or_is_refused(
        flags in any::<u8>(), extended in any::<bool>(), count in 0..12_u32, tail in cborish(),
    ) {
        let mut data = SCENE.authenticator_data.clone();
        data[32] = if extended { 0x1d | ED } else { flags };
        data[33..37].copy_from_slice(&count.to_be_bytes());
        data.extend(&tail);
        SCENE.accepts(&data, &SCENE.client_data);
    }

    #[test]
    fn a_signature_changed_in_its_form_passes_both_or_is_refused(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), change in 0..4_u8,
        count in any::<u32>(),
    ) {
        let mut data = SCENE.authenticator_data.clone();
        data[33..37].copy_from_slice(&count.to_be_bytes());
        let mut signature = sign(&SCENE.key, &data, &SCENE.client_data);
        let at = at.index(signature.len());
        match change {
            0 => signature[at] = byte,
            1 => signature.insert(at, byte),
            2 => drop(signature.remove(at)),
            _ => {}
        }
        let honest = change == 3 && count > 5;
        let accepted = SCENE.accepts_signed(&data, &SCENE.client_data, &signature);
        prop_assert!(accepted || !honest);
    }

    #[test]
    fn a_record_with_a_changed_key_passes_both_or_is_refused(
        at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let mut party = Party::new();
        party.handle = SCENE.party.handle;
        party.credentials.clone_from(&SCENE.party.credentials);
        let key = &mut party.credentials[0].key.public_key;
        let at = at.index(key.len());
        key[at] ^= 1 << bit;
        let json = SCENE.message.to_json();
        prop_assert!(oracle::check(&party, json.as_bytes(), &SCENE.challenge).is_err());
    }
}
