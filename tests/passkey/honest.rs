//! Honest answers, and what they may look like.

use serde_json::{Value, json};
use vouchlink::domain::ceremony::{Ceremony, Kind, Means, Refusal};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::credential::Attachment;
use vouchlink::domain::customer::UserHandle;
use vouchlink::domain::evidence::Proof;
use vouchlink::domain::id::{CeremonyId, LinkId};
use vouchlink::domain::statement::{Nonce, Statement};
use vouchlink::domain::verdict::Binding;
use vouchlink::passkey::{Passkeys, UserEntity};

use super::oracle;
use super::party::Party;
use crate::support::authenticator::Authenticator;
use crate::support::cbor;
use crate::support::draft::{BE, BS, Draft, ED, Statement as AttestationStatement, packed_self};
use crate::support::message::Message;

/// One thing that honest software does differently, before or after signing.
enum Variation {
    Draft(fn(&mut Draft)),
    Message(fn(&mut Message)),
}

#[test]
fn the_built_in_vectors_come_out_as_they_should() {
    assert_eq!(Passkeys::self_test(), Ok(()));
}

#[test]
fn a_registration_says_all_that_the_record_keeps() {
    let mut authenticator = Authenticator::new();
    authenticator.sign_count = 5;
    authenticator.aaguid = [0xab; 16];
    let registered = Party::new().enrol(&mut authenticator);

    let key = registered.key;
    assert_eq!(key.id, authenticator.id);
    assert_eq!(key.public_key, authenticator.cose_key());
    assert_eq!((key.sign_count, key.backup_eligible, key.backup_state), (5, true, true));
    assert_eq!(key.transports.words(), ["internal", "hybrid"]);
    assert_eq!(key.attachment, Some(Attachment::Platform));
    assert_eq!(key.aaguid, [0xab; 16]);
    assert_eq!(key.fmt, "none");
    assert_eq!(key.discoverable, Some(true));
    assert_eq!(registered.detail["aaguid"], "ab".repeat(16));
    assert_eq!(registered.detail["flags"], json!(["up", "uv", "be", "bs", "at"]));
    assert_eq!(registered.detail["sizes"]["credential_id"], 32);
}

#[test]
fn an_assertion_says_which_record_it_used_and_how() {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    authenticator.sign_count = 5;
    party.enrol(&mut Authenticator::new());
    party.enrol(&mut authenticator);
    let asserted = party.verify(&mut authenticator);

    assert_eq!(asserted.credential.key.id, authenticator.id);
    assert_eq!(asserted.used.credential, party.credentials[1].id);
    assert_eq!(asserted.used.sign_count, 6);
    assert_eq!(asserted.used.attachment, Some(Attachment::Platform));
    assert_eq!(asserted.detail["sign_count"], 6);
    assert_eq!(asserted.detail["stored"]["sign_count"], 5);
    let Proof::Assertion { authenticator_data, .. } = asserted.answer.proof else {
        panic!("no assertion");
    };
    assert_eq!(authenticator_data.len(), 37);
}

#[test]
fn what_honest_software_does_differently_is_accepted_in_both_ceremonies() {
    use Variation::{Draft, Message};
    let variations: [(&str, Variation); 14] = [
        ("no crossOrigin", Draft(|d| d.client_data.remove("crossOrigin"))),
        (
            "unknown client data",
            Draft(|d| {
                d.client_data.push("other_keys_can_be_added_here", r#"{"a":[1,null]}"#);
            }),
        ),
        (
            "unknown client data, twice",
            Draft(|d| {
                d.client_data.push("more", "1");
                d.client_data.push("more", "2");
            }),
        ),
        (
            "escapes in client data",
            Draft(|d| {
                let challenge = d.client_data.text("challenge");
                let escaped: Vec<_> =
                    challenge.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
                d.client_data.set("challenge", format!("\"{}\"", escaped.concat()));
            }),
        ),
        (
            "extensions nobody asked for",
            Draft(|d| {
                d.authenticator_data.flags |= ED;
                let entry = (cbor::text("credProtect"), cbor::integer(2));
                d.authenticator_data.tail = cbor::map(&[entry]);
            }),
        ),
        ("reserved flags", Draft(|d| d.authenticator_data.flags |= 0x22)),
        ("no attachment", Message(|m| m.outer.remove("authenticatorAttachment"))),
        ("attachment null", Message(|m| m.outer.set("authenticatorAttachment", "null"))),
        (
            "an attachment of the future",
            Message(|m| {
                m.outer.set_text("authenticatorAttachment", "implant");
            }),
        ),
        ("no extension results", Message(|m| m.outer.remove("clientExtensionResults"))),
        (
            "extension results of the future",
            Message(|m| {
                m.outer.set("clientExtensionResults", r#"{"future":{"a":[]},"appid":1}"#);
            }),
        ),
        (
            "members of the future",
            Message(|m| {
                m.outer.push("future", "[[]]");
                m.response.push("future", "{}");
            }),
        ),
        (
            "a member nested beyond reason, skipped",
            Message(|m| {
                m.outer.push("future", format!("{}{}", "[".repeat(5000), "]".repeat(5000)));
            }),
        ),
        (
            "white space",
            Message(|m| {
                let id = format!("\n\t {} ", m.outer.json("id"));
                m.outer.set("id", id);
            }),
        ),
    ];
    for kind in [Kind::Register, Kind::Authenticate] {
        for (name, variation) in &variations {
            assert_eq!(outcome(kind, variation), None, "{kind} / {name}");
        }
    }
}

#[test]
fn what_honest_registrations_do_differently_is_accepted() {
    use Variation::{Draft, Message};
    let variations: [(&str, Variation); 6] = [
        (
            "self attestation",
            Draft(|d| {
                d.fmt = cbor::text("packed");
                d.statement = AttestationStatement::Packed(packed_self);
            }),
        ),
        (
            "an attestation object in another order",
            Draft(|d| {
                d.edit_attestation = |entries| entries.reverse();
            }),
        ),
        ("a device-bound key", Draft(|d| d.authenticator_data.flags &= !(BE | BS))),
        ("no transports", Message(|m| m.response.remove("transports"))),
        ("transports null", Message(|m| m.response.set("transports", "null"))),
        (
            "Level 3's copies",
            Message(|m| {
                m.response.set_text("authenticatorData", "AAAA");
                m.response.set("publicKey", "null");
                m.response.set("publicKeyAlgorithm", "-7");
            }),
        ),
    ];
    for (name, variation) in &variations {
        assert_eq!(outcome(Kind::Register, variation), None, "{name}");
    }
}

#[test]
fn what_honest_assertions_do_differently_is_accepted() {
    use Variation::{Draft, Message};
    let variations: [(&str, Variation); 5] = [
        ("no user handle", Message(|m| m.response.remove("userHandle"))),
        ("user handle null", Message(|m| m.response.set("userHandle", "null"))),
        ("no more backed up", Draft(|d| d.authenticator_data.flags &= !BS)),
        ("a counter that begins to count", Draft(|d| d.authenticator_data.sign_count = 1)),
        (
            "an attachment that changed",
            Message(|m| {
                m.outer.set_text("authenticatorAttachment", "cross-platform");
            }),
        ),
    ];
    for (name, variation) in &variations {
        assert_eq!(outcome(Kind::Authenticate, variation), None, "{name}");
    }
}

fn outcome(kind: Kind, variation: &Variation) -> Option<Refusal> {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    party.enrol(&mut authenticator);
    let (challenge, options) = party.options(kind);
    let mut draft = match kind {
        Kind::Register => authenticator.draft_registration(&options, &party.origin),
        Kind::Authenticate => authenticator.draft_assertion(&options, &party.origin),
    };
    if let Variation::Draft(change) = variation {
        change(&mut draft);
    }
    let mut message = draft.seal();
    if let Variation::Message(change) = variation {
        change(&mut message);
    }
    let json = message.to_json();
    let refused = match kind {
        Kind::Register => party.check_registration(&json, &challenge).err(),
        Kind::Authenticate => oracle::check(&party, json.as_bytes(), &challenge).err(),
    };
    refused.map(|refused| refused.refusal)
}

#[test]
fn a_revoked_credential_and_a_foreign_customer_are_refused() {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    party.enrol(&mut authenticator);
    let (challenge, options) = party.options(Kind::Authenticate);
    let json = authenticator.authenticate(&options, &party.origin);
    assert!(oracle::check(&party, json.as_bytes(), &challenge).is_ok());

    party.credentials[0].revoked_at = Some(Timestamp::from_millis(2));
    let refused = oracle::check(&party, json.as_bytes(), &challenge).unwrap_err();
    assert_eq!(refused.refusal, Refusal::CredentialRevoked);

    party.credentials.clear();
    let refused = oracle::check(&party, json.as_bytes(), &challenge).unwrap_err();
    assert_eq!(refused.refusal, Refusal::CredentialUnknown);
}

#[test]
fn a_damaged_record_verifies_nobody() {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    party.enrol(&mut authenticator);
    let (challenge, options) = party.options(Kind::Authenticate);
    let json = authenticator.authenticate(&options, &party.origin);
    party.credentials[0].key.public_key[40] ^= 1;
    assert!(oracle::check(&party, json.as_bytes(), &challenge).is_err());
    party.credentials[0].key.public_key.clear();
    let refused = oracle::check(&party, json.as_bytes(), &challenge).unwrap_err();
    assert_eq!(refused.refusal, Refusal::KeyMalformed);
}

fn ceremony(kind: Kind, statement: &str) -> Ceremony {
    Ceremony {
        means: Means::Passkey,
        id: CeremonyId::from_bytes([1; 16]),
        link: LinkId::from_bytes([2; 16]),
        kind,
        nonce: Nonce([3; 32]),
        statement: Statement::from_stored(statement.to_owned()),
        created_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(330_000),
    }
}

fn answer(party: &Party, authenticator: &mut Authenticator, ceremony: &Ceremony) -> String {
    let user = UserEntity { handle: party.handle, username: "ada@example.com" };
    let challenge = ceremony.challenge();
    let options: Value = party.passkeys.registration_options(&user, &[], &challenge);
    authenticator.register(&options, &party.origin)
}

#[test]
fn an_answer_to_one_statement_is_none_to_another() {
    let party = Party::new();
    let approved = ceremony(Kind::Register, r#"{"text":"Close account 1"}"#);
    let json = answer(&party, &mut Authenticator::new(), &approved);
    assert!(party.passkeys.verify_registration(json.as_bytes(), &approved).is_ok());

    let other = ceremony(Kind::Register, r#"{"text":"Close account 2"}"#);
    let refused = party.passkeys.verify_registration(json.as_bytes(), &other).unwrap_err();
    assert_eq!(refused.refusal, Refusal::ChallengeMismatch);
}

#[test]
fn a_ceremony_of_one_kind_takes_no_answer_of_the_other() {
    let party = Party::new();
    let registration = ceremony(Kind::Register, "{}");
    let authentication = ceremony(Kind::Authenticate, "{}");
    // The challenge of an authentication, put into a registration by whoever holds the link.
    let json = answer(&party, &mut Authenticator::new(), &authentication);
    let refused = party.passkeys.verify_registration(json.as_bytes(), &authentication).unwrap_err();
    assert_eq!(refused.refusal, Refusal::WrongCeremony);
    let refused = party
        .passkeys
        .verify_authentication(b"{}", &registration, UserHandle([0; 16]), &[])
        .unwrap_err();
    assert_eq!(refused.refusal, Refusal::WrongCeremony);
}

#[test]
fn evidence_holds_the_answer_and_what_it_answered() {
    let party = Party::new();
    let ceremony = ceremony(Kind::Register, "{}");
    let json = answer(&party, &mut Authenticator::new(), &ceremony);
    let registered = party.passkeys.verify_registration(json.as_bytes(), &ceremony).unwrap();
    let evidence = party.passkeys.evidence(
        &ceremony,
        registered.answer.clone(),
        &registered.key,
        Binding::CallCode,
    );
    assert_eq!(evidence.statement, ceremony.statement);
    assert_eq!(evidence.nonce, ceremony.nonce);
    assert_eq!(evidence.client_data_json, registered.answer.client_data_json);
    assert_eq!(evidence.proof, registered.answer.proof);
    assert_eq!(evidence.public_key, registered.key.public_key);
    assert_eq!(evidence.credential_id, registered.key.id);
    assert_eq!((&*evidence.origin, &*evidence.rp_id), ("https://example.org", "example.org"));
    assert_eq!(evidence.binding, Binding::CallCode);
}
