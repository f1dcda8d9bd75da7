//! A second opinion on assertions: `webauthn-rs`, which also checks registrations in production.
//! What it refuses, we must not accept.

use serde::Deserialize;
use serde_json::json;
use url::Url;
use vouchlink::domain::ceremony::Refused;
use vouchlink::domain::credential::Credential as Record;
use vouchlink::domain::encoding::from_base64url;
use vouchlink::domain::statement::Challenge;
use vouchlink::passkey::Asserted;
use webauthn_rs::prelude::{
    AuthenticationResult, COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, Credential, ECDSACurve,
    ParsedAttestation, PasskeyAuthentication, PublicKeyCredential, WebauthnBuilder,
};
use webauthn_rs_proto::{
    AttestationFormat, AuthenticationExtensionsClientOutputs, AuthenticatorAssertionResponseRaw,
    RegisteredExtensions, UserVerificationPolicy,
};

use super::party::Party;

/// Our verifier's answer.
///
/// # Panics
/// If we accept what the library refuses, or read it differently.
pub(crate) fn check(
    party: &Party,
    json: &[u8],
    challenge: &Challenge,
) -> Result<Asserted, Refused> {
    let ours =
        party.passkeys.check_authentication(json, challenge, party.handle, &party.credentials);
    if let Ok(asserted) = &ours {
        let theirs = ask(party, json, challenge)
            .unwrap_or_else(|why| panic!("accepted, but the library refuses it: {why}"));
        let used = &asserted.used;
        assert!(theirs.user_verified());
        assert_eq!(theirs.cred_id().as_slice(), asserted.credential.key.id);
        assert_eq!(theirs.counter(), used.sign_count);
        assert_eq!(theirs.backup_eligible(), used.backup_eligible);
        assert_eq!(theirs.backup_state(), used.backup_state);
    }
    ours
}

/// The library's answer, or why it has none.
pub(crate) fn ask(
    party: &Party,
    json: &[u8],
    challenge: &Challenge,
) -> Result<AuthenticationResult, String> {
    let sent: Sent = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    let credential = PublicKeyCredential {
        id: String::new(),
        raw_id: bytes(&sent.raw_id)?,
        response: AuthenticatorAssertionResponseRaw {
            authenticator_data: bytes(&sent.response.authenticator_data)?,
            client_data_json: bytes(&sent.response.client_data_json)?,
            signature: bytes(&sent.response.signature)?,
            user_handle: None,
        },
        extensions: AuthenticationExtensionsClientOutputs::default(),
        type_: "public-key".to_owned(),
    };
    let credentials: Vec<_> = party.credentials.iter().filter_map(known).collect();
    // It keeps its state's fields to itself, but lets them be written and read.
    let state: PasskeyAuthentication = serde_json::from_value(json!({"ast": {
        "credentials": credentials,
        "policy": UserVerificationPolicy::Required,
        "challenge": challenge.encoded(),
        "appid": null,
        "allow_backup_eligible_upgrade": false,
    }}))
    .unwrap();
    let desk = party.passkeys.relying_party();
    WebauthnBuilder::new(&desk.id, &Url::parse(&desk.origin).unwrap())
        .and_then(WebauthnBuilder::build)
        .unwrap()
        .finish_passkey_authentication(&credential, &state)
        .map_err(|e| e.to_string())
}

/// The parts that the library looks at; nothing is asked of the others.
#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "rawId")]
    raw_id: String,
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    authenticator_data: String,
    signature: String,
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    from_base64url(text).ok_or_else(|| "no base64url".to_owned())
}

/// The record as the library keeps it, its key taken out by another CBOR reader; `None` if that is
/// no ES256 key on P-256.
fn known(record: &Record) -> Option<Credential> {
    let key: ciborium::Value = ciborium::from_reader(&record.key.public_key[..]).ok()?;
    let entries = key.into_map().ok()?;
    let get = |label: i64| {
        let mut entries = entries.iter();
        entries.find(|(key, _)| *key == label.into()).map(|(_, value)| value.clone())
    };
    if get(3) != Some((-7).into()) || get(-1) != Some(1.into()) {
        return None;
    }
    let coordinate = |label| get(label)?.into_bytes().ok();
    Some(Credential {
        cred_id: record.key.id.clone(),
        cred: COSEKey {
            type_: COSEAlgorithm::ES256,
            key: COSEKeyType::EC_EC2(COSEEC2Key {
                curve: ECDSACurve::SECP256R1,
                x: coordinate(-2)?,
                y: coordinate(-3)?,
            }),
        },
        counter: record.key.sign_count,
        transports: None,
        user_verified: true,
        backup_eligible: record.key.backup_eligible,
        backup_state: record.key.backup_state,
        registration_policy: UserVerificationPolicy::Required,
        extensions: RegisteredExtensions::none(),
        attestation: ParsedAttestation::default(),
        attestation_format: AttestationFormat::None,
    })
}
