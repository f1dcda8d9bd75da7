//! From a verdict to the CRM.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::app::{TestApp, check_signature};
use crate::support::receiver::Answer;

/// The deliveries of a link, once the first is in this state.
async fn delivery_in(app: &TestApp, link: &Value, status: &str) -> Value {
    delivery_that(app, link, |delivery| delivery["status"] == status).await
}

/// The same, once so many attempts are recorded.
async fn attempted(app: &TestApp, link: &Value, attempts: usize) -> Value {
    delivery_that(app, link, |delivery| {
        delivery["attempts"].as_array().is_some_and(|made| made.len() == attempts)
    })
    .await
}

async fn delivery_that(app: &TestApp, link: &Value, is: impl Fn(&Value) -> bool) -> Value {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        let delivery = app.shown(link).await["deliveries"][0].clone();
        if is(&delivery) {
            return delivery;
        }
        assert!(tokio::time::Instant::now() < deadline, "not in time: {delivery}");
        tokio::task::yield_now().await;
    }
}

async fn revoked(app: &TestApp) -> Value {
    let link = app.link_with("12345", json!({"metadata": {"a": 1}})).await;
    let id = link["id"].as_str().unwrap();
    app.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await.expect(200);
    link
}

#[tokio::test]
async fn a_webhook_is_what_the_contract_says() {
    let app = TestApp::start().await;
    let link = revoked(&app).await;
    let received = app.crm.next().await;
    check_signature(&received);
    assert_eq!(received.line, "POST /hook HTTP/1.1");
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.header("authorization"), "Bearer crm-token");
    assert!(received.header("webhook-id").starts_with("evt_"));
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    assert_eq!(
        body,
        json!({
            "type": "verification.revoked", "timestamp": "2026-11-21T10:00:00Z",
            "user_id": "12345", "verified": false, "ts": 1_795_255_200,
            "data": {
                "link_id": link["id"], "status": "revoked", "reason": "revoked", "method": null,
                "assurance": null, "binding": null, "first_use": false,
                "recent_rebind": false, "verified_at": null,
                "verified_until": null, "sequence": 1, "reference": null, "crm": null,
                "metadata": {"a": 1},
            },
        })
    );
    let delivery = delivery_in(&app, &link, "delivered").await;
    assert_eq!(delivery["event_id"], received.header("webhook-id"));
    assert_eq!(delivery["attempts"][0]["http_status"], 200);
}

#[tokio::test]
async fn a_failed_webhook_is_tried_again_with_the_same_id() {
    let app = TestApp::start().await;
    app.crm.script([Answer::status(500), Answer::status(200)]);
    let link = revoked(&app).await;
    let first = app.crm.next().await;
    let delivery = delivery_in(&app, &link, "retrying").await;
    assert_eq!(delivery["attempts"][0]["class"], "unavailable");
    app.clock.advance(Duration::from_secs(3));
    let second = app.crm.next().await;
    check_signature(&second);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_ne!(first.header("webhook-timestamp"), second.header("webhook-timestamp"));
    assert_eq!(first.body, second.body);
    assert_eq!(delivery_in(&app, &link, "delivered").await["attempts"][1]["number"], 2);
}

#[tokio::test]
async fn a_webhook_that_never_arrives_ends_where_staff_can_see_it() {
    let app = TestApp::start().await;
    app.crm.script([Answer::status(500), Answer::status(502), Answer::status(503)]);
    let link = revoked(&app).await;
    app.crm.next().await;
    for attempts in 1..3 {
        attempted(&app, &link, attempts).await;
        app.clock.advance(Duration::from_secs(60));
        app.crm.next().await;
    }
    let delivery = delivery_in(&app, &link, "exhausted").await;
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(delivery["due_at"], json!(null));
}

#[tokio::test]
async fn without_a_webhook_url_nothing_is_owed_to_anybody() {
    let app = TestApp::start_with(|config| config.webhook = None).await;
    let link = revoked(&app).await;
    let shown = app.shown(&link).await;
    assert_eq!(shown["status"], "revoked");
    assert_eq!(shown["deliveries"], json!([]));
}

#[tokio::test]
async fn an_address_that_must_not_be_reached_is_not() {
    let app = TestApp::start_with(|config| config.delivery.allow_cidrs.clear()).await;
    let link = revoked(&app).await;
    let delivery = delivery_in(&app, &link, "held").await;
    assert_eq!(delivery["attempts"][0]["class"], "ssrf_blocked");
    app.crm.assert_nothing_unread();
}
