//! What staff see of an app and take away, and what is kept of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use vouchlink::domain::audit::Actor;
use vouchlink::store::Context;

use super::{enrol, link, options, start, try_code};
use crate::support::app::{SEASONING, TestApp};
use crate::support::authenticator::Authenticator;
use crate::support::totp::STEP;

async fn apps(app: &TestApp, user_id: &str) -> serde_json::Value {
    app.get(&format!("/api/customers/{user_id}")).await.expect(200)["authenticator_apps"].clone()
}

async fn revoke(app: &TestApp, user_id: &str, id: &str) -> crate::support::app::Answer {
    let path = format!("/api/customers/{user_id}/authenticator-apps/{id}");
    TestApp::send(app.request(Method::DELETE, &path).bearer_auth(&app.key)).await
}

#[tokio::test]
async fn staff_see_an_app_and_revoking_it_closes_the_gate_that_rests_on_it() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let shown = apps(&app, "12345").await;
    assert_eq!(shown[0]["recovery_codes_left"], 10);
    assert_eq!((&shown[0]["last_used_at"], &shown[0]["revoked_at"]), (&json!(null), &json!(null)));
    let made = link(&app, "12345", "open").await;
    try_code(&app, &made, &enrolled.app.code(app.now(), 0)).await.expect(200);
    app.webhook().await;
    let shown = apps(&app, "12345").await;
    assert_eq!(shown[0]["last_used_at"], "2026-11-21T10:00:30Z");
    assert_eq!(app.gate("12345").await["verified"], true);

    let id = shown[0]["id"].as_str().unwrap();
    assert_eq!(app.shown(&made).await["verdict"]["credential_id"], id);
    assert_eq!(revoke(&app, "somebody", id).await.problem(404), "not_found");
    enrol(&app, "67890").await;
    assert_eq!(revoke(&app, "67890", id).await.problem(404), "not_found");
    assert_eq!(revoke(&app, "12345", "lnk_1").await.problem(404), "not_found");

    let before = link(&app, "12345", "open").await;
    let begun = options(&app, &before).await.expect(200);
    assert_eq!(revoke(&app, "12345", id).await.status, 204);
    assert_eq!(revoke(&app, "12345", id).await.problem(404), "not_found");
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&json!("verification.lapsed"), &json!(false))
    );
    assert_eq!(app.gate("12345").await["verified"], false);
    assert_eq!(apps(&app, "12345").await[0]["revoked_at"], "2026-11-21T10:01:00Z");
    // Neither a code of before nor one from the list is good any more.
    app.clock.advance(STEP);
    let code = enrolled.app.code(app.now(), 0);
    assert_eq!(super::verify(&app, &begun, &code).await.problem(422), "not_confirmed");
    assert_eq!(options(&app, &before).await.problem(409), "wrong_ceremony");

    // Whoever has the agent on the phone sets another one up.
    let again = enrol(&app, "12345").await;
    let made = link(&app, "12345", "open").await;
    let old = try_code(&app, &made, &enrolled.recovery_codes[0]).await;
    assert_eq!(old.problem(422), "not_confirmed");
    try_code(&app, &made, &again.recovery_codes[0]).await.expect(200);
}

#[tokio::test]
async fn a_key_that_may_only_read_takes_no_app_away() {
    let app = start().await;
    enrol(&app, "12345").await;
    let id = apps(&app, "12345").await[0]["id"].as_str().unwrap().to_owned();
    let reader = app.key_for(&[vouchlink::domain::api_key::Scope::CustomersRead]).await;
    let path = format!("/api/customers/12345/authenticator-apps/{id}");
    let answer = TestApp::send(app.request(Method::DELETE, &path).bearer_auth(&reader)).await;
    assert_eq!(answer.problem(403), "forbidden");
    assert_eq!(apps(&app, "12345").await[0]["revoked_at"], json!(null));
}

#[tokio::test]
async fn a_passkey_in_place_of_all_others_takes_the_app_away_too() {
    let app = start().await;
    enrol(&app, "12345").await;
    let made = link(&app, "12345", "replace").await;
    assert_eq!(options(&app, &made).await.problem(409), "wrong_ceremony");
    let begun = app.options("register", &made).await.expect(200);
    let credential = Authenticator::new().register(&begun["publicKey"], &app.origin);
    app.verify("register", &begun, &credential).await.expect(200);
    assert_ne!(apps(&app, "12345").await[0]["revoked_at"], json!(null));
    let made = link(&app, "12345", "open").await;
    assert_eq!(options(&app, &made).await.problem(409), "wrong_ceremony");
}

/// What a verdict is worth is said of the way it came about, not of the best key there is.
#[tokio::test]
async fn a_code_is_worth_1_for_a_customer_whose_passkey_has_seasoned() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let mut device = Authenticator::new();
    let made = app.link_with("12345", json!({"enrolment": "call_code"})).await;
    let begun = super::say(&app, "register", &made, json!({"call_code": made["call_code"]})).await;
    let begun = begun.expect(200);
    let credential = device.register(&begun["publicKey"], &app.origin);
    app.verify("register", &begun, &credential).await.expect(200);
    app.webhook().await;
    app.clock.advance(SEASONING + Duration::from_secs(1));
    let made = link(&app, "12345", "open").await;
    let begun = app.options("authenticate", &made).await.expect(200);
    let credential = device.authenticate(&begun["publicKey"], &app.origin);
    app.verify("authenticate", &begun, &credential).await.expect(200);
    // The verification that makes it season is still one of a passkey bound by a code.
    let verification = &app.services.verify.verification;
    let context = Context::new(app.now(), Actor::System, verification);
    app.services.store.season_credentials(9, context).await.unwrap();
    let shown = app.get("/api/customers/12345").await.expect(200);
    assert_eq!(shown["credentials"][0]["binding"], "seasoned");

    let made = link(&app, "12345", "open").await;
    assert_eq!(made.get("call_code"), None);
    assert_eq!(app.shown(&made).await["kind"], "authenticate");
    try_code(&app, &made, &enrolled.app.code(app.now(), 0)).await.expect(200);
    let verdict = &app.shown(&made).await["verdict"];
    assert_eq!((&verdict["method"], &verdict["assurance"]), (&json!("totp"), &json!(1)));
    assert_eq!(verdict["binding"], "call_code");
    for (least, verified) in [(0, true), (1, true), (2, false), (3, false), (4, false)] {
        let path = format!("/api/verification/status?user_id=12345&min_assurance={least}");
        let gate = app.get(&path).await.expect(200);
        assert_eq!(gate["verified"], verified, "{least}");
        if !verified {
            assert_eq!(gate["reason"], "assurance");
        }
    }
}

#[tokio::test]
async fn the_record_of_a_code_says_that_nobody_can_check_it() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let evidence = async |made: &serde_json::Value| {
        let path = format!("/api/verification/link/{}/evidence", made["id"].as_str().unwrap());
        app.get(&path).await.expect(200)
    };
    let first = evidence(&enrolled.link).await;
    let step = (app.now().millis() / 30_000) - 1;
    assert_eq!((&first["method"], &first["step"]), (&json!("totp"), &json!(step)));
    assert_eq!((&first["checkable"], &first["assurance"]), (&json!(false), &json!(1)));
    assert!(first["note"].as_str().unwrap().contains("no third party can check it"));
    assert!(first["statement"].as_str().unwrap().contains(enrolled.link["id"].as_str().unwrap()));
    assert_eq!(first["credential_id"], apps(&app, "12345").await[0]["id"]);

    let made = link(&app, "12345", "open").await;
    try_code(&app, &made, &enrolled.recovery_codes[6]).await.expect(200);
    let second = evidence(&made).await;
    assert_eq!(
        (&second["method"], &second["recovery_code"], &second["step"]),
        (&json!("recovery_code"), &json!(7), &json!(null))
    );
    assert_eq!(second["assurance"], 0);
    for code in &enrolled.recovery_codes {
        assert!(!second.to_string().contains(code.as_str()));
    }
}

#[tokio::test]
async fn neither_secret_nor_recovery_codes_stand_in_the_database() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    let begun = options(&app, &made).await.expect(200);
    let phone = crate::support::totp::AuthenticatorApp::set_up(&begun);
    let done = super::verify(&app, &begun, &phone.code(app.now(), 0)).await.expect(200);
    app.webhook().await;
    let mut secrets = vec![phone.secret().to_vec(), begun["secret"].as_str().unwrap().into()];
    for code in done["recovery_codes"].as_array().unwrap() {
        let code = code.as_str().unwrap();
        secrets.push(code.into());
        secrets.push(code.replace('-', "").into());
    }
    let path = app.database();
    let name = path.file_name().unwrap().to_owned();
    let folder = app.stop().await;
    let mut searched = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let holds = std::fs::read(file.path()).unwrap();
        searched += usize::from(file.file_name() == name);
        for secret in &secrets {
            let found = holds.windows(secret.len()).any(|part| part == secret.as_slice());
            assert!(!found, "{:?} holds a secret", file.file_name());
        }
        if file.file_name() == name {
            let id = b"authenticator_app.bound";
            assert!(
                holds.windows(id.len()).any(|part| part == id),
                "the search finds what is there"
            );
        }
    }
    assert_eq!(searched, 1);
}
