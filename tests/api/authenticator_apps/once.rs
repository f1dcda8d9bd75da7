//! What is good once is good once.

use futures_util::future::join_all;
use serde_json::json;

use super::{answer, enrol, link, options, start, try_code, verify};
use crate::support::totp::{AuthenticatorApp, STEP};

#[tokio::test]
async fn a_code_verifies_once_also_on_another_link() {
    let app = start().await;
    let phone = enrol(&app, "12345").await.app;
    let first = link(&app, "12345", "open").await;
    let code = phone.code(app.now(), 0);
    try_code(&app, &first, &code).await.expect(200);
    assert_eq!(app.webhook().await["verified"], true);
    let second = link(&app, "12345", "open").await;
    assert_eq!(try_code(&app, &second, &code).await.problem(422), "not_confirmed");
    // Nor is one from before it, though it was never typed.
    let before = phone.code(app.now(), -1);
    assert_eq!(try_code(&app, &second, &before).await.problem(422), "not_confirmed");
    let reasons: Vec<_> = app.shown(&second).await["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"] == "attempt.refused")
        .map(|entry| entry["detail"]["reason"].clone())
        .collect();
    assert_eq!(reasons, ["code_used", "code_used"]);
    app.clock.advance(STEP);
    try_code(&app, &second, &phone.code(app.now(), 0)).await.expect(200);
}

#[tokio::test]
async fn the_code_that_set_an_app_up_verifies_nobody_again() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    let begun = options(&app, &made).await.expect(200);
    let phone = AuthenticatorApp::set_up(&begun);
    let code = phone.code(app.now(), 0);
    verify(&app, &begun, &code).await.expect(200);
    let second = link(&app, "12345", "open").await;
    assert_eq!(try_code(&app, &second, &code).await.problem(422), "not_confirmed");
}

#[tokio::test]
async fn the_same_answer_sent_again_is_answered_the_same_and_nothing_happens_twice() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    let begun = options(&app, &made).await.expect(200);
    let phone = AuthenticatorApp::set_up(&begun);
    let body = answer(&begun, &phone.code(app.now(), 0));
    let path = "/api/ceremony/totp/verify";
    let first = app.post_from_page(path, body.clone()).await.expect(200);
    let again = app.post_from_page(path, body.clone()).await.expect(200);
    assert_eq!(first, again, "with the recovery codes");
    assert_eq!(first["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(app.webhook().await["data"]["sequence"], 2, "bound, verified");
    let shown = app.shown(&made).await;
    assert_eq!((&shown["attempts"], shown["deliveries"].as_array().unwrap().len()), (&json!(1), 1));
    let apps = &app.get("/api/customers/12345").await.expect(200)["authenticator_apps"];
    assert_eq!(apps.as_array().unwrap().len(), 1);
    // Who finds the request in a log later learns no codes from it.
    app.clock.advance(STEP * 20);
    let late = app.post_from_page(path, body).await.expect(200);
    assert_eq!(late["verified"], true);
    assert!(late.get("recovery_codes").is_none(), "{late}");
}

#[tokio::test]
async fn a_recovery_code_verifies_once_and_is_worth_nothing_but_its_list() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let code = enrolled.recovery_codes[3].to_lowercase().replace('-', " ");
    let made = link(&app, "12345", "open").await;
    try_code(&app, &made, &code).await.expect(200);
    let event = app.webhook().await;
    let data = &event["data"];
    assert_eq!((&data["method"], &data["assurance"]), (&json!("recovery_code"), &json!(0)));
    assert_eq!(event["verified"], true);
    let gate = app.gate("12345").await;
    assert_eq!((&gate["verified"], &gate["method"]), (&json!(true), &json!("recovery_code")));
    let demanding = "/api/verification/status?user_id=12345&min_assurance=1";
    let gate = app.get(demanding).await.expect(200);
    assert_eq!((&gate["verified"], &gate["reason"]), (&json!(false), &json!("assurance")));

    let apps = &app.get("/api/customers/12345").await.expect(200)["authenticator_apps"];
    assert_eq!(apps[0]["recovery_codes_left"], 9);
    let second = link(&app, "12345", "open").await;
    assert_eq!(try_code(&app, &second, &code).await.problem(422), "not_confirmed");
    // The others are as good as before.
    try_code(&app, &second, &enrolled.recovery_codes[9]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_answers_at_once_one_verifies() {
    let app = start().await;
    let phone = enrol(&app, "12345").await.app;
    let made = link(&app, "12345", "open").await;
    let begun = options(&app, &made).await.expect(200);
    let code = phone.code(app.now(), 0);
    // Each a request of its own, as spaces make them.
    let answers = (0..20).map(|nth| {
        let body = format!("{}{}", answer(&begun, &code), " ".repeat(nth));
        app.post_from_page("/api/ceremony/totp/verify", body)
    });
    let answers = join_all(answers).await;
    let verified = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(verified, 1, "{answers:?}");
    assert_eq!(app.webhook().await["verified"], true);
    let shown = app.shown(&made).await;
    assert_eq!((&shown["attempts"], shown["deliveries"].as_array().unwrap().len()), (&json!(1), 1));
}
