//! One-time means one time, however many ask at once.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::app::{TestApp, finish_body};
use crate::support::authenticator::Authenticator;

/// How many answers there were of each kind: `200`, or the problem's code.
fn count(answers: &[crate::support::app::Answer]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        let kind = match answer.status.as_u16() {
            200 | 201 => "ok".to_owned(),
            _ => answer.json()["code"].as_str().unwrap().to_owned(),
        };
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_identical_answers_make_one_verdict_and_one_event() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let body = finish_body(&options, &credential);
    let path = "/api/ceremony/authenticate/verify";
    let answers = join_all((0..50).map(|_| app.post_from_page(path, body.clone()))).await;
    let counts = count(&answers);
    assert!(counts["ok"] >= 1, "{counts:?}");
    assert!(
        counts.keys().all(|kind| ["ok", "challenge_used"].contains(&kind.as_str())),
        "{counts:?}"
    );
    let shown = app.shown(&link).await;
    let verified = shown["timeline"].as_array().unwrap().iter();
    assert_eq!(verified.filter(|entry| entry["action"] == "link.verified").count(), 1);
    assert_eq!(shown["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(shown["attempts"], 1);
    assert_eq!(app.webhook().await["data"]["link_id"], link["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_right_answers_to_one_link_verify_it_once() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let mut bodies = Vec::new();
    for _ in 0..8 {
        let options = app.options("authenticate", &link).await.expect(200);
        let credential = device.authenticate(&options["publicKey"], &app.origin);
        bodies.push(finish_body(&options, &credential));
    }
    let path = "/api/ceremony/authenticate/verify";
    let answers = join_all(bodies.into_iter().map(|body| app.post_from_page(path, body))).await;
    let counts = count(&answers);
    assert_eq!(counts["ok"], 1, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_key_is_refused_and_suspected() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    device.sign_count = 1;
    app.enrol_with("12345", &mut device).await;
    let older = app.link("12345").await;
    let options = app.options("authenticate", &older).await.expect(200);
    let mut copy = device.clone();
    let first = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &first).await.expect(200);
    let newer = app.link("12345").await;
    let options = app.options("authenticate", &newer).await.expect(200);
    let second = copy.authenticate(&options["publicKey"], &app.origin);
    let answer = app.verify("authenticate", &options, &second).await;
    assert_eq!(answer.problem(422), "not_confirmed");
    let shown = app.shown(&newer).await;
    let last = shown["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(last["detail"]["reason"], "clone_suspected");
    let passkeys = app.get("/api/customers/12345/credentials").await.expect(200);
    assert!(passkeys["items"][0]["suspected_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_idempotency_key_makes_one_link_however_many_ask() {
    let app = TestApp::start().await;
    let body = json!({"user_id": "12345", "username": "a"}).to_string();
    let answers = join_all((0..20).map(|_| {
        let request = app.request(Method::POST, "/api/verification/link").bearer_auth(&app.key);
        let request = request.header("content-type", "application/json").body(body.clone());
        TestApp::send(request.header("idempotency-key", "k"))
    }))
    .await;
    let ids: Vec<Value> = answers.iter().map(|answer| answer.expect(201)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    let items = app.get("/api/verification/link").await.expect(200)["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_has_one_open_link_however_many_are_made() {
    let app = TestApp::start().await;
    let links = join_all((0..20).map(|_| app.link("12345"))).await;
    let mut open = 0;
    for link in &links {
        open += usize::from(app.shown(link).await["status"] == "pending");
    }
    assert_eq!(open, 1);
}

/// The answer is checked and settled to its end although nobody waits for it any more.
#[tokio::test(flavor = "multi_thread")]
#[expect(deprecated, reason = "lingering for no time at all is how a connection is reset")]
async fn a_customer_who_loses_the_connection_is_verified_all_the_same() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let body = finish_body(&options, &credential);
    let address = app.origin.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /api/ceremony/authenticate/verify HTTP/1.1\r\nhost: {address}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    // The server has taken the answer once its attempt counts; then the line breaks.
    while app.shown(&link).await["attempts"] == 0 {
        tokio::task::yield_now().await;
    }
    connection.set_linger(Some(Duration::ZERO)).unwrap();
    drop(connection);
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.verified");
    assert_eq!(event["data"]["link_id"], link["id"]);
}
