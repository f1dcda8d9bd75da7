//! Staff see whom we tell, and take an address off: not without its knowing.

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::domain::api_key::Scope;

use super::app;
use crate::support::app::{Answer, TestApp};
use crate::support::smtp::MailServer;

async fn remove(app: &TestApp, user_id: &str, contact: &Value, key: &str) -> Answer {
    let path = format!("/api/customers/{user_id}/contacts/{}", contact["id"].as_str().unwrap());
    TestApp::send(app.request(Method::DELETE, &path).bearer_auth(key)).await
}

async fn contacts(app: &TestApp, user_id: &str) -> Vec<Value> {
    let customer = app.get(&format!("/api/customers/{user_id}")).await.expect(200);
    customer["contacts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_address_that_is_taken_off_learns_of_it_and_then_of_nothing() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    for to in ["dana@example.com", "eve@example.org"] {
        app.link_with("1", json!({ "send": { "email": to }, "locale": "en" })).await;
        assert_eq!(server.next().await.recipient(), to);
        app.clock.advance(std::time::Duration::from_secs(1));
    }
    app.webhook().await;
    app.link("2").await;
    let listed = contacts(&app, "1").await;
    let masked: Vec<_> = listed.iter().map(|contact| contact["email"].as_str().unwrap()).collect();
    assert_eq!(masked, ["d***@example.com", "e***@example.org"]);
    assert!(contacts(&app, "2").await.is_empty());

    // Others' addresses, and keys that may only read.
    assert_eq!(remove(&app, "2", &listed[1], &app.key).await.problem(404), "not_found");
    assert_eq!(remove(&app, "none", &listed[1], &app.key).await.problem(404), "not_found");
    let reader = app.key_for(&[Scope::CustomersRead]).await;
    assert_eq!(remove(&app, "1", &listed[1], &reader).await.problem(403), "forbidden");
    assert_eq!(contacts(&app, "1").await, listed);

    remove(&app, "1", &listed[1], &app.key).await.expect(204);
    let told = server.next().await;
    assert_eq!(told.recipient(), "eve@example.org");
    let subject = "Harbour Bank: this address gets no more notices about your passkeys";
    assert_eq!(told.header("subject"), subject);
    assert_eq!(told.url(), None);
    assert_eq!(contacts(&app, "1").await, listed[..1]);
    assert_eq!(remove(&app, "1", &listed[1], &app.key).await.problem(404), "not_found");

    // From now on only the other one hears.
    app.enrol("1").await;
    assert_eq!(server.next().await.recipient(), "dana@example.com");
    server.assert_nothing_unread();
}
