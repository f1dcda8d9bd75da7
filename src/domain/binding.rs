//! The ladder's lower rungs: what binding a new passkey gets. The upper ones are earned later:
//! `seasoned` by use after the waiting period, `proofed` by nobody yet.

use super::ceremony::Refusal;
use super::clock::Timestamp;
use super::credential::Credential;
use super::link::{Enrolment, Link};
use super::verdict::Binding;

/// How the page of a link was come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// By a URL or a code that staff have, too.
    #[default]
    HandedOut,
    /// By the URL that our mail holds and nobody else was told.
    Mailed,
}

/// What is known of a new passkey's owner when its ceremony begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grounds {
    pub enrolment: Enrolment,
    /// The ceremony began on a page that was opened by the URL in our mail, and a mail server had
    /// taken that mail.
    pub sent: bool,
    /// The code that the agent reads out had been typed rightly.
    pub code_given: bool,
    /// What the passkey is bound at now whose owner asked for the link; `None` if it was taken
    /// away or may have been copied, or if nobody's did.
    pub authoriser: Option<Binding>,
}

/// Why a new passkey may not be bound at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Groundless {
    #[error("the call code was not given")]
    CodeNotGiven,
    #[error("no passkey that is still good asked for another one")]
    NotAuthorised,
    #[error("less is known than what it was to be bound at")]
    TooHigh,
    #[error("the link never registers")]
    NeverRegisters,
}

/// The most that a passkey starts with if nobody read a code to whoever makes it.
const WITHOUT_CODE: Binding = Binding::Channel;

impl Grounds {
    /// Of a registration on `link` that began at `begun_at`; `active`: the customer's passkeys now.
    #[must_use]
    pub fn of(link: &Link, way: Way, active: &[Credential], begun_at: Timestamp) -> Self {
        let by_then = |at: Option<Timestamp>| at.is_some_and(|at| at <= begun_at);
        let authoriser = link.handover.authorised_by;
        let authoriser = active.iter().find(|credential| Some(credential.id) == authoriser);
        Self {
            enrolment: link.request.enrolment,
            sent: way == Way::Mailed && by_then(link.handover.sent_at),
            code_given: by_then(link.handover.call_code.and_then(|code| code.given_at)),
            authoriser: authoriser.and_then(Credential::may_authorise),
        }
    }

    /// What binding the new passkey gets.
    ///
    /// One that another passkey's owner adds is worth no more than that other one, and no more
    /// than `channel`: it has not waited itself, and nobody read it a code.
    ///
    /// # Errors
    /// [`Groundless`].
    pub fn binding(self) -> Result<Binding, Groundless> {
        match self.enrolment {
            Enrolment::CallCode if self.code_given => Ok(Binding::CallCode),
            Enrolment::CallCode => Err(Groundless::CodeNotGiven),
            Enrolment::Open | Enrolment::Replace if self.sent => Ok(Binding::Channel),
            Enrolment::Open | Enrolment::Replace => Ok(Binding::Link),
            Enrolment::Add => {
                let authoriser = self.authoriser.ok_or(Groundless::NotAuthorised)?;
                Ok(authoriser.min(WITHOUT_CODE))
            }
            Enrolment::Existing => Err(Groundless::NeverRegisters),
        }
    }
}

/// Whether a passkey that was found worth `binding` still is, right before it is bound: what
/// stands in the link only grows, but a passkey that asked for another may be gone. The way to the
/// page is signed into the ceremony's token, which was read before; nothing can have changed in it.
///
/// # Errors
/// [`Groundless`], also if the grounds no longer bear that much.
pub fn check(
    binding: Binding,
    link: &Link,
    active: &[Credential],
    now: Timestamp,
) -> Result<(), Groundless> {
    let bears = Grounds::of(link, Way::Mailed, active, now).binding()?;
    if binding <= bears { Ok(()) } else { Err(Groundless::TooHigh) }
}

impl From<Groundless> for Refusal {
    fn from(groundless: Groundless) -> Self {
        match groundless {
            Groundless::CodeNotGiven => Self::CallCodeMissing,
            Groundless::NotAuthorised | Groundless::TooHigh => Self::CustomerChanged,
            Groundless::NeverRegisters => Self::WrongCeremony,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(enrolment: Enrolment) -> Grounds {
        Grounds { enrolment, sent: false, code_given: false, authoriser: None }
    }

    #[test]
    fn whoever_held_the_link_gets_the_lowest_binding() {
        assert_eq!(of(Enrolment::Open).binding(), Ok(Binding::Link));
        assert_eq!(of(Enrolment::Replace).binding(), Ok(Binding::Link));
    }

    #[test]
    fn a_mail_of_ours_makes_it_channel_and_nothing_more() {
        for enrolment in [Enrolment::Open, Enrolment::Replace] {
            let grounds = Grounds { sent: true, ..of(enrolment) };
            assert_eq!(grounds.binding(), Ok(Binding::Channel));
            // A code that nobody asked for proves nothing.
            let with_code = Grounds { code_given: true, ..grounds };
            assert_eq!(with_code.binding(), Ok(Binding::Channel));
        }
    }

    #[test]
    fn a_call_code_is_needed_where_it_is_asked_for() {
        let asked = of(Enrolment::CallCode);
        for sent in [false, true] {
            assert_eq!(Grounds { sent, ..asked }.binding(), Err(Groundless::CodeNotGiven));
            let given = Grounds { sent, code_given: true, ..asked };
            assert_eq!(given.binding(), Ok(Binding::CallCode));
        }
    }

    #[test]
    fn an_added_passkey_is_never_worth_more_than_the_one_that_asked_for_it() {
        let add = Grounds { sent: true, code_given: true, ..of(Enrolment::Add) };
        assert_eq!(add.binding(), Err(Groundless::NotAuthorised));
        for authoriser in Binding::ALL.iter().copied() {
            let binding = Grounds { authoriser: Some(authoriser), ..add }.binding().unwrap();
            assert!(binding <= authoriser && binding <= Binding::Channel, "{authoriser}");
        }
        let link = Grounds { authoriser: Some(Binding::Link), ..add };
        assert_eq!(link.binding(), Ok(Binding::Link));
    }

    #[test]
    fn a_link_that_only_uses_passkeys_makes_none() {
        assert_eq!(of(Enrolment::Existing).binding(), Err(Groundless::NeverRegisters));
    }
}
