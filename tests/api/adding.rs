//! Links by which a customer adds a passkey, from staff's side.

use reqwest::Method;
use serde_json::{Value, json};

use super::me::{add, session};
use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;
use crate::support::smtp::MailServer;

#[tokio::test]
async fn staff_can_revoke_a_link_to_add_but_never_have_it() {
    let server = MailServer::start().await;
    let app = crate::mail::app(&server).await;
    let mut first = app.enrol("12345").await;
    let session = session(&app, "12345", &mut first).await;
    let adding = add(&app, &session).await.expect(201);
    let list = app.get("/api/verification/link?user_id=12345").await.expect(200);
    let added = |link: &&Value| link["enrolment"] == "add";
    let link = list["items"].as_array().unwrap().iter().find(added).unwrap();
    assert_eq!(link["created_by"], "customer");
    let path = |end: &str| format!("/api/verification/link/{}/{end}", link["id"].as_str().unwrap());
    assert_eq!(app.post(&path("reissue"), &json!({})).await.problem(409), "conflict");
    assert_eq!(app.get(&path("qr")).await.problem(409), "conflict");
    for way in [json!({ "email": "a@example.com" }), json!({})] {
        let refused = app.post(&path("send"), &way).await.expect(409);
        assert!(refused["detail"].as_str().unwrap().contains("customer"), "{refused}");
    }
    let mut body = json!({ "user_id": "9", "username": "x", "enrolment": "add" });
    assert_eq!(app.post("/api/verification/link", &body).await.problem(422), "validation");
    body["enrolment"] = json!("open");
    app.post("/api/verification/link", &body).await.expect(201);
    app.post(&path("revoke"), &json!({})).await.expect(200);
    app.webhook().await;
    let page = adding["short_url"].as_str().unwrap().strip_prefix(&app.origin).unwrap().to_owned();
    assert_eq!(TestApp::send(app.request(Method::GET, &page)).await.status, 410);
}

#[tokio::test]
async fn a_passkey_that_may_have_been_copied_adds_none() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    device.sign_count = 1;
    app.enrol_with("12345", &mut device).await;
    let mut copy = device.clone();
    let kept = session(&app, "12345", &mut device).await;
    let adding = add(&app, &kept).await.expect(201);
    // The copy counts from where it was made.
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = copy.authenticate(&options["publicKey"], &app.origin);
    let refused = app.verify("authenticate", &options, &credential).await;
    assert_eq!(refused.problem(422), "not_confirmed");
    app.post(
        &format!("/api/verification/link/{}/revoke", link["id"].as_str().unwrap()),
        &json!({}),
    )
    .await
    .expect(200);

    assert_eq!(add(&app, &kept).await.problem(403), "forbidden");
    let page = adding["short_url"].as_str().unwrap().strip_prefix(&app.origin).unwrap().to_owned();
    assert_eq!(TestApp::send(app.request(Method::GET, &page)).await.status, 410);
}
