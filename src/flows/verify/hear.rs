//! What the customer says before a ceremony: who called whom, and the code that the agent read out.

use super::{Stopped, Verify};
use crate::domain::call::{Digits, Guess, Outcome, Said};
use crate::domain::clock::Timestamp;
use crate::domain::link::{CallInitiator, Closed, Link, Status};
use crate::flows::Unavailable;
use crate::store::Listened;

/// What comes with the wish to begin a ceremony.
#[derive(Clone, Debug, Default)]
pub struct Word {
    pub call_code: Option<Digits>,
    /// Who called whom. Not heard where staff did not say it either.
    pub call_answer: Option<CallInitiator>,
}

impl Word {
    /// Nothing is said.
    pub(super) const fn is_silent(&self) -> bool {
        self.call_code.is_none() && self.call_answer.is_none()
    }
}

impl Verify {
    /// Whether a ceremony may begin.
    pub(super) async fn hear(
        &self,
        link: &Link,
        word: &Word,
        now: Timestamp,
    ) -> Result<(), Stopped> {
        let said = Said { answer: word.call_answer, code: self.compare(link, word)? };
        let heard = link.hear(said, now);
        let outcome = if heard.is_news() {
            let jti = link.secret.jti;
            let listened = self.store.hear_customer(link.id, jti, said, self.context(now)).await;
            match listened.map_err(Unavailable::from)? {
                Listened::Heard(outcome, link) => {
                    self.note(&link, outcome);
                    outcome
                }
                Listened::LinkClosed => {
                    return Err(Stopped::Closed(self.how_closed(link, now).await?));
                }
            }
        } else {
            heard.outcome
        };
        match outcome {
            Outcome::GoOn | Outcome::CodeAccepted => Ok(()),
            Outcome::CodeRequired => Err(Stopped::CallCodeRequired),
            Outcome::CodeExpired => Err(Stopped::CallCodeExpired),
            Outcome::CodeWrong { tries_left: 0 } => Err(Stopped::Closed(Closed::Failed)),
            Outcome::CodeWrong { tries_left } => Err(Stopped::CallCodeWrong { tries_left }),
            Outcome::CalledByStranger => Err(Stopped::Closed(Closed::Declined)),
        }
    }

    /// `None` without a code, or where none is asked for.
    fn compare(&self, link: &Link, word: &Word) -> Result<Option<Guess>, Unavailable> {
        let Some(typed) = word.call_code.as_ref().filter(|_| link.asks_call_code()) else {
            return Ok(None);
        };
        let right = self.tokens.call_code(&link.secret.kid, link.id, &link.secret.jti)?;
        Ok(Some(if *typed == right { Guess::Right } else { Guess::Wrong }))
    }

    /// For the log and the counters.
    fn note(&self, link: &Link, outcome: Outcome) {
        match outcome {
            Outcome::CodeWrong { tries_left } => {
                tracing::info!(link = %link.id, tries_left, "call code wrong");
            }
            Outcome::CodeExpired => tracing::info!(link = %link.id, "call code too late"),
            Outcome::GoOn
            | Outcome::CodeAccepted
            | Outcome::CodeRequired
            | Outcome::CalledByStranger => {}
        }
        self.metrics.call_code(outcome);
        let status = link.state.status();
        if matches!(status, Status::Failed | Status::Declined) {
            self.metrics.ended(status, 1);
            self.deliveries.wake();
        }
    }
}
