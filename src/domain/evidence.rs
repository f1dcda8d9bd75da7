//! Evidence: what a third party needs to check a verdict again, without us.

use serde::Serialize;

use super::encoding::Base64Url;
use super::statement::{Challenge, Nonce, Statement};
use super::verdict::Binding;

/// The answer of one ceremony, byte for byte, with what it was an answer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub statement: Statement,
    pub nonce: Nonce,
    pub client_data_json: Vec<u8>,
    pub proof: Proof,
    /// The `COSE_Key` that signed, or that was bound.
    pub public_key: Vec<u8>,
    /// The authenticator's credential id.
    pub credential_id: Vec<u8>,
    pub origin: String,
    pub rp_id: String,
    pub binding: Binding,
}

/// What the authenticator made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A registration: nothing signs the challenge (attestation `none`), so this proves only that
    /// the key was bound in this link.
    Attestation { attestation_object: Vec<u8>, authenticator_data: Vec<u8> },
    /// An authentication: `signature` is over `authenticator_data || SHA-256(client_data_json)`.
    Assertion { authenticator_data: Vec<u8>, signature: Vec<u8> },
}

/// Evidence as the API shows it (`docs/evidence.md`).
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceDocument {
    pub version: u8,
    pub statement: String,
    pub nonce: Base64Url,
    pub challenge: Base64Url,
    pub client_data_json: Base64Url,
    pub authenticator_data: Base64Url,
    pub signature: Option<Base64Url>,
    pub attestation_object: Option<Base64Url>,
    pub public_key: Base64Url,
    pub credential_id: Base64Url,
    pub origin: String,
    pub rp_id: String,
    pub binding: Binding,
}

impl From<Evidence> for EvidenceDocument {
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
            version: super::statement::VERSION,
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
        }
    }
}
