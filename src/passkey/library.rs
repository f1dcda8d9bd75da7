//! Our values to the library's and back: it checks registrations, with a state rebuilt for the one
//! ceremony at hand and our challenge.

use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use webauthn_rs::prelude::{
    COSEAlgorithm, COSEKeyType, Credential, ECDSACurve, PasskeyRegistration,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder,
};
use webauthn_rs_proto::{
    AuthenticatorAttestationResponseRaw, RegistrationExtensionsClientOutputs,
    UserVerificationPolicy,
};

use super::BadRelyingParty;
use super::cose::P256Key;
use super::library_error::refusal;
use super::response::RegistrationResponse;
use crate::config::RelyingParty;
use crate::domain::ceremony::Refusal;
use crate::domain::statement::Challenge;

#[derive(Clone, Debug)]
pub(super) struct Library(Webauthn);

/// What the library read of a new credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownKey {
    pub(super) id: Vec<u8>,
    pub(super) point: P256Key,
    pub(super) sign_count: u32,
    pub(super) backup_eligible: bool,
    pub(super) backup_state: bool,
}

impl Library {
    pub(super) fn new(party: &RelyingParty, origin: &Url) -> Result<Self, BadRelyingParty> {
        WebauthnBuilder::new(&party.id, origin)
            .and_then(|builder| builder.rp_name(party.name.as_str()).build())
            .map(Self)
            .map_err(|_| BadRelyingParty::Id)
    }

    /// Checks a registration; gives what the library understood of the new key.
    pub(super) fn finish_registration(
        &self,
        response: &RegistrationResponse,
        challenge: &Challenge,
    ) -> Result<KnownKey, Refusal> {
        let state: PasskeyRegistration =
            state(&RegistrationState { rs: Registering::of(challenge) })?;
        let credential = RegisterPublicKeyCredential {
            // The library never looks at `id`.
            id: String::new(),
            raw_id: response.id.clone(),
            response: AuthenticatorAttestationResponseRaw {
                attestation_object: response.attestation_object.clone(),
                client_data_json: response.client_data_json.clone(),
                transports: None,
            },
            type_: "public-key".to_owned(),
            extensions: RegistrationExtensionsClientOutputs::default(),
        };
        let passkey =
            self.0.finish_passkey_registration(&credential, &state).map_err(|e| refusal(&e))?;
        KnownKey::from_library(passkey.into()).ok_or(Refusal::AlgorithmNotAllowed)
    }
}

impl KnownKey {
    /// `None` for a key that is not ES256 on P-256.
    fn from_library(credential: Credential) -> Option<Self> {
        let (COSEAlgorithm::ES256, COSEKeyType::EC_EC2(point)) =
            (credential.cred.type_, credential.cred.key)
        else {
            return None;
        };
        if point.curve != ECDSACurve::SECP256R1 {
            return None;
        }
        Some(Self {
            id: credential.cred_id,
            point: P256Key { x: point.x.try_into().ok()?, y: point.y.try_into().ok()? },
            sign_count: credential.counter,
            backup_eligible: credential.backup_eligible,
            backup_state: credential.backup_state,
        })
    }
}

/// The library draws its own challenge and keeps its state's fields to itself, but lets it be
/// serialised: the structures below are its serialised form. Should an update change it, no
/// registration succeeds and the self-test says so before serving.
fn state<T: DeserializeOwned>(form: &impl Serialize) -> Result<T, Refusal> {
    serde_json::to_value(form).and_then(serde_json::from_value).map_err(|_| Refusal::Rejected)
}

#[derive(Serialize)]
struct RegistrationState {
    rs: Registering,
}

#[derive(Serialize)]
struct Registering {
    policy: UserVerificationPolicy,
    exclude_credentials: [String; 0],
    challenge: String,
    credential_algorithms: [COSEAlgorithm; 1],
    require_resident_key: bool,
    authenticator_attachment: Option<String>,
    extensions: RequestedExtensions,
    allow_synchronised_authenticators: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestedExtensions {
    cred_props: bool,
}

impl Registering {
    fn of(challenge: &Challenge) -> Self {
        Self {
            policy: UserVerificationPolicy::Required,
            exclude_credentials: [],
            challenge: challenge.encoded(),
            credential_algorithms: [COSEAlgorithm::ES256],
            require_resident_key: false,
            authenticator_attachment: None,
            extensions: RequestedExtensions { cred_props: true },
            allow_synchronised_authenticators: true,
        }
    }
}
