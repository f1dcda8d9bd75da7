//! Our values to the library's and back. It gets a state rebuilt for the one ceremony at hand,
//! with our challenge, and does the cryptography.

use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use webauthn_rs::prelude::{
    AuthenticationResult, COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, Credential, ECDSACurve,
    ParsedAttestation, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder,
};
use webauthn_rs_proto::{
    AttestationFormat, AuthenticationExtensionsClientOutputs, AuthenticatorAssertionResponseRaw,
    AuthenticatorAttestationResponseRaw, RegisteredExtensions, RegistrationExtensionsClientOutputs,
    UserVerificationPolicy,
};

use super::BadRelyingParty;
use super::cose::P256Key;
use super::library_error::refusal;
use super::response::{AuthenticationResponse, RegistrationResponse};
use crate::config::RelyingParty;
use crate::domain::ceremony::Refusal;
use crate::domain::statement::Challenge;

#[derive(Clone, Debug)]
pub(super) struct Library(Webauthn);

/// What the library read or keeps of a credential.
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

    /// Checks an assertion against the one credential that it says made it.
    pub(super) fn finish_authentication(
        &self,
        response: &AuthenticationResponse,
        challenge: &Challenge,
        known: KnownKey,
    ) -> Result<AuthenticationResult, Refusal> {
        let credentials = [known.into_library()];
        let state: PasskeyAuthentication =
            state(&AuthenticationState { ast: Authenticating::of(&credentials, challenge) })?;
        let credential = PublicKeyCredential {
            id: String::new(),
            raw_id: response.id.clone(),
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: response.authenticator_data.clone(),
                client_data_json: response.client_data_json.clone(),
                signature: response.signature.clone(),
                user_handle: None,
            },
            extensions: AuthenticationExtensionsClientOutputs::default(),
            type_: "public-key".to_owned(),
        };
        self.0.finish_passkey_authentication(&credential, &state).map_err(|e| refusal(&e))
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

    fn into_library(self) -> Credential {
        Credential {
            cred_id: self.id,
            cred: COSEKey {
                type_: COSEAlgorithm::ES256,
                key: COSEKeyType::EC_EC2(COSEEC2Key {
                    curve: ECDSACurve::SECP256R1,
                    x: self.point.x.to_vec(),
                    y: self.point.y.to_vec(),
                }),
            },
            counter: self.sign_count,
            transports: None,
            user_verified: true,
            backup_eligible: self.backup_eligible,
            backup_state: self.backup_state,
            registration_policy: UserVerificationPolicy::Required,
            extensions: RegisteredExtensions::none(),
            attestation: ParsedAttestation::default(),
            attestation_format: AttestationFormat::None,
        }
    }
}

/// The library draws its own challenge and keeps its states' fields to itself, but lets them be
/// serialised: the structures below are their serialised forms. Should an update change one, no
/// ceremony succeeds and the self-test says so before serving.
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

#[derive(Serialize)]
struct AuthenticationState<'a> {
    ast: Authenticating<'a>,
}

#[derive(Serialize)]
struct Authenticating<'a> {
    credentials: &'a [Credential],
    policy: UserVerificationPolicy,
    challenge: String,
    appid: Option<String>,
    allow_backup_eligible_upgrade: bool,
}

impl<'a> Authenticating<'a> {
    fn of(credentials: &'a [Credential], challenge: &Challenge) -> Self {
        Self {
            credentials,
            policy: UserVerificationPolicy::Required,
            challenge: challenge.encoded(),
            appid: None,
            allow_backup_eligible_upgrade: false,
        }
    }
}
