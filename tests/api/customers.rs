//! Customers and their passkeys.

use reqwest::Method;
use serde_json::json;

use vouchlink::domain::encoding::base64url;

use crate::support::app::TestApp;

#[tokio::test]
async fn a_customer_shows_with_their_passkeys() {
    let app = TestApp::start().await;
    let device = app.enrol("12 345/ä").await;
    let path = "/api/customers/12%20345%2F%C3%A4";
    let customer = app.get(path).await.expect(200);
    assert_eq!(customer["user_id"], "12 345/ä");
    assert_eq!(customer["username"], "asaf@example.com");
    let passkey = &customer["credentials"][0];
    assert_eq!(passkey["credential_id"], base64url(&device.id));
    assert_eq!(passkey["binding"], "link");
    assert_eq!(passkey["revoked_at"], json!(null));
    let list = app.get(&format!("{path}/credentials")).await.expect(200);
    assert_eq!(list["items"], customer["credentials"]);
}

#[tokio::test]
async fn a_revoked_passkey_verifies_nobody_not_even_in_a_ceremony_under_way() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);

    let passkeys = app.get("/api/customers/12345/credentials").await.expect(200);
    let id = passkeys["items"][0]["id"].as_str().unwrap();
    let path = format!("/api/customers/12345/credentials/{id}");
    let revoke = || TestApp::send(app.request(Method::DELETE, &path).bearer_auth(&app.key));
    revoke().await.expect(204);
    assert_eq!(revoke().await.problem(404), "not_found");

    // The verification rested on it.
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&"verification.lapsed".into(), &false.into())
    );
    assert_eq!(app.gate("12345").await["reason"], "stale");
    let answer = app.verify("authenticate", &options, &credential).await;
    assert_eq!(answer.problem(422), "not_confirmed");
    assert_eq!(app.options("authenticate", &link).await.problem(409), "conflict");
    let link = app.link("12345").await;
    assert_eq!(app.shown(&link).await["kind"], "register");
}
