//! Endpoints from staff's side: make, show, change, pause, resume, remove; what is secret about
//! them goes in and never comes out again.

mod change;
mod keys;
mod test;

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

pub use self::change::{Change, Changes, Draft};
pub use self::keys::Rotation;
pub use self::test::Report;
use super::Unavailable;
use super::destinations::{Destinations, Secrets, Unopened};
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::Clock;
use crate::domain::endpoint::{BUILT_IN, Endpoint, EndpointStatus};
use crate::domain::id::EndpointId;
use crate::domain::random::Random;
use crate::domain::remedy::Remedy;
use crate::domain::secret::Secret;
use crate::seal::SealError;
use crate::store::{Store, StoreError, Undelivered};
use crate::webhook::send::{Sender, Terms};

#[derive(Clone)]
pub struct Endpoints {
    pub store: Arc<dyn Store>,
    pub destinations: Arc<Destinations>,
    /// For a look at addresses, and for test events.
    pub sender: Sender,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// An endpoint as staff see it: names of its secrets, none of their values.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub endpoint: Endpoint,
    /// Names of its own headers.
    pub headers: Vec<String>,
    /// Names of its credentials.
    pub credentials: Vec<String>,
    /// Why its secrets cannot be opened, if so.
    pub unreadable: Option<String>,
    /// What helps, while it fails.
    pub remedy: Option<Remedy>,
    /// What did not arrive there, and waits for a replay.
    pub undelivered: Undelivered,
}

/// A new endpoint, or a new key, and what it signs with: to be shown this once.
#[derive(Debug)]
pub struct Made {
    pub seen: Seen,
    /// `None` for kinds that sign nothing.
    pub secret: Option<Secret>,
}

/// A field and what is wrong with it.
pub type Wrong = (String, String);

/// Why an endpoint was not made, shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    #[error("no such endpoint")]
    NotFound,
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<Wrong>),
    #[error(
        "this endpoint is the one of CRM_WEBHOOK_URL: change it in the environment and restart; \
         here it can be paused, resumed and tested"
    )]
    BuiltIn,
    #[error(
        "there are {} endpoints, which is the most there may be; remove one",
        crate::domain::endpoint::MOST
    )]
    TooMany,
    #[error("somebody changed the endpoint meanwhile: read it again")]
    Changed,
    #[error("this Idempotency-Key was used with another body")]
    IdempotencyMismatch,
    #[error("this Idempotency-Key made an endpoint that has been removed since")]
    MadeAndRemoved,
    #[error("the endpoint is {0}; resume it first")]
    NotActive(EndpointStatus),
    #[error("this kind of endpoint signs nothing, it has no secret")]
    SignsNothing,
    /// What is sealed cannot be, or cannot be opened.
    #[error("{0}")]
    Sealed(SealError),
    #[error("the endpoint cannot be sent to: {0}")]
    Unopened(Unopened),
    /// It was disabled, and its test event did not arrive.
    #[error("the endpoint stays disabled, its test event failed ({}): {}", .0.outcome(), .0.advice())]
    StillFails(Box<Report>),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StoreError> for EndpointError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<SealError> for EndpointError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::NoEntropy(error) => Self::Unavailable(error.into()),
            SealError::NoKey | SealError::UnknownKey | SealError::Damaged => Self::Sealed(error),
        }
    }
}

impl From<Unopened> for EndpointError {
    fn from(error: Unopened) -> Self {
        match error {
            Unopened::Seal(error) => error.into(),
            other => Self::Unopened(other),
        }
    }
}

type Result<T> = std::result::Result<T, EndpointError>;

impl Endpoints {
    /// All, oldest first.
    ///
    /// # Errors
    /// [`EndpointError::Unavailable`] only.
    pub async fn list(&self) -> Result<Vec<Seen>> {
        let mut seen = Vec::new();
        for endpoint in self.store.list_endpoints().await? {
            seen.push(self.see(endpoint).await?);
        }
        Ok(seen)
    }

    /// # Errors
    /// [`EndpointError`].
    pub async fn show(&self, id: EndpointId) -> Result<Seen> {
        let endpoint = self.find(id).await?;
        self.see(endpoint).await
    }

    /// Its deliveries wait from now on. Pausing it again changes nothing.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub async fn pause(&self, id: EndpointId, actor: Actor) -> Result<Seen> {
        let mut endpoint = self.find(id).await?;
        match endpoint.status {
            EndpointStatus::Paused => return self.see(endpoint).await,
            EndpointStatus::Disabled => return Err(EndpointError::NotActive(endpoint.status)),
            EndpointStatus::Active | EndpointStatus::Removed => {}
        }
        endpoint.status = EndpointStatus::Paused;
        self.write(endpoint, Action::EndpointPaused, json!({}), actor).await
    }

    /// Its deliveries go on. One that was disabled must take a test event first.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub async fn resume(&self, id: EndpointId, actor: Actor) -> Result<Seen> {
        let mut endpoint = self.find(id).await?;
        match endpoint.status {
            EndpointStatus::Active => return self.see(endpoint).await,
            EndpointStatus::Disabled => {
                let report = self.try_out(&endpoint, actor).await?;
                if !report.arrived() {
                    return Err(EndpointError::StillFails(Box::new(report)));
                }
            }
            EndpointStatus::Paused | EndpointStatus::Removed => {}
        }
        endpoint.status = EndpointStatus::Active;
        endpoint.disabled = None;
        self.write(endpoint, Action::EndpointResumed, json!({}), actor).await
    }

    /// Gone for good, with its secrets; what was not delivered is called off.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub async fn remove(&self, id: EndpointId, actor: Actor) -> Result<()> {
        let mut endpoint = self.own(id).await?;
        endpoint.status = EndpointStatus::Removed;
        endpoint.sealed = None;
        endpoint.keys.clear();
        let entry = self.entry(Action::EndpointRemoved, id, json!({}), actor);
        if self.store.update_endpoint(endpoint, entry).await? {
            Ok(())
        } else {
            Err(EndpointError::Changed)
        }
    }

    async fn find(&self, id: EndpointId) -> Result<Endpoint> {
        self.store.find_endpoint(id).await?.ok_or(EndpointError::NotFound)
    }

    /// One that is staff's to change.
    async fn own(&self, id: EndpointId) -> Result<Endpoint> {
        let endpoint = self.find(id).await?;
        if id == BUILT_IN { Err(EndpointError::BuiltIn) } else { Ok(endpoint) }
    }

    /// Writes what changed, and reads it again.
    async fn write(
        &self,
        endpoint: Endpoint,
        action: Action,
        detail: Value,
        actor: Actor,
    ) -> Result<Seen> {
        let id = endpoint.id;
        let entry = self.entry(action, id, detail, actor);
        if !self.store.update_endpoint(endpoint, entry).await? {
            return Err(EndpointError::Changed);
        }
        self.show(id).await
    }

    fn entry(&self, action: Action, id: EndpointId, detail: Value, actor: Actor) -> Entry {
        let mut detail = detail;
        if let Value::Object(detail) = &mut detail {
            detail.insert("endpoint".to_owned(), json!(id));
        }
        Entry { at: self.clock.now(), actor, action, link: None, customer: None, detail }
    }

    async fn see(&self, endpoint: Endpoint) -> Result<Seen> {
        let fails = endpoint.health.failing.is_some() || endpoint.disabled.is_some();
        let remedy = if fails { self.store.newest_remedy(endpoint.id).await? } else { None };
        let undelivered = self.store.count_undelivered(endpoint.id).await?;
        let (headers, credentials, unreadable) = match self.names(&endpoint) {
            Ok((headers, credentials)) => (headers, credentials, None),
            Err(unopened) => (Vec::new(), Vec::new(), Some(unopened.to_string())),
        };
        Ok(Seen { endpoint, headers, credentials, unreadable, remedy, undelivered })
    }

    /// Of its headers and its credentials.
    fn names(
        &self,
        endpoint: &Endpoint,
    ) -> std::result::Result<(Vec<String>, Vec<String>), Unopened> {
        if endpoint.id == BUILT_IN {
            let destination = self.destinations.of(endpoint)?;
            return Ok((own_headers(&destination.terms), Vec::new()));
        }
        let secrets = Secrets::open(&self.destinations.seal, endpoint)?;
        let headers = secrets.headers.iter().map(|header| header.name.clone()).collect();
        Ok((headers, secrets.credentials.keys().cloned().collect()))
    }
}

fn own_headers(terms: &Terms) -> Vec<String> {
    match terms {
        Terms::Standard(standard) | Terms::ZohoFunction(standard, _) => {
            standard.headers.iter().map(|header| header.name.clone()).collect()
        }
        Terms::ZohoCrm(_)
        | Terms::Hubspot(_)
        | Terms::Salesforce(_)
        | Terms::Pipedrive(_)
        | Terms::Zendesk(_)
        | Terms::Freshdesk(_) => Vec::new(),
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints").finish_non_exhaustive()
    }
}
