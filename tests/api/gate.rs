//! The gate over HTTP, and verdicts that lapse.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use vouchlink::domain::verdict::Assurance;

use crate::support::app::TestApp;

#[tokio::test]
async fn the_gate_follows_a_verification_through_its_life() {
    let app = TestApp::start().await;
    let never = app.gate("12345").await;
    assert_eq!(
        never,
        json!({"user_id": "12345", "verified": false, "reason": "never", "verified_at": null,
            "age_seconds": null, "verified_until": null, "assurance": null, "method": null,
            "link_id": null, "recent_rebind": false})
    );
    app.enrol("12345").await;
    app.clock.advance(Duration::from_secs(60));
    let mut fresh = app.gate("12345").await;
    assert!(fresh["link_id"].take().as_str().unwrap().starts_with("lnk_"));
    assert_eq!(
        fresh,
        json!({"user_id": "12345", "verified": true, "reason": "fresh",
            "verified_at": "2026-11-21T10:00:00Z", "age_seconds": 60,
            "verified_until": "2026-11-21T11:00:00Z", "assurance": 0, "method": "passkey",
            "link_id": null, "recent_rebind": false})
    );
    let asked = async |query: &str| {
        let path = format!("/api/verification/status?user_id=12345&{query}");
        let answer = app.get(&path).await.expect(200);
        (answer["verified"].clone(), answer["reason"].clone())
    };
    assert_eq!(asked("max_age_seconds=59").await, (json!(false), json!("stale")));
    assert_eq!(asked("max_age_seconds=60").await, (json!(true), json!("fresh")));
    assert_eq!(asked("min_assurance=1").await, (json!(false), json!("assurance")));
    app.clock.advance(Duration::from_secs(3540));
    assert_eq!(asked("").await, (json!(false), json!("stale")));
    assert_eq!(asked("max_age_seconds=99999999").await, (json!(false), json!("stale")));
}

#[tokio::test]
async fn the_gate_refuses_questions_it_cannot_read() {
    let app = TestApp::start().await;
    for query in [
        "",
        "user_id=",
        "user_id=1&max_age_seconds=-1",
        "user_id=1&max_age_seconds=x",
        "user_id=1&min_assurance=5",
    ] {
        let answer = app.get(&format!("/api/verification/status?{query}")).await;
        assert_eq!(answer.problem(422), "validation", "{query}");
    }
}

#[tokio::test]
async fn whoever_may_not_ask_the_gate_is_not_told_what_is_wrong_with_the_question() {
    let app = TestApp::start().await;
    for query in ["user_id=1", "", "user_id=", "user_id=1&max_age_seconds=x"] {
        let path = format!("/api/verification/status?{query}");
        let request = app.request(Method::GET, &path).bearer_auth("vl_unknown");
        let answer = TestApp::send(request).await;
        assert_eq!(answer.problem(401), "unauthorized", "{query}");
    }
}

#[tokio::test]
async fn the_gate_answers_for_the_customer_it_names_however_the_question_is_spelled() {
    let app = TestApp::start().await;
    for user_id in ["a b", "a+b", "ä", "1"] {
        app.enrol(user_id).await;
    }
    for (query, user_id) in [
        ("user_id=a+b", "a b"),
        ("user_id=a%20b", "a b"),
        ("user_id=a%2Bb", "a+b"),
        ("user_id=%C3%A4", "ä"),
        ("%75ser_id=1", "1"),
        ("max_age_seconds=60&user_id=1", "1"),
        ("user_id=1&user_id=never", "1"),
    ] {
        let answer = app.get(&format!("/api/verification/status?{query}")).await.expect(200);
        assert_eq!((&answer["user_id"], &answer["verified"]), (&json!(user_id), &json!(true)));
    }
}

#[tokio::test]
async fn a_verdict_that_ran_out_is_sent_to_the_crm_once() {
    let app = TestApp::start().await;
    app.enrol("12345").await;
    app.clock.advance(Duration::from_secs(3600));
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.lapsed");
    assert_eq!(event["verified"], false);
    assert_eq!(event["data"]["reason"], "lapsed");
    assert_eq!(event["data"]["status"], "verified");
    assert_eq!(event["data"]["sequence"], 3, "bound, verified, lapsed");
    let gate = app.gate("12345").await;
    assert_eq!(gate["reason"], "stale");
    // A second lapse would come before what follows it.
    app.clock.advance(Duration::from_secs(60));
    app.link("12345").await;
    app.link("12345").await;
    assert_eq!(app.webhook().await["type"], "verification.revoked");
}

#[tokio::test]
async fn a_link_that_ends_without_an_answer_leaves_a_fresh_verification_alone() {
    let app = TestApp::start().await;
    app.enrol("12345").await;
    let link = app.link("12345").await;
    let path = format!("/api/verification/link/{}/revoke", link["id"].as_str().unwrap());
    app.post(&path, &json!({})).await.expect(200);
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.revoked");
    assert_eq!(event["verified"], true, "the gate's answer, not the link's");
    assert_eq!(event["data"]["status"], "revoked");
    assert_eq!(app.gate("12345").await["verified"], true);
}

#[tokio::test]
async fn an_operator_can_demand_more_assurance_everywhere() {
    let app = TestApp::start_with(|config| {
        config.verification.gate_min_assurance = Assurance::new(1).unwrap();
    })
    .await;
    let link = app.link("12345").await;
    let mut device = crate::support::authenticator::Authenticator::new();
    let options = app.options("register", &link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.verified");
    assert_eq!(event["verified"], false, "not enough for the gate");
    assert_eq!(app.gate("12345").await["reason"], "assurance");
}
