//! `Idempotency-Key` beyond links: who lost the answer asks again, and gets the same.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::domain::api_key::Scope;

use crate::support::app::{Answer, TestApp};
use crate::support::receiver::Receiver;

const DAY: Duration = Duration::from_secs(86_400);

async fn post(app: &TestApp, by: &str, path: &str, key: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, path).bearer_auth(by).header("idempotency-key", key);
    TestApp::send(request.header("content-type", "application/json").body(body.to_string())).await
}

#[tokio::test]
async fn who_repeats_a_call_gets_the_same_endpoint_and_its_secret_once_more() {
    let app = TestApp::start().await;
    let crm = Receiver::start().await;
    let path = "/api/endpoints";
    let body = json!({ "url": crm.url("/hook"), "events": ["verification.lapsed"] });
    let first = post(&app, &app.key, path, "one", &body).await.expect(201);
    let again = post(&app, &app.key, path, "one", &body).await.expect(201);
    assert_eq!((&again["id"], &again["secret"]), (&first["id"], &first["secret"]));
    assert!(first["secret"].as_str().unwrap().starts_with("whsec_"));

    // With another body, and whatever is no key.
    let other = json!({ "url": crm.url("/other"), "events": ["verification.lapsed"] });
    assert_eq!(post(&app, &app.key, path, "one", &other).await.problem(409), "conflict");
    assert_eq!(post(&app, &app.key, path, "", &body).await.problem(422), "validation");
    // Another key's is another's: it makes one of its own, and sees nothing of the first.
    let stranger = app.key_for(&[Scope::WebhooksManage]).await;
    let theirs = post(&app, &stranger, path, "one", &body).await.expect(201);
    assert_ne!(theirs["id"], first["id"]);
    assert_ne!(theirs["secret"], first["secret"]);

    // The secret that a rotation put in its place was shown to whoever asked for that.
    let id = first["id"].as_str().unwrap();
    app.clock.advance(Duration::from_secs(1));
    app.post(&format!("{path}/{id}/secret/rotate"), &json!({})).await.expect(200);
    let rotated = post(&app, &app.key, path, "one", &body).await.expect(201);
    assert_eq!((&rotated["id"], &rotated["secret"]), (&first["id"], &Value::Null));

    let remove = app.request(Method::DELETE, &format!("{path}/{id}")).bearer_auth(&app.key);
    assert_eq!(TestApp::send(remove).await.status, 204);
    assert_eq!(post(&app, &app.key, path, "one", &body).await.problem(409), "conflict");
    app.clock.advance(DAY);
    let new = post(&app, &app.key, path, "one", &body).await.expect(201);
    assert_ne!(new["id"], first["id"]);
}

#[tokio::test]
async fn who_repeats_a_call_gets_the_same_replay() {
    let app = TestApp::start().await;
    let mut paths = Vec::new();
    for user in ["1", "2"] {
        app.enrol(user).await;
        let path = format!("/api/deliveries?user_id={user}");
        let is_over = |list: &Value| list["items"][0]["status"] == "delivered";
        let list = app.until(&path, Duration::ZERO, is_over).await;
        let delivery = list["items"][0]["id"].as_str().unwrap();
        paths.push(format!("/api/deliveries/{delivery}/replay"));
    }
    let body = json!({ "reason": "lost there" });
    let first = post(&app, &app.key, &paths[0], "r", &body).await.expect(202);
    let again = post(&app, &app.key, &paths[0], "r", &body).await.expect(202);
    assert_eq!(again["id"], first["id"]);
    // The same words about another delivery are another request.
    assert_eq!(post(&app, &app.key, &paths[1], "r", &body).await.problem(409), "conflict");

    let path = "/api/deliveries/replay";
    let built_in = "ep_00000000000000000000000000";
    let many = json!({ "endpoint_id": built_in, "status": "held", "reason": "lost there" });
    assert_eq!(post(&app, &app.key, path, "r", &many).await.problem(409), "conflict");
    let second = post(&app, &app.key, path, "s", &many).await.expect(202);
    let again = post(&app, &app.key, path, "s", &many).await.expect(202);
    assert_eq!(again["id"], second["id"]);
    let replays = app.get("/api/deliveries/replays").await.expect(200);
    assert_eq!(replays["items"].as_array().unwrap().len(), 2);
    // Sent again once.
    let path = format!("/api/deliveries/replays/{}", first["id"].as_str().unwrap());
    let step = Duration::from_millis(200);
    app.until(&path, step, |replay| replay["status"] != "running").await;
    app.crm.next().await;
}
