//! How fast webhooks leave, to a receiver on this machine: a backlog of verdicts sent as fast as it
//! goes, and the time from a verdict to its arrival while the service has little else to do.
//!
//! ```text
//! cargo bench --bench deliver -- sqlite:/tmp/deliver.db postgres://...
//! ```
//!
//! The verdicts are links that staff revoke, each of a customer of their own: what is measured is
//! what comes after a verdict, whichever it is. They stay in the database.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that meets an error is none"
)]

#[path = "../tests/support/client.rs"]
mod client;
#[path = "support/latency.rs"]
mod latency;
#[expect(dead_code, reason = "tests need more of it")]
#[path = "../tests/support/receiver.rs"]
mod receiver;
#[expect(dead_code, reason = "tests start and end servers in more ways")]
#[path = "../tests/process/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};
use vouchlink::domain::random::{self, SystemRandom};

use self::latency::Latencies;
use self::receiver::{Received, Receiver};
use self::server::{KEY, Server, free_port};

#[derive(Parser)]
struct Arguments {
    /// Each a `DATABASE_URL` of its own
    #[arg(required = true)]
    databases: Vec<String>,
    /// Verdicts in the backlog
    #[arg(long, default_value_t = 10_000)]
    verdicts: u32,
    /// Verdicts whose way is timed, one after another
    #[arg(long, default_value_t = 1_000)]
    timed: u64,
    /// `WEBHOOK_CONCURRENCY`
    #[arg(long, default_value_t = 8)]
    concurrency: u64,
    /// Given by `cargo bench`; means nothing here
    #[arg(long, hide = true)]
    bench: bool,
}

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    println!("| database | backlog | per second | timed | p50 | p99 |");
    println!("|---|---:|---:|---:|---:|---:|");
    for database in &arguments.databases {
        measure(database, &arguments).await;
    }
}

async fn measure(database: &str, arguments: &Arguments) {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let (hook, concurrency) = (crm.url("/hook"), arguments.concurrency.to_string());
    let port = free_port();
    let environment = [
        ("DATABASE_URL", database),
        ("JWT_SECRET", "a secret for measurements, long enough to be one"),
        ("CRM_WEBHOOK_URL", hook.as_str()),
        ("CRM_WEBHOOK_SECRET", "a secret for measurements only"),
        ("WEBHOOK_RATE", "0"),
        ("WEBHOOK_CONCURRENCY", concurrency.as_str()),
    ];
    let start = |mode| Server::start_as(&[mode], folder.path(), port, &environment, None);

    let server = start("--workers=off");
    make(&caller(&server.origin, port), arguments.verdicts.into()).await;
    drop(server);
    let server = start("--workers=only");
    let first = crm.next_within(PATIENCE).await;
    let mut last = first.clone();
    for _ in 1..arguments.verdicts {
        last = crm.next_within(PATIENCE).await;
    }
    let per_second = f64::from(arguments.verdicts) / last.at.duration_since(first.at).as_secs_f64();
    drop(server);

    let server = start("--workers=on");
    let caller = caller(&server.origin, port);
    let mut taken = Latencies::default();
    for _ in 0..arguments.timed {
        let (link, sent) = caller.verdict().await;
        let received = crm.next_within(PATIENCE).await;
        assert_eq!(link_of(&received), link, "somebody else's news");
        taken.extend(vec![received.at.saturating_duration_since(sent)]);
    }
    let ms = |taken: Duration| taken.as_secs_f64() * 1e3;
    println!(
        "| {} | {} | {per_second:.0} | {} | {:.2} ms | {:.2} ms |",
        database.split(':').next().unwrap_or_default(),
        arguments.verdicts,
        taken.count(),
        ms(taken.percentile(0.5)),
        ms(taken.percentile(0.99)),
    );
    drop(server);
}

fn link_of(received: &Received) -> String {
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    body["data"]["link_id"].as_str().unwrap().to_owned()
}

/// So many verdicts, eight at a time.
async fn make(caller: &Caller, count: u64) {
    let next = Arc::new(AtomicU64::new(0));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (next, caller) = (Arc::clone(&next), caller.clone());
        callers.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < count {
                caller.verdict().await;
            }
        });
    }
    callers.join_all().await;
}

#[derive(Clone)]
struct Caller {
    http: reqwest::Client,
    origin: Arc<str>,
}

fn caller(origin: &str, port: u16) -> Caller {
    let address = ([127, 0, 0, 1], port).into();
    let http = client::client().resolve("localhost", address);
    Caller { http: http.build().unwrap(), origin: origin.into() }
}

impl Caller {
    /// The link, and when its end was asked for.
    async fn verdict(&self) -> (String, Instant) {
        let user = u64::from_le_bytes(random::bytes(&SystemRandom).unwrap());
        let body = json!({ "user_id": format!("c-{user}"), "username": "measured@example.com" });
        let link = self.post("/api/verification/link", &body).await;
        let id = link["id"].as_str().unwrap().to_owned();
        let sent = Instant::now();
        self.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await;
        (id, sent)
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.origin)).bearer_auth(KEY);
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        let code = response.status();
        let text = response.text().await.unwrap();
        assert!(code.is_success(), "{text}");
        serde_json::from_str(&text).unwrap()
    }
}
