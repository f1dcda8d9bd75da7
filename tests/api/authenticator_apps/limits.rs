//! Who guesses does not get far.

use std::time::Duration;

use serde_json::json;

use super::{enrol, link, options, start, try_code, verify};
use crate::support::totp::AuthenticatorApp;

#[tokio::test]
async fn wrong_codes_count_as_attempts_and_the_last_one_ends_the_link() {
    let app = start().await;
    let phone = enrol(&app, "12345").await.app;
    let made = link(&app, "12345", "open").await;
    for nth in 0..5 {
        let wrong = phone.wrong(app.now(), nth);
        assert_eq!(try_code(&app, &made, &wrong).await.problem(422), "not_confirmed");
    }
    assert_eq!(options(&app, &made).await.problem(410), "link_failed");
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.failed");
    assert_eq!(event["data"]["reason"], "too_many_attempts");
    assert_eq!(app.gate("12345").await["reason"], "refused");
    assert_eq!(app.shown(&made).await["attempts"], 5);
}

#[tokio::test]
async fn wrong_codes_end_a_link_that_sets_an_app_up_too() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    for nth in 0..5 {
        let begun = options(&app, &made).await.expect(200);
        let phone = AuthenticatorApp::set_up(&begun);
        let answer = verify(&app, &begun, &phone.wrong(app.now(), nth)).await;
        assert_eq!(answer.problem(422), "not_confirmed");
    }
    assert_eq!(options(&app, &made).await.problem(410), "link_failed");
    let shown = app.get("/api/customers/12345").await.expect(200);
    assert_eq!(shown["authenticator_apps"], json!([]));
}

#[tokio::test]
async fn after_ten_wrong_codes_on_whichever_links_an_app_rests_for_the_hour() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let phone = enrolled.app;
    for nth in 0..10 {
        // One on each link, so that none ends of it.
        let made = link(&app, "12345", "open").await;
        let wrong = phone.wrong(app.now(), nth);
        assert_eq!(try_code(&app, &made, &wrong).await.problem(422), "not_confirmed");
    }
    app.clock.advance(Duration::from_millis(599_500));
    let made = link(&app, "12345", "open").await;
    let answer = options(&app, &made).await;
    assert_eq!(answer.problem(429), "rate_limited");
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(wait, 3001, "what is left of the hour, and no second too few");
    assert!(answer.text.contains("wait for 51 minutes"), "{}", answer.text);
    // A passkey would still do, and when the hour is over the app does again.
    app.clock.advance(Duration::from_secs(wait - 1));
    let made = link(&app, "12345", "open").await;
    let answer = options(&app, &made).await;
    assert_eq!(answer.problem(429), "rate_limited");
    assert!(answer.text.contains("wait for a minute"), "{}", answer.text);
    app.clock.advance(Duration::from_secs(1));
    try_code(&app, &made, &phone.code(app.now(), 0)).await.expect(200);
}

#[tokio::test]
async fn a_challenge_from_before_looks_at_no_code_while_the_app_rests() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    for nth in 0..9 {
        let made = link(&app, "12345", "open").await;
        let wrong = enrolled.app.wrong(app.now(), nth);
        assert_eq!(try_code(&app, &made, &wrong).await.problem(422), "not_confirmed");
    }
    app.clock.advance(Duration::from_secs(600));
    let made = link(&app, "12345", "open").await;
    let begun = options(&app, &made).await.expect(200);
    let customer = app.get("/api/customers/12345").await.expect(200);
    let id = customer["authenticator_apps"][0]["id"].as_str().unwrap().parse().unwrap();
    // Somebody else's try comes first.
    let verification = &app.services.verify.verification;
    let actor = vouchlink::domain::audit::Actor::Customer;
    let context = vouchlink::store::Context::new(app.now(), actor, verification);
    assert!(app.services.store.count_try(id, context).await.unwrap());
    let answer = verify(&app, &begun, &enrolled.app.code(app.now(), 0)).await;
    assert_eq!(answer.problem(429), "rate_limited");
    assert_eq!(answer.headers["retry-after"], "3000");
    assert!(answer.text.contains("wait for 50 minutes"), "{}", answer.text);
    assert_eq!(app.shown(&made).await["attempts"], 1);
}

#[tokio::test]
async fn right_codes_use_no_tries_up() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    for _ in 0..12 {
        let made = link(&app, "12345", "open").await;
        try_code(&app, &made, &enrolled.app.code(app.now(), 0)).await.expect(200);
        assert_eq!(app.webhook().await["verified"], true);
        app.clock.advance(crate::support::totp::STEP);
    }
}
