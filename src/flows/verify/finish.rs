//! Finishing a ceremony: what its answer came to, for the customer.

use std::sync::Arc;

use super::{Stopped, Verify};
use crate::domain::ceremony::{Ceremony, Kind, Means, Refusal, Refused};
use crate::domain::clock::Timestamp;
use crate::domain::id::LinkId;
use crate::domain::link::{Closed, Link, Status};
use crate::flows::Unavailable;
use crate::flows::insist::insist;
use crate::store::{Answered, Consumed, NotLive, RefusedAnswer, Settled, Subject};
use crate::token::ChallengeClaims;

impl Verify {
    /// Answers a ceremony. `credential` is the W3C JSON form as it came; `body` is the whole
    /// request, to know the same answer again.
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
        let answered = Answered::new(claims.ceremony, claims.link, body);
        let check = self.check_of(credential, claims.way, now);
        let context = self.context(now);
        // Insisted on, because the customer has signed already.
        let answer =
            insist(|| self.store.answer_ceremony(answered, Arc::clone(&check), context)).await;
        let (answer, again) = answer.map_err(Unavailable::from)?;
        match answer {
            Ok(settled) => self.settled(settled, again, now),
            // Committed by an earlier try, of which only the answer was lost.
            Err(NotLive::Repeated(link)) if again => Ok(self.verified(*link)),
            Err(NotLive::Used) if again => {
                self.deliveries.wake();
                Err(Stopped::NotConfirmed)
            }
            Err(NotLive::Repeated(link)) => Ok(*link),
            Err(why) => Err(why.stops(now)),
        }
    }

    /// Consumes the challenge of a code that is about to be checked.
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
            Consumed::NotLive(NotLive::Repeated(link)) => Ok(Taken::Repeated(link)),
            Consumed::NotLive(why) => Err(why.stops(now)),
        }
    }

    /// `again`: it was not the first try.
    pub(super) fn settled(
        &self,
        settled: Settled,
        again: bool,
        now: Timestamp,
    ) -> Result<Link, Stopped> {
        match settled {
            Settled::Done(link) => Ok(self.verified(*link)),
            Settled::Refused(refusal, link) => {
                self.refused(refusal, link.state.status() == Status::Failed, link.id);
                Err(Stopped::NotConfirmed)
            }
            // The first try was committed and only its answer was lost.
            Settled::LinkClosed(link) if again && link.state.status() == Status::Verified => {
                Ok(self.verified(*link))
            }
            Settled::LinkClosed(link) => {
                // Still open, but no longer for this token.
                Err(Stopped::Closed(link.check_open(now).err().unwrap_or(Closed::Revoked)))
            }
        }
    }

    /// Records that a code was refused.
    pub(super) async fn refuse(
        &self,
        link: &Link,
        ceremony: &Ceremony,
        refused: Refused,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let refusal = refused.refusal;
        let (ceremony, attempt) = (ceremony.id, link.attempts);
        let refused = RefusedAnswer { ceremony, link: link.id, attempt, refused };
        let context = self.context(now);
        let (link, _) = insist(|| self.store.refuse_attempt(refused.clone(), context)).await?;
        // Another code's refusal may have ended it before.
        let last = attempt >= context.max_attempts;
        self.refused(refusal, last && link.state.status() == Status::Failed, link.id);
        Ok(())
    }

    /// For the counters and who delivers.
    fn verified(&self, link: Link) -> Link {
        self.metrics.ended(Status::Verified, 1);
        self.deliveries.wake();
        link
    }

    /// For the log too. `failed`: with this refusal.
    fn refused(&self, refusal: Refusal, failed: bool, link: LinkId) {
        tracing::info!(%link, %refusal, "attempt refused");
        if failed {
            self.metrics.ended(Status::Failed, 1);
        }
        if failed || refusal == Refusal::CloneSuspected {
            self.deliveries.wake();
        }
    }
}

impl NotLive {
    /// What the customer hears whose answer is not checked.
    fn stops(self, now: Timestamp) -> Stopped {
        match self {
            Self::Used => Stopped::ChallengeUsed,
            Self::Expired => Stopped::ChallengeExpired,
            // Verified, or still open but without attempts left.
            Self::Repeated(link) | Self::LinkClosed(link) => {
                Stopped::Closed(link.check_open(now).err().unwrap_or(Closed::Failed))
            }
            Self::Unknown => Stopped::LinkInvalid,
        }
    }
}

/// A code whose challenge was consumed.
pub(super) enum Taken {
    Live(Box<(Ceremony, Subject)>),
    Repeated(Box<Link>),
}
