//! Many verdicts, a receiver that fails three times in ten, and a server that is killed ten times:
//! everything arrives, or newer news of the same customer does, in order, and nothing twice without
//! a reason.
//!
//! `STORM_VERDICTS=10000` makes the storm larger than there is time for in every run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{KEY, Server, free_port};
use crate::support::app::WEBHOOK_SECRET;
use crate::support::client::client;
use crate::support::receiver::{Answer, Received, Receiver};

const KILLS: usize = 10;
const CUSTOMERS: usize = 40;
/// Customers who act at once.
const AT_ONCE: usize = 8;

/// 3 in 10 fail, drawn from a fixed seed (Knuth's MMIX generator): half of them with an answer, half
/// without one.
fn answers(count: usize) -> Vec<Answer> {
    let mut seed: u64 = 7;
    let mut draw = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % 100
    };
    let answer = |drawn| match drawn {
        0..15 => Answer::status(500),
        15..30 => Answer::Reset,
        _ => Answer::status(200),
    };
    (0..count).map(|_| answer(draw())).collect()
}

/// Verdicts of some customers, one after another, until there are enough or the server is gone. One
/// in four says anew where the customer stands, the others do not.
async fn act(first: usize, origin: String, made: Arc<AtomicUsize>, enough: usize) {
    let client = client().build().unwrap();
    let mine: Vec<usize> = (first..CUSTOMERS).step_by(AT_ONCE).collect();
    for (turn, customer) in mine.into_iter().cycle().enumerate() {
        if made.load(Ordering::SeqCst) >= enough {
            return;
        }
        let declines = (turn + customer) % 4 == 0;
        // An error means that the server died under this request.
        if verdict(&client, &origin, customer, declines).await.is_err() {
            return;
        }
        made.fetch_add(1, Ordering::SeqCst);
    }
}

async fn verdict(
    client: &reqwest::Client,
    origin: &str,
    customer: usize,
    declines: bool,
) -> Result<(), reqwest::Error> {
    let user = format!("customer-{customer}");
    let body = json!({"user_id": user, "username": user});
    let link = post(client, origin, "/api/verification/link", &body).await?;
    if declines {
        let body = json!({"token": link["token"], "reason": "not_me"});
        post(client, origin, "/api/ceremony/decline", &body).await?;
    } else {
        let path = format!("/api/verification/link/{}/revoke", link["id"].as_str().unwrap());
        post(client, origin, &path, &json!({})).await?;
    }
    Ok(())
}

async fn post(
    client: &reqwest::Client,
    origin: &str,
    path: &str,
    body: &Value,
) -> Result<Value, reqwest::Error> {
    let request = client.post(format!("{origin}{path}")).bearer_auth(KEY);
    let request = request.header("content-type", "application/json").body(body.to_string());
    let response = request.send().await?;
    assert!(response.status().is_success(), "{path}: {}", response.status());
    Ok(serde_json::from_str(&response.text().await?).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_arrives_in_order_however_often_the_server_and_the_receiver_fail() {
    let verdicts: usize =
        std::env::var("STORM_VERDICTS").map_or(600, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    crm.script(answers(verdicts * 4));
    let hook = crm.url("/hook");
    // Fifty attempts, so that none runs out of them, and no wait to speak of.
    let schedule = vec!["0"; 50].join(",");
    let environment = [
        ("CRM_WEBHOOK_URL", hook.as_str()),
        ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("WEBHOOK_RATE", "0"),
        ("WEBHOOK_RETRY_SCHEDULE", schedule.as_str()),
        // Each of the failures would say so.
        ("LOG", "error"),
    ];
    let port = free_port();
    let made = Arc::new(AtomicUsize::new(0));
    let mut kills: Vec<(Instant, Instant)> = Vec::new();
    for round in 1..=KILLS {
        let server = Server::start(folder.path(), port, &environment);
        let enough = verdicts * round / KILLS;
        let acting: Vec<_> = (0..AT_ONCE)
            .map(|first| {
                tokio::spawn(act(first, server.origin.clone(), Arc::clone(&made), verdicts))
            })
            .collect();
        let load = async {
            while made.load(Ordering::SeqCst) < enough {
                tokio::task::yield_now().await;
            }
        };
        let patience = Duration::from_secs(60 + u64::try_from(verdicts).unwrap() / 10);
        tokio::time::timeout(patience, load).await.expect("no load");
        let began = Instant::now();
        server.kill();
        kills.push((began, Instant::now()));
        for acting in acting {
            acting.await.unwrap();
        }
    }

    // In peace: until nothing is under way any more. What was when the server died is sent again
    // once its lease has run out.
    let server = Server::start(folder.path(), port, &environment);
    let database = folder.path().join("data/vouchlink.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    let unfinished = || -> i64 {
        let sql = "SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let mut received: Vec<Received> = Vec::new();
    let end = Instant::now() + Duration::from_secs(120 + u64::try_from(verdicts).unwrap() / 10);
    while unfinished() > 0 {
        assert!(Instant::now() < end, "{} deliveries are left", unfinished());
        if let Some(request) = crm.try_next() {
            received.push(request);
        } else {
            tokio::task::yield_now().await;
        }
    }
    while let Some(request) = crm.try_next() {
        received.push(request);
    }
    assert!(server.terminate().success());

    let told = events(&connection);
    assert!(told.len() >= verdicts);
    check_arrivals(&told, &received);
    check_order(&received);
    check_repetitions(&received, &kills);
    let superseded = told.iter().filter(|event| event.status == "superseded").count();
    println!("{} events, {superseded} superseded, {} requests", told.len(), received.len());
}

/// An event as the store has it.
struct Told {
    id: String,
    user: String,
    sequence: u64,
    status: String,
}

fn events(connection: &rusqlite::Connection) -> Vec<Told> {
    let mut statement = connection
        .prepare(
            "SELECT e.body, d.status, e.id FROM events e JOIN deliveries d ON d.event = e.id
             WHERE e.type LIKE 'verification.%'",
        )
        .unwrap();
    let told = statement.query_map([], |row| {
        let body: String = row.get(0)?;
        let body: Value = serde_json::from_str(&body).unwrap();
        let id: [u8; 16] = row.get(2)?;
        Ok(Told {
            id: vouchlink::domain::id::EventId::from_bytes(id).to_string(),
            user: body["user_id"].as_str().unwrap().to_owned(),
            sequence: body["data"]["sequence"].as_u64().unwrap(),
            status: row.get(1)?,
        })
    });
    told.unwrap().map(Result::unwrap).collect()
}

/// What the store says arrived did; the rest was made needless by something newer that arrived.
fn check_arrivals(told: &[Told], received: &[Received]) {
    let arrived: HashSet<&str> = received
        .iter()
        .filter(|request| !request.refused)
        .map(|request| request.header("webhook-id"))
        .collect();
    let mut newest: HashMap<&str, u64> = HashMap::new();
    for event in told.iter().filter(|event| event.status == "delivered") {
        assert!(arrived.contains(event.id.as_str()), "{} never arrived", event.id);
        let newest = newest.entry(&event.user).or_default();
        *newest = event.sequence.max(*newest);
    }
    for event in told.iter().filter(|event| event.status != "delivered") {
        assert_eq!(event.status, "superseded", "{}", event.id);
        assert!(newest.get(event.user.as_str()).is_some_and(|newest| *newest > event.sequence));
    }
}

/// Of each customer nothing comes after something newer.
fn check_order(received: &[Received]) {
    let mut newest: HashMap<String, u64> = HashMap::new();
    for request in received {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let sequence = body["data"]["sequence"].as_u64().unwrap();
        let newest = newest.entry(body["user_id"].to_string()).or_default();
        assert!(sequence >= *newest, "{sequence} after {newest}");
        *newest = sequence;
    }
}

/// What comes again either failed before, or was answered when the server died and could not write
/// that down.
fn check_repetitions(received: &[Received], kills: &[(Instant, Instant)]) {
    let mut requests: BTreeMap<&str, Vec<&Received>> = BTreeMap::new();
    for request in received {
        requests.entry(request.header("webhook-id")).or_default().push(request);
    }
    for (id, requests) in requests {
        for pair in requests.windows(2) {
            let [first, second] = pair else { continue };
            assert_eq!(first.body, second.body, "{id}");
            let killed =
                kills.iter().any(|(began, ended)| first.at <= *ended && second.at >= *began);
            assert!(first.refused || killed, "{id} came again for no reason");
        }
    }
}
