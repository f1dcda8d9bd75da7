//! Checking registrations (`WebAuthn` Level 3, section 7.1).

use super::attestation::AttestationObject;
use super::authenticator_data::AuthenticatorData;
use super::cose::P256Key;
use super::facts::{Facts, Sizes};
use super::library::KnownKey;
use super::response::RegistrationResponse;
use super::{Answer, Passkeys, client_data};
use crate::domain::ceremony::{Ceremony, Kind, Refusal, Refused};
use crate::domain::credential::NewKey;
use crate::domain::evidence::Proof;
use crate::domain::statement::Challenge;

/// An accepted registration.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    pub key: NewKey,
    pub answer: Answer,
    /// Facts for auditors, as in [`Refused::detail`].
    pub detail: serde_json::Value,
}

impl Passkeys {
    /// Checks `credential_json`, a `RegistrationResponseJSON`, as the answer to `ceremony`.
    ///
    /// That the key is nobody's yet (step 26) is left to the store, which alone can know.
    ///
    /// # Errors
    /// [`Refused`] with the first reason found.
    pub fn verify_registration(
        &self,
        credential_json: &[u8],
        ceremony: &Ceremony,
    ) -> Result<Registered, Refused> {
        if ceremony.kind != Kind::Register {
            return Err(Refused::without_facts(Refusal::WrongCeremony));
        }
        self.check_registration(credential_json, &ceremony.challenge())
    }

    /// As [`Self::verify_registration`], for a challenge that no ceremony of ours made.
    ///
    /// # Errors
    /// As there.
    pub fn check_registration(
        &self,
        credential_json: &[u8],
        challenge: &Challenge,
    ) -> Result<Registered, Refused> {
        let mut facts = Facts::default();
        match self.register(credential_json, challenge, &mut facts) {
            Ok((key, answer)) => Ok(Registered { key, answer, detail: facts.into_detail() }),
            Err(refusal) => Err(facts.into_refused(refusal)),
        }
    }

    fn register(
        &self,
        credential_json: &[u8],
        challenge: &Challenge,
        facts: &mut Facts,
    ) -> Result<(NewKey, Answer), Refusal> {
        let response = RegistrationResponse::parse(credential_json)?;
        facts.envelope(sizes(&response), response.attachment);
        client_data::check(&response.client_data_json, &self.expected(Kind::Register, challenge))?;

        let attestation = AttestationObject::parse(&response.attestation_object)?;
        facts.format(attestation.known_format());
        let data = AuthenticatorData::parse(attestation.authenticator_data)?;
        facts.authenticator_data(&data);
        data.check(&self.rp_id_hash)?;
        let attested = data.attested.as_ref().ok_or(Refusal::AuthenticatorDataMalformed)?;
        if attested.id != response.id {
            return Err(Refusal::IdMismatch);
        }
        let point = P256Key::parse(attested.public_key)?;
        let format = attestation.check_statement()?;

        let read = self.library.finish_registration(&response, challenge)?;
        let ours = KnownKey {
            id: attested.id.to_vec(),
            point,
            sign_count: data.sign_count,
            backup_eligible: data.flags.backup_eligible(),
            backup_state: data.flags.backup_state(),
        };
        // Two readers of the same bytes must have read the same.
        if read != ours {
            return Err(Refusal::Rejected);
        }

        let key = NewKey {
            id: ours.id,
            public_key: attested.public_key.to_vec(),
            sign_count: ours.sign_count,
            backup_eligible: ours.backup_eligible,
            backup_state: ours.backup_state,
            transports: response.transports,
            attachment: response.attachment,
            aaguid: attested.aaguid,
            fmt: format.as_str().to_owned(),
            discoverable: response.discoverable,
        };
        let authenticator_data = attestation.authenticator_data.to_vec();
        let proof = Proof::Attestation {
            authenticator_data,
            attestation_object: response.attestation_object,
        };
        Ok((key, Answer { client_data_json: response.client_data_json, proof }))
    }
}

impl Refused {
    pub(super) fn without_facts(refusal: Refusal) -> Self {
        Facts::default().into_refused(refusal)
    }
}

fn sizes(response: &RegistrationResponse) -> Sizes {
    Sizes {
        credential_id: response.id.len(),
        client_data_json: response.client_data_json.len(),
        attestation_object: Some(response.attestation_object.len()),
        signature: None,
    }
}
