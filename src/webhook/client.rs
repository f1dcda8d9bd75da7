//! The HTTP client for webhooks; the only file that names `reqwest`.
//!
//! The guard is asked where a connection is made: it is the client's resolver, and addresses
//! written into a URL, which no resolver sees, are judged from the URL. So a kept connection leads
//! to an address that was judged when it was dialled.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Response, redirect, retry};
use tokio::time::{Instant, timeout_at};
use url::Host;

use super::exchange::{Exchange, RetryAfter, class_of, excerpt};
use super::guard::{Blocked, Guard, Reach};
use super::resolve::{Lookup, OncePerHost, SystemLookup, Unresolved, resolve};
use crate::domain::delivery::Class;
use crate::domain::endpoint::EndpointUrl;
use crate::domain::remedy::Remedy;
use crate::domain::secret::Secret;

/// Bounds of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For name, connection and TLS together.
    pub connect: Duration,
    /// Connections kept open to one host for the next delivery.
    pub idle: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), idle: 8 }
    }
}

const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER_HEADERS: usize = 64;
/// Names and values of all of an answer's headers together. The library reads no more than about
/// 400 KiB of a head, however long it is, and does not let that be set.
const ANSWER_HEAD: usize = 16 * 1024;
/// More of an answer's body is not read: the connection is dropped.
const ANSWER_BODY: usize = 16 * 1024;

/// One request, before it is known whether it may be sent.
#[derive(Debug)]
pub struct Outgoing<'a> {
    pub method: Method,
    pub url: &'a EndpointUrl,
    /// Names in lower case. The last of a name counts.
    pub headers: Vec<(&'a str, &'a [u8])>,
    pub body: Vec<u8>,
    /// When all must be over, the answer's body included.
    pub deadline: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
}

impl Method {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }

    const fn as_http(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
        }
    }
}

/// An exchange with the answer's body as far as it was read, which may hold a token.
pub(super) struct Answered {
    pub(super) exchange: Exchange,
    pub(super) body: Secret,
}

impl Answered {
    /// Whether more of the body may have come than was read.
    pub(super) fn is_cut(&self) -> bool {
        self.body.expose().len() >= ANSWER_BODY
    }
}

impl From<Exchange> for Answered {
    /// One without an answer.
    fn from(exchange: Exchange) -> Self {
        Self { exchange, body: Secret::new(Vec::new()) }
    }
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for webhooks cannot be set up: {0}")]
pub struct SetupError(String);

/// Sends webhooks.
#[derive(Clone)]
pub struct Client {
    guard: Arc<Guard>,
    lookup: Arc<dyn Lookup>,
    limits: Limits,
    public: reqwest::Client,
    allowed_only: reqwest::Client,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("guard", &self.guard)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// # Errors
    /// [`SetupError`] if TLS cannot be set up. Missing root certificates are no error: they are
    /// logged, and every `https` attempt will fail.
    pub fn new(guard: Guard, limits: Limits) -> Result<Self, SetupError> {
        let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
        Self::with_lookup(guard, limits, &lookup)
    }

    /// With another way to resolve names than the system's.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_lookup(
        guard: Guard,
        limits: Limits,
        lookup: &Arc<dyn Lookup>,
    ) -> Result<Self, SetupError> {
        // Fails if the process has a provider already, which then serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Arc::new(guard);
        let lookup: Arc<dyn Lookup> = Arc::new(OncePerHost::new(Arc::clone(lookup)));
        let client = |reach| {
            let resolver =
                GuardedResolver { guard: Arc::clone(&guard), lookup: Arc::clone(&lookup), reach };
            build(limits, &Arc::new(resolver))
        };
        let public = client(Reach::Public)?;
        let allowed_only = client(Reach::AllowedOnly)?;
        Ok(Self { guard, lookup, limits, public, allowed_only })
    }

    /// When what may take so long from now must be over.
    #[must_use]
    pub fn deadline(within: Duration) -> Instant {
        Instant::now() + within
    }

    /// One request, once: no redirect is followed and nothing is tried again. Never takes longer
    /// than its deadline says.
    pub async fn send(&self, request: Outgoing<'_>) -> Exchange {
        self.ask(request).await.exchange
    }

    /// The same, where the answer's body matters.
    pub(super) async fn ask(&self, request: Outgoing<'_>) -> Answered {
        let Outgoing { method, url, headers, body, deadline } = request;
        let client = match self.guard.check_url(url.expose()) {
            Ok(Reach::Public) => &self.public,
            Ok(Reach::AllowedOnly) => &self.allowed_only,
            Err(blocked) => {
                return Exchange::failed(Class::SsrfBlocked, &blocked.to_string()).into();
            }
        };
        let Some(headers) = header_map(&headers) else {
            return Exchange::failed(Class::Config, "a header cannot be sent as it is").into();
        };
        let request = client.request(method.as_http(), url.expose().clone());
        let request = request.headers(headers);
        let request = if method == Method::Get { request } else { request.body(body) };
        match timeout_at(deadline, request.send()).await {
            Err(_) => Exchange::failed(Class::Timeout, "no answer in time").into(),
            Ok(Err(error)) => failure(error).into(),
            Ok(Ok(response)) => answer(response, deadline).await,
        }
    }

    /// Whether a URL may be asked for in principle, for a friendly word when it is saved; what it
    /// leads to is judged again whenever it is dialled. A name that leads nowhere is taken: it may
    /// lead somewhere in a minute, or from where the workers run.
    ///
    /// # Errors
    /// [`Blocked`] with the reason.
    pub async fn look(&self, url: &EndpointUrl) -> Result<(), Blocked> {
        let reach = self.guard.check_url(url.expose())?;
        let Some(Host::Domain(name)) = url.expose().host() else { return Ok(()) };
        match resolve(name, &*self.lookup, &self.guard, reach).await {
            Err(Unresolved::Blocked(blocked)) => Err(blocked),
            Ok(_) | Err(Unresolved::Failed(_) | Unresolved::Empty | Unresolved::Slow) => Ok(()),
        }
    }
}

fn build(limits: Limits, resolver: &Arc<GuardedResolver>) -> Result<reqwest::Client, SetupError> {
    let builder = || {
        reqwest::Client::builder()
            .user_agent(concat!("vouchlink/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::clone(resolver))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .http1_only()
            .http1_max_headers(ANSWER_HEADERS)
            .connect_timeout(limits.connect)
            .pool_max_idle_per_host(limits.idle)
            .pool_idle_timeout(IDLE_TIMEOUT)
    };
    match builder().build() {
        Ok(client) => Ok(client),
        // A bare container has no root certificates; a receiver next door needs none.
        Err(error) => {
            tracing::error!(error = %root_cause(&error), "no https webhook can be sent");
            builder()
                .tls_certs_only([])
                .build()
                .map_err(|error| SetupError(root_cause(&error).to_string()))
        }
    }
}

struct GuardedResolver {
    guard: Arc<Guard>,
    lookup: Arc<dyn Lookup>,
    reach: Reach,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, lookup, reach) =
            (Arc::clone(&self.guard), Arc::clone(&self.lookup), self.reach);
        Box::pin(async move {
            let addresses = resolve(name.as_str(), &*lookup, &guard, reach).await?;
            // Port 0 stands for the URL's.
            let addresses: Addrs =
                Box::new(addresses.into_iter().map(|address| (address, 0).into()));
            Ok(addresses)
        })
    }
}

/// `None` if one cannot be carried by HTTP.
fn header_map(headers: &[(&str, &[u8])]) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let mut value = HeaderValue::from_bytes(value).ok()?;
        // Kept out of whatever the library might log.
        value.set_sensitive(true);
        map.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    Some(map)
}

/// Reads the answer as far as it is wanted.
async fn answer(mut response: Response, deadline: Instant) -> Answered {
    let headers = response.headers().iter();
    if headers.map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() > ANSWER_HEAD {
        return Exchange::failed(Class::Protocol, "the answer has more than 16 KiB of headers")
            .into();
    }
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let mut exchange = Exchange {
        class: class_of(status),
        http_status: Some(status),
        remote_addr: response.remote_addr().map(|address| address.to_string()),
        retry_after: header(RETRY_AFTER).and_then(RetryAfter::parse),
        answer: String::new(),
        remedy: None,
    };
    let mut body = match exchange.class {
        Class::Redirect => redirect_target(&response).into_bytes(),
        _ => Vec::new(),
    };
    let trouble = match timeout_at(deadline, read(&mut response, &mut body)).await {
        Ok(Ok(())) => None,
        Ok(Err(_)) => Some(Class::Protocol),
        Err(_) => Some(Class::Timeout),
    };
    // Who breaks off while answering may have broken off while working: a success is one only
    // when it is complete. A refusal is one anyway.
    if let (Class::Success, Some(trouble)) = (exchange.class, trouble) {
        exchange.class = trouble;
    }
    exchange.remedy = Remedy::of(exchange.class);
    exchange.answer = excerpt(&body);
    Answered { exchange, body: Secret::new(body) }
}

async fn read(response: &mut Response, body: &mut Vec<u8>) -> reqwest::Result<()> {
    while body.len() < ANSWER_BODY
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    Ok(())
}

/// Where a redirect that is not followed leads: its origin only, the rest may be a secret.
fn redirect_target(response: &Response) -> String {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| response.url().join(location).ok());
    target.map_or_else(String::new, |url| {
        format!("redirect to {} ", url.origin().ascii_serialization())
    })
}

/// Sorts what went wrong before an answer. The URL stays out of it.
fn failure(error: reqwest::Error) -> Exchange {
    let error = error.without_url();
    let class = match causes(&error).find_map(|cause| cause.downcast_ref::<Unresolved>()) {
        Some(Unresolved::Blocked(_)) => Class::SsrfBlocked,
        Some(Unresolved::Failed(_) | Unresolved::Empty | Unresolved::Slow) => Class::Dns,
        None if error.is_dns() => Class::Dns,
        None if error.is_timeout() => Class::Timeout,
        None if causes(&error).any(is_tls) => Class::Tls,
        None if error.is_connect() => Class::Connect,
        None => Class::Protocol,
    };
    Exchange::failed(class, &root_cause(&error).to_string())
}

/// The connector reports what fails while TLS is set up as an I/O error around an I/O error,
/// whatever it was; what TLS itself objects to stands further down.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let wraps_io = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
        .is_some_and(<dyn Error + Send + Sync>::is::<io::Error>);
    wraps_io || cause.is::<rustls::Error>()
}

fn root_cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

/// The error and what caused it, also what [`io::Error`] wraps but does not name as its source.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
