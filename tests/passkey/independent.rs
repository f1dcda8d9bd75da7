//! Somebody else's client and authenticator (the `passkey` crate) against our verifier.

use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::credential::Attachment;
use vouchlink::domain::encoding::base64url;

use super::oracle;
use super::party::{Party, record};

struct Unlocked;

#[async_trait::async_trait]
impl UserValidationMethod for Unlocked {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

fn authenticator(counts: bool) -> Authenticator<Option<Passkey>, Unlocked, RustCryptoBackend> {
    let aaguid = Aaguid::from([0xb0; 16]);
    let mut authenticator = Authenticator::new(aaguid, None, Unlocked, RustCryptoBackend);
    authenticator.set_make_credentials_with_signature_counter(counts);
    authenticator
}

/// The options of any ceremony as the client's own type.
fn request<T: DeserializeOwned>(options: &Value) -> T {
    serde_json::from_value(json!({ "publicKey": options })).unwrap()
}

async fn enrol_and_verify(counts: bool) {
    let mut party = Party::at("example.org", "https://verify.example.org");
    let origin = Url::parse(&party.origin).unwrap();
    let mut phone = Client::new(authenticator(counts));

    let (challenge, options) = party.options(Kind::Register);
    let creation: CredentialCreationOptions = request(&options);
    let created = phone.register(&origin, creation, DefaultClientData).await.unwrap();
    let json = serde_json::to_string(&created).unwrap();
    let registered = party.check_registration(&json, &challenge).unwrap();
    let key = registered.key;
    assert_eq!(key.fmt, "none");
    assert_eq!(key.aaguid, [0xb0; 16]);
    assert_eq!(key.attachment, Some(Attachment::Platform));
    assert_eq!(key.transports.words(), ["internal", "hybrid"]);
    assert_eq!(key.discoverable, Some(true));
    assert!(key.backup_eligible && key.backup_state);
    party.credentials.push(record(key));

    for _ in 0..2 {
        let (challenge, options) = party.options(Kind::Authenticate);
        let id = base64url(&party.credentials[0].key.id);
        assert_eq!(options["allowCredentials"][0]["id"], id);
        let assertion: CredentialRequestOptions = request(&options);
        let signed = phone.authenticate(&origin, assertion, DefaultClientData).await.unwrap();
        let json = serde_json::to_string(&signed).unwrap();
        let asserted = oracle::check(&party, json.as_bytes(), &challenge).unwrap();
        assert_eq!(asserted.used.credential, party.credentials[0].id);
        let before = party.credentials[0].key.sign_count;
        assert_eq!(asserted.used.sign_count > before, counts);
        party.credentials[0].key.sign_count = asserted.used.sign_count;
    }
}

#[tokio::test]
async fn an_independent_authenticator_enrols_and_verifies() {
    enrol_and_verify(false).await;
}

#[tokio::test]
async fn an_independent_authenticator_that_counts_enrols_and_verifies() {
    enrol_and_verify(true).await;
}
