//! Access tokens, each fetched once and shared by all attempts of the process.
//!
//! Zoho gives ten in ten minutes, and forgets the oldest of more than fifteen: who asked for one
//! with every request would lock himself out. So a token has one place, by the credentials that
//! fetch it; who needs it while it is being fetched waits; and what was refused is not asked for
//! again at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use url::form_urlencoded;

use super::super::client::{Answered, Method};
use super::super::exchange::{Exchange, RetryAfter, excerpt};
use super::super::wire::{Call, Show, Wire};
use crate::domain::delivery::Class;
use crate::domain::digest::sha256;
use crate::domain::endpoint::EndpointUrl;
use crate::domain::remedy::Remedy;
use crate::domain::secret::Secret;

/// How a token is asked for (RFC 6749, sections 4.4 and 6).
pub(super) struct Grant<'a> {
    pub(super) vendor: &'static str,
    pub(super) url: EndpointUrl,
    pub(super) kind: &'static str,
    /// Names and values, beside `grant_type`.
    pub(super) secrets: Vec<(&'static str, &'a Secret)>,
    /// What a refusal means, by its `error` and `error_description`.
    pub(super) judge: fn(&str, &str) -> Refusal,
}

/// Why no token was given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not before this has passed.
    TooMany(Duration),
    /// Staff have to act.
    Wrong(Remedy),
}

/// Access tokens of CRMs. Clones share them.
#[derive(Clone, Default)]
pub struct Tokens(Arc<Mutex<HashMap<[u8; 32], Arc<Place>>>>);

type Place = tokio::sync::Mutex<Held>;

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// What the last request for one came to, and until when that holds.
    refused: Option<(Exchange, Instant)>,
}

struct Token {
    value: Secret,
    /// When it is fetched anew: before it ends.
    until: Instant,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

/// What lives an hour is fetched anew after 50 minutes.
const FRESH: (u32, u32) = (5, 6);
const HOUR: u64 = 3600;
/// Of wrong credentials: somebody has to act, and each try may count against a limit.
const REFUSED: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow)]
    access_token: Option<std::borrow::Cow<'a, str>>,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct Refused {
    error: Option<String>,
    error_description: Option<String>,
}

impl Refused {
    /// Zoho's refusal may be a page as well.
    fn page(body: &Secret) -> Option<Self> {
        let text = String::from_utf8_lossy(body.expose()).to_ascii_lowercase();
        let error = text.contains("access denied").then(|| "Access Denied".to_owned());
        error.map(|error| Self { error: Some(error), error_description: None })
    }
}

impl Tokens {
    /// Asks with a token, and once more with a new one if the CRM says that this one is no good.
    /// The last answer, whatever it is.
    ///
    /// # Errors
    /// The outcome, if there is no token.
    pub(super) async fn ask<'c>(
        &self,
        wire: &Wire<'_>,
        grant: &Grant<'_>,
        call: impl Fn(&Secret) -> Call<'c>,
        is_stale: fn(&Answered) -> bool,
    ) -> Result<Answered, Exchange> {
        let token = self.get(wire, grant, None).await?;
        let answered = wire.ask(call(&token)).await;
        if !is_stale(&answered) {
            return Ok(answered);
        }
        let token = self.get(wire, grant, Some(&token)).await?;
        let answered = wire.ask(call(&token)).await;
        if is_stale(&answered) {
            // No token of these credentials is any good: those that wait need not try, and Zoho
            // counts them.
            let refused = answered.exchange.clone().judged(Class::Config, Remedy::Reconnect);
            let mut held = self.place(grant).lock_owned().await;
            if held.token.as_ref().is_some_and(|kept| kept.value == token) {
                held.token = None;
                held.refused = Some((refused, Instant::now() + REFUSED));
            }
        }
        Ok(answered)
    }

    /// A token that is not `stale`.
    async fn get(
        &self,
        wire: &Wire<'_>,
        grant: &Grant<'_>,
        stale: Option<&Secret>,
    ) -> Result<Secret, Exchange> {
        let place = self.place(grant);
        let late = || Exchange::failed(Class::Timeout, "no access token in time");
        let mut held = timeout_at(wire.deadline(), place.lock()).await.map_err(|_| late())?;
        let now = Instant::now();
        if let Some(token) = &held.token
            && token.until > now
            && stale != Some(&token.value)
        {
            return Ok(token.value.clone());
        }
        if let Some((refused, until)) = &held.refused
            && *until > now
            && !wire.is_watched()
        {
            return Err(again(refused, *until - now));
        }
        held.token = None;
        held.refused = None;
        match fetch(wire, grant).await {
            Ok((value, lifetime)) => {
                let until = Instant::now() + fresh(lifetime);
                held.token = Some(Token { value: value.clone(), until });
                Ok(value)
            }
            Err((exchange, wait)) => {
                held.refused = wait.map(|wait| (exchange.clone(), Instant::now() + wait));
                Err(exchange)
            }
        }
    }

    fn place(&self, grant: &Grant<'_>) -> Arc<Place> {
        let key = grant.key();
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !places.contains_key(&key) {
            // Of credentials that are not used any more.
            let now = Instant::now();
            places.retain(|_, place| {
                Arc::strong_count(place) > 1 || place.try_lock().is_ok_and(|held| held.matters(now))
            });
        }
        Arc::clone(places.entry(key).or_default())
    }
}

impl Held {
    fn matters(&self, now: Instant) -> bool {
        self.token.as_ref().is_some_and(|token| token.until > now)
            || self.refused.as_ref().is_some_and(|(_, until)| *until > now)
    }
}

fn fresh(lifetime: Duration) -> Duration {
    lifetime * FRESH.0 / FRESH.1
}

/// What was refused before, without having been asked for again.
fn again(refused: &Exchange, wait: Duration) -> Exchange {
    let asked_again = Exchange { http_status: None, remote_addr: None, ..refused.clone() };
    match refused.class {
        Class::Unavailable => Exchange { retry_after: Some(RetryAfter::In(wait)), ..asked_again },
        _ => asked_again,
    }
}

impl Grant<'_> {
    /// Where its token is kept: whoever has the same credentials has the same token.
    fn key(&self) -> [u8; 32] {
        let mut parts: Vec<&[u8]> = vec![self.url.expose().as_str().as_bytes()];
        for (_, secret) in &self.secrets {
            parts.push(b"\0");
            parts.push(secret.expose());
        }
        sha256(&parts)
    }

    fn call(&self) -> Call<'_> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", self.kind);
        for (name, secret) in &self.secrets {
            form.append_pair(name, &String::from_utf8_lossy(secret.expose()));
        }
        let mut call = Call::bare(Method::Post, &self.url);
        call.body = form.finish().into_bytes();
        call.show_body = Show::Hidden;
        call.secrets = self.secrets.iter().map(|(_, secret)| (*secret).clone()).collect();
        call.header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
    }
}

/// A token and how long it lives; or the outcome, and for how long it stands.
async fn fetch(
    wire: &Wire<'_>,
    grant: &Grant<'_>,
) -> Result<(Secret, Duration), (Exchange, Option<Duration>)> {
    let Answered { exchange, body } = wire.ask(grant.call()).await;
    let Some(status) = exchange.http_status else {
        return Err((mislaid(exchange), None));
    };
    let given: Option<Given<'_>> = serde_json::from_slice(body.expose()).ok();
    if let (200..=299, Some(Given { access_token: Some(token), expires_in })) = (status, given)
        && !token.is_empty()
        && token.bytes().all(|byte| byte.is_ascii_graphic())
    {
        let lifetime = Duration::from_secs(expires_in.unwrap_or(HOUR).min(24 * HOUR));
        return Ok((Secret::from(&*token), lifetime));
    }
    let refused = serde_json::from_slice(body.expose()).ok().or_else(|| Refused::page(&body));
    // What the body holds may be half a token: only the two members that are none are kept.
    let exchange = Exchange { answer: String::new(), ..exchange };
    let Some(Refused { error: Some(error), error_description }) = refused else {
        return Err((silent(exchange, grant.vendor, status), None));
    };
    let description = error_description.unwrap_or_default();
    let said = format!("{} gave no access token: {error} {description}", grant.vendor);
    let mut said = excerpt(said.as_bytes());
    for (_, secret) in &grant.secrets {
        said = said.replace(&*String::from_utf8_lossy(secret.expose()), "(hidden)");
    }
    let exchange = Exchange { answer: said, ..exchange };
    let judged = match ((grant.judge)(&error, &description), status) {
        // A fault of theirs says nothing of the credentials.
        (Refusal::Wrong(_), 500..=599) => (exchange.judged(Class::Unavailable, Remedy::Wait), None),
        (Refusal::Wrong(_), 429) => (exchange.slowed(REFUSED), Some(REFUSED)),
        (Refusal::Wrong(remedy), _) => (exchange.judged(Class::Config, remedy), Some(REFUSED)),
        (Refusal::TooMany(pause), _) => (exchange.slowed(pause), Some(pause)),
    };
    Err(judged)
}

/// No answer, or a redirect: the host's name comes from the settings.
fn mislaid(exchange: Exchange) -> Exchange {
    match exchange.class {
        Class::Dns => exchange.judged(Class::Dns, Remedy::CheckDataCentre),
        _ => exchange,
    }
}

/// An answer that is neither a token nor a refusal.
fn silent(exchange: Exchange, vendor: &str, status: u16) -> Exchange {
    let answer = format!("{vendor} gave no access token, and did not say why");
    let exchange = Exchange { answer, ..exchange };
    match status {
        300..=399 => exchange.judged(Class::Redirect, Remedy::CheckDataCentre),
        404 | 405 => exchange.judged(Class::Config, Remedy::CheckDataCentre),
        429 => exchange.slowed(REFUSED),
        400..=499 => exchange.judged(Class::Config, Remedy::Reconnect),
        500..=599 => exchange.judged(Class::Unavailable, Remedy::Wait),
        _ => exchange.judged(Class::Protocol, Remedy::Wait),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_an_hour_is_fetched_anew_after_fifty_minutes() {
        assert_eq!(fresh(Duration::from_secs(3600)), Duration::from_secs(3000));
        assert_eq!(fresh(Duration::from_secs(60)), Duration::from_secs(50));
    }
}
