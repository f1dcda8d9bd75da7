//! The customer's own view: their app is shown there, a passkey takes it away, and a code changes
//! nothing.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Enrolled, enrol, link, options, say, start, try_code, verify};
use crate::api::me::{add, call, session, view};
use crate::mail::app_with;
use crate::support::app::{Answer, TestApp};
use crate::support::authenticator::Authenticator;
use crate::support::smtp::MailServer;
use crate::support::totp::{AuthenticatorApp, STEP};

/// Gives a customer who has an app a passkey as well, in a call.
async fn with_passkey(app: &TestApp, user_id: &str) -> (Enrolled, Authenticator) {
    let enrolled = enrol(app, user_id).await;
    let made = app.link_with(user_id, json!({"enrolment": "call_code"})).await;
    let begun = say(app, "register", &made, json!({"call_code": made["call_code"]})).await;
    let begun = begun.expect(200);
    let mut device = Authenticator::new();
    let credential = device.register(&begun["publicKey"], &app.origin);
    app.verify("register", &begun, &credential).await.expect(200);
    app.webhook().await;
    (enrolled, device)
}

/// The session of a verification by code.
async fn session_by(app: &TestApp, user_id: &str, code: &str) -> String {
    let more = json!({"methods": ["passkey", "totp"], "statement": "Change my address"});
    let made = app.link_with(user_id, more).await;
    let done = try_code(app, &made, code).await.expect(200);
    app.webhook().await;
    done["session"].as_str().unwrap().to_owned()
}

async fn remove(app: &TestApp, session: &str, list: &str, id: &Value) -> Answer {
    let path = format!("/{list}/{}", id.as_str().unwrap());
    call(app, Method::DELETE, &path, session).await
}

#[tokio::test]
async fn a_code_opens_a_session_that_looks_at_its_own_and_changes_nothing() {
    let app = start().await;
    let (enrolled, mut device) = with_passkey(&app, "12345").await;
    let by_passkey = session(&app, "12345", &mut device).await;
    let codes = [enrolled.app.code(app.now(), 0), enrolled.recovery_codes[3].clone()];
    for (code, left) in codes.iter().zip([10, 9]) {
        let looks = session_by(&app, "12345", code).await;
        let seen = view(&app, &looks).await.expect(200);
        assert_eq!(seen["may_change"], false);
        let [apps, passkeys] = [&seen["authenticator_apps"], &seen["passkeys"]];
        assert_eq!((&apps[0]["current"], &passkeys[0]["current"]), (&json!(true), &json!(false)));
        assert_eq!(apps[0]["recovery_codes_left"], left);
        assert_eq!(apps[0]["last_used_at"], "2026-11-21T10:00:30Z");
        let history = seen["history"].as_array().unwrap();
        assert_eq!(history.len(), 1, "nothing from before: {seen}");
        assert_eq!(history[0]["statement"], "Change my address");
        for (list, thing) in [("authenticator-apps", apps), ("credentials", passkeys)] {
            let refused = remove(&app, &looks, list, &thing[0]["id"]).await;
            assert_eq!(refused.problem(403), "forbidden", "{list}");
        }
        let path = format!("/credentials/{}?with_added=true", passkeys[0]["id"].as_str().unwrap());
        assert_eq!(call(&app, Method::DELETE, &path, &looks).await.problem(403), "forbidden");
        assert_eq!(add(&app, &looks).await.problem(403), "forbidden");
    }
    // All is as it was.
    let seen = view(&app, &by_passkey).await.expect(200);
    assert_eq!(seen["passkeys"].as_array().unwrap().len(), 1);
    assert_eq!(seen["authenticator_apps"][0]["current"], false);
    assert_eq!(app.gate("12345").await["verified"], true);
}

/// Unlike that of a passkey, which its device keeps, the first code is as good as any other.
#[tokio::test]
async fn not_even_the_agents_code_lets_a_code_change_anything() {
    let app = start().await;
    let made = link(&app, "12345", "call_code").await;
    let begun = options(&app, &made).await.expect(200);
    let phone = AuthenticatorApp::set_up(&begun);
    let done = verify(&app, &begun, &phone.code(app.now(), 0)).await.expect(200);
    app.webhook().await;
    let session = done["session"].as_str().unwrap();
    let seen = view(&app, session).await.expect(200);
    assert_eq!((&seen["may_change"], &seen["passkeys"]), (&json!(false), &json!([])));
    assert_eq!(add(&app, session).await.problem(403), "forbidden");
    let id = &seen["authenticator_apps"][0]["id"];
    let refused = remove(&app, session, "authenticator-apps", id).await;
    assert_eq!(refused.problem(403), "forbidden");
}

#[tokio::test]
async fn a_passkeys_session_removes_the_app_with_what_rests_on_it() {
    let app = start().await;
    let (enrolled, mut device) = with_passkey(&app, "12345").await;
    let may_change = session(&app, "12345", &mut device).await;
    let looks = session_by(&app, "12345", &enrolled.app.code(app.now(), 0)).await;
    assert_eq!(app.gate("12345").await["method"], "totp");
    let seen = view(&app, &may_change).await.expect(200);
    let id = &seen["authenticator_apps"][0]["id"];
    let removed = remove(&app, &may_change, "authenticator-apps", id).await;
    assert_eq!((removed.status.as_u16(), removed.text.as_str()), (204, ""));
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&json!("verification.lapsed"), &json!(false))
    );
    assert_eq!(app.gate("12345").await["verified"], false);
    // Its own sessions end with it, that of the passkey goes on.
    assert_eq!(view(&app, &looks).await.problem(401), "unauthorized");
    let seen = view(&app, &may_change).await.expect(200);
    assert_eq!(seen["authenticator_apps"], json!([]));
    let again = remove(&app, &may_change, "authenticator-apps", id).await;
    assert_eq!(again.problem(404), "not_found");
    // Neither its codes nor its list are good for anything.
    app.clock.advance(STEP);
    let made = link(&app, "12345", "open").await;
    assert_eq!(options(&app, &made).await.problem(409), "wrong_ceremony");

    let database = app.database();
    let folder = app.stop().await;
    let kept = rusqlite::Connection::open(database).unwrap();
    let actor: String = kept
        .query_row(
            "SELECT actor FROM audit WHERE action = 'authenticator_app.revoked'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(actor, "customer");
    drop(folder);
}

#[tokio::test]
async fn an_app_that_nothing_rests_on_goes_and_the_verification_stays() {
    let app = start().await;
    let (_, mut device) = with_passkey(&app, "12345").await;
    let session = session(&app, "12345", &mut device).await;
    let seen = view(&app, &session).await.expect(200);
    let id = &seen["authenticator_apps"][0]["id"];
    remove(&app, &session, "authenticator-apps", id).await.expect(204);
    assert_eq!(app.gate("12345").await["verified"], true);
}

#[tokio::test]
async fn what_is_somebody_elses_or_something_else_is_not_there() {
    let app = start().await;
    let (_, mut mine) = with_passkey(&app, "1").await;
    let (_, mut theirs) = with_passkey(&app, "2").await;
    let (own, other) = (session(&app, "1", &mut mine).await, session(&app, "2", &mut theirs).await);
    let (seen, others) = (view(&app, &own).await.expect(200), view(&app, &other).await.expect(200));
    for (list, id) in [
        ("authenticator-apps", &others["authenticator_apps"][0]["id"]),
        ("authenticator-apps", &seen["passkeys"][0]["id"]),
        ("authenticator-apps", &json!("x")),
        ("credentials", &seen["authenticator_apps"][0]["id"]),
    ] {
        assert_eq!(remove(&app, &own, list, id).await.problem(404), "not_found", "{list} {id}");
    }
    assert_eq!(view(&app, &own).await.expect(200), seen);
    assert_eq!(view(&app, &other).await.expect(200), others);
}

#[tokio::test]
async fn staff_who_revoke_the_app_end_the_session_of_its_code() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let looks = session_by(&app, "12345", &enrolled.app.code(app.now(), 0)).await;
    let seen = view(&app, &looks).await.expect(200);
    let id = seen["authenticator_apps"][0]["id"].as_str().unwrap();
    let path = format!("/api/customers/12345/authenticator-apps/{id}");
    TestApp::send(app.request(Method::DELETE, &path).bearer_auth(&app.key)).await.expect(204);
    app.webhook().await;
    assert_eq!(view(&app, &looks).await.problem(401), "unauthorized");
    // Another app is not the one that opened it.
    enrol(&app, "12345").await;
    assert_eq!(view(&app, &looks).await.problem(401), "unauthorized");
}

#[tokio::test]
async fn a_code_whose_answer_is_asked_for_again_opens_the_same_session_for_as_long() {
    let app = start().await;
    let enrolled = enrol(&app, "12345").await;
    let made = link(&app, "12345", "open").await;
    let begun = options(&app, &made).await.expect(200);
    let body = super::answer(&begun, &enrolled.app.code(app.now(), 0));
    let path = "/api/ceremony/totp/verify";
    let first = app.post_from_page(path, body.clone()).await.expect(200);
    app.webhook().await;
    app.clock.advance(STEP * 10);
    assert_eq!(app.post_from_page(path, body.clone()).await.expect(200), first);
    app.clock.advance(STEP * 10);
    assert_eq!(app.post_from_page(path, body).await.expect(200).get("session"), None);
    let over = view(&app, first["session"].as_str().unwrap()).await;
    assert_eq!(over.problem(401), "unauthorized");
}

#[tokio::test]
async fn the_owner_is_told_by_mail_that_their_app_is_gone() {
    let server = MailServer::start().await;
    let app = app_with(&server, |config| config.verification.totp = true).await;
    let (_, mut device) = with_passkey(&app, "1").await;
    let made = app.link_with("1", json!({"send": {"email": "dana@example.com"}})).await;
    server.next().await;
    let begun = app.options("authenticate", &made).await.expect(200);
    let credential = device.authenticate(&begun["publicKey"], &app.origin);
    let done = app.verify("authenticate", &begun, &credential).await.expect(200);
    app.webhook().await;
    let session = done["session"].as_str().unwrap();
    let seen = view(&app, session).await.expect(200);
    let id = &seen["authenticator_apps"][0]["id"];
    remove(&app, session, "authenticator-apps", id).await.expect(204);
    let mail = server.next().await;
    assert_eq!(mail.to, ["TO:<dana@example.com>"]);
    assert_eq!(mail.header("subject"), "Harbour Bank: your authenticator app was removed");
}
