//! Deliveries from staff's side: found, looked at, called off, sent again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{Answer, TestApp};
use crate::support::receiver::Answer as Reply;

const BUILT_IN: &str = "ep_00000000000000000000000000";

/// A verification whose webhook is not taken, for good.
async fn exhausted(app: &TestApp, user_id: &str) -> Value {
    app.crm.script([Reply::status(503), Reply::status(503), Reply::status(503)]);
    app.enrol(user_id).await;
    let query = format!("user_id={user_id}");
    for attempts in 1..3 {
        until(app, &query, |delivery| {
            delivery["status"] == "retrying" && delivery["attempt_count"] == attempts
        })
        .await;
        // Past the wait, and past whatever keeps a failing endpoint from being asked; not past the
        // verification, whose end is newer news.
        app.clock.advance(Duration::from_secs(300));
        app.services.issue.deliveries.wake();
        app.crm.next().await;
    }
    until(app, &query, |delivery| delivery["status"] == "exhausted").await
}

/// The newest delivery of a list, once it is so.
async fn until(app: &TestApp, query: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/deliveries?{query}");
    let list = app.until(&path, Duration::ZERO, |list| is_so(&list["items"][0])).await;
    list["items"][0].clone()
}

async fn replay(app: &TestApp, path: &str, body: Value) -> Answer {
    app.post(&format!("/api/deliveries/{path}"), &body).await
}

/// The replay, once it has ended.
async fn ended(app: &TestApp, replay: &Value) -> Value {
    let path = format!("/api/deliveries/replays/{}", replay["id"].as_str().unwrap());
    // A replay goes by the clock.
    app.until(&path, Duration::from_millis(200), |replay| replay["status"] != "running").await
}

#[tokio::test]
async fn a_delivery_is_found_and_shows_every_attempt_with_what_helps() {
    let app = TestApp::start().await;
    let delivery = exhausted(&app, "12345").await;
    assert_eq!(
        (&delivery["endpoint_id"], &delivery["attempt_count"]),
        (&json!(BUILT_IN), &json!(3))
    );
    assert_eq!(
        (&delivery["type"], &delivery["user_id"]),
        (&json!("verification.verified"), &json!("12345"))
    );
    let id = delivery["id"].as_str().unwrap();
    let link = delivery["link_id"].as_str().unwrap();
    for query in [
        String::new(),
        format!("endpoint={BUILT_IN}"),
        "status=exhausted".to_owned(),
        "type=verification.verified".to_owned(),
        format!("link_id={link}"),
        "since=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00%2B02:00&limit=1".to_owned(),
    ] {
        let list = app.get(&format!("/api/deliveries?{query}")).await.expect(200);
        assert_eq!(list["items"], json!([delivery]), "{query}");
        assert_eq!(list["next_cursor"], Value::Null);
    }
    for query in
        ["status=held", "type=verification.failed", "user_id=x", "until=2020-01-01T00:00:00Z"]
    {
        let list = app.get(&format!("/api/deliveries?{query}")).await.expect(200);
        assert_eq!(list["items"], json!([]), "{query}");
    }
    let shown = app.get(&format!("/api/deliveries/{id}")).await.expect(200);
    assert_eq!(shown["delivery"], delivery);
    let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["user_id"], "12345");
    let attempts = shown["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 3);
    for attempt in attempts {
        assert_eq!(
            (&attempt["class"], &attempt["http_status"]),
            (&json!("unavailable"), &json!(503))
        );
        assert_eq!(
            (&attempt["remedy"]["code"], &attempt["trigger"]),
            (&json!("wait"), &json!("auto"))
        );
        assert_eq!(attempt["remote_addr"], app.crm.addr.to_string());
    }
}

#[tokio::test]
async fn every_wrong_filter_is_named() {
    let app = TestApp::start().await;
    for (field, query) in [
        ("endpoint", "endpoint=7"),
        ("status", "status=lost"),
        ("type", "type=verification"),
        ("user_id", "user_id="),
        ("link_id", "link_id=lnk_x"),
        ("since", "since=yesterday"),
        ("until", "until=2026-11-21"),
        ("cursor", "cursor=2"),
        ("limit", "limit=0"),
        ("limit", "limit=201"),
        ("limit", "limit=many"),
    ] {
        let answer = app.get(&format!("/api/deliveries?{query}")).await;
        assert_eq!(answer.problem(422), "validation", "{query}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}: {}", answer.text);
    }
    for (field, body) in [
        ("reason", json!({ "endpoint_id": BUILT_IN })),
        ("reason", json!({ "endpoint_id": BUILT_IN, "reason": "" })),
        ("reason", json!({ "endpoint_id": BUILT_IN, "reason": "x".repeat(201) })),
        ("endpoint_id", json!({ "reason": "x" })),
        ("endpoint_id", json!({ "endpoint_id": "7", "reason": "x" })),
        ("endpoint_id", json!({ "endpoint_id": "ep_01h2xcejqtf2nbrexx3vqjhp41", "reason": "x" })),
        ("ids", json!({ "ids": [], "reason": "x" })),
        ("ids", json!({ "ids": ["7"], "reason": "x" })),
        ("ids", json!({ "ids": [], "endpoint_id": BUILT_IN, "reason": "x" })),
        ("ids", json!({ "ids": [], "status": "held", "reason": "x" })),
        ("status", json!({ "endpoint_id": BUILT_IN, "status": "pending", "reason": "x" })),
        ("since", json!({ "endpoint_id": BUILT_IN, "since": 7, "reason": "x" })),
        ("colour", json!({ "endpoint_id": BUILT_IN, "colour": "red", "reason": "x" })),
    ] {
        let answer = replay(&app, "replay", body.clone()).await;
        assert_eq!(answer.problem(422), "validation", "{body}");
        assert!(answer.text.contains(&format!("\"field\":\"{field}\"")), "{body}: {}", answer.text);
    }
    for path in
        ["dlv_x", "dlv_01h2xcejqtf2nbrexx3vqjhp41", "replays/rpl_01h2xcejqtf2nbrexx3vqjhp41"]
    {
        assert_eq!(app.get(&format!("/api/deliveries/{path}")).await.problem(404), "not_found");
        let cancelled = replay(&app, &format!("{path}/cancel"), json!({})).await;
        assert_eq!(cancelled.problem(404), "not_found", "{path}");
    }
    let absent = "dlv_01h2xcejqtf2nbrexx3vqjhp41/replay";
    assert_eq!(replay(&app, absent, json!({ "reason": "x" })).await.problem(404), "not_found");
}

#[tokio::test]
async fn a_replay_sends_the_same_message_again_signed_anew() {
    let app = TestApp::start().await;
    let delivery = exhausted(&app, "12345").await;
    let path = format!("{}/replay", delivery["id"].as_str().unwrap());
    let begun = replay(&app, &path, json!({ "reason": "their server was down" })).await.expect(202);
    assert_eq!((&begun["chosen"], &begun["reason"]), (&json!(1), &json!("their server was down")));
    assert_eq!(begun["selection"]["ids"], json!([delivery["id"]]));
    assert!(begun["requested_by"].as_str().unwrap().starts_with("key_"));
    let done = ended(&app, &begun).await;
    assert_eq!((&done["status"], &done["requeued"]), (&json!("done"), &json!(1)));
    let received = app.crm.next().await;
    assert_eq!(received.header("webhook-id"), delivery["event_id"].as_str().unwrap());
    crate::support::app::check_signature(&received);
    until(&app, "user_id=12345", |delivery| delivery["status"] == "delivered").await;
    let shown = app.get(&format!("/api/deliveries/{}", delivery["id"].as_str().unwrap())).await;
    let attempts = shown.expect(200)["attempts"].clone();
    assert_eq!((&attempts[3]["trigger"], &attempts[3]["number"]), (&json!("replay"), &json!(4)));
    let list = app.get("/api/deliveries/replays").await.expect(200);
    assert_eq!((&list["items"][0]["id"], &list["next_cursor"]), (&begun["id"], &Value::Null));
    let late = format!("replays/{}/cancel", begun["id"].as_str().unwrap());
    assert_eq!(replay(&app, &late, json!({})).await.problem(409), "conflict");
}

#[tokio::test]
async fn what_an_endpoint_missed_is_replayed_together() {
    let app = TestApp::start().await;
    for user in ["1", "2"] {
        exhausted(&app, user).await;
    }
    let endpoint = app.get(&format!("/api/endpoints/{BUILT_IN}")).await.expect(200);
    assert_eq!(endpoint["undelivered"], json!({ "waiting": 0, "held": 0, "exhausted": 2 }));
    app.clock.advance(Duration::from_secs(300));
    let body = json!({ "endpoint_id": BUILT_IN, "reason": "back again" });
    let done = ended(&app, &replay(&app, "replay", body).await.expect(202)).await;
    assert_eq!((&done["chosen"], &done["requeued"]), (&json!(2), &json!(2)));
    app.clock.advance(Duration::from_secs(300));
    let users = [app.webhook().await, app.webhook().await].map(|body| body["user_id"].clone());
    assert_eq!(users, ["1", "2"]);
}

#[tokio::test]
async fn a_delivery_that_waits_can_be_called_off() {
    let app = TestApp::start().await;
    app.crm.script([Reply::status(503)]);
    app.enrol("12345").await;
    let delivery = until(&app, "user_id=12345", |delivery| delivery["status"] == "retrying").await;
    let path = format!("{}/cancel", delivery["id"].as_str().unwrap());
    let cancelled = replay(&app, &path, json!({})).await.expect(200);
    assert_eq!(cancelled["delivery"]["status"], "cancelled");
    let again = replay(&app, &path, json!({})).await;
    assert_eq!(again.problem(409), "conflict");
    assert!(again.text.contains("cancelled"), "{}", again.text);
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_are_refused_here_too() {
    let app = TestApp::start().await;
    let large = json!({ "ids": ["x".repeat(33 * 1024)], "reason": "x" });
    assert_eq!(replay(&app, "replay", large).await.problem(413), "payload_too_large");
    let large = json!({ "url": "x".repeat(33 * 1024) });
    assert_eq!(app.post("/api/endpoints", &large).await.problem(413), "payload_too_large");
    for (method, path) in [
        (Method::PUT, "/api/endpoints"),
        (Method::DELETE, "/api/deliveries"),
        (Method::GET, "/api/deliveries/replay/x"),
        (Method::PATCH, "/api/deliveries/replays"),
    ] {
        let request = app.request(method.clone(), path).bearer_auth(&app.key);
        let status = TestApp::send(request).await.status;
        assert!(status == 405 || status == 404, "{method} {path}: {status}");
    }
    let request = app.request(Method::POST, "/api/endpoints").bearer_auth(&app.key).body("{}");
    assert_eq!(TestApp::send(request).await.problem(415), "unsupported_media_type");
}
