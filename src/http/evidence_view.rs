//! A verdict's evidence as the API shows it (`docs/evidence.md`).

use poem_openapi::Object;
use serde::Serialize;

use crate::domain::encoding::Base64Url;
use crate::domain::evidence::{Evidence, Proof};
use crate::domain::statement::{Challenge, VERSION};
use crate::domain::verdict::{Assurance, Binding, Method};

/// What a third party needs to check a verdict again; bytes as unpadded base64url.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Evidence")]
pub(super) struct EvidenceView {
    version: u8,
    /// The exact JSON text the challenge was made from.
    statement: String,
    nonce: Base64Url,
    /// `SHA-256("vouchlink/challenge/v1" || 0x00 || nonce || SHA-256(statement))`.
    challenge: Base64Url,
    client_data_json: Base64Url,
    authenticator_data: Base64Url,
    /// Over `authenticator_data || SHA-256(client_data_json)`; null for a registration.
    signature: Option<Base64Url>,
    /// Null for an authentication.
    attestation_object: Option<Base64Url>,
    /// A `COSE_Key` (RFC 9052).
    public_key: Base64Url,
    credential_id: Base64Url,
    origin: String,
    rp_id: String,
    binding: Binding,
    /// Which ceremony it was.
    method: Method,
    /// As little as the weaker of the two.
    assurance: Assurance,
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        let challenge = Challenge::new(&evidence.nonce, &evidence.statement);
        let (authenticator_data, signature, attestation_object) = match evidence.proof {
            Proof::Attestation { attestation_object, authenticator_data } => {
                (authenticator_data, None, Some(attestation_object))
            }
            Proof::Assertion { authenticator_data, signature } => {
                (authenticator_data, Some(signature), None)
            }
        };
        Self {
            version: VERSION,
            statement: evidence.statement.as_str().to_owned(),
            nonce: Base64Url(evidence.nonce.0.to_vec()),
            challenge: Base64Url(challenge.as_bytes().to_vec()),
            client_data_json: Base64Url(evidence.client_data_json),
            authenticator_data: Base64Url(authenticator_data),
            signature: signature.map(Base64Url),
            attestation_object: attestation_object.map(Base64Url),
            public_key: Base64Url(evidence.public_key),
            credential_id: Base64Url(evidence.credential_id),
            origin: evidence.origin,
            rp_id: evidence.rp_id,
            binding: evidence.binding,
            method: Evidence::METHOD,
            assurance: Assurance::of(Evidence::METHOD, evidence.binding),
        }
    }
}
