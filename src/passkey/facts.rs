//! What the audit keeps of an answer, accepted or refused: numbers, flags and names from closed
//! lists, gathered while it is checked. Nothing that names the customer, no text of the client.

use serde::Serialize;

use super::authenticator_data::AuthenticatorData;
use crate::domain::ceremony::{Refusal, Refused};
use crate::domain::credential::{Attachment, Credential};
use crate::domain::encoding::hex;
use crate::domain::id::CredentialId;

/// Members are there as far as the check came.
#[derive(Debug, Default, Serialize)]
pub(super) struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    sizes: Option<Sizes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fmt: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aaguid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_count: Option<u32>,
    /// What the credential record says, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<Stored>,
    /// That record.
    #[serde(skip)]
    record: Option<CredentialId>,
}

/// Sizes in bytes.
#[derive(Debug, Serialize)]
pub(super) struct Sizes {
    pub(super) credential_id: usize,
    pub(super) client_data_json: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attestation_object: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signature: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Stored {
    sign_count: u32,
    backup_eligible: bool,
    backup_state: bool,
}

impl Facts {
    pub(super) fn envelope(&mut self, sizes: Sizes, attachment: Option<Attachment>) {
        self.sizes = Some(sizes);
        self.attachment = attachment;
    }

    pub(super) fn format(&mut self, name: &'static str) {
        self.fmt = Some(name);
    }

    pub(super) fn authenticator_data(&mut self, data: &AuthenticatorData<'_>) {
        self.flags = Some(data.flags.names());
        self.sign_count = Some(data.sign_count);
        self.aaguid = data.attested.as_ref().map(|attested| hex(&attested.aaguid));
    }

    pub(super) fn stored(&mut self, record: &Credential) {
        let key = &record.key;
        self.record = Some(record.id);
        self.stored = Some(Stored {
            sign_count: key.sign_count,
            backup_eligible: key.backup_eligible,
            backup_state: key.backup_state,
        });
    }

    pub(super) fn into_refused(self, refusal: Refusal) -> Refused {
        let suspect = self.record.filter(|_| refusal == Refusal::CloneSuspected);
        Refused { refusal, suspect, detail: self.into_detail() }
    }

    pub(super) fn into_detail(self) -> serde_json::Value {
        // Names and numbers can always be written as JSON.
        serde_json::to_value(self).unwrap_or_default()
    }
}
