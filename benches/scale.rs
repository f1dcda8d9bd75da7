//! How fast the service answers with few and with many customers: the gate, a new link, a whole
//! verification; over HTTP, by servers of this build, on databases that `seed` filled.
//!
//! ```text
//! cargo bench --bench scale -- 1000@sqlite:/tmp/few.db 1000000@sqlite:/tmp/many.db
//! ```
//!
//! The databases take turns within one run, so that the machine's moods fall on all of them; what one
//! leaves to be folded and written back is waited for. Requests come at moments drawn at random, so
//! many a second, whether earlier ones are answered or not, and each counts from its moment: callers
//! that ask again as soon as they are answered would measure how the processors are shared among
//! them. A customer is drawn anew for every request, from all of them for the gate and the links,
//! from those whose passkeys `seed` lets us have for the verifications. What is measured stays in
//! the database. The servers run without workers: sending a webhook costs the same whatever the size.
//! Links that nobody ends so pile up, and each makes the next one of its customer dearer, where there
//! are many customers more than where there are few: before another run hours later, let
//! `vouchlink serve --workers=only` end them, or seed anew.

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
#[path = "support/rest.rs"]
mod rest;
#[expect(dead_code, reason = "tests start and end servers in more ways")]
#[path = "../tests/process/server.rs"]
mod server;
mod support;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
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
    /// Gate questions a second
    #[arg(long, default_value_t = 1_000)]
    gate: u32,
    /// New links a second
    #[arg(long, default_value_t = 200)]
    create: u32,
    /// Verifications a second
    #[arg(long, default_value_t = 50)]
    verify: u32,
    /// Seconds of each, per database and round
    #[arg(long, default_value_t = 3)]
    seconds: u32,
    #[arg(long, default_value_t = 5)]
    rounds: u32,
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
        let Arguments { gate, create, verify, seconds, .. } = *arguments;
        let caller = self.caller();
        let asked = measure(gate, seconds, move |_| {
            let caller = caller.clone();
            async move { caller.gate(caller.any_customer()).await }
        });
        self.gate.extend(asked.await);
        let caller = self.caller();
        let created = measure(create, seconds, move |_| {
            let caller = caller.clone();
            async move { drop(caller.create(caller.any_customer()).await) }
        });
        self.create.extend(created.await);
        let caller = self.caller();
        // In turn, for links of one customer end each other.
        let verified = measure(verify, seconds, move |turn| {
            let caller = caller.clone();
            async move { caller.verify(1 + turn % caller.passkeys()).await }
        });
        self.verify.extend(verified.await);
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

/// Before what counts. What lay idle while the others had their turns is slow at first whatever the
/// size: connections whose plans are made anew, caches of the processor.
const LEAD_IN: Duration = Duration::from_millis(500);

/// How long each request took, of `rate` a second for so many seconds, once nothing else is going on.
async fn measure<F: Future<Output = ()> + Send + 'static>(
    rate: u32,
    seconds: u32,
    request: impl Fn(u64) -> F + Send + 'static,
) -> Vec<Duration> {
    rest::until_idle().await;
    let runtime = Handle::current();
    // On a thread of its own, as the runtime's timer would round each moment up to a millisecond.
    let asking = tokio::task::spawn_blocking(move || {
        let mut moment = Instant::now();
        let counts_from = moment + LEAD_IN;
        let mut requests = JoinSet::new();
        let mut counted = 0;
        for turn in 0.. {
            moment += pause(rate);
            let counts = moment >= counts_from;
            counted += u32::from(counts);
            thread::sleep(moment.saturating_duration_since(Instant::now()));
            let asked = request(turn);
            requests.spawn_on(
                async move {
                    asked.await;
                    counts.then(|| moment.elapsed())
                },
                &runtime,
            );
            if counted == rate * seconds {
                break;
            }
        }
        requests
    });
    asking.await.unwrap().join_all().await.into_iter().flatten().collect()
}

/// Between two requests that know nothing of each other: exponentially distributed.
fn pause(rate: u32) -> Duration {
    let drawn = u32::from_le_bytes(random::bytes(&SystemRandom).unwrap());
    // In (0, 1].
    let share = (f64::from(drawn) + 1.0) / (f64::from(u32::MAX) + 1.0);
    Duration::from_secs_f64(-share.ln() / f64::from(rate))
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
