//! The whole application in this process: real HTTP on loopback, a real SQLite file, a clock that
//! the test moves, and a CRM that remembers what it got.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vouchlink::app::{App, StartError};
use vouchlink::config::{
    Brand, Config, DataKeys, Database, Delivery, Http, RelyingParty, Retention, Tokens,
    Verification, Webhook,
};
use vouchlink::domain::api_key::Scope;
use vouchlink::domain::clock::{Clock, Timestamp};
use vouchlink::domain::delivery::{DeliveryStatus, Schedule};
use vouchlink::domain::endpoint::{EndpointUrl, Kind};
use vouchlink::domain::id::LinkId;
use vouchlink::domain::link::Enrolment;
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::secret::Secret;
use vouchlink::domain::text::Line;
use vouchlink::domain::verdict::Assurance;
use vouchlink::flows::keys::Keys;
use vouchlink::http::Services;

use super::authenticator::Authenticator;
use super::client::client;
use super::clock::ManualClock;
use super::receiver::{Received, Receiver};

/// The key bytes of `whsec_` + base64; plain ASCII, as we generate them.
pub(crate) const WEBHOOK_SECRET: &str = "Zx3kQ9vT1mB7rLpW4cYhN8sDfG2jU6eKaX5oHiVtRqM";

/// The waiting period of new passkeys: three days.
pub(crate) const SEASONING: Duration = Duration::from_secs(259_200);

/// Seals what is kept at rest.
pub(crate) const DATA_KEY: &str = "another secret for tests, of the same length";

pub(crate) struct TestApp {
    pub(crate) origin: String,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) crm: Receiver,
    pub(crate) services: Services,
    /// With every scope.
    pub(crate) key: String,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<Result<(), StartError>>>,
    folder: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem's `code`, if it is a whole problem document of this status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let content_type = self.headers.get("content-type").unwrap();
        assert_eq!(content_type, "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.headers["x-request-id"].to_str().unwrap());
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem["code"].as_str().unwrap().to_owned()
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With a changed configuration.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_tuned(Duration::ZERO, change, |_| {}).await
    }

    /// The same, so long after the clock's usual start.
    pub(crate) async fn start_after(span: Duration, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_tuned(span, change, |_| {}).await
    }

    /// The same with changed parts.
    pub(crate) async fn start_tuned(
        span: Duration,
        change: impl FnOnce(&mut Config),
        tune: impl FnOnce(&mut App),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let origin = format!("http://localhost:{}", address.port());
        let crm = Receiver::start().await;
        let mut config = config(&folder, &origin, &crm.url("/hook"));
        config.http.port = address.port();
        change(&mut config);
        let clock = Arc::new(ManualClock::new());
        clock.advance(span);
        let app = App::open_with(config, Arc::clone(&clock) as _, Arc::new(SystemRandom));
        let mut app = app.await.unwrap();
        tune(&mut app);
        let services = app.services.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(app.run(listener, None, async move {
            // Dropped or sent, both mean stop.
            let _ = stopped.await;
        }));
        let key = make_key(&services.keys, "Support desk", &Scope::ALL).await;
        // The origin's name stands for the address, as a browser would resolve it.
        let client = client().resolve("localhost", address).build().unwrap();
        let (stop, running) = (Some(stop), Some(running));
        Self { origin, clock, crm, services, key, client, stop, running, folder }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Stops the server, waits until it has, and gives what it leaves behind.
    pub(crate) async fn stop(mut self) -> tempfile::TempDir {
        drop(self.stop.take());
        self.running.take().unwrap().await.unwrap().unwrap();
        self.folder
    }

    /// The file the server works on.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("vouchlink.db")
    }

    pub(crate) async fn key_for(&self, scopes: &[Scope]) -> String {
        make_key(&self.services.keys, "Limited", scopes).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.origin))
    }

    pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    /// What `path` shows, once it is so; between two looks the clock goes on by `step`.
    pub(crate) async fn until(
        &self,
        path: &str,
        step: Duration,
        is_so: impl Fn(&Value) -> bool,
    ) -> Value {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        loop {
            let shown = self.get(path).await.expect(200);
            if is_so(&shown) {
                return shown;
            }
            assert!(tokio::time::Instant::now() < deadline, "{shown}");
            self.clock.advance(step);
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path).bearer_auth(&self.key)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).bearer_auth(&self.key);
        let request = request.header("content-type", "application/json");
        Self::send(request.body(body.to_string())).await
    }

    /// As the customer's browser does it: no key, our origin.
    pub(crate) async fn post_from_page(&self, path: &str, body: String) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin");
        Self::send(request.body(body)).await
    }

    /// A new link's answer.
    pub(crate) async fn link(&self, user_id: &str) -> Value {
        self.link_with(user_id, json!({})).await
    }

    pub(crate) async fn link_with(&self, user_id: &str, more: Value) -> Value {
        let mut body = json!({ "user_id": user_id, "username": "asaf@example.com" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/api/verification/link", &body).await.expect(201)
    }

    /// `kind` is `register` or `authenticate`.
    /// The token of the page that a link's URL opens.
    pub(crate) async fn opened(&self, path: &str) -> Value {
        let page = Self::send(self.request(Method::GET, path)).await;
        assert_eq!(page.status, 200, "{path}");
        let (_, rest) = page.text.split_once("data-token=\"").unwrap();
        Value::from(rest.split('"').next().unwrap())
    }

    pub(crate) async fn options(&self, kind: &str, link: &Value) -> Answer {
        let body = json!({ "token": link["token"] }).to_string();
        self.post_from_page(&format!("/api/ceremony/{kind}/options"), body).await
    }

    pub(crate) async fn verify(&self, kind: &str, options: &Value, credential: &str) -> Answer {
        self.post_from_page(
            &format!("/api/ceremony/{kind}/verify"),
            finish_body(options, credential),
        )
        .await
    }

    /// A customer with a passkey, bound through a link of their own. Takes the CRM's webhook.
    pub(crate) async fn enrol(&self, user_id: &str) -> Authenticator {
        let mut device = Authenticator::new();
        self.enrol_with(user_id, &mut device).await;
        device
    }

    pub(crate) async fn enrol_with(&self, user_id: &str, device: &mut Authenticator) {
        let link = self.link(user_id).await;
        let options = self.options("register", &link).await.expect(200);
        let credential = device.register(&options["publicKey"], &self.origin);
        let verified = self.verify("register", &options, &credential).await.expect(200);
        assert_eq!(verified["verified"], true);
        self.webhook().await;
    }

    /// The next webhook's body; its signature is checked.
    /// The next webhook, once it is recorded: a clock that leaps over its lease would send it again.
    pub(crate) async fn webhook(&self) -> Value {
        let received = self.crm.next().await;
        check_signature(&received);
        let body: Value = serde_json::from_slice(&received.body).unwrap();
        if let Some(link) = body["data"]["link_id"].as_str() {
            self.until_recorded(link.parse().unwrap(), received.header("webhook-id")).await;
        }
        body
    }

    async fn until_recorded(&self, link: LinkId, event: &str) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        loop {
            let deliveries = self.services.store.link_deliveries(link).await.unwrap();
            let sent = deliveries.iter().filter(|sent| sent.event.id.to_string() == event);
            if sent.clone().all(|sent| sent.status != DeliveryStatus::InFlight) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{event} is not recorded");
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn shown(&self, link: &Value) -> Value {
        let id = link["id"].as_str().unwrap();
        self.get(&format!("/api/verification/link/{id}")).await.expect(200)
    }

    pub(crate) async fn gate(&self, user_id: &str) -> Value {
        self.get(&format!("/api/verification/status?user_id={user_id}")).await.expect(200)
    }
}

/// The body of a `verify` call, the credential as it is.
pub(crate) fn finish_body(options: &Value, credential: &str) -> String {
    format!(r#"{{"challenge_token":{},"credential":{credential}}}"#, options["challenge_token"])
}

/// The signature is what the official library makes. (Its own `verify` compares with the real
/// time; the tests that run in real time use it.)
#[track_caller]
pub(crate) fn check_signature(received: &Received) {
    let secret = standardwebhooks::Webhook::from_bytes(WEBHOOK_SECRET.into()).unwrap();
    let timestamp = received.header("webhook-timestamp").parse().unwrap();
    let signature = secret.sign(received.header("webhook-id"), timestamp, &received.body).unwrap();
    assert_eq!(received.header("webhook-signature"), signature);
}

/// The official library accepts it, its time included: for servers that run in real time.
#[track_caller]
pub(crate) fn accept_as_a_crm_does(received: &Received) {
    let secret = standardwebhooks::Webhook::from_bytes(WEBHOOK_SECRET.into()).unwrap();
    let mut headers = reqwest::header::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, received.header(name).parse().unwrap());
    }
    secret.verify(&received.body, &headers).unwrap();
}

async fn make_key(keys: &Keys, name: &str, scopes: &[Scope]) -> String {
    let (_, text) = keys.create(Line::parse(name).unwrap(), scopes.to_vec()).await.unwrap();
    String::from_utf8(text.expose().to_vec()).unwrap()
}

fn config(folder: &tempfile::TempDir, origin: &str, hook: &str) -> Config {
    let seconds = Duration::from_secs;
    Config {
        relying_party: RelyingParty {
            id: "localhost".to_owned(),
            name: Line::parse("Harbour Bank").unwrap(),
            origin: origin.to_owned(),
        },
        brand: Brand::default(),
        http: Http {
            host: [127, 0, 0, 1].into(),
            port: 0,
            rate_limit: false,
            trusted_proxies: vec![],
        },
        tokens: Tokens {
            secrets: vec![Secret::from("a secret for tests of more than thirty-two bytes")],
            link_ttl: seconds(900),
            link_ttl_max: seconds(86_400),
        },
        data_keys: DataKeys(vec![Secret::from(DATA_KEY)]),
        database: Database::Sqlite(folder.path().join("vouchlink.db")),
        retention: Retention(None),
        verification: Verification {
            verdict_ttl: seconds(3600),
            max_attempts: 5,
            enrolment_default: Enrolment::Open,
            gate_min_assurance: Assurance::LOWEST,
            seasoning: SEASONING,
            totp: false,
        },
        webhook: Some(Webhook {
            kind: Kind::Standard,
            url: EndpointUrl::parse(hook).unwrap(),
            secret: Secret::from(WEBHOOK_SECRET),
            token: Some(Secret::from("crm-token")),
        }),
        delivery: Delivery {
            schedule: Schedule::new([0, 2, 8].map(seconds).to_vec()).unwrap(),
            rate: None,
            concurrency: 8,
            allow_cidrs: vec!["127.0.0.0/8".parse().unwrap()],
        },
        mail: None,
        bootstrap_api_key: None,
        log: "info".to_owned(),
        warnings: vec![],
    }
}
