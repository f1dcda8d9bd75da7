//! The requests of one attempt: one deadline over all of them, no secret in what is kept of the
//! answers, and, for a check that staff watch, everything that was sent.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::client::{Answered, Client, Method, Outgoing};
use super::exchange::excerpt;
use crate::domain::endpoint::EndpointUrl;
use crate::domain::secret::Secret;

/// A request as staff are shown it: nothing secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub method: &'static str,
    /// Without what may be a key in it.
    pub url: String,
    /// Names and values; [`HIDDEN`] for those that may be secret.
    pub headers: Vec<(String, String)>,
    /// What the signature was made over, exactly; `None` if nothing was signed.
    pub signed: Option<String>,
    pub body: String,
}

/// Stands where something secret was.
pub const HIDDEN: &str = "(hidden)";

/// One request of an attempt.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: &'a EndpointUrl,
    /// Names in lower case; whether the value may be shown.
    pub(super) headers: Vec<(&'a str, Secret, Show)>,
    pub(super) body: Vec<u8>,
    pub(super) show_body: Show,
    /// How the URL is shown; as [`EndpointUrl::shown`] if it may hold a key.
    pub(super) show_url: Show,
    pub(super) signed: Option<String>,
    /// What must not stand in an answer that is kept.
    pub(super) secrets: Vec<Secret>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    Open,
    Hidden,
}

impl<'a> Call<'a> {
    /// One with a JSON body.
    pub(super) fn json(method: Method, url: &'a EndpointUrl, body: &serde_json::Value) -> Self {
        let mut call = Self::bare(method, url);
        if method != Method::Get {
            call.body = body.to_string().into_bytes();
            call = call.header("content-type", "application/json");
        }
        call
    }

    /// One without a body.
    pub(super) fn bare(method: Method, url: &'a EndpointUrl) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            show_body: Show::Open,
            show_url: Show::Open,
            signed: None,
            secrets: Vec::new(),
        }
    }

    pub(super) fn header(mut self, name: &'a str, value: &str) -> Self {
        self.headers.push((name, Secret::from(value), Show::Open));
        self
    }

    /// A header that proves who we are: `scheme` and a secret.
    pub(super) fn proof(mut self, name: &'a str, scheme: &str, secret: &Secret) -> Self {
        let value = [scheme.as_bytes(), secret.expose()].concat();
        self.headers.push((name, Secret::new(value), Show::Hidden));
        self.secrets.push(secret.clone());
        self
    }

    fn shown(&self) -> Shown {
        let text = |bytes: &[u8], show| match show {
            Show::Open => String::from_utf8_lossy(bytes).into_owned(),
            Show::Hidden => HIDDEN.to_owned(),
        };
        let headers = self.headers.iter();
        Shown {
            method: self.method.as_str(),
            url: match self.show_url {
                Show::Open => self.url.expose().to_string(),
                Show::Hidden => self.url.shown(),
            },
            headers: headers
                .map(|(name, value, show)| ((*name).to_owned(), text(value.expose(), *show)))
                .collect(),
            signed: self.signed.clone(),
            body: text(&self.body, self.show_body),
        }
    }
}

/// The way of one attempt's requests.
pub(super) struct Wire<'a> {
    client: &'a Client,
    deadline: Instant,
    /// Of a check.
    shown: Option<Mutex<Vec<Shown>>>,
}

impl fmt::Debug for Wire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl<'a> Wire<'a> {
    pub(super) const fn new(client: &'a Client, deadline: Instant) -> Self {
        Self { client, deadline, shown: None }
    }

    /// One that remembers what was sent.
    pub(super) fn watched(client: &'a Client, deadline: Instant) -> Self {
        Self { client, deadline, shown: Some(Mutex::default()) }
    }

    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether staff watch and want to know how it stands now.
    pub(super) const fn is_watched(&self) -> bool {
        self.shown.is_some()
    }

    /// What was sent, if it was watched.
    pub(super) fn into_shown(self) -> Vec<Shown> {
        self.shown.map_or_else(Vec::new, |shown| {
            shown.into_inner().unwrap_or_else(PoisonError::into_inner)
        })
    }

    /// Makes one request. What is kept of the answer holds none of its secrets.
    pub(super) async fn ask(&self, call: Call<'_>) -> Answered {
        if let Some(shown) = &self.shown {
            shown.lock().unwrap_or_else(PoisonError::into_inner).push(call.shown());
        }
        let headers = call.headers.iter().map(|(name, value, _)| (*name, value.expose()));
        let request = Outgoing {
            method: call.method,
            url: call.url,
            headers: headers.collect(),
            body: call.body,
            deadline: self.deadline,
        };
        let mut answered = self.client.ask(request).await;
        // Of the body as it came: what is kept of it may end in the middle of a secret.
        let body = String::from_utf8_lossy(answered.body.expose());
        let said = if body.is_empty() { answered.exchange.answer.as_str() } else { &body };
        if let Some(clean) = without(said, &call.secrets) {
            answered.exchange.answer = excerpt(clean.as_bytes());
        }
        answered
    }
}

/// The text with something in the place of each secret; `None` if it holds none.
fn without(text: &str, secrets: &[Secret]) -> Option<String> {
    let mut clean = None;
    for secret in secrets {
        let Ok(secret) = std::str::from_utf8(secret.expose()) else { continue };
        let said = clean.as_deref().unwrap_or(text);
        // Anything shorter stands in every answer.
        if secret.len() >= 8 && said.contains(secret) {
            clean = Some(said.replace(secret, HIDDEN));
        }
    }
    clean
}
