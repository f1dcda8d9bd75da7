//! A code of an authenticator app in place of a passkey: who gets one, and what it is good for.

mod limits;
mod once;
mod own_view;
mod refusals;
mod sealed;
mod staff;

use serde_json::{Value, json};

use super::calls::say;
use crate::support::app::{Answer, TestApp};
use crate::support::totp::{AuthenticatorApp, STEP};

pub(super) async fn start() -> TestApp {
    TestApp::start_with(|config| config.verification.totp = true).await
}

/// A link that takes codes.
pub(super) async fn link(app: &TestApp, user_id: &str, enrolment: &str) -> Value {
    let more = json!({"enrolment": enrolment, "methods": ["passkey", "totp"]});
    app.link_with(user_id, more).await
}

/// As the page of whoever has the agent on the phone.
pub(super) async fn options(app: &TestApp, link: &Value) -> Answer {
    let word = link.get("call_code").map_or(json!({}), |code| json!({"call_code": code}));
    say(app, "totp", link, word).await
}

pub(super) fn answer(options: &Value, code: &str) -> String {
    json!({"challenge_token": options["challenge_token"], "code": code}).to_string()
}

pub(super) async fn verify(app: &TestApp, options: &Value, code: &str) -> Answer {
    app.post_from_page("/api/ceremony/totp/verify", answer(options, code)).await
}

/// Options and a code.
pub(super) async fn try_code(app: &TestApp, link: &Value, code: &str) -> Answer {
    let options = options(app, link).await.expect(200);
    assert_eq!(options["kind"], "authenticate");
    verify(app, &options, code).await
}

/// A customer with an app, and what it came with; the CRM's webhook is taken.
pub(super) struct Enrolled {
    pub(super) app: AuthenticatorApp,
    pub(super) link: Value,
    pub(super) recovery_codes: Vec<String>,
}

pub(super) async fn enrol(app: &TestApp, user_id: &str) -> Enrolled {
    let link = link(app, user_id, "call_code").await;
    let options = options(app, &link).await.expect(200);
    assert_eq!(options["kind"], "register");
    let phone = AuthenticatorApp::set_up(&options);
    let done = verify(app, &options, &phone.code(app.now(), 0)).await.expect(200);
    assert_eq!(done["verified"], true);
    let codes = done["recovery_codes"].as_array().unwrap();
    let recovery_codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    app.webhook().await;
    app.clock.advance(STEP);
    Enrolled { app: phone, link, recovery_codes }
}

#[tokio::test]
async fn who_has_the_agent_on_the_phone_sets_an_app_up_and_verifies_with_it_later() {
    let app = start().await;
    let first = link(&app, "12345", "call_code").await;
    let options_ = options(&app, &first).await.expect(200);
    assert_eq!(options_["kind"], "register");
    let uri = options_["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Harbour%20Bank:asaf%40example.com?secret="), "{uri}");
    assert!(uri.ends_with("&issuer=Harbour%20Bank&algorithm=SHA1&digits=6&period=30"), "{uri}");
    assert!(options_["qr"].as_str().unwrap().starts_with("<svg "));
    let phone = AuthenticatorApp::set_up(&options_);
    let typed = phone.code(app.now(), 0);
    let (one, other) = typed.split_at(3);
    let spaced = format!("{one} {other}");
    let done = verify(&app, &options_, &spaced).await.expect(200);
    assert_eq!((&done["verified"], &done["status"]), (&json!(true), &json!("verified")));
    let codes = done["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.as_str().unwrap().len() == 11));

    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.verified");
    let data = &event["data"];
    assert_eq!((&data["method"], &data["first_use"]), (&json!("totp"), &json!(true)));
    assert_eq!((&data["binding"], &data["assurance"]), (&json!("call_code"), &json!(1)));
    let shown = app.shown(&first).await;
    assert_eq!(shown["methods"], json!(["passkey", "totp"]));
    let actions: Vec<&str> = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "link.created",
            "link.opened",
            "call_code.accepted",
            "authenticator_app.bound",
            "link.verified"
        ]
    );

    app.clock.advance(STEP);
    let later = link(&app, "12345", "open").await;
    let done = try_code(&app, &later, &phone.code(app.now(), 0)).await.expect(200);
    assert_eq!(done["verified"], true);
    assert!(done.get("recovery_codes").is_none(), "{done}");
    let data = &app.webhook().await["data"];
    assert_eq!((&data["method"], &data["assurance"]), (&json!("totp"), &json!(1)));
    assert_eq!(data["first_use"], false);
}
