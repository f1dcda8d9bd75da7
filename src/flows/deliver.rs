//! One attempt of one delivery: sign, post, decide what becomes of it, record.

use std::fmt;
use std::sync::Arc;

use super::Unavailable;
use super::insist::insist;
use crate::config;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::delivery::{Attempt, Class, Leased, Next, Schedule};
use crate::domain::endpoint::EndpointUrl;
use crate::domain::random::{self, Random};
use crate::store::{Deliveries, Store};
use crate::webhook::client::{BadToken, Bearer, Client};
use crate::webhook::exchange::Exchange;
use crate::webhook::sign::SigningKey;

/// Where deliveries go and what proves that they come from us.
#[derive(Clone, Debug)]
pub struct Destination {
    url: EndpointUrl,
    key: SigningKey,
    bearer: Option<Bearer>,
}

impl Destination {
    /// # Errors
    /// [`BadToken`].
    pub fn new(webhook: &config::Webhook) -> Result<Self, BadToken> {
        Ok(Self {
            url: webhook.url.clone(),
            key: SigningKey::new(webhook.secret.clone()),
            bearer: webhook.token.as_ref().map(Bearer::new).transpose()?,
        })
    }
}

/// Says whether verdicts are sent from now on; whether it was the other way before.
///
/// # Errors
/// [`Unavailable`] only.
pub async fn switch(store: &dyn Store, on: bool, now: Timestamp) -> Result<bool, Unavailable> {
    // Another process that starts, or hangs, may be in the way for a moment.
    let (changed, _) = insist(|| store.set_built_in_endpoint(on, now)).await?;
    Ok(changed)
}

/// Makes attempts.
pub struct Deliver {
    pub store: Arc<dyn Deliveries + Send + Sync>,
    pub client: Client,
    pub destination: Destination,
    pub schedule: Schedule,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl fmt::Debug for Deliver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliver")
            .field("destination", &self.destination)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

impl Deliver {
    /// Makes one attempt and records what it came to. What cannot be recorded is sent again once
    /// the lease has run out: receivers know repetitions by the id.
    pub async fn deliver_one(&self, leased: Leased) {
        let started_at = self.clock.now();
        let signed = self.destination.key.sign(leased.event, started_at, leased.body.as_bytes());
        let Destination { url, bearer, .. } = &self.destination;
        let exchange = self.client.post(url, &signed, bearer.as_ref(), leased.body.clone()).await;

        let ended_at = self.clock.now();
        let attempt = attempt(&leased, exchange, started_at, ended_at);
        // Without entropy all come back together, which is no reason not to come back.
        let jitter = random::bytes(&*self.random)
            .map_or(0.5, |bytes| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX));
        let next = self.schedule.next(&attempt, ended_at, jitter);
        log(&leased, &attempt, next);
        self.record(&leased, &attempt, next).await;
    }

    /// Insists, because the receiver may have the message already.
    async fn record(&self, leased: &Leased, attempt: &Attempt, next: Next) {
        let write = || {
            let now = self.clock.now();
            self.store.record_attempt(leased, attempt.clone(), next, now)
        };
        match insist(write).await {
            Ok((true, _)) => {}
            Ok((false, _)) => {
                tracing::debug!(delivery = %leased.id, "the lease was lost meanwhile");
            }
            Err(error) => {
                tracing::error!(delivery = %leased.id, %error, "an attempt is not recorded");
            }
        }
    }
}

fn attempt(
    leased: &Leased,
    exchange: Exchange,
    started_at: Timestamp,
    ended_at: Timestamp,
) -> Attempt {
    Attempt {
        number: leased.attempts.saturating_add(1),
        started_at,
        took: ended_at.since(started_at),
        class: exchange.class,
        http_status: exchange.http_status,
        remote_addr: exchange.remote_addr,
        retry_after: exchange.retry_after.map(|after| after.from_now(ended_at)),
        answer: exchange.answer,
    }
}

/// Ids and outcome only: URL, body and answer may hold secrets and personal data.
fn log(leased: &Leased, attempt: &Attempt, next: Next) {
    let Leased { id, event, kind, .. } = leased;
    let Attempt { number, class, http_status, .. } = attempt;
    let ms = attempt.took.as_millis();
    match class {
        Class::Success => {
            tracing::info!(delivery = %id, %event, %kind, attempt = number, %class, http_status, ms, "delivered");
        }
        // These need somebody to act.
        Class::Config | Class::Gone | Class::Redirect | Class::SsrfBlocked => {
            let next = next.status();
            tracing::warn!(delivery = %id, %event, %kind, attempt = number, %class, http_status, ms, %next, "refused");
        }
        Class::Unavailable
        | Class::Dns
        | Class::Connect
        | Class::Tls
        | Class::Timeout
        | Class::Protocol => {
            let next = next.status();
            tracing::warn!(delivery = %id, %event, %kind, attempt = number, %class, http_status, ms, %next, "not delivered");
        }
    }
}
