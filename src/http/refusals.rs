//! From the flows' errors to problems: the only place where they meet.

use super::problem::{Code, FieldError, Problem};
use crate::domain::delivery::DeliveryStatus;
use crate::domain::link::Closed;
use crate::domain::mail::{SENDS_PER_DAY, SENDS_PER_LINK};
use crate::flows::Unavailable;
use crate::flows::customers::CustomerError;
use crate::flows::endpoints::EndpointError;
use crate::flows::history::DeliveryError;
use crate::flows::issue::{NotChanged, NotIssued};
use crate::flows::me::NotMine;
use crate::flows::replay::ReplayError;
use crate::flows::send::NotSent;
use crate::flows::verify::Stopped;
use crate::store::{Bound, StoreError};

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        match error {
            Unavailable::Store(StoreError::Busy) => {
                Self::new(Code::Unavailable, "too much is going on; try again in a second")
            }
            Unavailable::SecretGone(gone) => {
                Self::new(Code::Conflict, format!("{gone}; reissue the link"))
            }
            error @ (Unavailable::Store(
                StoreError::Unavailable(_)
                | StoreError::Corrupt(_)
                | StoreError::Taken
                | StoreError::NoEntropy(_),
            )
            | Unavailable::NoEntropy(_)
            | Unavailable::Seal(_)
            | Unavailable::Internal(_)) => {
                tracing::error!(%error, "a request could not be served");
                Self::new(Code::Unavailable, "not available at the moment; try again")
            }
        }
    }
}

impl From<Closed> for Problem {
    fn from(closed: Closed) -> Self {
        let (code, detail) = match closed {
            Closed::Expired => (Code::LinkExpired, "the link's time is over"),
            Closed::Used => (Code::LinkUsed, "the link has verified its customer already"),
            Closed::Failed => (Code::LinkFailed, "too many answers or codes were refused"),
            Closed::Declined => (Code::LinkDeclined, "the customer declined"),
            Closed::Revoked => (Code::LinkRevoked, "the link was taken back or replaced"),
        };
        Self::new(code, detail)
    }
}

impl From<Stopped> for Problem {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::LinkInvalid => Self::new(Code::LinkInvalid, "no such link"),
            Stopped::Closed(closed) => closed.into(),
            Stopped::WrongCeremony => {
                Self::new(Code::WrongCeremony, "the link is for the other ceremony")
            }
            Stopped::Conflict => {
                let detail =
                    "the customer's passkeys changed since the link was made; make a new one";
                Self::new(Code::Conflict, detail)
            }
            Stopped::CallCodeRequired => Self::new(
                Code::CallCodeRequired,
                "type the six digits that the agent reads out on the phone",
            ),
            Stopped::CallCodeWrong { tries_left } => {
                let left = if tries_left == 1 { "try" } else { "tries" };
                let detail = format!(
                    "these are not the digits; ask the agent to read them again ({tries_left} \
                     {left} left)"
                );
                Self::new(Code::CallCodeWrong, detail).tries_left(tries_left)
            }
            Stopped::CallCodeExpired => Self::new(
                Code::CallCodeExpired,
                "the digits were good for five minutes; ask the agent for a new link",
            ),
            Stopped::ChallengeUsed => {
                Self::new(Code::ChallengeUsed, "ask for new options and try again")
            }
            Stopped::ChallengeExpired => {
                Self::new(Code::ChallengeExpired, "ask for new options and try again")
            }
            Stopped::NotConfirmed => {
                Self::new(Code::NotConfirmed, "the device's answer could not be confirmed")
            }
            Stopped::CodeNotConfirmed => {
                Self::new(Code::NotConfirmed, "the code could not be confirmed; try the next one")
            }
            Stopped::TooManyCodes(wait) => {
                // Never too early: whoever comes back then is heard.
                let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
                let minutes = match seconds.div_ceil(60) {
                    0 | 1 => "a minute".to_owned(),
                    more => format!("{more} minutes"),
                };
                let detail = format!(
                    "too many codes were wrong; wait for {minutes}, or ask the agent for another way"
                );
                Self::new(Code::RateLimited, detail).retry_after(seconds.max(1))
            }
            Stopped::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<NotIssued> for Problem {
    fn from(error: NotIssued) -> Self {
        let field = |field: &str, message: String| {
            Self::validation(vec![FieldError { field: field.to_owned(), message }])
        };
        match error {
            NotIssued::Ttl(max) => {
                let min = crate::flows::issue::Lifetimes::MIN.as_secs();
                field("ttl_seconds", format!("must be {min} to {}", max.as_secs()))
            }
            NotIssued::IdempotencyMismatch => {
                Self::new(Code::Conflict, "this Idempotency-Key was used with another body")
            }
            NotIssued::OpenLink(id) => {
                Self::new(Code::Conflict, "the customer has an open link").about_link(id)
            }
            NotIssued::NoCredential => Self::new(
                Code::Conflict,
                "the customer has no passkey yet; use enrolment \"open\" to make one",
            ),
            NotIssued::NotSent(not_sent) => not_sent.into(),
            NotIssued::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<NotSent> for Problem {
    fn from(error: NotSent) -> Self {
        match error {
            NotSent::NotFound => Self::new(Code::NotFound, "there is no such thing"),
            NotSent::Ended(closed) => closed.into(),
            NotSent::Customers => NotChanged::Customers.into(),
            NotSent::NoMail => Self::new(
                Code::Conflict,
                "no mail server is configured: set SMTP_URL and MAIL_FROM, or send the short URL \
                 yourself",
            ),
            NotSent::NobodyAsks => Self::new(
                Code::Conflict,
                "nobody would send it: give an email address, or have an endpoint ask for \
                 link.send_requested",
            ),
            NotSent::TooOften(Bound::Link) => Self::new(
                Code::Conflict,
                format!("the link was sent {SENDS_PER_LINK} times already; make a new one"),
            ),
            NotSent::TooOften(Bound::Customer) => Self::new(
                Code::RateLimited,
                format!("the customer was sent {SENDS_PER_DAY} links within a day"),
            )
            .retry_after(3600),
            NotSent::Reissued => {
                Self::new(Code::Conflict, "the link was reissued just now; send it again")
            }
            NotSent::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<NotChanged> for Problem {
    fn from(error: NotChanged) -> Self {
        match error {
            NotChanged::NotFound => Self::new(Code::NotFound, "there is no such thing"),
            NotChanged::Ended(closed) => closed.into(),
            NotChanged::Customers => Self::new(
                Code::Conflict,
                "the customer made this link for themselves; you can revoke it",
            ),
            NotChanged::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<NotMine> for Problem {
    fn from(error: NotMine) -> Self {
        match error {
            NotMine::NoSession => {
                Self::new(Code::Unauthorized, "the session is over; verify yourself again")
            }
            NotMine::LooksOnly => Self::new(
                Code::Forbidden,
                "this session only looks; confirm with a passkey that was there before",
            ),
            NotMine::NotFound => Self::new(Code::NotFound, "no such passkey or authenticator app"),
            // Not which: staff's links are not the customer's to name.
            NotMine::OpenLink(_) => Self::new(
                Code::Conflict,
                "there is a request for you that is open; finish it first",
            ),
            NotMine::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<CustomerError> for Problem {
    fn from(error: CustomerError) -> Self {
        match error {
            CustomerError::NotFound => {
                Self::new(Code::NotFound, "no such customer, passkey or contact")
            }
            CustomerError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<EndpointError> for Problem {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::NotFound => Self::new(Code::NotFound, "no such endpoint"),
            EndpointError::Invalid(wrong) => Self::validation(
                wrong.into_iter().map(|(field, message)| FieldError { field, message }).collect(),
            ),
            // Each says what stands in the way, and nothing that is secret.
            error @ (EndpointError::BuiltIn
            | EndpointError::TooMany
            | EndpointError::Changed
            | EndpointError::IdempotencyMismatch
            | EndpointError::MadeAndRemoved
            | EndpointError::NotActive(_)
            | EndpointError::SignsNothing
            | EndpointError::Sealed(_)
            | EndpointError::Unopened(_)
            | EndpointError::StillFails(_)) => Self::new(Code::Conflict, error.to_string()),
            EndpointError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<DeliveryError> for Problem {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::NotFound => Self::new(Code::NotFound, "no such delivery"),
            DeliveryError::Left(DeliveryStatus::InFlight) => Self::new(
                Code::Conflict,
                "the delivery is being sent at this moment; look at it again in a while",
            ),
            DeliveryError::Left(status) => {
                Self::new(Code::Conflict, format!("the delivery is over, it is {status}"))
            }
            DeliveryError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound => Self::new(Code::NotFound, "no such replay"),
            ReplayError::NoEndpoint => Self::validation(vec![FieldError {
                field: "endpoint_id".to_owned(),
                message: "is the id of no endpoint".to_owned(),
            }]),
            error @ (ReplayError::Disabled
            | ReplayError::Ended
            | ReplayError::IdempotencyMismatch) => Self::new(Code::Conflict, error.to_string()),
            ReplayError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}
