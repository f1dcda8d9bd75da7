//! Endpoints as the API shows them: of what is secret the names only.

use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;
use serde_json::{Map, Value};

use super::delivery_view::RemedyView;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Class;
use crate::domain::endpoint::{
    BUILT_IN, BodyMode, DisabledReason, EndpointStatus, Failing, KeptKey, Kind, show_key,
};
use crate::domain::event::EventType;
use crate::domain::id::{EndpointId, EventId};
use crate::flows::endpoints::{Made, Report, Seen};
use crate::webhook::wire::Shown;

/// An endpoint.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Endpoint")]
pub(super) struct EndpointView {
    id: EndpointId,
    name: String,
    kind: Kind,
    /// It is the one of `CRM_WEBHOOK_URL`: the environment changes it.
    built_in: bool,
    /// As much of it as may be shown.
    url: String,
    body_mode: BodyMode,
    events: Vec<EventType>,
    /// Names of its own headers; their values are not shown again.
    headers: Vec<String>,
    timeout_seconds: u64,
    /// Requests a second at most, 0 for unlimited; null for the kind's own or `WEBHOOK_RATE`.
    rate: Option<u32>,
    /// Requests at once; null for the kind's own or `WEBHOOK_CONCURRENCY`.
    concurrency: Option<u32>,
    settings: Any<Map<String, Value>>,
    /// Names of its credentials; their values are not shown again.
    credentials: Vec<String>,
    /// What signs, newest first; none for the built-in endpoint.
    keys: Vec<KeyView>,
    status: EndpointStatus,
    /// Why it is disabled, if it is.
    disabled_reason: Option<DisabledReason>,
    /// How it fails; null while it does not.
    failing: Option<FailingView>,
    /// What helps, while it fails.
    remedy: Option<RemedyView>,
    /// Why its secrets cannot be opened, if so: nothing is sent to it.
    unreadable: Option<String>,
    /// What has not arrived.
    undelivered: UndeliveredView,
    created_at: Timestamp,
    /// Grows with each change.
    revision: u32,
}

/// A key that signs.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "EndpointKey")]
struct KeyView {
    /// Tells keys apart: the first 8 bytes of its SHA-256.
    fingerprint: String,
    created_at: Timestamp,
    /// It signs until then, beside the newest, which has none.
    retires_at: Option<Timestamp>,
}

/// An unbroken row of failures.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "EndpointFailing")]
struct FailingView {
    since: Timestamp,
    last: Timestamp,
    attempts: u32,
    /// Times that `endpoint.failing` was sent to other endpoints.
    warnings: u32,
    /// While it is left alone: when it is tried again. Waiting costs no attempts.
    next_probe_at: Option<Timestamp>,
}

/// Counted up to 10001.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Undelivered")]
struct UndeliveredView {
    /// On its way.
    waiting: u32,
    /// Waits for a replay, as what follows.
    held: u32,
    exhausted: u32,
}

#[derive(Debug, Serialize, Object)]
pub(super) struct EndpointList {
    items: Vec<EndpointView>,
    next_cursor: Option<EndpointId>,
}

/// An endpoint and, this once, its secret.
#[derive(Debug, Serialize, Object)]
pub(super) struct EndpointMade {
    id: EndpointId,
    /// What signs, as `whsec_` and base64; null for kinds that sign nothing. It is not shown again.
    secret: Option<String>,
    endpoint: EndpointView,
}

/// What a test event came to. It is not kept, and counts for nothing.
#[derive(Debug, Serialize, Object)]
pub(super) struct TestReport {
    /// Whether the receiver took it.
    delivered: bool,
    class: Class,
    /// The `webhook-id`.
    event_id: EventId,
    at: Timestamp,
    milliseconds: u64,
    /// What went out, in order; a CRM may be asked for a token first.
    requests: Vec<TestRequest>,
    /// The address that answered.
    remote_addr: Option<String>,
    http_status: Option<u16>,
    /// The first 4 KiB of the answer, or why there is none.
    answer: String,
    remedy: Option<RemedyView>,
}

/// A request as it went out.
#[derive(Debug, Serialize, Object)]
struct TestRequest {
    method: String,
    /// As much of it as may be shown.
    url: String,
    headers: Vec<TestHeader>,
    body: String,
    /// What the signature is made over, byte for byte; null if nothing was signed.
    signed_text: Option<String>,
}

#[derive(Debug, Serialize, Object)]
struct TestHeader {
    name: String,
    /// `(hidden)` for your own headers, which may be secrets.
    value: String,
}

impl From<Seen> for EndpointView {
    fn from(seen: Seen) -> Self {
        let Seen { endpoint, headers, credentials, unreadable, remedy, undelivered } = seen;
        Self {
            id: endpoint.id,
            name: endpoint.name.to_string(),
            kind: endpoint.kind,
            built_in: endpoint.id == BUILT_IN,
            url: endpoint.shown_url,
            body_mode: endpoint.body_mode,
            events: endpoint.events.iter().collect(),
            headers,
            timeout_seconds: endpoint.timeout.as_secs(),
            rate: endpoint.rate,
            concurrency: endpoint.concurrency,
            settings: Any(endpoint.settings),
            credentials,
            keys: endpoint.keys.into_iter().map(KeyView::from).collect(),
            status: endpoint.status,
            disabled_reason: endpoint.disabled,
            failing: endpoint.health.failing.map(FailingView::from),
            remedy: remedy.map(RemedyView::from),
            unreadable,
            undelivered: UndeliveredView {
                waiting: undelivered.waiting,
                held: undelivered.held,
                exhausted: undelivered.exhausted,
            },
            created_at: endpoint.created_at,
            revision: endpoint.revision,
        }
    }
}

impl From<KeptKey> for KeyView {
    fn from(key: KeptKey) -> Self {
        Self {
            fingerprint: key.fingerprint,
            created_at: key.created_at,
            retires_at: key.retires_at,
        }
    }
}

impl From<Failing> for FailingView {
    fn from(failing: Failing) -> Self {
        Self {
            since: failing.since,
            last: failing.last,
            attempts: failing.attempts,
            warnings: failing.warnings,
            next_probe_at: failing.open.map(|open| open.until),
        }
    }
}

impl From<Vec<Seen>> for EndpointList {
    fn from(all: Vec<Seen>) -> Self {
        Self { items: all.into_iter().map(EndpointView::from).collect(), next_cursor: None }
    }
}

impl From<Made> for EndpointMade {
    fn from(made: Made) -> Self {
        Self {
            id: made.seen.endpoint.id,
            secret: made.secret.as_ref().map(show_key),
            endpoint: made.seen.into(),
        }
    }
}

impl From<Report> for TestReport {
    fn from(report: Report) -> Self {
        let (delivered, advice) = (report.arrived(), report.advice());
        let Report { event, at, took, requests, exchange } = report;
        Self {
            delivered,
            class: exchange.class,
            event_id: event,
            at,
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            requests: requests.into_iter().map(TestRequest::from).collect(),
            remote_addr: exchange.remote_addr,
            http_status: exchange.http_status,
            answer: exchange.answer,
            remedy: exchange.remedy.map(|remedy| RemedyView::saying(remedy, advice)),
        }
    }
}

impl From<Shown> for TestRequest {
    fn from(shown: Shown) -> Self {
        let header = |(name, value)| TestHeader { name, value };
        Self {
            method: shown.method.to_owned(),
            url: shown.url,
            headers: shown.headers.into_iter().map(header).collect(),
            body: shown.body,
            signed_text: shown.signed,
        }
    }
}
