//! What the process counts, and how Prometheus reads it (`OpenMetrics` 1.0 text). The only file that
//! names `prometheus_client`.
//!
//! Handles are made once and held by whoever counts: on the way of a request nothing is looked up
//! by name. No label says anything of a customer, a link or a URL.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::domain::call::Outcome;
use crate::domain::delivery::Class;
use crate::domain::id::EndpointId;
use crate::domain::link::Status;
use crate::domain::mail::{MailKind, MailNext};

type Labels<const N: usize> = [(&'static str, String); N];

/// The counters of a process.
pub struct Metrics {
    registry: Registry,
    /// One a route, in the order they were named.
    routes: Vec<Route>,
    links_created: Counter,
    verdicts: Vec<(Status, Counter)>,
    call_codes: Family<Labels<1>, Counter>,
    devices: Family<Labels<3>, Counter>,
    mails: Family<Labels<2>, Counter>,
    attempts: Family<Labels<2>, Counter>,
    attempt_seconds: Histogram,
    arrival_seconds: Histogram,
    replayed: Counter,
    /// Attempts under way.
    pub sending: Gauge,
}

struct Route {
    /// By the first digit of the status, from 1xx to 5xx.
    answers: [Counter; 5],
    seconds: Histogram,
}

/// What is not counted but looked up when somebody asks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub endpoints: Vec<EndpointState>,
    pub mails: MailState,
    /// Deliveries that running replays have before them.
    pub replay_left: u64,
    /// Writes and commits so far, if the engine groups writes.
    pub grouped: Option<(u64, u64)>,
}

/// How one endpoint stands.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointState {
    pub id: EndpointId,
    /// How many deliveries are where, by a word of ours.
    pub deliveries: Vec<(&'static str, u32)>,
    /// How long the oldest has been due.
    pub oldest_due: Duration,
    /// It is left alone for a while.
    pub breaker_open: bool,
    /// Its status, and whether it has it.
    pub statuses: Vec<(&'static str, bool)>,
}

/// How mails stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailState {
    /// Neither taken by the mail server nor given up.
    pub waiting: u32,
    /// How long the oldest of them has waited.
    pub oldest: Duration,
}

/// In seconds: what people wait for.
const REQUEST_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
/// In seconds: what a receiver takes, or an event until it has arrived, up to the schedule's end.
const ARRIVAL_BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 120.0, 900.0, 7200.0, 86_400.0, 259_200.0,
];

impl Metrics {
    /// `routes`: the names of all routes that requests are counted under.
    #[must_use]
    pub fn new(routes: &[&'static str]) -> Self {
        let mut registry = Registry::with_prefix("vouchlink");
        let answers = Family::<Labels<2>, Counter>::default();
        let seconds = Family::<Labels<1>, Histogram>::new_with_constructor(|| {
            Histogram::new(REQUEST_BUCKETS)
        });
        let route = |name: &'static str| Route {
            answers: ["1xx", "2xx", "3xx", "4xx", "5xx"].map(|class| {
                let labels = [("route", name.to_owned()), ("status", class.to_owned())];
                answers.get_or_create_owned(&labels)
            }),
            seconds: seconds.get_or_create_owned(&[("route", name.to_owned())]),
        };
        let verdicts = Family::<Labels<1>, Counter>::default();
        let ends = Status::ALL.iter().copied().filter(|status| !status.is_open());
        let metrics = Self {
            routes: routes.iter().map(|name| route(name)).collect(),
            links_created: Counter::default(),
            verdicts: ends
                .map(|end| {
                    (end, verdicts.get_or_create_owned(&[("status", end.as_str().to_owned())]))
                })
                .collect(),
            call_codes: Family::default(),
            devices: Family::default(),
            mails: Family::default(),
            attempts: Family::default(),
            attempt_seconds: Histogram::new(ARRIVAL_BUCKETS),
            arrival_seconds: Histogram::new(ARRIVAL_BUCKETS),
            replayed: Counter::default(),
            sending: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests answered", answers);
        registry.register("http_request_seconds", "How long a request took", seconds);
        registry.register("links_created", "Links made", metrics.links_created.clone());
        registry.register("verdicts", "Links that ended", verdicts);
        registry.register("call_codes", "Call codes typed", metrics.call_codes.clone());
        registry.register("devices_refused", "Ceremonies a device ended", metrics.devices.clone());
        registry.register("mail_tries", "Tries to mail", metrics.mails.clone());
        registry.register("delivery_attempts", "Attempts to deliver", metrics.attempts.clone());
        registry.register(
            "delivery_attempt_seconds",
            "How long an attempt took",
            metrics.attempt_seconds.clone(),
        );
        registry.register(
            "delivery_arrival_seconds",
            "From the event to its arrival",
            metrics.arrival_seconds.clone(),
        );
        registry.register("deliveries_replayed", "Sent again", metrics.replayed.clone());
        registry.register("deliveries_sending", "Attempts under way", metrics.sending.clone());
        Self { registry, ..metrics }
    }

    /// One more answer: of the route in this place, with this status.
    pub fn answered(&self, route: usize, status: u16, took: Duration) {
        let Some(route) = self.routes.get(route) else { return };
        let class = usize::from(status / 100).checked_sub(1);
        if let Some(counter) = class.and_then(|class| route.answers.get(class)) {
            counter.inc();
        }
        route.seconds.observe(took.as_secs_f64());
    }

    pub fn link_created(&self) {
        self.links_created.inc();
    }

    /// So many links ended so.
    pub fn ended(&self, status: Status, links: usize) {
        if let Some((_, counter)) = self.verdicts.iter().find(|(end, _)| *end == status) {
            counter.inc_by(u64::try_from(links).unwrap_or(u64::MAX));
        }
    }

    /// One more call code was typed, if one was.
    pub fn call_code(&self, outcome: Outcome) {
        let result = match outcome {
            Outcome::CodeAccepted => "right",
            Outcome::CodeWrong { .. } => "wrong",
            Outcome::CodeExpired => "late",
            Outcome::GoOn | Outcome::CodeRequired | Outcome::CalledByStranger => return,
        };
        self.call_codes.get_or_create(&[("result", result.to_owned())]).inc();
    }

    /// A device ended one more ceremony. All three are words of ours.
    pub fn device_refused(&self, client: &'static str, error: &'static str, screen: &'static str) {
        let labels = [("client", client), ("error", error), ("screen", screen)];
        self.devices.get_or_create(&labels.map(|(name, word)| (name, word.to_owned()))).inc();
    }

    /// One more attempt there; `since`: how long ago the event was.
    pub fn attempted(&self, endpoint: EndpointId, class: Class, took: Duration, since: Duration) {
        let labels = [("endpoint", endpoint.to_string()), ("class", class.as_str().to_owned())];
        self.attempts.get_or_create(&labels).inc();
        self.attempt_seconds.observe(took.as_secs_f64());
        if class == Class::Success {
            self.arrival_seconds.observe(since.as_secs_f64());
        }
    }

    /// One more try of a mail.
    pub fn mailed(&self, kind: MailKind, next: MailNext) {
        let outcome = match next {
            MailNext::Sent { .. } => "sent",
            MailNext::RetryAt(_) => "retried",
            MailNext::Failed => "failed",
            MailNext::Cancelled => "cancelled",
        };
        let labels = [("kind", kind.as_str().to_owned()), ("outcome", outcome.to_owned())];
        self.mails.get_or_create(&labels).inc();
    }

    pub fn replayed(&self) {
        self.replayed.inc();
    }

    /// Everything, with `state`, as Prometheus reads it.
    ///
    /// # Errors
    /// None in practice: numbers can be written.
    pub fn render(&self, state: &State) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, &gauges(state))?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

fn gauges(state: &State) -> Registry {
    let mut registry = Registry::with_prefix("vouchlink");
    let deliveries = Family::<Labels<2>, Gauge>::default();
    let oldest = Family::<Labels<1>, Gauge>::default();
    let breaker = Family::<Labels<1>, Gauge>::default();
    let statuses = Family::<Labels<2>, Gauge>::default();
    for endpoint in &state.endpoints {
        let id = || ("endpoint", endpoint.id.to_string());
        for (word, count) in &endpoint.deliveries {
            let labels = [id(), ("state", (*word).to_owned())];
            deliveries.get_or_create(&labels).set(i64::from(*count));
        }
        let seconds = i64::try_from(endpoint.oldest_due.as_secs()).unwrap_or(i64::MAX);
        oldest.get_or_create(&[id()]).set(seconds);
        breaker.get_or_create(&[id()]).set(i64::from(endpoint.breaker_open));
        for (word, holds) in &endpoint.statuses {
            let labels = [id(), ("status", (*word).to_owned())];
            statuses.get_or_create(&labels).set(i64::from(*holds));
        }
    }
    registry.register("deliveries", "Not arrived, each counted up to 10001", deliveries);
    registry.register("delivery_oldest_due_seconds", "How long the oldest has been due", oldest);
    registry.register("endpoint_breaker_open", "1 while it is left alone", breaker);
    registry.register("endpoint_status", "1 for the one it has", statuses);
    let waiting = Gauge::<i64>::default();
    waiting.set(i64::from(state.mails.waiting));
    registry.register("mails_waiting", "Not sent yet, counted up to 10001", waiting);
    let oldest = Gauge::<i64>::default();
    oldest.set(i64::try_from(state.mails.oldest.as_secs()).unwrap_or(i64::MAX));
    registry.register("mail_oldest_seconds", "How long the oldest of them has waited", oldest);
    let left = Gauge::<i64>::default();
    left.set(i64::try_from(state.replay_left).unwrap_or(i64::MAX));
    registry.register("replay_left", "What running replays have before them", left);
    if let Some((writes, commits)) = state.grouped {
        let counter = |count| {
            let counter = Counter::<u64>::default();
            counter.inc_by(count);
            counter
        };
        registry.register("store_writes", "Writes answered", counter(writes));
        registry.register("store_commits", "Commits they took", counter(commits));
    }
    registry
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("routes", &self.routes.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: EndpointId = EndpointId::from_bytes([0; 16]);

    #[test]
    fn what_was_counted_is_rendered_as_prometheus_reads_it() {
        let metrics = Metrics::new(&["/healthz", "other"]);
        metrics.answered(0, 200, Duration::from_millis(2));
        metrics.answered(1, 404, Duration::ZERO);
        metrics.answered(7, 200, Duration::ZERO);
        metrics.link_created();
        metrics.call_code(Outcome::CodeWrong { tries_left: 0 });
        metrics.call_code(Outcome::GoOn);
        metrics.device_refused("ios", "NotAllowedError", "cancelled");
        metrics.ended(Status::Expired, 3);
        metrics.ended(Status::Pending, 3);
        metrics.mailed(MailKind::Link, MailNext::Failed);
        metrics.mailed(MailKind::PasskeyAdded, MailNext::Sent { jti: None });
        metrics.attempted(ENDPOINT, Class::Success, Duration::ZERO, Duration::from_secs(2));
        metrics.attempted(ENDPOINT, Class::Dns, Duration::ZERO, Duration::from_secs(9));
        let state = State {
            endpoints: vec![EndpointState {
                id: ENDPOINT,
                deliveries: vec![("waiting", 4)],
                oldest_due: Duration::from_secs(61),
                breaker_open: true,
                statuses: vec![("active", true), ("paused", false)],
            }],
            mails: MailState { waiting: 3, oldest: Duration::from_secs(77) },
            replay_left: 5,
            grouped: Some((20, 4)),
        };
        let text = metrics.render(&state).unwrap();
        for line in [
            r#"vouchlink_http_requests_total{route="/healthz",status="2xx"} 1"#,
            r#"vouchlink_http_requests_total{route="other",status="4xx"} 1"#,
            r#"vouchlink_http_request_seconds_bucket{le="0.0025",route="/healthz"} 1"#,
            "vouchlink_links_created_total 1",
            r#"vouchlink_verdicts_total{status="expired"} 3"#,
            r#"vouchlink_call_codes_total{result="wrong"} 1"#,
            r#"vouchlink_devices_refused_total{client="ios",error="NotAllowedError",screen="cancelled"} 1"#,
            "vouchlink_delivery_arrival_seconds_count 1",
            "vouchlink_delivery_attempt_seconds_count 2",
            r#"vouchlink_deliveries{endpoint="ep_00000000000000000000000000",state="waiting"} 4"#,
            r#"vouchlink_delivery_oldest_due_seconds{endpoint="ep_00000000000000000000000000"} 61"#,
            r#"vouchlink_endpoint_breaker_open{endpoint="ep_00000000000000000000000000"} 1"#,
            r#"vouchlink_mail_tries_total{kind="link",outcome="failed"} 1"#,
            r#"vouchlink_mail_tries_total{kind="passkey_added",outcome="sent"} 1"#,
            "vouchlink_mails_waiting 3",
            "vouchlink_mail_oldest_seconds 77",
            "vouchlink_replay_left 5",
            "vouchlink_store_writes_total 20",
            "vouchlink_store_commits_total 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
