//! A test: at once and for real, shown whole, kept nowhere and counted by nothing. Who verifies
//! signatures gets a signed `ping`; a CRM is asked for something that changes nothing.

use std::time::Duration;

use serde_json::json;

use super::super::Unavailable;
use super::{Endpoints, Result};
use crate::domain::audit::{Action, Actor};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Class;
use crate::domain::endpoint::Endpoint;
use crate::domain::id::{EndpointId, EventId};
use crate::domain::remedy::Remedy;
use crate::webhook::exchange::Exchange;
use crate::webhook::send::{Checked, Destination, Message, ping};
use crate::webhook::wire::Shown;

/// What went out and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub event: EventId,
    pub at: Timestamp,
    pub took: Duration,
    /// In order; none if it could not even be put together.
    pub requests: Vec<Shown>,
    pub exchange: Exchange,
}

/// Somebody waits for the answer, and the request they wait in has a deadline of its own.
const PATIENCE: Duration = Duration::from_secs(15);

impl Report {
    #[must_use]
    pub fn arrived(&self) -> bool {
        self.exchange.class == Class::Success
    }

    /// What helps, in words: after a test nothing is sent again by itself.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self.exchange.remedy {
            None => "",
            Some(Remedy::Wait) => "Try once more when the receiver works.",
            Some(remedy) => remedy.sentence(),
        }
    }

    /// What it came to, for a sentence: the class, and the answer's status if there was one.
    #[must_use]
    pub fn outcome(&self) -> String {
        let class = self.exchange.class;
        self.exchange
            .http_status
            .map_or_else(|| class.to_string(), |status| format!("{class}, HTTP {status}"))
    }
}

impl Endpoints {
    /// # Errors
    /// [`EndpointError`](super::EndpointError); what the receiver makes of it is none.
    pub async fn test(&self, id: EndpointId, actor: Actor) -> Result<Report> {
        let endpoint = self.find(id).await?;
        self.try_out(&endpoint, actor).await
    }

    pub(super) async fn try_out(&self, endpoint: &Endpoint, actor: Actor) -> Result<Report> {
        let mut destination = Destination::clone(&*self.destinations.of(endpoint)?);
        destination.timeout = destination.timeout.min(PATIENCE);
        let at = self.clock.now();
        let event = EventId::new(at, &*self.random).map_err(Unavailable::from)?;
        let message = Message { event, body: &ping(at), at };
        let Checked { exchange, requests } = self.sender.check(&destination, message).await;
        let took = self.clock.now().since(at);
        let detail = json!({ "class": exchange.class, "http_status": exchange.http_status });
        let entry = self.entry(Action::EndpointTested, endpoint.id, detail, actor);
        self.store.append_audit(entry).await?;
        Ok(Report { event, at, took, requests, exchange })
    }
}
