//! A verdict's evidence as the API shows it (`docs/evidence.md`).

use poem_openapi::{Object, Union};
use serde::Serialize;

use crate::domain::authenticator_app::BINDING;
use crate::domain::encoding::Base64Url;
use crate::domain::evidence::{CodeRecord, CodeUse, Evidence, Proof, Record};
use crate::domain::id::CredentialId;
use crate::domain::statement::{Challenge, VERSION};
use crate::domain::verdict::{Assurance, Binding, Method};

/// What stays of a verdict.
#[derive(Debug, Serialize, Union)]
#[serde(untagged)]
pub(super) enum RecordView {
    Passkey(EvidenceView),
    Code(CodeRecordView),
}

/// Our own record of a verdict that rests on a code.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "CodeRecord")]
pub(super) struct CodeRecordView {
    version: u8,
    /// The exact JSON text that the customer approved.
    statement: String,
    nonce: Base64Url,
    /// `totp` or `recovery_code`.
    method: Method,
    /// The authenticator app.
    credential_id: CredentialId,
    /// The code's time step: Unix seconds by 30 (RFC 6238). Null for a recovery code.
    step: Option<u64>,
    /// Which recovery code of the list it was, from 1 on. Null for the app's.
    recovery_code: Option<u8>,
    origin: String,
    rp_id: String,
    binding: Binding,
    assurance: Assurance,
    /// Always false: whoever could check a code could have made it.
    checkable: bool,
    /// What that means, in words.
    note: String,
}

const NOTE: &str = "This is our own record. A code is made from a secret that we share with the                     customer's app, so no third party can check it.";

impl From<Record> for RecordView {
    fn from(record: Record) -> Self {
        match record {
            Record::Passkey(evidence) => Self::Passkey(evidence.into()),
            Record::Code(record) => Self::Code(record.into()),
        }
    }
}

impl From<CodeRecord> for CodeRecordView {
    fn from(record: CodeRecord) -> Self {
        let method = record.code.method();
        let (step, recovery_code) = match record.code {
            CodeUse::Step(step) => (Some(step.0), None),
            CodeUse::Recovery(number) => (None, Some(number)),
        };
        Self {
            version: VERSION,
            statement: record.statement.as_str().to_owned(),
            nonce: Base64Url(record.nonce.0.to_vec()),
            method,
            credential_id: record.app,
            step,
            recovery_code,
            origin: record.origin,
            rp_id: record.rp_id,
            binding: BINDING,
            assurance: Assurance::of(method, BINDING),
            checkable: false,
            note: NOTE.to_owned(),
        }
    }
}

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
