//! Evidence: what a third party needs to check a verdict again, without us.

use super::id::CredentialId;
use super::statement::{Nonce, Statement};
use super::totp::Step;
use super::verdict::{Binding, Method};

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

impl Evidence {
    /// The one ceremony whose evidence has this form.
    pub const METHOD: Method = Method::Passkey;
}

/// What stays of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Anybody can check it.
    Passkey(Evidence),
    /// Our word only.
    Code(CodeRecord),
}

/// Our own note of a code that was right: who knew the secret that it was made of is whoever has
/// the app, and we, so that it proves nothing to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRecord {
    /// What the customer read when the code was asked for.
    pub statement: Statement,
    pub nonce: Nonce,
    /// The authenticator app.
    pub app: CredentialId,
    pub code: CodeUse,
    pub origin: String,
    pub rp_id: String,
}

/// Which code it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeUse {
    /// The app's of this time step.
    Step(Step),
    /// This one of the list, from 1 on.
    Recovery(u8),
}

impl CodeUse {
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::Step(_) => Method::Totp,
            Self::Recovery(_) => Method::RecoveryCode,
        }
    }
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
