//! A database that commits and breaks off before it can say so: what has happened is told as it is,
//! and happens once.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::config::Database;
use vouchlink::domain::digest::sha256;
use vouchlink::domain::id::LinkId;

use crate::support::app::{Answer, TestApp, finish_body};
use crate::support::postgres::{self, Place};
use crate::support::proxy::Proxy;
use crate::support::receiver;

/// A server whose way to its database loses commits.
struct Losing {
    app: TestApp,
    proxy: Proxy,
    _place: Place,
}

impl Losing {
    async fn start() -> Self {
        let place = Place::new().await;
        // The proxy reads along.
        let mut server = postgres::server(&format!("{}?sslmode=disable", place.url()));
        let proxy = Proxy::start(&server.hosts[0]).await;
        server.hosts[0].port = proxy.port;
        let database = Database::Postgres(Box::new(server));
        let app = TestApp::start_with(|config| config.database = database).await;
        Self { app, proxy, _place: place }
    }

    /// The answer of a customer, whose commit is lost.
    async fn answer(&self, options: &Value, credential: &str) -> Answer {
        let body = finish_body(options, credential);
        self.proxy.lose_commit_of(&sha256(&[body.as_bytes()]));
        let answer = self.app.post_from_page("/api/ceremony/authenticate/verify", body).await;
        assert!(self.proxy.has_lost_it(), "{answer:?}");
        answer
    }

    async fn count(&self, line: &str) -> usize {
        let metrics = self.app.get("/metrics").await.text;
        metrics.lines().filter(|found| *found == line).count()
    }
}

/// How often the link's timeline says so.
fn times(shown: &Value, action: &str) -> usize {
    let timeline = shown["timeline"].as_array().unwrap().iter();
    timeline.filter(|entry| entry["action"] == action).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_whose_commit_is_lost_is_told_and_sent_as_the_verdict_it_is() {
    let losing = Losing::start().await;
    let app = &losing.app;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let verified = losing.answer(&options, &credential).await.expect(200);
    assert_eq!(verified["verified"], true);

    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["data"]["link_id"]),
        (&"verification.verified".into(), &link["id"])
    );
    let shown = app.shown(&link).await;
    assert_eq!(shown["status"], "verified");
    assert_eq!(
        (times(&shown, "link.verified"), times(&shown, "attempt.refused")),
        (1, 0),
        "{shown}"
    );
    assert_eq!((&shown["attempts"], shown["deliveries"].as_array().unwrap().len()), (&1.into(), 1));
    assert_eq!(app.gate("12345").await["verified"], true);
    // One of the two is the enrolment's.
    assert_eq!(losing.count(r#"vouchlink_verdicts_total{status="verified"} 2"#).await, 1);
    app.crm.assert_nothing_unread();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_whose_commit_is_lost_counts_once_and_is_told_as_one() {
    let losing = Losing::start().await;
    let app = &losing.app;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    // Another origin's page asked for this.
    let relayed = device.authenticate(&options["publicKey"], "https://harbour.example.net");
    assert_eq!(losing.answer(&options, &relayed).await.problem(422), "not_confirmed");
    let shown = app.shown(&link).await;
    assert_eq!((&shown["status"], &shown["attempts"]), (&"opened".into(), &1.into()));
    assert_eq!(
        (times(&shown, "link.verified"), times(&shown, "attempt.refused")),
        (0, 1),
        "{shown}"
    );

    // And the customer, asked to try again, can.
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_commit_is_lost_is_given_to_whoever_asks_again() {
    let losing = Losing::start().await;
    let app = &losing.app;
    let body = json!({ "user_id": "12345", "username": "asaf@example.com" });
    let ask = || {
        let request = app.request(Method::POST, "/api/verification/link").bearer_auth(&app.key);
        let request = request.header("idempotency-key", "call-7");
        let request = request.header("content-type", "application/json");
        TestApp::send(request.body(body.to_string()))
    };
    losing.proxy.lose_commit_of(b"asaf@example.com");
    let lost = ask().await;
    assert!(losing.proxy.has_lost_it());
    assert!(lost.headers.contains_key("retry-after"), "{lost:?}");
    assert_eq!(lost.problem(503), "unavailable");
    let links = app.get("/api/verification/link").await.expect(200);
    let made = links["items"].as_array().unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(ask().await.expect(201)["id"], made[0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_a_webhook_whose_commit_is_lost_is_made_once_and_nothing_sent_again() {
    let losing = Losing::start().await;
    let app = &losing.app;
    let said = "noted under 4711-vouchlink-0815";
    app.crm.script([receiver::Answer::Status(200, vec![], said.to_owned())]);
    losing.proxy.lose_commit_of(said.as_bytes());
    let mut device = app.enrol("12345").await;
    assert!(losing.proxy.has_lost_it());
    let path = "/api/deliveries?user_id=12345";
    let is_over = |list: &Value| list["items"][0]["status"] == "delivered";
    let list = app.until(path, Duration::ZERO, is_over).await;
    let delivery = list["items"][0]["id"].as_str().unwrap();
    let shown = app.get(&format!("/api/deliveries/{delivery}")).await.expect(200);
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "{shown}");

    // The worker goes on with the next.
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
    assert_eq!(app.webhook().await["data"]["link_id"], link["id"]);
    app.crm.assert_nothing_unread();
    let link: LinkId = link["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(app.services.store.link_deliveries(link).await.unwrap().len(), 1);
}
