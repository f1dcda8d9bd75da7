//! The call behind a link: the code that the agent reads out, and who called whom.

use std::fmt;
use std::time::Duration;

use super::ceremony::Kind;
use super::clock::Timestamp;
use super::digits;
use super::link::{CallCode, CallInitiator, Enrolment, Handover, Link};
use super::secret::Secret;

/// How long a call code may be typed after it was made; never longer than its link lives.
pub const CODE_TTL: Duration = Duration::from_secs(300);

/// The wrong call code with which a link fails.
pub const CODE_TRIES: u32 = 3;

/// The six digits of a call code: compared in constant time, shown to staff only.
#[derive(Clone, PartialEq, Eq)]
pub struct Digits(Secret);

impl Digits {
    /// The last six digits of `number`.
    #[must_use]
    pub fn of(number: u64) -> Self {
        Self(Secret::new(format!("{:06}", number % 1_000_000).into_bytes()))
    }

    /// Reads what a customer typed; `None` if it is not six digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = digits::read::<6>(text)?;
        Some(Self(Secret::new(digits.map(|digit| b'0' + digit).to_vec())))
    }

    /// For the agent's eyes.
    #[must_use]
    pub fn reveal(&self) -> String {
        self.0.expose().iter().copied().map(char::from).collect()
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(redacted)")
    }
}

/// A typed code that was compared with the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    Right,
    Wrong,
}

/// What the customer says before a ceremony.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Who called whom.
    pub answer: Option<CallInitiator>,
    pub code: Option<Guess>,
}

/// What it means for a link that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The answer if it is to be written down: the first one, or one that contradicts staff.
    pub answer: Option<CallInitiator>,
    pub outcome: Outcome,
}

/// How the customer gets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A ceremony may begin.
    GoOn,
    /// The same, as the right code was given just now.
    CodeAccepted,
    /// The link asks for a code and none was given.
    CodeRequired,
    /// The code's time is over and it was not given before.
    CodeExpired,
    /// So many more may be typed; with none left the link fails.
    CodeWrong { tries_left: u32 },
    /// Whoever called the customer was not the company, or the agent talks to somebody who is not
    /// the customer: the link ends.
    CalledByStranger,
}

impl Heard {
    /// Whether there is anything to write down.
    #[must_use]
    pub const fn is_news(&self) -> bool {
        match self.outcome {
            Outcome::GoOn | Outcome::CodeRequired => self.answer.is_some(),
            Outcome::CodeAccepted
            | Outcome::CodeExpired
            | Outcome::CodeWrong { .. }
            | Outcome::CalledByStranger => true,
        }
    }
}

impl CallCode {
    /// The code of a link that is made, or made anew, at `now`; `None` if it asks for none.
    #[must_use]
    pub fn asked(
        kind: Kind,
        enrolment: Enrolment,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Option<Self> {
        match (kind, enrolment) {
            (Kind::Register, Enrolment::CallCode) => {
                let until = now.plus(CODE_TTL).min(expires_at);
                Some(Self { until, given_at: None, tries: 0 })
            }
            (
                Kind::Register,
                Enrolment::Open | Enrolment::Existing | Enrolment::Replace | Enrolment::Add,
            )
            | (Kind::Authenticate, _) => None,
        }
    }

    /// How many wrong ones may still be typed before the link fails.
    #[must_use]
    pub const fn tries_left(&self) -> u32 {
        CODE_TRIES.saturating_sub(self.tries)
    }

    /// A code that was given rightly stays good, but each request needs it again: whoever holds the
    /// link only gets no further, and a guess counts as long as the link is open.
    fn hear(&self, guess: Option<Guess>, now: Timestamp) -> Outcome {
        match (guess, self.given_at) {
            (None, _) => Outcome::CodeRequired,
            (Some(_), None) if now >= self.until => Outcome::CodeExpired,
            (Some(Guess::Wrong), _) => {
                Outcome::CodeWrong { tries_left: self.tries_left().saturating_sub(1) }
            }
            (Some(Guess::Right), None) => Outcome::CodeAccepted,
            (Some(Guess::Right), Some(_)) => Outcome::GoOn,
        }
    }
}

impl Handover {
    /// The link is made, or gets a new URL, at `now`: nobody was sent that one, and whoever opens
    /// it has said nothing yet.
    pub fn renew(
        &mut self,
        kind: Kind,
        enrolment: Enrolment,
        now: Timestamp,
        expires_at: Timestamp,
    ) {
        self.call_code = CallCode::asked(kind, enrolment, now, expires_at);
        self.call_answer = None;
        self.sent_at = None;
    }
}

impl Link {
    /// Whether no ceremony begins without the code that the agent reads out.
    #[must_use]
    pub const fn asks_call_code(&self) -> bool {
        self.handover.call_code.is_some()
    }

    /// What it means for this link that the customer says this now. A contradiction ends it
    /// whatever the code; a code nobody asked for is not looked at.
    #[must_use]
    pub fn hear(&self, said: Said, now: Timestamp) -> Heard {
        let asked = self.request.call_initiator;
        let answer = said.answer.filter(|_| asked.is_some());
        if answer.is_some() && answer != asked {
            return Heard { answer, outcome: Outcome::CalledByStranger };
        }
        let answer = answer.filter(|_| self.handover.call_answer.is_none());
        let outcome = match &self.handover.call_code {
            Some(code) => code.hear(said.code, now),
            None => Outcome::GoOn,
        };
        Heard { answer, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    fn code() -> CallCode {
        let expires_at = NOW.plus(Duration::from_secs(900));
        CallCode::asked(Kind::Register, Enrolment::CallCode, NOW, expires_at).unwrap()
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let right = Digits::of(31_415_926);
        assert_eq!(right.reveal(), "415926");
        assert_eq!(Digits::parse("415 926").as_ref(), Some(&right));
        assert_eq!(Digits::parse("\u{200f}٤١٥٩٢٦").as_ref(), Some(&right));
        assert_eq!(Digits::parse("41592"), None);
        assert_eq!(Digits::of(7).reveal(), "000007");
        assert!(!format!("{right:?}").contains("415"));
    }

    #[test]
    fn only_a_registration_by_call_code_asks_for_one_and_no_longer_than_the_link_lives() {
        let asked = |kind, enrolment, seconds| {
            let expires_at = NOW.plus(Duration::from_secs(seconds));
            CallCode::asked(kind, enrolment, NOW, expires_at).map(|code| code.until)
        };
        for enrolment in Enrolment::ALL {
            assert_eq!(asked(Kind::Authenticate, *enrolment, 900), None);
            let asks = asked(Kind::Register, *enrolment, 900).is_some();
            assert_eq!(asks, *enrolment == Enrolment::CallCode);
        }
        let until = asked(Kind::Register, Enrolment::CallCode, 900);
        assert_eq!(until, Some(NOW.plus(CODE_TTL)));
        let until = asked(Kind::Register, Enrolment::CallCode, 60);
        assert_eq!(until, Some(NOW.plus(Duration::from_secs(60))));
    }

    #[test]
    fn a_code_in_time_is_heard_and_a_late_one_is_not_even_counted() {
        let code = code();
        let last = Timestamp::from_millis(code.until.millis() - 1);
        assert_eq!(code.hear(Some(Guess::Right), last), Outcome::CodeAccepted);
        assert_eq!(code.hear(None, last), Outcome::CodeRequired);
        for guess in [Guess::Right, Guess::Wrong] {
            assert_eq!(code.hear(Some(guess), code.until), Outcome::CodeExpired);
        }
    }

    #[test]
    fn a_code_that_was_given_stays_good_and_guesses_still_count() {
        let given = CallCode { given_at: Some(NOW), tries: 1, ..code() };
        let late = given.until.plus(CODE_TTL);
        assert_eq!(given.hear(Some(Guess::Right), late), Outcome::GoOn);
        assert_eq!(given.hear(None, late), Outcome::CodeRequired);
        assert_eq!(given.hear(Some(Guess::Wrong), late), Outcome::CodeWrong { tries_left: 1 });
        let last = CallCode { tries: 2, ..given };
        assert_eq!(last.hear(Some(Guess::Wrong), late), Outcome::CodeWrong { tries_left: 0 });
    }
}
