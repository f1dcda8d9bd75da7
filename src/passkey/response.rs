//! The credential as the browser's `toJSON` writes it (`WebAuthn` Level 3, section 5.1.7):
//! `RegistrationResponseJSON` and `AuthenticationResponseJSON`.
//!
//! Members that are not needed here are skipped, as later levels may add some; so are the
//! convenience copies `publicKey`, `publicKeyAlgorithm` and `authenticatorData` of a registration,
//! which repeat what the attestation object says.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::authenticator_data::MAX_AUTHENTICATOR_DATA;
use super::json::{Object, object};
use crate::domain::ceremony::Refusal;
use crate::domain::credential::{Attachment, Transports};
use crate::domain::encoding::from_base64url;

/// Most bytes of the whole text, as the HTTP layer takes.
const MAX_TEXT: usize = 32 * 1024;
const MAX_CLIENT_DATA: usize = 4 * 1024;
const MAX_ATTESTATION_OBJECT: usize = 8 * 1024;
const MAX_SIGNATURE: usize = 600;
/// Section 5.8.3 asks for 16 bytes and more, section 7.1, step 25 for 1,023 and fewer.
const ID_LENGTH: std::ops::RangeInclusive<usize> = 16..=1023;

/// What came back from `navigator.credentials.create()`.
#[derive(Debug)]
pub(super) struct RegistrationResponse {
    pub(super) id: Vec<u8>,
    pub(super) client_data_json: Vec<u8>,
    pub(super) attestation_object: Vec<u8>,
    pub(super) transports: Transports,
    pub(super) attachment: Option<Attachment>,
    pub(super) discoverable: Option<bool>,
}

/// What came back from `navigator.credentials.get()`.
#[derive(Debug)]
pub(super) struct AuthenticationResponse {
    pub(super) id: Vec<u8>,
    pub(super) client_data_json: Vec<u8>,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
    pub(super) attachment: Option<Attachment>,
}

impl RegistrationResponse {
    pub(super) fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let credential = Credential::<Attestation, RegistrationExtensions>::parse(json)?;
        let Object(response) = credential.response;
        let Object(extensions) = credential.extensions;
        Ok(Self {
            id: credential_id(&credential.kind, &credential.id, &credential.raw_id)?,
            client_data_json: bytes(&response.client_data_json, MAX_CLIENT_DATA)?,
            attestation_object: bytes(&response.object, MAX_ATTESTATION_OBJECT)?,
            transports: Transports::from_client(&response.transports.unwrap_or_default()),
            attachment: credential.attachment.as_deref().and_then(Attachment::parse),
            discoverable: extensions.cred_props.and_then(|Object(properties)| properties.rk),
        })
    }
}

impl AuthenticationResponse {
    pub(super) fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let credential = Credential::<Assertion, NoExtensions>::parse(json)?;
        let Object(response) = credential.response;
        Ok(Self {
            id: credential_id(&credential.kind, &credential.id, &credential.raw_id)?,
            client_data_json: bytes(&response.client_data_json, MAX_CLIENT_DATA)?,
            authenticator_data: bytes(&response.authenticator_data, MAX_AUTHENTICATOR_DATA)?,
            signature: bytes(&response.signature, MAX_SIGNATURE)?,
            user_handle: response
                .user_handle
                .map(|text| from_base64url(&text).ok_or(Refusal::NotBase64Url))
                .transpose()?,
            attachment: credential.attachment.as_deref().and_then(Attachment::parse),
        })
    }
}

#[derive(Deserialize)]
struct Credential<R, X: Default> {
    id: String,
    #[serde(rename = "rawId")]
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: Object<R>,
    #[serde(rename = "authenticatorAttachment")]
    attachment: Option<String>,
    #[serde(rename = "clientExtensionResults", default)]
    extensions: Object<X>,
}

impl<R: DeserializeOwned, X: Default + DeserializeOwned> Credential<R, X> {
    fn parse(json: &[u8]) -> Result<Self, Refusal> {
        if json.len() > MAX_TEXT {
            return Err(Refusal::TooLarge);
        }
        object(json).ok_or(Refusal::Malformed)
    }
}

#[derive(Deserialize)]
struct Attestation {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    #[serde(rename = "attestationObject")]
    object: String,
    transports: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assertion {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

/// Unsigned outputs of client extensions; those we did not ask for are skipped (section 7.1,
/// step 28).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationExtensions {
    cred_props: Option<Object<CredentialProperties>>,
}

#[derive(Deserialize)]
struct CredentialProperties {
    rk: Option<bool>,
}

#[derive(Default, Deserialize)]
struct NoExtensions {}

fn credential_id(kind: &str, id: &str, raw_id: &str) -> Result<Vec<u8>, Refusal> {
    if kind != "public-key" {
        return Err(Refusal::WrongCredentialType);
    }
    let id = from_base64url(id).ok_or(Refusal::IdNotCanonical)?;
    let raw_id = from_base64url(raw_id).ok_or(Refusal::NotBase64Url)?;
    if id != raw_id {
        return Err(Refusal::IdMismatch);
    }
    if !ID_LENGTH.contains(&id.len()) {
        return Err(Refusal::IdLength);
    }
    Ok(id)
}

fn bytes(text: &str, most: usize) -> Result<Vec<u8>, Refusal> {
    let bytes = from_base64url(text).ok_or(Refusal::NotBase64Url)?;
    if bytes.len() > most {
        return Err(Refusal::TooLarge);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    fn assertion(id: &str, extra: &str) -> String {
        format!(
            r#"{{"id":"{id}","rawId":"{id}","type":"public-key",{extra}
            "response":{{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}}}"#
        )
    }

    #[test]
    fn members_of_later_levels_and_foreign_extensions_are_skipped() {
        let json = assertion(
            ID,
            r#""clientExtensionResults":{"appid":7},"future":[1],"authenticatorAttachment":"odd","#,
        );
        let response = AuthenticationResponse::parse(json.as_bytes()).unwrap();
        assert_eq!(response.id, [0; 16]);
        assert_eq!(response.attachment, None);
        assert_eq!(response.user_handle, None);
    }

    #[test]
    fn an_id_has_16_to_1023_bytes() {
        use crate::domain::encoding::base64url;
        for (length, fits) in [(15, false), (16, true), (1023, true), (1024, false)] {
            let json = assertion(&base64url(&vec![1; length]), "");
            let refusal = AuthenticationResponse::parse(json.as_bytes()).err();
            assert_eq!(refusal, (!fits).then_some(Refusal::IdLength), "{length}");
        }
    }
}
