//! Checking a passkey's answer, and what a right one ends its link with.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::Verify;
use crate::domain::binding::{Grounds, Way};
use crate::domain::ceremony::{Ceremony, Kind, Means, Refusal, Refused};
use crate::domain::clock::Timestamp;
use crate::domain::credential::Credential;
use crate::domain::id::CredentialId;
use crate::domain::random::Random;
use crate::domain::verdict::{Method, Verified};
use crate::passkey::Passkeys;
use crate::store::{self, Check, Checked, KeyChange, Settlement, StoreError, Subject};

/// An answer as it came, and what its check needs besides the ceremony.
struct Answer {
    passkeys: Arc<Passkeys>,
    random: Arc<dyn Random>,
    verdict_ttl: Duration,
    /// The W3C JSON form.
    credential: Vec<u8>,
    way: Way,
    now: Timestamp,
}

impl Verify {
    /// The check of an answer, for the store to make once the challenge is consumed.
    pub(super) fn check_of(&self, credential: &[u8], way: Way, now: Timestamp) -> Check {
        let answer = Answer {
            passkeys: Arc::clone(&self.passkeys),
            random: Arc::clone(&self.random),
            verdict_ttl: self.verification.verdict_ttl,
            credential: credential.to_vec(),
            way,
            now,
        };
        Arc::new(move |ceremony, subject| {
            // A defect must not be tried again and again by whoever insists on a write.
            catch_unwind(AssertUnwindSafe(|| answer.check(ceremony, subject)))
                .unwrap_or_else(|_| Err(StoreError::Corrupt("a check broke down".to_owned())))
        })
    }
}

impl Answer {
    /// Without side effects but for a new credential's id, which is drawn.
    fn check(&self, ceremony: &Ceremony, subject: &Subject) -> store::Result<Checked> {
        let checked = match (ceremony.means, ceremony.kind) {
            (Means::Passkey, Kind::Register) => self.registration(ceremony, subject)?,
            (Means::Passkey, Kind::Authenticate) => self.authentication(ceremony, subject),
            (Means::Totp, _) => {
                let (refusal, detail) = (Refusal::WrongCeremony, serde_json::json!({}));
                Err(Refused { refusal, suspect: None, detail })
            }
        };
        Ok(match checked {
            Ok(settlement) => Checked::Right(Box::new(settlement)),
            Err(refused) => Checked::Wrong(refused),
        })
    }

    fn registration(
        &self,
        ceremony: &Ceremony,
        Subject { link, credentials, .. }: &Subject,
    ) -> store::Result<Result<Settlement, Refused>> {
        let registered = match self.passkeys.verify_registration(&self.credential, ceremony) {
            Ok(registered) => registered,
            Err(refused) => return Ok(Err(refused)),
        };
        let grounds = Grounds::of(link, self.way, credentials, ceremony.created_at);
        let binding = match grounds.binding() {
            Ok(binding) => binding,
            Err(groundless) => {
                let (refusal, detail) = (groundless.into(), registered.detail);
                return Ok(Err(Refused { refusal, suspect: None, detail }));
            }
        };
        let credential = Credential {
            id: CredentialId::new(self.now, &*self.random)?,
            customer: link.customer,
            key: registered.key,
            binding,
            link: link.id,
            created_at: self.now,
            last_used_at: None,
            revoked_at: None,
            suspected_at: None,
            added_by: link.handover.authorised_by,
        };
        Ok(Ok(Settlement {
            verified: self.verified(&credential, true),
            evidence: self.passkeys.evidence(
                ceremony,
                registered.answer,
                &credential.key,
                credential.binding,
            ),
            key: KeyChange::Bind(Box::new(credential)),
            detail: registered.detail,
        }))
    }

    fn authentication(
        &self,
        ceremony: &Ceremony,
        Subject { handle, credentials, .. }: &Subject,
    ) -> Result<Settlement, Refused> {
        let asserted = self.passkeys.verify_authentication(
            &self.credential,
            ceremony,
            *handle,
            credentials,
        )?;
        Ok(Settlement {
            verified: self.verified(&asserted.credential, false),
            evidence: self.passkeys.evidence(
                ceremony,
                asserted.answer,
                &asserted.credential.key,
                asserted.credential.binding,
            ),
            key: KeyChange::Use(asserted.used),
            detail: asserted.detail,
        })
    }

    fn verified(&self, credential: &Credential, first_use: bool) -> Verified {
        Verified {
            method: Method::Passkey,
            binding: credential.binding,
            first_use,
            credential: credential.id,
            verified_at: self.now,
            verified_until: self.now.plus(self.verdict_ttl),
        }
    }
}
