//! An endpoint that said it wants no more, and how staff bring it back.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::receiver::{Answer as Reply, Receiver};

/// Between two looks, as replays go by the clock.
const STEP: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_disabled_endpoint_comes_back_by_a_test_that_succeeds_and_misses_nothing() {
    let app = TestApp::start().await;
    let crm = Receiver::start().await;
    let made = app.post("/api/endpoints", &json!({ "url": crm.url("/hook") })).await.expect(201);
    let path = format!("/api/endpoints/{}", made["id"].as_str().unwrap());
    crm.script([Reply::status(410)]);
    app.enrol("1").await;
    let disabled = app.until(&path, STEP, |shown| shown["status"] == "disabled").await;
    assert_eq!(disabled["disabled_reason"], "gone");
    crm.next().await;
    // What happens meanwhile is held for it, and nothing goes out.
    app.enrol("2").await;
    let held = app.until(&path, STEP, |shown| shown["undelivered"]["held"] == 2).await;
    assert_eq!(held["undelivered"]["waiting"], 0);
    crm.assert_nothing_unread();

    crm.script([Reply::status(500)]);
    let refused = app.post(&format!("{path}/resume"), &json!({})).await;
    assert_eq!(refused.problem(409), "conflict");
    assert!(refused.text.contains("HTTP 500"), "{}", refused.text);
    crm.next().await;
    assert_eq!(app.get(&path).await.expect(200)["status"], "disabled");

    app.post(&format!("{path}/resume"), &json!({})).await.expect(200);
    assert!(String::from_utf8(crm.next().await.body).unwrap().contains("\"ping\""));
    assert_eq!(app.get(&path).await.expect(200)["status"], "active");
    let wanted = json!({ "endpoint_id": made["id"], "reason": "the receiver is back" });
    let replay = app.post("/api/deliveries/replay", &wanted).await.expect(202);
    let replay = format!("/api/deliveries/replays/{}", replay["id"].as_str().unwrap());
    let done = app.until(&replay, STEP, |replay| replay["status"] != "running").await;
    assert_eq!((&done["status"], &done["requeued"]), (&json!("done"), &json!(2)), "{done}");
    let mut users = Vec::new();
    for _ in 0..2 {
        let body: Value = serde_json::from_slice(&crm.next().await.body).unwrap();
        users.push(body["user_id"].clone());
    }
    users.sort_by_key(Value::to_string);
    assert_eq!(users, ["1", "2"]);
}
