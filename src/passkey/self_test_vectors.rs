//! The self-test's fixed vectors: one registration and one authentication by the key
//! `0x42 * 32`, with deterministic signatures (RFC 6979). Any software authenticator makes the
//! same bytes from the same inputs.

use crate::config::RelyingParty;
use crate::domain::clock::Timestamp;
use crate::domain::credential::{Credential, NewKey, Transports};
use crate::domain::customer::UserHandle;
use crate::domain::encoding::{base64url, from_base64url};
use crate::domain::id::{CredentialId, CustomerId, LinkId};
use crate::domain::statement::Challenge;
use crate::domain::text::{BadText, Line};
use crate::domain::verdict::Binding;

pub(super) const HANDLE: UserHandle = UserHandle([9; 16]);
pub(super) const REGISTRATION_CHALLENGE: Challenge = Challenge::from_bytes([1; 32]);
pub(super) const AUTHENTICATION_CHALLENGE: Challenge = Challenge::from_bytes([2; 32]);

const CREDENTIAL_ID: &str = "-_-_FxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxc";
const PUBLIC_KEY: &str = "pQECAyYgASFYIDrThhqVYhOSUWu1k-8FWD7S5YZvXLYmCjAXI3_Ym5CvIlgg0JYcfjcHWmeR\
                          o5xh9WKVsCttJlZ7YV5gqkHuHI6DOI0";
/// The public key of `0x43 * 32`.
const FOREIGN_KEY: &str = "pQECAyYgASFYIBUs9RKgA9k-K39-LnTl2BpWn9zYccYU3knudA5XVJglIlggiefburil\
                           LYLpEPdIAg2a6MfR7-FCXuEg8TQvBchtZP8";
const REGISTRATION_CLIENT_DATA: &str = r#"{"type":"webauthn.create","challenge":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE","origin":"https://example.com","crossOrigin":false}"#;
const ATTESTATION_OBJECT: &str = "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViko3mm9u6vuaVeN4wRgDTidR5oL6ufLTCr\
                                  E9ISVYbOGUddAAAABQAAAAAAAAAAAAAAAAAAAAAAIPv_vxcXFxcXFxcXFxcXFxcXFxcXFxcX\
                                  FxcXFxcXFxcXpQECAyYgASFYIDrThhqVYhOSUWu1k-8FWD7S5YZvXLYmCjAXI3_Ym5CvIlgg\
                                  0JYcfjcHWmeRo5xh9WKVsCttJlZ7YV5gqkHuHI6DOI0";
const AUTHENTICATION_CLIENT_DATA: &str = r#"{"type":"webauthn.get","challenge":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","origin":"https://example.com","crossOrigin":false}"#;
const AUTHENTICATOR_DATA: &str = "o3mm9u6vuaVeN4wRgDTidR5oL6ufLTCrE9ISVYbOGUcdAAAABg";
const SIGNATURE: &str = "MEUCIQD4Wg8QXtfXfVMjHXVxluSjuTWhGAMKU_IuHv5hsgWPngIgDGxs-6wg-9cm4DV-4z_-\
                         5PAqe-AJlzZEHi8jni2-ihQ";

pub(super) fn relying_party() -> Result<RelyingParty, BadText> {
    Ok(RelyingParty {
        id: "example.com".to_owned(),
        name: Line::parse("Example")?,
        origin: "https://example.com".to_owned(),
    })
}

/// The key as the registration makes it.
pub(super) fn key() -> NewKey {
    NewKey {
        id: bytes(CREDENTIAL_ID),
        public_key: bytes(PUBLIC_KEY),
        sign_count: 5,
        backup_eligible: true,
        backup_state: true,
        transports: Transports::default(),
        attachment: None,
        aaguid: [0; 16],
        fmt: "none".to_owned(),
        discoverable: None,
    }
}

/// The record of that key.
pub(super) fn credential() -> Credential {
    Credential {
        id: CredentialId::from_bytes([3; 16]),
        customer: CustomerId::from_bytes([4; 16]),
        key: key(),
        binding: Binding::Link,
        link: LinkId::from_bytes([5; 16]),
        created_at: Timestamp::from_millis(0),
        last_used_at: None,
        revoked_at: None,
        suspected_at: None,
        added_by: None,
    }
}

pub(super) fn foreign_key() -> Vec<u8> {
    bytes(FOREIGN_KEY)
}

/// A registration; changed in one thing, an attack.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) id: Vec<u8>,
    pub(super) client_data: String,
    pub(super) attestation_object: Vec<u8>,
}

/// An authentication; changed in one thing, an attack.
#[derive(Debug)]
pub(super) struct Authentication {
    pub(super) client_data: String,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) handle: UserHandle,
}

impl Registration {
    pub(super) fn honest() -> Self {
        Self {
            id: bytes(CREDENTIAL_ID),
            client_data: REGISTRATION_CLIENT_DATA.to_owned(),
            attestation_object: bytes(ATTESTATION_OBJECT),
        }
    }

    pub(super) fn to_json(&self) -> String {
        let id = base64url(&self.id);
        let client_data = base64url(self.client_data.as_bytes());
        let attestation_object = base64url(&self.attestation_object);
        format!(
            r#"{{"id":"{id}","rawId":"{id}","type":"public-key","response":{{"clientDataJSON":"{client_data}","attestationObject":"{attestation_object}"}}}}"#
        )
    }
}

impl Authentication {
    pub(super) fn honest() -> Self {
        Self {
            client_data: AUTHENTICATION_CLIENT_DATA.to_owned(),
            authenticator_data: bytes(AUTHENTICATOR_DATA),
            signature: bytes(SIGNATURE),
            handle: HANDLE,
        }
    }

    pub(super) fn to_json(&self) -> String {
        let client_data = base64url(self.client_data.as_bytes());
        let authenticator_data = base64url(&self.authenticator_data);
        let signature = base64url(&self.signature);
        let handle = base64url(&self.handle.0);
        format!(
            r#"{{"id":"{CREDENTIAL_ID}","rawId":"{CREDENTIAL_ID}","type":"public-key","response":{{"clientDataJSON":"{client_data}","authenticatorData":"{authenticator_data}","signature":"{signature}","userHandle":"{handle}"}}}}"#
        )
    }
}

/// Nothing instead of bytes that cannot be read: then the vectors come out wrong.
fn bytes(text: &str) -> Vec<u8> {
    from_base64url(text).unwrap_or_default()
}
