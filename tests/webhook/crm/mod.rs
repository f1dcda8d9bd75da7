//! Each CRM's adapter against a fake of it: what becomes of a verdict, and what an agent reads.

mod desks;
mod documented;
mod hubspot;
mod salesforce;
mod sealed;
mod shared;
mod zoho;
mod zoho_function;

use std::time::Duration;

use serde_json::{Map, Value, json};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::crm::Connection;
use vouchlink::domain::delivery::{Attempt, Class, Next, Schedule, Trigger};
use vouchlink::domain::endpoint::{CustomHeaders, EndpointUrl, Kind};
use vouchlink::domain::id::EventId;
use vouchlink::domain::remedy::Remedy;
use vouchlink::webhook::client::{Client, Limits};
use vouchlink::webhook::exchange::Exchange;
use vouchlink::webhook::guard::Guard;
use vouchlink::webhook::send::{Checked, Destination, Message, Sender, Terms, ping};
use vouchlink::webhook::sign::SigningKey;

use crate::support::receiver::Answer;
use crate::support::vendors::Vendor;

const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000); // 2026-11-21T10:00:00Z
const EVENT: EventId = EventId::from_bytes([7; 16]);
const KEY: &str = "Zx3kQ9vT1mB7rLpW4cYhN8sDfG2jU6eKaX5oHiVtRqM";
/// Everything secret that a test puts into a connection.
const SECRETS: &[&str] = &[
    "client-secret-of-zoho",
    "1000.refresh-token",
    "consumer-secret",
    "access-token",
    "token-of-pipedrive",
    "token-of-zendesk",
    "key-of-freshdesk",
    "zapikey-secret",
    KEY,
    "YUBleGFtcGxlLmNvbS90b2tlbjp0b2tlbi1vZi16ZW5kZXNr",
];

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn sender() -> Sender {
    let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
    Sender::new(Client::new(guard, Limits::default()).unwrap())
}

/// An endpoint of a kind that is given no URL.
fn destination(kind: Kind, settings: &Value, credentials: &Value) -> Destination {
    let connection = Connection::parse(kind, &object(settings), &object(credentials)).unwrap();
    open(connection, None)
}

fn open(connection: Connection, url: Option<EndpointUrl>) -> Destination {
    let body_mode = connection.kind().body_mode();
    let keys = vec![SigningKey::new(KEY.into())];
    let terms = Terms::of(connection, url, CustomHeaders::default(), keys, body_mode).unwrap();
    Destination { timeout: Duration::from_secs(2), terms }
}

/// A verification of a minute ago, about this record.
fn verified(module: &str, id: &str) -> String {
    json!({
        "type": "verification.verified", "timestamp": "2026-11-21T09:59:00Z", "user_id": "12345",
        "verified": true, "ts": 1_795_255_140,
        "data": {"link_id": "lnk_1", "status": "verified", "reason": "ok", "method": "passkey",
                 "assurance": 2, "binding": "call_code", "first_use": false,
                 "verified_at": "2026-11-21T09:59:00Z", "verified_until": "2026-11-21T10:59:00Z",
                 "sequence": 7, "reference": null, "crm": {"module": module, "record_id": id},
                 "metadata": {}}
    })
    .to_string()
}

/// "This was not me", about the same record.
fn declined(module: &str, id: &str) -> String {
    json!({
        "type": "verification.declined", "timestamp": "2026-11-21T10:00:00Z", "user_id": "12345",
        "verified": false, "ts": 1_795_255_200,
        "data": {"link_id": "lnk_2", "status": "declined", "reason": "not_me", "method": null,
                 "assurance": null, "binding": null, "first_use": false, "verified_at": null,
                 "verified_until": null, "sequence": 8, "reference": null,
                 "crm": {"module": module, "record_id": id}, "metadata": {}}
    })
    .to_string()
}

async fn send(sender: &Sender, destination: &Destination, body: &str) -> Exchange {
    let exchange = sender.send(destination, Message { event: EVENT, body, at: NOW }).await;
    assert_no_secrets(&format!("{exchange:?} {destination:?} {sender:?}"));
    exchange
}

async fn check(sender: &Sender, destination: &Destination) -> Checked {
    let message = Message { event: EVENT, body: &ping(NOW), at: NOW };
    let checked = sender.check(destination, message).await;
    assert_no_secrets(&format!("{checked:?}"));
    checked
}

#[track_caller]
fn assert_no_secrets(shown: &str) {
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

/// What becomes of a delivery after its first attempt.
fn next(exchange: &Exchange) -> Next {
    let attempt = Attempt {
        number: 1,
        started_at: NOW,
        took: Duration::ZERO,
        class: exchange.class,
        http_status: exchange.http_status,
        remote_addr: None,
        retry_after: exchange.retry_after.map(|after| after.from_now(NOW)),
        answer: exchange.answer.clone(),
        remedy: exchange.remedy,
        trigger: Trigger::Auto,
    };
    let schedule = Schedule::new([0, 2].map(Duration::from_secs).to_vec()).unwrap();
    schedule.next(&attempt, 0, NOW, 0.5)
}

fn retry_in(seconds: i64) -> Next {
    Next::RetryAt(Timestamp::from_millis(NOW.millis() + seconds * 1000))
}

/// What a CRM answers, what that makes of the delivery, and what an agent finds in it.
type Case = (&'static str, Answer, Class, Option<Remedy>, Next, &'static str);

fn delivered(situation: &'static str, answer: Answer, read: &'static str) -> Case {
    (situation, answer, Class::Success, None, Next::Delivered, read)
}

/// Somebody has to act; it is tried again, slowly.
fn config(situation: &'static str, answer: Answer, remedy: Remedy, read: &'static str) -> Case {
    (situation, answer, Class::Config, Some(remedy), retry_in(300), read)
}

/// It is never taken.
fn rejected(situation: &'static str, answer: Answer, remedy: Remedy, read: &'static str) -> Case {
    (situation, answer, Class::Rejected, Some(remedy), Next::Exhausted, read)
}

/// It is tried again by itself.
fn away(
    situation: &'static str,
    answer: Answer,
    remedy: Remedy,
    seconds: i64,
    read: &'static str,
) -> Case {
    (situation, answer, Class::Unavailable, Some(remedy), retry_in(seconds), read)
}

/// Lets the CRM answer so to the one request that writes, and compares.
async fn outcomes(vendor: &Vendor, destination: &Destination, body: &str, cases: Vec<Case>) {
    let sender = sender();
    for (situation, answer, class, remedy, expected, read) in cases {
        vendor.books(|books| books.faults = vec![answer]);
        let exchange = send(&sender, destination, body).await;
        assert_eq!((exchange.class, exchange.remedy), (class, remedy), "{situation}: {exchange:?}");
        assert_eq!(next(&exchange), expected, "{situation}");
        assert!(exchange.answer.contains(read), "{situation}: {}", exchange.answer);
        if let Some(remedy) = remedy {
            assert!(remedy.sentence().ends_with('.'), "{situation}");
        }
    }
}

/// What every CRM's adapter makes of these.
fn usual_faults() -> Vec<Case> {
    let page = "<html>under maintenance</html>";
    let html = |status| Answer::Status(status, vec![], page.to_owned());
    let wait = Some(Remedy::Wait);
    vec![
        ("a page, not its interface", html(200), Class::Protocol, wait, retry_in(2), page),
        ("a page and an error", html(502), Class::Unavailable, wait, retry_in(2), page),
        (
            "a body that is cut",
            Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"code\":".to_vec()),
            Class::Protocol,
            wait,
            retry_in(2),
            "code",
        ),
        ("silence", Answer::Silence, Class::Timeout, wait, retry_in(2), "no answer in time"),
        ("a reset", Answer::Reset, Class::Protocol, wait, retry_in(2), ""),
        (
            "somebody else's host",
            Answer::with_header(302, "location", "https://login.example.com/x?token=y"),
            Class::Redirect,
            Some(Remedy::CheckDataCentre),
            retry_in(2),
            "redirect to https://login.example.com",
        ),
    ]
}
