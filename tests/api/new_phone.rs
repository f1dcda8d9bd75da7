//! "I have a new phone": told to staff, and nothing else.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_phone_is_told_to_staff_once_and_enrols_nothing() {
    let app = TestApp::start().await;
    app.enrol("1").await;
    let link = app.link("1").await;
    let ask = async |link: &Value| {
        let body = json!({ "token": link["token"] }).to_string();
        app.post_from_page("/api/ceremony/new-phone", body).await
    };
    let asked = json!({ "status": "pending", "new_phone_asked_at": "2026-11-21T10:00:00Z" });
    assert_eq!(ask(&link).await.expect(200), asked);
    app.clock.advance(Duration::from_secs(9));
    assert_eq!(ask(&link).await.expect(200), asked, "the first time counts");
    let shown = app.shown(&link).await;
    assert_eq!((&shown["status"], &shown["kind"]), (&json!("pending"), &json!("authenticate")));
    assert_eq!(shown["new_phone_asked_at"], "2026-11-21T10:00:00Z");
    let actions: Vec<&Value> =
        shown["timeline"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["link.created", "link.new_phone_asked"]);
    // It opens no registration.
    assert_eq!(app.options("register", &link).await.problem(409), "wrong_ceremony");

    let forged = json!({ "token": "nonsense" });
    assert_eq!(ask(&forged).await.problem(404), "link_invalid");
    let body = json!({ "token": link["token"], "more": 1 }).to_string();
    let answer = app.post_from_page("/api/ceremony/new-phone", body).await;
    assert_eq!(answer.problem(422), "validation");
    let foreign = app
        .request(Method::POST, "/api/ceremony/new-phone")
        .header("content-type", "application/json")
        .header("origin", "https://elsewhere.example")
        .body(json!({ "token": link["token"] }).to_string());
    assert_eq!(TestApp::send(foreign).await.problem(403), "forbidden_origin");
    let id = link["id"].as_str().unwrap();
    app.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await.expect(200);
    assert_eq!(ask(&link).await.problem(410), "link_revoked");
    app.webhook().await;
}
