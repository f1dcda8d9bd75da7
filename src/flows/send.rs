//! Sending a link that is open: by our mail, or by the company's own gateway.

use super::Unavailable;
use super::issue::{Issue, closed};
use crate::domain::audit::Actor;
use crate::domain::clock::Timestamp;
use crate::domain::id::{LinkId, MailId};
use crate::domain::link::{Closed, Enrolment};
use crate::domain::mail::{EmailAddress, Phone};
use crate::store::{Bound, NewMail, SendOrder, Sending};

/// How staff want a link sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    Mail(EmailAddress),
    /// The company's own gateway, which is told this number if there is one.
    Gateway(Option<Phone>),
}

/// Why a link was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error("no such link")]
    NotFound,
    #[error("the link has ended")]
    Ended(Closed),
    /// The customer asked for it: staff do not have it, see
    /// [`NotChanged::Customers`](super::issue::NotChanged::Customers).
    #[error("the customer made this link")]
    Customers,
    #[error("no mail server is configured")]
    NoMail,
    #[error("no endpoint asks for link.send_requested")]
    NobodyAsks,
    #[error("sent as often as may be")]
    TooOften(Bound),
    #[error("the link was reissued just now")]
    Reissued,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issue {
    /// Queues it: staff see what became of it where they see the link.
    ///
    /// # Errors
    /// [`NotSent`].
    pub async fn send(&self, id: LinkId, way: Way, actor: Actor) -> Result<(), NotSent> {
        let now = self.clock.now();
        let link = self.store.find_link(id).await.map_err(Unavailable::from)?;
        let link = link.ok_or(NotSent::NotFound)?;
        if link.request.enrolment == Enrolment::Add {
            return Err(NotSent::Customers);
        }
        let order = match way {
            Way::Mail(recipient) => SendOrder::Mail(self.new_mail(recipient, now)?),
            Way::Gateway(phone) => {
                let jti = link.secret.jti;
                let short_url = self.issued(link)?.short_url;
                SendOrder::Gateway { short_url, jti, phone }
            }
        };
        let sent = self.store.send_link(id, order, self.context(now, actor)).await;
        match sent.map_err(Unavailable::from)? {
            Sending::Queued(_) => {
                self.deliveries.wake();
                self.deliveries.wake_mails();
                Ok(())
            }
            Sending::Ended(link) => {
                // Its time may have been over only just now, which is an event.
                self.deliveries.wake();
                Err(NotSent::Ended(closed(&link, now)))
            }
            Sending::NotFound => Err(NotSent::NotFound),
            Sending::TooOften(bound) => Err(NotSent::TooOften(bound)),
            Sending::NobodyAsks => Err(NotSent::NobodyAsks),
            Sending::Reissued => Err(NotSent::Reissued),
        }
    }

    pub(super) fn new_mail(
        &self,
        recipient: EmailAddress,
        now: Timestamp,
    ) -> Result<NewMail, NotSent> {
        if !self.mails {
            return Err(NotSent::NoMail);
        }
        let id = MailId::new(now, &*self.random).map_err(Unavailable::from)?;
        Ok(NewMail { id, recipient })
    }
}
