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

/// A customer whose passkey added another one, which added a third; their sessions.
async fn three(app: &TestApp) -> [String; 3] {
    let mut device = app.enrol("12345").await;
    let mut sessions = vec![session(app, "12345", &mut device).await];
    for _ in 0..2 {
        app.clock.advance(std::time::Duration::from_secs(1));
        let adding = add(app, sessions.last().unwrap()).await.expect(201);
        let path = adding["short_url"].as_str().unwrap().strip_prefix(&app.origin).unwrap();
        let link = json!({ "token": app.opened(path).await });
        let mut next = Authenticator::new();
        let options = app.options("register", &link).await.expect(200);
        let credential = next.register(&options["publicKey"], &app.origin);
        app.verify("register", &options, &credential).await.expect(200);
        sessions.push(session(app, "12345", &mut next).await);
    }
    sessions.try_into().unwrap()
}

/// The customer's passkeys: ids, who added them, and whether they are revoked.
async fn passkeys(app: &TestApp) -> Vec<(String, Option<String>, bool)> {
    let list = app.get("/api/customers/12345/credentials").await.expect(200);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|key| {
            (text(&key["id"]).unwrap(), text(&key["added_by"]), !key["revoked_at"].is_null())
        })
        .collect()
}

async fn revoked(app: &TestApp) -> Vec<bool> {
    passkeys(app).await.into_iter().map(|(_, _, revoked)| revoked).collect()
}

#[tokio::test]
async fn staff_take_away_what_was_added_with_a_passkey_unless_they_say_otherwise() {
    for (query, expected) in [
        ("", [true, true, true]),
        ("?with_added=true", [true, true, true]),
        ("?with_added=false", [true, false, false]),
    ] {
        let app = TestApp::start().await;
        three(&app).await;
        let keys = passkeys(&app).await;
        let by: Vec<_> = keys.iter().map(|(_, by, _)| by.clone()).collect();
        assert_eq!(by, [None, Some(keys[0].0.clone()), Some(keys[1].0.clone())]);
        let path = format!("/api/customers/12345/credentials/{}{query}", keys[0].0);
        let request = app.request(Method::DELETE, &path).bearer_auth(&app.key);
        TestApp::send(request).await.expect(204);
        assert_eq!(revoked(&app).await, expected, "{query:?}");
    }
    let app = TestApp::start().await;
    let path = "/api/customers/12345/credentials/crd_x?with_added=perhaps";
    let request = app.request(Method::DELETE, path).bearer_auth(&app.key);
    assert!(TestApp::send(request).await.status.is_client_error());
}

#[tokio::test]
async fn owners_take_one_away_alone_or_with_what_was_added_but_never_the_one_they_are_using() {
    for (query, current, expected, added) in [
        ("", 1, [true, false, false], [0, 1, 0]),
        ("?with_added=true", 0, [true, true, true], [2, 1, 0]),
        // The second passkey's own session: it stays, and so does what it added.
        ("?with_added=true", 1, [true, false, false], [0, 1, 0]),
        ("?with_added=true", 2, [true, true, false], [1, 0, 0]),
    ] {
        let app = TestApp::start().await;
        let sessions = three(&app).await;
        let me = |method: Method, path: &str| {
            let request = app.request(method, &format!("/api/me{path}"));
            request.bearer_auth(&sessions[current]).header("origin", &app.origin)
        };
        let seen = TestApp::send(me(Method::GET, "")).await.expect(200);
        let counts: Vec<_> =
            seen["passkeys"].as_array().unwrap().iter().map(|key| key["added"].clone()).collect();
        assert_eq!(counts, added, "{current}");
        let first = seen["passkeys"][0]["id"].as_str().unwrap();
        let path = format!("/credentials/{first}{query}");
        let answer = TestApp::send(me(Method::DELETE, &path)).await.expect(200);
        assert_eq!(revoked(&app).await, expected, "{query:?} by {current}");
        let left = answer["allAcceptedCredentials"]["allAcceptedCredentialIds"].as_array().unwrap();
        assert_eq!(left.len(), expected.iter().filter(|revoked| !**revoked).count());
    }
}
