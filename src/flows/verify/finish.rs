//! Finishing a ceremony: consume the challenge, check the answer, settle or refuse.

use super::{Stopped, Verify};
use crate::domain::binding::{Grounds, Way};
use crate::domain::ceremony::{Ceremony, Kind, Means, Refusal};
use crate::domain::clock::Timestamp;
use crate::domain::credential::Credential;
use crate::domain::id::CredentialId;
use crate::domain::link::{Closed, Link, Status};
use crate::domain::verdict::{Method, Verified};
use crate::flows::Unavailable;
use crate::flows::insist::insist;
use crate::passkey::Refused;
use crate::store::{Answered, Consumed, KeyChange, RefusedAnswer, Settled, Settlement, Subject};
use crate::token::ChallengeClaims;

impl Verify {
    /// Checks a ceremony's answer. `credential` is the W3C JSON form as it came; `body` is the
    /// whole request, to know the same answer again.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn finish(
        &self,
        kind: Kind,
        challenge_token: &str,
        credential: &[u8],
        body: &[u8],
    ) -> Result<Link, Stopped> {
        let claims =
            self.tokens.read_challenge(challenge_token).map_err(|_| Stopped::LinkInvalid)?;
        if claims.kind != kind || claims.means != Means::Passkey {
            return Err(Stopped::WrongCeremony);
        }
        let now = self.clock.now();
        let (ceremony, subject) = match self.take(&claims, body, now).await? {
            Taken::Live(live) => *live,
            Taken::Repeated(link) => return Ok(*link),
        };
        match self.check(&ceremony, claims.way, &subject, credential, now) {
            Ok(settlement) => self.settle(settlement, now).await,
            Err(Check::Refused(refused)) => {
                self.refuse(&subject.link, &ceremony, refused, now).await?;
                Err(Stopped::NotConfirmed)
            }
            Err(Check::Unavailable(error)) => Err(error.into()),
        }
    }

    /// Consumes the challenge of an answer that is about to be checked.
    pub(super) async fn take(
        &self,
        claims: &ChallengeClaims,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Taken, Stopped> {
        let answered = Answered::new(claims.ceremony, claims.link, body);
        let consumed = self.store.consume_ceremony(answered, self.context(now)).await;
        match consumed.map_err(Unavailable::from)? {
            Consumed::Live(live) => Ok(Taken::Live(live)),
            Consumed::Repeated(link) => Ok(Taken::Repeated(link)),
            Consumed::Used => Err(Stopped::ChallengeUsed),
            Consumed::Expired => Err(Stopped::ChallengeExpired),
            Consumed::LinkClosed(link) => {
                // Still open, but without attempts left.
                Err(Stopped::Closed(link.check_open(now).err().unwrap_or(Closed::Failed)))
            }
            Consumed::Unknown => Err(Stopped::LinkInvalid),
        }
    }

    /// Pure but for a new credential's id: what settling this answer would write.
    fn check(
        &self,
        ceremony: &Ceremony,
        way: Way,
        subject: &Subject,
        answer: &[u8],
        now: Timestamp,
    ) -> Result<Settlement, Check> {
        match (ceremony.means, ceremony.kind) {
            (Means::Passkey, Kind::Register) => {
                self.check_registration(ceremony, way, subject, answer, now)
            }
            (Means::Passkey, Kind::Authenticate) => {
                self.check_authentication(ceremony, subject, answer, now)
            }
            (Means::Totp, _) => {
                let (refusal, detail) = (Refusal::WrongCeremony, serde_json::json!({}));
                Err(Check::Refused(Refused { refusal, suspect: None, detail }))
            }
        }
    }

    fn check_registration(
        &self,
        ceremony: &Ceremony,
        way: Way,
        Subject { link, credentials, .. }: &Subject,
        answer: &[u8],
        now: Timestamp,
    ) -> Result<Settlement, Check> {
        let registered =
            self.passkeys.verify_registration(answer, ceremony).map_err(Check::Refused)?;
        let grounds = Grounds::of(link, way, credentials, ceremony.created_at);
        let binding = match grounds.binding() {
            Ok(binding) => binding,
            Err(groundless) => {
                let (refusal, detail) = (groundless.into(), registered.detail);
                return Err(Check::Refused(Refused { refusal, suspect: None, detail }));
            }
        };
        let credential = Credential {
            id: CredentialId::new(now, &*self.random).map_err(Unavailable::from)?,
            customer: link.customer,
            key: registered.key,
            binding,
            link: link.id,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
            suspected_at: None,
            added_by: link.handover.authorised_by,
        };
        Ok(Settlement {
            ceremony: ceremony.id,
            link: Box::new(link.clone()),
            attempt: link.attempts,
            verified: self.verified(&credential, true, now),
            evidence: self.passkeys.evidence(
                ceremony,
                registered.answer,
                &credential.key,
                credential.binding,
            ),
            key: KeyChange::Bind(Box::new(credential)),
            detail: registered.detail,
        })
    }

    fn check_authentication(
        &self,
        ceremony: &Ceremony,
        Subject { link, handle, credentials }: &Subject,
        answer: &[u8],
        now: Timestamp,
    ) -> Result<Settlement, Check> {
        let asserted = self
            .passkeys
            .verify_authentication(answer, ceremony, *handle, credentials)
            .map_err(Check::Refused)?;
        Ok(Settlement {
            ceremony: ceremony.id,
            link: Box::new(link.clone()),
            attempt: link.attempts,
            verified: self.verified(&asserted.credential, false, now),
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

    fn verified(&self, credential: &Credential, first_use: bool, now: Timestamp) -> Verified {
        Verified {
            method: Method::Passkey,
            binding: credential.binding,
            first_use,
            credential: credential.id,
            verified_at: now,
            verified_until: now.plus(self.verification.verdict_ttl),
        }
    }

    async fn settle(&self, settlement: Settlement, now: Timestamp) -> Result<Link, Stopped> {
        let context = self.context(now);
        // A consumed challenge cannot be answered again: what becomes of its answer is insisted on.
        let settled = insist(|| self.store.settle_ceremony(settlement.clone(), context)).await;
        let (settled, again) = settled.map_err(Unavailable::from)?;
        self.settled(settled, again, now)
    }

    /// `again`: it was not the first try.
    pub(super) fn settled(
        &self,
        settled: Settled,
        again: bool,
        now: Timestamp,
    ) -> Result<Link, Stopped> {
        match settled {
            Settled::Done(link) => {
                self.metrics.ended(Status::Verified, 1);
                self.deliveries.wake();
                Ok(*link)
            }
            Settled::Refused(refusal, link) => {
                tracing::info!(link = %link.id, %refusal, "attempt refused");
                if link.state.status() == Status::Failed {
                    self.metrics.ended(Status::Failed, 1);
                }
                self.deliveries.wake();
                Err(Stopped::NotConfirmed)
            }
            // The first try was committed and only its answer was lost.
            Settled::LinkClosed(link) if again && link.state.status() == Status::Verified => {
                Ok(*link)
            }
            Settled::LinkClosed(link) => {
                // Still open, but no longer for this token.
                Err(Stopped::Closed(link.check_open(now).err().unwrap_or(Closed::Revoked)))
            }
        }
    }

    pub(super) async fn refuse(
        &self,
        link: &Link,
        ceremony: &Ceremony,
        refused: Refused,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let Refused { refusal, suspect, detail } = refused;
        tracing::info!(link = %ceremony.link, %refusal, "attempt refused");
        let answer = RefusedAnswer {
            ceremony: ceremony.id,
            link: ceremony.link,
            attempt: link.attempts,
            refusal,
            suspect,
            detail,
        };
        let context = self.context(now);
        let (link, _) = insist(|| self.store.refuse_attempt(answer.clone(), context)).await?;
        if link.state.verdict().is_some() {
            self.deliveries.wake();
        }
        Ok(())
    }
}

/// An answer whose challenge was consumed.
pub(super) enum Taken {
    Live(Box<(Ceremony, Subject)>),
    Repeated(Box<Link>),
}

enum Check {
    Refused(Refused),
    Unavailable(Unavailable),
}

impl From<Unavailable> for Check {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}
