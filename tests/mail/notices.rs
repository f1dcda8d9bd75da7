//! Owners learn of passkeys that come and go.

use serde_json::json;

use super::{app, app_with};
use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;
use crate::support::smtp::{Mail, MailServer};
use crate::support::totp::AuthenticatorApp;

async fn register(app: &TestApp, link: &serde_json::Value) {
    let mut device = Authenticator::new();
    let options = app.options("register", link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);
    app.webhook().await;
}

#[track_caller]
fn check(mail: &Mail, to: &str, subject: &str) {
    assert_eq!(mail.to, [format!("TO:<{to}>")]);
    assert_eq!(mail.header("subject"), subject);
    let (text, html) = mail.parts();
    assert!(text.contains("21 November 2026") || text.contains("November 21, 2026"), "{text}");
    for part in [text, html] {
        assert!(!part.contains("http") && !part.contains("href"), "{part}");
    }
}

const ADDED: &str = "Harbour Bank: a new passkey was added for you";
const REMOVED: &str = "Harbour Bank: one of your passkeys was removed";

#[tokio::test]
async fn whoever_takes_a_customer_over_is_told_of_to_every_address_on_record() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    server.next().await;
    register(&app, &link).await;
    check(&server.next().await, "dana@example.com", ADDED);

    // Somebody talks an agent into a new phone, and another address.
    let more = json!({ "enrolment": "replace", "send": { "email": "eve@example.org" } });
    let link = app.link_with("1", more).await;
    assert_eq!(server.next().await.to, ["TO:<eve@example.org>"]);
    register(&app, &link).await;
    let mut told = Vec::new();
    for _ in 0..4 {
        let mail = server.next().await;
        told.push((mail.to[0].clone(), mail.header("subject")));
    }
    told.sort();
    let of = |to: &str, subject: &str| (format!("TO:<{to}>"), subject.to_owned());
    assert_eq!(
        told,
        [
            of("dana@example.com", ADDED),
            of("dana@example.com", REMOVED),
            of("eve@example.org", ADDED),
            of("eve@example.org", REMOVED),
        ]
    );
}

#[tokio::test]
async fn a_passkey_that_staff_take_away_is_told_of() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    server.next().await;
    register(&app, &link).await;
    server.next().await;
    let customer = app.get("/api/customers/1").await.expect(200);
    let id = customer["credentials"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/customers/1/credentials/{id}");
    let request = app.request(reqwest::Method::DELETE, &path).bearer_auth(&app.key);
    assert!(TestApp::send(request).await.status.is_success());
    app.webhook().await;
    check(&server.next().await, "dana@example.com", REMOVED);
}

#[tokio::test]
async fn who_gave_no_address_is_told_nothing() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    register(&app, &app.link("1").await).await;
    server.assert_nothing_unread();
}

#[tokio::test]
async fn an_authenticator_app_that_comes_or_goes_is_told_of() {
    let server = MailServer::start().await;
    let app = app_with(&server, |config| config.verification.totp = true).await;
    let more = json!({ "enrolment": "call_code", "methods": ["passkey", "totp"],
        "send": { "email": "dana@example.com" } });
    let link = app.link_with("1", more).await;
    server.next().await;
    let body = json!({ "token": link["token"], "call_code": link["call_code"] }).to_string();
    let options = app.post_from_page("/api/ceremony/totp/options", body).await.expect(200);
    let code = AuthenticatorApp::set_up(&options).code(app.now(), 0);
    let body = json!({ "challenge_token": options["challenge_token"], "code": code }).to_string();
    app.post_from_page("/api/ceremony/totp/verify", body).await.expect(200);
    app.webhook().await;
    let added = "Harbour Bank: an authenticator app was set up for you";
    check(&server.next().await, "dana@example.com", added);

    let customer = app.get("/api/customers/1").await.expect(200);
    let id = customer["authenticator_apps"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/customers/1/authenticator-apps/{id}");
    let request = app.request(reqwest::Method::DELETE, &path).bearer_auth(&app.key);
    assert!(TestApp::send(request).await.status.is_success());
    app.webhook().await;
    let removed = "Harbour Bank: your authenticator app was removed";
    check(&server.next().await, "dana@example.com", removed);
}
