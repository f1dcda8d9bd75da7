//! How fast the service answers with few and with many customers: the gate, a new link, a whole
//! verification; over HTTP, by servers of this build, on databases that `seed` filled.
//!
//! ```text
//! cargo bench --bench scale -- 1000@sqlite:/tmp/few.db 1000000@sqlite:/tmp/many.db
//! ```
//!
//! The databases take turns within one run, so that the machine's moods fall on all of them. A
//! customer is drawn anew for every request, from all of them for the gate and the links, from
//! those whose passkeys `seed` lets us have for the verifications. What is measured stays in the
//! database. The servers run without workers: sending a webhook costs the same whatever the size.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement that meets an error is none"
)]

#[path = "support/latency.rs"]
mod latency;
#[expect(dead_code, reason = "`seed` writes the public keys")]
#[path = "seed/data/passkeys.rs"]
mod passkeys;
#[expect(dead_code, reason = "tests start and end servers in more ways")]
#[path = "../tests/process/server.rs"]
mod server;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};
use vouchlink::domain::random::{self, SystemRandom};

use self::latency::Latencies;
use self::server::{KEY, Server, free_port};
use self::support::authenticator::Authenticator;

/// What `seed` takes if it is not told another.
const SEED: u64 = 1;

#[derive(Parser)]
struct Arguments {
    /// A seeded database: how many customers it has, `@`, and its `DATABASE_URL`
    #[arg(required = true, value_parser = Database::parse)]
    databases: Vec<Database>,
    /// Gate questions, and new links, per database and round
    #[arg(long, default_value_t = 2_000)]
    requests: u64,
    /// Verifications per database and round
    #[arg(long, default_value_t = 200)]
    verifications: u64,
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// Requests under way at once
    #[arg(long, default_value_t = 4)]
    concurrency: u64,
    /// Given by `cargo bench`; means nothing here
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Debug)]
struct Database {
    customers: u64,
    url: String,
}

impl Database {
    fn parse(text: &str) -> Result<Self, String> {
        let (customers, url) = text.split_once('@').ok_or("is not CUSTOMERS@DATABASE_URL")?;
        let customers = customers.parse().map_err(|_| "does not begin with a number")?;
        if customers == 0 {
            return Err("has no customers".to_owned());
        }
        Ok(Self { customers, url: url.to_owned() })
    }

    /// Without what may be secret in it.
    fn engine(&self) -> &str {
        self.url.split(':').next().unwrap_or_default()
    }
}

/// One database's server, what asks it, and how long that took so far.
struct Subject {
    database: Database,
    _server: Server,
    _folder: tempfile::TempDir,
    http: reqwest::Client,
    origin: String,
    start: Duration,
    gate: Latencies,
    create: Latencies,
    verify: Latencies,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let mut subjects: Vec<Subject> =
        arguments.databases.iter().cloned().map(Subject::start).collect();
    for subject in &mut subjects {
        // Statements prepared, pages read once.
        subject.round(&arguments).await;
        subject.forget();
    }
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}", arguments.rounds);
        for subject in &mut subjects {
            subject.round(&arguments).await;
        }
    }
    print(&mut subjects);
}

impl Subject {
    fn start(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let environment = [
            ("DATABASE_URL", database.url.as_str()),
            ("JWT_SECRET", "a secret for measurements, long enough to be one"),
            // Queued with each verdict, as in earnest. Nobody sends them.
            ("CRM_WEBHOOK_URL", "http://127.0.0.1:9/"),
            ("CRM_WEBHOOK_SECRET", "a secret for measurements only"),
        ];
        let begun = Instant::now();
        let server = Server::start_as(&["--workers=off"], folder.path(), port, &environment, None);
        let start = begun.elapsed();
        let origin = server.origin.clone();
        let address = ([127, 0, 0, 1], port).into();
        let http = support::client::client().resolve("localhost", address).build().unwrap();
        Self {
            database,
            _server: server,
            _folder: folder,
            http,
            origin,
            start,
            gate: Latencies::default(),
            create: Latencies::default(),
            verify: Latencies::default(),
        }
    }

    fn forget(&mut self) {
        self.gate = Latencies::default();
        self.create = Latencies::default();
        self.verify = Latencies::default();
    }

    async fn round(&mut self, arguments: &Arguments) {
        let Arguments { requests, verifications, concurrency, .. } = *arguments;
        let caller = self.caller();
        let gate = measure(requests, concurrency, move |_| {
            let caller = caller.clone();
            async move { caller.gate(caller.any_customer()).await }
        });
        self.gate.extend(gate.await);
        let caller = self.caller();
        let create = measure(requests, concurrency, move |_| {
            let caller = caller.clone();
            async move { drop(caller.create(caller.any_customer()).await) }
        });
        self.create.extend(create.await);
        let caller = self.caller();
        // In turn, for links of one customer end each other.
        let verify = measure(verifications, concurrency, move |turn| {
            let caller = caller.clone();
            async move { caller.verify(1 + turn % caller.passkeys()).await }
        });
        self.verify.extend(verify.await);
    }

    fn caller(&self) -> Caller {
        Caller {
            http: self.http.clone(),
            origin: self.origin.as_str().into(),
            customers: self.database.customers,
        }
    }
}

/// Calls the service as the CRM and as the customers do.
#[derive(Clone)]
struct Caller {
    http: reqwest::Client,
    origin: Arc<str>,
    customers: u64,
}

impl Caller {
    /// Drawn evenly from all.
    fn any_customer(&self) -> u64 {
        1 + u64::from_le_bytes(random::bytes(&SystemRandom).unwrap()) % self.customers
    }

    /// How many customers have a passkey that we have, too.
    fn passkeys(&self) -> u64 {
        self.customers.min(passkeys::REAL.into())
    }

    async fn gate(&self, customer: u64) {
        let url = format!("{}/api/verification/status?user_id={}", self.origin, user_id(customer));
        let answer = answer(self.http.get(url).bearer_auth(KEY), 200).await;
        assert!(answer["reason"].is_string());
    }

    async fn create(&self, customer: u64) -> Value {
        let url = format!("{}/api/verification/link", self.origin);
        let body = json!({ "user_id": user_id(customer), "username": "measured@example.com" });
        answer(post(self.http.post(url).bearer_auth(KEY), body.to_string()), 201).await
    }

    async fn verify(&self, customer: u64) {
        let link = self.create(customer).await;
        let body = json!({ "token": link["token"] }).to_string();
        let options = self.ceremony("options", body).await;
        let credential = device(customer).authenticate(&options["publicKey"], &self.origin);
        let body = format!(
            r#"{{"challenge_token":{},"credential":{credential}}}"#,
            options["challenge_token"]
        );
        let verified = self.ceremony("verify", body).await;
        assert_eq!(verified["verified"], true);
    }

    async fn ceremony(&self, call: &str, body: String) -> Value {
        let url = format!("{}/api/ceremony/authenticate/{call}", self.origin);
        answer(post(self.http.post(url), body), 200).await
    }
}

fn user_id(customer: u64) -> String {
    format!("c-{customer:07}")
}

/// What a customer holds in their hand.
fn device(customer: u64) -> Authenticator {
    let customer = u32::try_from(customer).unwrap();
    let mut device = Authenticator::with_key(passkeys::signing_key(SEED, customer), [0; 32]);
    device.id = passkeys::credential_id(SEED, customer).to_vec();
    device
}

fn post(request: reqwest::RequestBuilder, body: String) -> reqwest::RequestBuilder {
    request.header("content-type", "application/json").body(body)
}

async fn answer(request: reqwest::RequestBuilder, status: u16) -> Value {
    let response = request.send().await.unwrap();
    let code = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(code, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// How long each of `count` requests took, `concurrency` of them under way at once.
async fn measure<F: Future<Output = ()> + Send + 'static>(
    count: u64,
    concurrency: u64,
    request: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Vec<Duration> {
    let next = Arc::new(AtomicU64::new(0));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..concurrency {
        let (next, request) = (Arc::clone(&next), request.clone());
        callers.spawn(async move {
            let mut taken = Vec::new();
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                if turn >= count {
                    return taken;
                }
                let begun = Instant::now();
                request(turn).await;
                taken.push(begun.elapsed());
            }
        });
    }
    callers.join_all().await.into_iter().flatten().collect()
}

fn print(subjects: &mut [Subject]) {
    println!("| database | customers | start | step | requests | p50 | p99 | p99 to the fewest |");
    println!("|---|---:|---:|---|---:|---:|---:|---:|");
    let mut fewest: Vec<(String, &'static str, Duration)> = Vec::new();
    subjects.sort_by_key(|subject| subject.database.customers);
    for subject in subjects {
        let Subject { database, start, gate, create, verify, .. } = subject;
        for (step, taken) in [("gate", gate), ("create", create), ("verification", verify)] {
            let p99 = taken.percentile(0.99);
            let first =
                fewest.iter().find(|(engine, of, _)| engine == database.engine() && *of == step);
            let first = first.map_or(p99, |(_, _, first)| *first);
            fewest.push((database.engine().to_owned(), step, first));
            println!(
                "| {} | {} | {} ms | {step} | {} | {:.2} ms | {:.2} ms | {:.2} |",
                database.engine(),
                database.customers,
                start.as_millis(),
                taken.count(),
                taken.percentile(0.5).as_secs_f64() * 1e3,
                p99.as_secs_f64() * 1e3,
                p99.as_secs_f64() / first.as_secs_f64(),
            );
        }
    }
}
