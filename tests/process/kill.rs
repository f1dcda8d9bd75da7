//! `kill -9` in the middle of load, twenty times: nothing that was answered is lost, doubled or
//! half-written.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::server::{KEY, Server, free_port};
use crate::support::app::{WEBHOOK_SECRET, finish_body};
use crate::support::authenticator::Authenticator;
use crate::support::client::client;
use crate::support::receiver::Receiver;

const ROUNDS: usize = 20;
const CUSTOMERS: usize = 8;
/// A round is killed once so many verdicts were answered in it.
const ANSWERS: usize = 12;

/// What the load was answered: how each link ended.
#[derive(Default)]
struct Seen {
    ended: Mutex<Vec<(String, &'static str)>>,
    round: AtomicUsize,
    over: AtomicBool,
}

/// A customer's device.
struct Phone {
    passkey: Authenticator,
    enrolled: bool,
    /// What the server died under: the link's id, and the answer to its ceremony with its path.
    unanswered: Option<(String, String, String)>,
}

/// One customer, verifying again and again until the server is gone.
async fn customer(number: usize, origin: String, mut device: Phone, seen: Arc<Seen>) -> Phone {
    let client = client().build().unwrap();
    while !seen.over.load(Ordering::SeqCst) {
        let ended = match device.unanswered.take() {
            Some(unanswered) => answer(&client, &origin, &mut device, unanswered).await,
            None => verification(&client, number, &origin, &mut device).await,
        };
        // An error means that the server died under this request.
        let Ok(link) = ended else { break };
        seen.ended.lock().unwrap().push(link);
        seen.round.fetch_add(1, Ordering::SeqCst);
    }
    device
}

/// A whole verification; the link's id and how it ended once its 200 has arrived. Customer 0
/// declines, customer 1 answers wrongly before rightly.
async fn verification(
    client: &reqwest::Client,
    number: usize,
    origin: &str,
    device: &mut Phone,
) -> Result<(String, &'static str), reqwest::Error> {
    let user = format!("customer-{number}");
    let body = json!({"user_id": user, "username": user});
    let link = post(client, origin, "/api/verification/link", body.to_string()).await?;
    let id = link["id"].as_str().unwrap().to_owned();
    if number == 0 {
        let body = json!({"token": link["token"], "reason": "not_me"});
        let declined = post(client, origin, "/api/ceremony/decline", body.to_string()).await?;
        assert_eq!(declined["status"], "declined", "{declined}");
        return Ok((id, "declined"));
    }
    let kind = if device.enrolled { "authenticate" } else { "register" };
    let path = format!("/api/ceremony/{kind}");
    let body = json!({"token": link["token"]});
    let mut options = post(client, origin, &format!("{path}/options"), body.to_string()).await?;
    if number == 1 {
        let body = finish_body(&options, "{}");
        let refused = post(client, origin, &format!("{path}/verify"), body).await?;
        assert_eq!(refused["code"], "not_confirmed", "{refused}");
        let body = json!({"token": link["token"]});
        options = post(client, origin, &format!("{path}/options"), body.to_string()).await?;
    }
    let credential = match kind {
        "register" => device.passkey.register(&options["publicKey"], origin),
        _ => device.passkey.authenticate(&options["publicKey"], origin),
    };
    let body = finish_body(&options, &credential);
    answer(client, origin, device, (id, format!("{path}/verify"), body)).await
}

/// Sends a right answer, for the first time or again: a server that died under it has either
/// settled it or not so much as consumed its challenge.
async fn answer(
    client: &reqwest::Client,
    origin: &str,
    device: &mut Phone,
    (id, path, body): (String, String, String),
) -> Result<(String, &'static str), reqwest::Error> {
    device.unanswered = Some((id.clone(), path.clone(), body.clone()));
    let verified = post(client, origin, &path, body).await?;
    assert_eq!(verified["verified"], true, "{verified}");
    device.unanswered = None;
    device.enrolled = true;
    Ok((id, "verified"))
}

async fn post(
    client: &reqwest::Client,
    origin: &str,
    path: &str,
    body: String,
) -> Result<Value, reqwest::Error> {
    let request = client.post(format!("{origin}{path}")).bearer_auth(KEY);
    let response = request.header("content-type", "application/json").body(body).send().await?;
    Ok(serde_json::from_str(&response.text().await?).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_under_load_lose_double_and_halve_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook");
    let environment = [
        ("CRM_WEBHOOK_URL", hook.as_str()),
        ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("WEBHOOK_RATE", "0"),
    ];
    let port = free_port();
    let seen = Arc::new(Seen::default());
    let mut devices: Vec<_> = (0..CUSTOMERS)
        .map(|_| Phone { passkey: Authenticator::new(), enrolled: false, unanswered: None })
        .collect();
    for _ in 0..ROUNDS {
        let server = Server::start(folder.path(), port, &environment);
        seen.round.store(0, Ordering::SeqCst);
        let customers: Vec<_> = devices
            .drain(..)
            .enumerate()
            .map(|(number, device)| {
                tokio::spawn(customer(number, server.origin.clone(), device, Arc::clone(&seen)))
            })
            .collect();
        let enough = async {
            while seen.round.load(Ordering::SeqCst) < ANSWERS {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), enough).await.expect("no load");
        server.kill();
        for customer in customers {
            devices.push(customer.await.unwrap());
        }
        check_integrity(folder.path());
    }

    // Once more in peace: what was answered is there, and the CRM gets all of it.
    let server = Server::start(folder.path(), port, &environment);
    let client = client().build().unwrap();
    let ended = seen.ended.lock().unwrap().clone();
    assert!(ended.len() >= ROUNDS * ANSWERS);
    let (mut expected, mut superseded) = (HashMap::new(), 0);
    for (link, status) in &ended {
        let url = format!("{}/api/verification/link/{link}", server.origin);
        let shown = client.get(url).bearer_auth(KEY).send().await.unwrap().text().await.unwrap();
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["status"], *status, "{shown}");
        let deliveries = shown["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), 1, "{shown}");
        if deliveries[0]["status"] == "superseded" {
            superseded += 1;
            continue;
        }
        expected.insert(deliveries[0]["event_id"].as_str().unwrap().to_owned(), (link, status));
    }
    assert_eq!(expected.len() + superseded, ended.len(), "an event of its own for each");
    while !expected.is_empty() {
        // What was in flight when the server died is sent again once its lease has run out.
        let received = crm.next_within(Duration::from_secs(90)).await;
        // The same event may come twice (the server died before it noted the first), never changed.
        if let Some((link, status)) = expected.remove(received.header("webhook-id")) {
            let body: Value = serde_json::from_slice(&received.body).unwrap();
            assert_eq!(body["data"]["link_id"], *link);
            assert_eq!(body["data"]["status"], *status);
            assert_eq!(body["verified"], *status == "verified");
        }
    }
    seen.over.store(true, Ordering::SeqCst);
    assert!(server.terminate().success());
    check_integrity(folder.path());
}

/// What must hold in the file whatever happened to the process.
fn check_integrity(folder: &Path) {
    let database = folder.join("data/vouchlink.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    let one = |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    let count = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(
        count("SELECT count(*) FROM ceremonies WHERE consumed_at IS NOT NULL"),
        count("SELECT count(*) FROM verdicts WHERE ceremony IS NOT NULL")
            + count("SELECT count(*) FROM audit WHERE action = 'attempt.refused'"),
        "a consumed challenge without what its answer came to"
    );
    let ended = "status NOT IN ('pending', 'opened')";
    for (what, sql) in [
        ("an ended link without a verdict", format!("SELECT count(*) FROM links WHERE {ended} AND id NOT IN (SELECT link FROM verdicts)")),
        ("a verdict of an open link", format!("SELECT count(*) FROM verdicts WHERE link IN (SELECT id FROM links WHERE NOT ({ended}))")),
        ("an ended link without its event", format!("SELECT count(*) FROM links l WHERE {ended} AND NOT EXISTS (SELECT 1 FROM events e WHERE e.link = l.id AND e.type = 'verification.' || l.status)")),
        ("a verdict's event without its delivery", "SELECT count(*) FROM events e WHERE e.type LIKE 'verification.%' AND e.type <> 'verification.opened' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = e.id)".to_owned()),
        ("a verified link without evidence", "SELECT count(*) FROM links WHERE status = 'verified' AND id NOT IN (SELECT link FROM evidence)".to_owned()),
        ("two events of one number", "SELECT count(*) FROM (SELECT 1 FROM events GROUP BY customer, sequence HAVING count(*) > 1)".to_owned()),
    ] {
        assert_eq!(count(&sql), 0, "{what}");
    }
}
