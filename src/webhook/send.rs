//! Sending one message to one endpoint, in its own terms.

use std::fmt;
use std::time::Duration;

use serde_json::json;

use super::client::{Client, Method};
use super::crm::{self, Tokens};
use super::exchange::Exchange;
use super::sign::{Signed, SigningKey, sign_with};
use super::wire::{Call, Show, Shown, Wire};
use crate::domain::clock::Timestamp;
use crate::domain::crm::{
    Connection, Freshdesk, FunctionForm, Hubspot, Pipedrive, Salesforce, Zendesk, ZohoCrm,
};
use crate::domain::delivery::Class;
use crate::domain::endpoint::{BodyMode, CustomHeaders, EndpointUrl};
use crate::domain::id::EventId;
use crate::domain::secret::Secret;

/// What is sent, once more or for the first time.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The message's id, the same at every attempt.
    pub event: EventId,
    /// The event as it was frozen.
    pub body: &'a str,
    /// When it is signed.
    pub at: Timestamp,
}

/// An endpoint, opened: everything that a message needs on its way there.
#[derive(Clone, Debug)]
pub struct Destination {
    /// For all requests of one attempt together.
    pub timeout: Duration,
    pub terms: Terms,
}

/// Whose terms are spoken.
#[derive(Clone, Debug)]
pub enum Terms {
    Standard(Standard),
    ZohoFunction(Standard, FunctionForm),
    ZohoCrm(Box<ZohoCrm>),
    Hubspot(Box<Hubspot>),
    Salesforce(Box<Salesforce>),
    Pipedrive(Box<Pipedrive>),
    Zendesk(Box<Zendesk>),
    Freshdesk(Box<Freshdesk>),
}

impl Terms {
    /// Puts together what an endpoint's parts say. Custom headers go to receivers that are given a
    /// URL only: a CRM's own interface has no use for them. `None` if that URL is missing.
    #[must_use]
    pub fn of(
        connection: Connection,
        url: Option<EndpointUrl>,
        headers: CustomHeaders,
        keys: Vec<SigningKey>,
        body_mode: BodyMode,
    ) -> Option<Self> {
        let signed = |url| Standard { url, keys, body_mode, headers };
        Some(match connection {
            Connection::Standard => Self::Standard(signed(url?)),
            Connection::ZohoFunction(function) => Self::ZohoFunction(signed(url?), function.form),
            Connection::ZohoCrm(zoho) => Self::ZohoCrm(Box::new(zoho)),
            Connection::Hubspot(hubspot) => Self::Hubspot(Box::new(hubspot)),
            Connection::Salesforce(salesforce) => Self::Salesforce(Box::new(salesforce)),
            Connection::Pipedrive(pipedrive) => Self::Pipedrive(Box::new(pipedrive)),
            Connection::Zendesk(zendesk) => Self::Zendesk(Box::new(zendesk)),
            Connection::Freshdesk(freshdesk) => Self::Freshdesk(Box::new(freshdesk)),
        })
    }
}

/// A receiver that verifies signatures.
#[derive(Clone)]
pub struct Standard {
    pub url: EndpointUrl,
    /// Newest first; all sign.
    pub keys: Vec<SigningKey>,
    pub body_mode: BodyMode,
    pub headers: CustomHeaders,
}

impl fmt::Debug for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standard").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Sends messages to endpoints of every kind. Its clones share the access tokens of CRMs.
#[derive(Clone, Debug)]
pub struct Sender {
    client: Client,
    tokens: Tokens,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub exchange: Exchange,
    /// What was sent, in order; nothing secret in it.
    pub requests: Vec<Shown>,
}

/// A message that says nothing of anybody, to see whether a receiver takes messages.
#[must_use]
pub fn ping(at: Timestamp) -> String {
    json!({"type": "ping", "timestamp": at, "data": {}}).to_string()
}

impl Sender {
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, tokens: Tokens::default() }
    }

    /// One attempt, over within the destination's time.
    pub async fn send(&self, destination: &Destination, message: Message<'_>) -> Exchange {
        let wire = Wire::new(&self.client, Client::deadline(destination.timeout));
        match &destination.terms {
            Terms::Standard(standard) => standard.send(&wire, message).await,
            Terms::ZohoFunction(standard, form) => {
                crm::zoho_function::send(standard, *form, &wire, message).await
            }
            terms => crm::tell(terms, &wire, &self.tokens, message).await,
        }
    }

    /// Sees whether an endpoint works, changing nothing there: who verifies signatures gets
    /// `message`, which should be a [`ping`]; a CRM is asked for something that needs the same
    /// credentials.
    pub async fn check(&self, destination: &Destination, message: Message<'_>) -> Checked {
        let wire = Wire::watched(&self.client, Client::deadline(destination.timeout));
        let exchange = match &destination.terms {
            Terms::Standard(standard) => standard.send(&wire, message).await,
            Terms::ZohoFunction(standard, form) => {
                crm::zoho_function::send(standard, *form, &wire, message).await
            }
            terms => crm::check(terms, &wire, &self.tokens).await,
        };
        Checked { exchange, requests: wire.into_shown() }
    }

    /// What answers for the addresses that may be reached.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }
}

impl Standard {
    async fn send(&self, wire: &Wire<'_>, message: Message<'_>) -> Exchange {
        match self.call(message) {
            Ok((mut call, body)) => {
                call.body = body.into_bytes();
                wire.ask(call.header("content-type", "application/json")).await.exchange
            }
            Err(exchange) => exchange,
        }
    }

    /// The request without its body, and that body: signed, in an envelope if it is to be in one.
    pub(super) fn call(&self, message: Message<'_>) -> Result<(Call<'_>, String), Exchange> {
        let Message { event, body, at } = message;
        let Some(signed) = sign_with(&self.keys, event, at, body.as_bytes()) else {
            return Err(Exchange::failed(Class::Config, "the endpoint has no signing key"));
        };
        let text = match self.body_mode {
            BodyMode::Standard => body.to_owned(),
            BodyMode::Envelope => signed
                .envelope(body)
                .map_err(|_| Exchange::failed(Class::Config, "the event is no text"))?,
        };
        let mut call = Call::bare(Method::Post, &self.url);
        call.show_url = Show::Hidden;
        // A receiver that sends back what it got does not make it known to staff.
        let url = self.url.expose();
        call.secrets = url.query_pairs().map(|(_, value)| Secret::from(&*value)).collect();
        // As they stand in the request's first line, too.
        let written = url.query().unwrap_or_default().split('&');
        let written = written.filter_map(|pair| pair.split_once('='));
        call.secrets.extend(written.map(|(_, value)| Secret::from(value)));
        for header in self.headers.iter() {
            call.headers.push((&header.name, header.value.clone(), Show::Hidden));
            call.secrets.push(header.value.clone());
        }
        // Ours last: no header of staff's can take their place.
        call =
            signed.headers().into_iter().fold(call, |call, (name, value)| call.header(name, value));
        call.signed = Some(signed_text(&signed, body));
        Ok((call, text))
    }
}

fn signed_text(signed: &Signed, body: &str) -> String {
    format!("{}.{}.{body}", signed.id, signed.timestamp)
}
