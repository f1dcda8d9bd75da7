//! Checking assertions (`WebAuthn` Level 3, section 7.2).

use super::authenticator_data::AuthenticatorData;
use super::cose::P256Key;
use super::facts::{Facts, Sizes};
use super::response::AuthenticationResponse;
use super::signature::check_signature;
use super::{Answer, Passkeys, client_data};
use crate::domain::ceremony::{Ceremony, Kind, Refusal, Refused};
use crate::domain::credential::{Credential, KeyUse};
use crate::domain::customer::UserHandle;
use crate::domain::evidence::Proof;
use crate::domain::statement::Challenge;

/// An accepted assertion.
#[derive(Clone, Debug, PartialEq)]
pub struct Asserted {
    pub used: KeyUse,
    /// The record it was checked against, as it was given.
    pub credential: Credential,
    pub answer: Answer,
    /// Facts for auditors, as in [`Refused::detail`].
    pub detail: serde_json::Value,
}

impl Passkeys {
    /// Checks `credential_json`, an `AuthenticationResponseJSON`, as the answer to `ceremony` by
    /// the customer who has this `handle` and these `credentials`.
    ///
    /// The counter is compared with the records as given; the store compares again when it
    /// settles.
    ///
    /// # Errors
    /// [`Refused`] with the first reason found. [`Refusal::CloneSuspected`] and
    /// [`Refusal::PasskeyChanged`] are said only of an assertion whose signature is valid.
    pub fn verify_authentication(
        &self,
        credential_json: &[u8],
        ceremony: &Ceremony,
        handle: UserHandle,
        credentials: &[Credential],
    ) -> Result<Asserted, Refused> {
        if ceremony.kind != Kind::Authenticate {
            return Err(Refused::without_facts(Refusal::WrongCeremony));
        }
        self.check_authentication(credential_json, &ceremony.challenge(), handle, credentials)
    }

    /// As [`Self::verify_authentication`], for a challenge that no ceremony of ours made.
    ///
    /// # Errors
    /// As there.
    pub fn check_authentication(
        &self,
        credential_json: &[u8],
        challenge: &Challenge,
        handle: UserHandle,
        credentials: &[Credential],
    ) -> Result<Asserted, Refused> {
        let mut facts = Facts::default();
        match self.authenticate(credential_json, challenge, handle, credentials, &mut facts) {
            Ok((used, credential, answer)) => {
                Ok(Asserted { used, credential, answer, detail: facts.into_detail() })
            }
            Err(refusal) => Err(facts.into_refused(refusal)),
        }
    }

    fn authenticate(
        &self,
        credential_json: &[u8],
        challenge: &Challenge,
        handle: UserHandle,
        credentials: &[Credential],
        facts: &mut Facts,
    ) -> Result<(KeyUse, Credential, Answer), Refusal> {
        let response = AuthenticationResponse::parse(credential_json)?;
        facts.envelope(sizes(&response), response.attachment);
        client_data::check(
            &response.client_data_json,
            &self.expected(Kind::Authenticate, challenge),
        )?;

        let record = find(credentials, &response.id)?;
        facts.stored(record);
        // Section 7.2, step 6: the customer was identified beforehand, so the handle may be absent.
        if response.user_handle.as_ref().is_some_and(|given| *given != handle.0) {
            return Err(Refusal::UserHandleMismatch);
        }

        let data = AuthenticatorData::parse(&response.authenticator_data)?;
        facts.authenticator_data(&data);
        data.check(&self.rp_id_hash)?;
        if data.attested.is_some() {
            return Err(Refusal::AuthenticatorDataMalformed);
        }

        let key = P256Key::parse(&record.key.public_key)?;
        check_signature(
            &key,
            &response.authenticator_data,
            &response.client_data_json,
            &response.signature,
        )?;
        // What follows accuses a passkey, so only its own signature may bring it up.
        if !counts(record.key.sign_count, data.sign_count) {
            return Err(Refusal::CloneSuspected);
        }
        if data.flags.backup_eligible() != record.key.backup_eligible {
            return Err(Refusal::PasskeyChanged);
        }

        let used = KeyUse {
            credential: record.id,
            sign_count: data.sign_count,
            backup_eligible: data.flags.backup_eligible(),
            backup_state: data.flags.backup_state(),
            attachment: response.attachment,
        };
        let proof = Proof::Assertion {
            authenticator_data: response.authenticator_data,
            signature: response.signature,
        };
        let answer = Answer { client_data_json: response.client_data_json, proof };
        Ok((used, record.clone(), answer))
    }
}

/// Section 7.2, step 22: a counter only grows, unless the authenticator has none and says zero.
const fn counts(stored: u32, signed: u32) -> bool {
    signed > stored || (signed == 0 && stored == 0)
}

/// The active credential with this id. Whoever hands in revoked ones too learns of them.
fn find<'a>(credentials: &'a [Credential], id: &[u8]) -> Result<&'a Credential, Refusal> {
    let record = credentials
        .iter()
        .find(|credential| credential.key.id == id)
        .ok_or(Refusal::CredentialUnknown)?;
    if record.revoked_at.is_some() {
        return Err(Refusal::CredentialRevoked);
    }
    Ok(record)
}

fn sizes(response: &AuthenticationResponse) -> Sizes {
    Sizes {
        credential_id: response.id.len(),
        client_data_json: response.client_data_json.len(),
        attestation_object: None,
        signature: Some(response.signature.len()),
    }
}
