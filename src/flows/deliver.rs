//! One attempt of one delivery: sign, post, decide what becomes of it; then record it.

use std::fmt;
use std::sync::Arc;

use super::Unavailable;
use super::destinations::{Secrets, Unopened, terms};
use super::insist::insist;
use crate::config;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::delivery::{Attempt, Class, Leased, Next, Schedule};
use crate::domain::endpoint::CustomHeaders;
use crate::domain::random::{self, Random};
use crate::metrics::Metrics;
use crate::store::{BuiltIn, Deliveries, Store};
use crate::webhook::exchange::Exchange;
use crate::webhook::send::{Destination, Message, Sender};
use crate::webhook::sign::SigningKey;

/// Where the environment says that verdicts go, and what proves that they come from us.
///
/// # Errors
/// [`Unopened`] if its kind needs more than the environment says.
pub fn built_in(webhook: &config::Webhook) -> Result<Destination, Unopened> {
    let secrets = Secrets {
        url: Some(webhook.url.clone()),
        headers: webhook.token.as_ref().map(CustomHeaders::bearer).unwrap_or_default(),
        credentials: serde_json::Map::new(),
    };
    let keys = vec![SigningKey::new(webhook.secret.clone())];
    let (settings, body_mode) = (serde_json::Map::new(), webhook.kind.body_mode());
    let terms = terms(webhook.kind, &settings, body_mode, secrets, keys)?;
    Ok(Destination { timeout: webhook.kind.timeout(), terms })
}

/// Says whether verdicts are sent from now on; whether it was the other way before.
///
/// # Errors
/// [`Unavailable`] only.
pub async fn switch(
    store: &dyn Store,
    built_in: Option<BuiltIn>,
    now: Timestamp,
) -> Result<bool, Unavailable> {
    // Another process that starts, or hangs, may be in the way for a moment.
    let (changed, _) = insist(|| store.set_built_in_endpoint(built_in.clone(), now)).await?;
    Ok(changed)
}

/// An attempt that was made: what is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an attempt that is not recorded is made again"]
pub struct Tried {
    pub leased: Leased,
    pub attempt: Attempt,
    pub next: Next,
}

/// Makes attempts and records them.
pub struct Deliver {
    pub store: Arc<dyn Deliveries + Send + Sync>,
    pub sender: Sender,
    pub schedule: Schedule,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub metrics: Arc<Metrics>,
}

impl fmt::Debug for Deliver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliver").field("schedule", &self.schedule).finish_non_exhaustive()
    }
}

impl Deliver {
    /// Makes one attempt, which is over when the receiver has answered or its time is.
    pub async fn attempt(&self, leased: Leased, destination: &Destination) -> Tried {
        let started_at = self.clock.now();
        let message = Message { event: leased.event, body: &leased.body, at: started_at };
        self.metrics.sending.inc();
        let exchange = self.sender.send(destination, message).await;
        self.metrics.sending.dec();

        let ended_at = self.clock.now();
        let attempt = attempt(&leased, exchange, started_at, ended_at);
        // Without entropy all come back together, which is no reason not to come back.
        let jitter = random::bytes(&*self.random)
            .map_or(0.5, |bytes| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX));
        let next = self.schedule.next(&attempt, leased.schedule_from, ended_at, jitter);
        let since = ended_at.since(leased.event.moment());
        self.metrics.attempted(leased.endpoint, attempt.class, attempt.took, since);
        log(&leased, &attempt, next);
        Tried { leased, attempt, next }
    }

    /// Insists, because the receiver may have the message already. What cannot be recorded is sent
    /// again once the lease has run out: receivers know repetitions by the id.
    pub async fn record(&self, Tried { leased, attempt, next }: Tried) {
        let write = || {
            let now = self.clock.now();
            self.store.record_attempt(&leased, attempt.clone(), next, now)
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
        remedy: exchange.remedy,
        trigger: leased.trigger,
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
        Class::Config | Class::Gone | Class::Redirect | Class::SsrfBlocked | Class::Rejected => {
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
