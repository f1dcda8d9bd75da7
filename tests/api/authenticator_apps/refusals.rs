//! Who gets no app, and which codes are none.

use serde_json::json;
use vouchlink::domain::authenticator_app::TypedCode;
use vouchlink::flows::verify::Stopped;

use super::{answer, enrol, link, options, start, try_code, verify};
use crate::api::calls::{reissue, say, type_code, wrong};
use crate::support::app::{TestApp, finish_body};
use crate::support::authenticator::Authenticator;
use crate::support::totp::{AuthenticatorApp, STEP};

#[tokio::test]
async fn codes_are_off_until_the_operator_turns_them_on() {
    let app = TestApp::start().await;
    let body = |methods| json!({"user_id": "1", "username": "dana", "methods": methods});
    let answer = app.post("/api/verification/link", &body(json!(["passkey", "totp"]))).await;
    assert_eq!(answer.problem(422), "validation");
    assert!(answer.text.contains("TOTP_ENABLED"), "{}", answer.text);
    let link = app.link_with("1", json!({"enrolment": "call_code"})).await;
    assert_eq!(app.shown(&link).await["methods"], json!(["passkey"]));
    assert_eq!(options(&app, &link).await.problem(409), "wrong_ceremony");
    // Nothing was heard: a right call code here has not opened the link.
    assert_eq!(app.shown(&link).await["status"], "pending");
}

#[tokio::test]
async fn the_weaker_way_is_never_the_only_one() {
    let app = start().await;
    for methods in [
        json!(["totp"]),
        json!([]),
        json!(["passkey", "passkey"]),
        json!(["passkey", "recovery_code"]),
        json!(["passkey", "totp", "totp"]),
    ] {
        let body = json!({"user_id": "1", "username": "dana", "methods": methods});
        let answer = app.post("/api/verification/link", &body).await;
        assert_eq!(answer.problem(422), "validation", "{methods}");
    }
    let either = app.link_with("1", json!({"methods": ["totp", "passkey"]})).await;
    assert_eq!(app.shown(&either).await["methods"], json!(["passkey", "totp"]));
    let request = app.request(reqwest::Method::POST, "/api/verification/link");
    let request = request.bearer_auth(&app.key);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let form = "user_id=2&username=asaf&methods=passkey,totp";
    let form = TestApp::send(request.body(form)).await.expect(201);
    assert_eq!(app.shown(&form).await["methods"], json!(["passkey", "totp"]));
}

#[tokio::test]
async fn an_app_is_set_up_only_where_an_agent_reads_out_a_code() {
    let app = start().await;
    for enrolment in ["open", "replace"] {
        let made = link(&app, "12345", enrolment).await;
        assert_eq!(options(&app, &made).await.problem(409), "wrong_ceremony", "{enrolment}");
    }
    // One who has a passkey uses it.
    app.enrol("67890").await;
    let made = link(&app, "67890", "call_code").await;
    assert_eq!(made.get("call_code"), None);
    assert_eq!(options(&app, &made).await.problem(409), "wrong_ceremony");
    // And a link that did not say so takes no codes, though its customer has an app.
    enrol(&app, "1").await;
    let made = app.link_with("1", json!({"enrolment": "call_code"})).await;
    assert_eq!(options(&app, &made).await.problem(409), "wrong_ceremony");
}

#[tokio::test]
async fn a_stolen_link_without_the_call_code_shows_no_secret_and_gives_no_verdict() {
    let app = start().await;
    let stolen = link(&app, "12345", "call_code").await;
    assert_eq!(say(&app, "totp", &stolen, json!({})).await.problem(403), "call_code_required");
    let tries = [("call_code_wrong", 403), ("call_code_wrong", 403), ("link_failed", 410)];
    for (nth, (code, status)) in (1..).zip(tries) {
        let word = json!({"call_code": wrong(&stolen, nth)});
        let answer = say(&app, "totp", &stolen, word).await;
        assert_eq!(answer.problem(status), code);
        assert!(!answer.text.contains("otpauth") && !answer.text.contains("secret"));
    }
    assert_eq!(options(&app, &stolen).await.problem(410), "link_failed");
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&json!("verification.failed"), &json!(false))
    );
    let shown = app.get("/api/customers/12345").await.expect(200);
    assert_eq!(shown["authenticator_apps"], json!([]));
}

/// The code was heard from one page; who opens the link elsewhere has to know it as well.
#[tokio::test]
async fn the_secret_is_shown_to_none_who_does_not_know_the_code() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    options(&app, &made).await.expect(200);
    assert_eq!(say(&app, "totp", &made, json!({})).await.problem(403), "call_code_required");
    let word = json!({"call_code": wrong(&made, 1)});
    assert_eq!(say(&app, "totp", &made, word).await.problem(403), "call_code_wrong");
}

/// Whoever only holds the link gets no further with a code that was typed elsewhere either.
#[tokio::test]
async fn the_agents_code_is_asked_for_with_an_app_that_is_there_too() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let made = link(&app, "12345", "call_code").await;
    assert_eq!(say(&app, "totp", &made, json!({})).await.problem(403), "call_code_required");
    let word = json!({"call_code": wrong(&made, 1)});
    assert_eq!(say(&app, "totp", &made, word).await.problem(403), "call_code_wrong");
    assert_eq!(app.shown(&made).await["attempts"], 0);
    try_code(&app, &made, &enrolled.app.code(app.now(), 0)).await.expect(200);
    assert_eq!(app.webhook().await["data"]["method"], "totp");
    let state = &app.shown(&made).await["call_code_state"];
    assert!(state["given_at"].is_string(), "{state}");

    let stolen = link(&app, "12345", "call_code").await;
    for nth in 1..=3 {
        say(&app, "totp", &stolen, json!({"call_code": wrong(&stolen, nth)})).await;
    }
    assert_eq!(app.webhook().await["data"]["reason"], "call_code_wrong");
}

#[tokio::test]
async fn a_contradicting_answer_about_the_call_ends_the_link() {
    let app = start().await;
    let more = json!({"enrolment": "call_code", "methods": ["passkey", "totp"],
                      "call_initiator": "customer"});
    let made = app.link_with("12345", more).await;
    let word = json!({"call_code": made["call_code"], "call_answer": "company"});
    assert_eq!(say(&app, "totp", &made, word).await.problem(410), "link_declined");
}

#[tokio::test]
async fn a_reload_shows_the_same_secret_and_a_reissued_link_another() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    let first = options(&app, &made).await.expect(200);
    let again = options(&app, &made).await.expect(200);
    assert_eq!((&first["secret"], &first["uri"]), (&again["secret"], &again["uri"]));
    assert_ne!(first["challenge_token"], again["challenge_token"]);
    let phone = AuthenticatorApp::set_up(&first);
    // Only the newest challenge is live.
    let late = verify(&app, &first, &phone.code(app.now(), 0)).await;
    assert_eq!(late.problem(409), "challenge_used");

    let anew = reissue(&app, &made).await;
    let other = options(&app, &anew).await.expect(200);
    assert_ne!(other["secret"], first["secret"], "whoever had the old link may know that one");
    assert_eq!(verify(&app, &other, &phone.code(app.now(), 0)).await.problem(422), "not_confirmed");
    let other = options(&app, &anew).await.expect(200);
    let phone = AuthenticatorApp::set_up(&other);
    verify(&app, &other, &phone.code(app.now(), 0)).await.expect(200);
}

#[tokio::test]
async fn a_challenge_of_one_way_is_no_use_in_another() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    let totp = options(&app, &made).await.expect(200);
    let phone = AuthenticatorApp::set_up(&totp);
    let passkey = type_code(&app, &made, made["call_code"].as_str().unwrap()).await.expect(200);
    let code = phone.code(app.now(), 0);
    assert_eq!(verify(&app, &passkey, &code).await.problem(409), "wrong_ceremony");
    let mut device = Authenticator::new();
    let credential = device.register(&passkey["publicKey"], &app.origin);
    for kind in ["register", "authenticate"] {
        let path = format!("/api/ceremony/{kind}/verify");
        let answer = app.post_from_page(&path, finish_body(&totp, &credential)).await;
        assert_eq!(answer.problem(409), "wrong_ceremony");
    }
    assert_eq!(app.shown(&made).await["attempts"], 0);
    app.verify("register", &passkey, &credential).await.expect(200);
}

#[tokio::test]
async fn what_is_no_code_at_all_costs_no_attempt() {
    let app = start().await;
    enrol(&app, "12345").await;
    let made = link(&app, "12345", "open").await;
    let begun = options(&app, &made).await.expect(200);
    for code in ["", "12345", "1234567", "ABCDE-FGHI", "<script>"] {
        let answer = verify(&app, &begun, code).await;
        assert_eq!(answer.problem(422), "validation", "{code}");
    }
    assert_eq!(app.shown(&made).await["attempts"], 0);
    let body = answer(&begun, "123456").replace("\"code\"", "\"cod\"");
    let answer = app.post_from_page("/api/ceremony/totp/verify", body).await;
    assert_eq!(answer.problem(422), "validation");
}

#[tokio::test]
async fn a_code_is_good_a_step_early_and_a_step_late_and_not_longer() {
    let app = start().await;
    let phone = enrol(&app, "12345").await.app;
    app.clock.advance(STEP * 10);
    for (steps, good) in [(-2, false), (2, false), (-1, true), (1, true)] {
        let made = link(&app, "12345", "open").await;
        let answer = try_code(&app, &made, &phone.code(app.now(), steps)).await;
        if good {
            answer.expect(200);
        } else {
            assert_eq!(answer.problem(422), "not_confirmed", "{steps} steps");
        }
    }
}

#[tokio::test]
async fn an_app_of_another_customer_is_no_use() {
    let app = start().await;
    let other = enrol(&app, "1").await;
    enrol(&app, "2").await;
    let made = link(&app, "2", "open").await;
    let answer = try_code(&app, &made, &other.app.code(app.now(), 0)).await;
    assert_eq!(answer.problem(422), "not_confirmed");
    let answer = try_code(&app, &made, &other.recovery_codes[0]).await;
    assert_eq!(answer.problem(422), "not_confirmed");
}

#[tokio::test]
async fn a_recovery_code_sets_up_no_app() {
    let app = start().await;
    let codes = enrol(&app, "1").await.recovery_codes;
    let made = link(&app, "2", "call_code").await;
    let begun = options(&app, &made).await.expect(200);
    assert_eq!(verify(&app, &begun, &codes[0]).await.problem(422), "not_confirmed");
}

#[tokio::test]
async fn turning_it_off_ends_it_for_links_that_were_made_before() {
    let app = TestApp::start_tuned(
        std::time::Duration::ZERO,
        |config| config.verification.totp = true,
        |app| app.services.verify.verification.totp = false,
    )
    .await;
    let made = link(&app, "12345", "call_code").await;
    assert_eq!(options(&app, &made).await.problem(409), "wrong_ceremony");
}

#[tokio::test]
async fn turning_it_off_ends_what_was_begun_before() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let begun = options(&app, &link(&app, "12345", "open").await).await.expect(200);
    let mut off = app.services.verify.clone();
    off.verification.totp = false;
    let code = enrolled.app.code(app.now(), 0);
    let typed = TypedCode::parse(&code).unwrap();
    let token = begun["challenge_token"].as_str().unwrap();
    let stopped = off.finish_code(token, &typed, answer(&begun, &code).as_bytes()).await;
    assert!(matches!(stopped, Err(Stopped::WrongCeremony)), "{stopped:?}");
    // Nothing was consumed: it goes on where it was turned on again.
    verify(&app, &begun, &code).await.expect(200);
    app.webhook().await;
}
