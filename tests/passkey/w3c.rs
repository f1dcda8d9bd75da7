//! The published test vectors (`WebAuthn` Level 3, section 16) with the outcome that each has
//! here. `w3c_vectors.json` holds their values as they stand in the standard, in hexadecimal.
//!
//! Most are refused, as they should be: we demand user verification, which many vectors lack, take
//! ES256 only, and no certificates.

use serde_json::{Value, json};
use vouchlink::domain::ceremony::Refusal;
use vouchlink::domain::ceremony::Refusal::{
    AlgorithmNotAllowed, AttestationFormat, AttestationStatement, ChallengeMismatch, CrossOrigin,
    UserNotVerified,
};
use vouchlink::domain::credential::{NewKey, Transports};
use vouchlink::domain::encoding::base64url;
use vouchlink::domain::statement::Challenge;

use super::oracle;
use super::party::{Party, record};

/// Name, outcome of the registration, outcome of the authentication; `None` for accepted.
const OUTCOMES: [(&str, Option<Refusal>, Option<Refusal>); 15] = [
    ("none-es256", Some(UserNotVerified), Some(UserNotVerified)),
    ("packed-self-es256", None, Some(UserNotVerified)),
    ("none-es256-crossOrigin", Some(CrossOrigin), Some(CrossOrigin)),
    // Has `crossOrigin: true` too.
    ("none-es256-topOrigin", Some(CrossOrigin), Some(CrossOrigin)),
    ("none-es256-long-credential-id", Some(UserNotVerified), None),
    ("packed-es256", Some(AttestationStatement), None),
    ("packed-es384", Some(UserNotVerified), Some(AlgorithmNotAllowed)),
    // Its challenges have 128 bytes, as ours never have.
    ("packed-es512", Some(ChallengeMismatch), Some(ChallengeMismatch)),
    ("packed-rs256", Some(AlgorithmNotAllowed), Some(UserNotVerified)),
    ("packed-eddsa", Some(UserNotVerified), Some(UserNotVerified)),
    ("packed-ed448", Some(UserNotVerified), Some(AlgorithmNotAllowed)),
    ("tpm-es256", Some(AttestationFormat), None),
    ("android-key-es256", Some(AttestationFormat), Some(UserNotVerified)),
    ("apple-es256", Some(UserNotVerified), Some(UserNotVerified)),
    ("fido-u2f-es256", Some(UserNotVerified), Some(UserNotVerified)),
];

#[test]
fn every_published_vector_has_its_outcome() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("w3c_vectors.json")).unwrap();
    let outcomes: Vec<_> = vectors
        .iter()
        .map(|vector| {
            let name = vector["name"].as_str().unwrap();
            let (registration, authentication) =
                (&vector["registration"], &vector["authentication"]);
            (name, register(registration), authenticate(registration, authentication))
        })
        .collect();
    assert_eq!(outcomes, OUTCOMES);
}

fn register(vector: &Value) -> Option<Refusal> {
    let json = json!({
        "id": text(&vector["credential_id"]),
        "rawId": text(&vector["credential_id"]),
        "type": "public-key",
        "response": {
            "clientDataJSON": text(&vector["clientDataJSON"]),
            "attestationObject": text(&vector["attestationObject"]),
        },
        "clientExtensionResults": {},
    });
    let outcome = Party::new().check_registration(&json.to_string(), &challenge(vector));
    outcome.err().map(|refused| refused.refusal)
}

/// Against a record of the registered key, accepted or not.
fn authenticate(registration: &Value, vector: &Value) -> Option<Refusal> {
    let id = bytes(&registration["credential_id"]);
    let json = json!({
        "id": base64url(&id),
        "rawId": base64url(&id),
        "type": "public-key",
        "response": {
            "clientDataJSON": text(&vector["clientDataJSON"]),
            "authenticatorData": text(&vector["authenticatorData"]),
            "signature": text(&vector["signature"]),
        },
        "clientExtensionResults": {},
    });
    let mut party = Party::new();
    party.credentials = vec![record(registered_key(registration, id))];
    let outcome = oracle::check(&party, json.to_string().as_bytes(), &challenge(vector));
    outcome.err().map(|refused| refused.refusal)
}

/// What the vector's attestation object says, taken out by another CBOR reader and by place.
fn registered_key(registration: &Value, id: Vec<u8>) -> NewKey {
    let object = bytes(&registration["attestationObject"]);
    let object: ciborium::Value = ciborium::from_reader(&object[..]).unwrap();
    let entries = object.into_map().unwrap();
    let (_, data) = entries.into_iter().find(|(key, _)| key.as_text() == Some("authData")).unwrap();
    let data = data.into_bytes().unwrap();
    let flags = data[32];
    NewKey {
        public_key: data[37 + 16 + 2 + id.len()..].to_vec(),
        id,
        sign_count: u32::from_be_bytes(data[33..37].try_into().unwrap()),
        backup_eligible: flags & 0x08 != 0,
        backup_state: flags & 0x10 != 0,
        transports: Transports::default(),
        attachment: None,
        aaguid: data[37..53].try_into().unwrap(),
        fmt: "none".to_owned(),
        discoverable: None,
    }
}

/// Our challenges have 32 bytes; of a longer one the first 32, so that it is another.
fn challenge(vector: &Value) -> Challenge {
    Challenge::from_bytes(*bytes(&vector["challenge"]).first_chunk().unwrap())
}

fn text(hex: &Value) -> String {
    base64url(&bytes(hex))
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits: Vec<_> = hex.as_str().unwrap().chars().map(|c| c.to_digit(16).unwrap()).collect();
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}
