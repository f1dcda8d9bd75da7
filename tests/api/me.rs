//! The customer's own view, over HTTP.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::domain::encoding::base64url;

use crate::support::app::{Answer, TestApp};
use crate::support::authenticator::Authenticator;

pub(super) async fn call(app: &TestApp, method: Method, path: &str, session: &str) -> Answer {
    let request = app
        .request(method, &format!("/api/me{path}"))
        .bearer_auth(session)
        .header("origin", &app.origin)
        .header("sec-fetch-site", "same-origin");
    TestApp::send(request).await
}

pub(super) async fn view(app: &TestApp, session: &str) -> Answer {
    call(app, Method::GET, "", session).await
}

async fn remove(app: &TestApp, session: &str, passkey: &Value) -> Answer {
    let path = format!("/credentials/{}", passkey["id"].as_str().unwrap());
    call(app, Method::DELETE, &path, session).await
}

pub(super) async fn add(app: &TestApp, session: &str) -> Answer {
    call(app, Method::POST, "/credentials", session).await
}

/// Verifies the customer of a new link with a passkey they have; the finished ceremony's answer.
async fn sign(app: &TestApp, user_id: &str, device: &mut Authenticator, more: Value) -> Value {
    let link = app.link_with(user_id, more).await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let finished = app.verify("authenticate", &options, &credential).await.expect(200);
    app.webhook().await;
    finished
}

pub(super) async fn session(app: &TestApp, user_id: &str, device: &mut Authenticator) -> String {
    sign(app, user_id, device, json!({})).await["session"].as_str().unwrap().to_owned()
}

/// The token of the page at a link's short URL.
async fn token(app: &TestApp, short_url: &Value) -> Value {
    let path = short_url.as_str().unwrap().strip_prefix(&app.origin).unwrap().to_owned();
    let page = TestApp::send(app.request(Method::GET, &path)).await;
    assert_eq!(page.status, 200);
    let (_, rest) = page.text.split_once("data-token=\"").unwrap();
    json!({ "token": rest.split('"').next().unwrap() })
}

/// What the CRM was told of the one link that added a passkey.
async fn webhooks_of_adding(app: &TestApp) -> Value {
    let list = app.get("/api/verification/link").await.expect(200);
    let mut links = list["items"].as_array().unwrap().iter();
    let shown = app.shown(links.find(|link| link["enrolment"] == "add").unwrap()).await;
    assert_eq!(shown["status"], "verified");
    shown["deliveries"].clone()
}

/// Registers on the link; the finished ceremony's answer.
async fn register(app: &TestApp, link: &Value, device: &mut Authenticator) -> Answer {
    let options = app.options("register", link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await
}

#[tokio::test]
async fn a_customer_sees_their_passkeys_and_what_they_confirmed_with_this_one() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    device.aaguid = 0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd_u128.to_be_bytes();
    app.enrol_with("12345", &mut device).await;
    app.clock.advance(Duration::from_secs(60));
    let declined = app.link_with("12345", json!({ "statement": "Pay 5000 to a stranger" })).await;
    let body = json!({ "token": declined["token"], "reason": "not_me" }).to_string();
    app.post_from_page("/api/ceremony/decline", body).await.expect(200);
    app.webhook().await;
    app.clock.advance(Duration::from_secs(60));
    let more = json!({ "statement": "Change my address", "reference": "case-8841" });
    let finished = sign(&app, "12345", &mut device, more).await;

    let answer = view(&app, finished["session"].as_str().unwrap()).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let seen = answer.expect(200);
    assert_eq!(
        (&seen["may_change"], &seen["passkeys"][0]["current"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(seen["passkeys"][0]["name"], "iCloud Keychain");
    assert_eq!(seen["passkeys"][0]["synced"], true);
    assert!(seen["passkeys"][0]["last_used_at"].is_string());
    let history: Vec<_> = seen["history"].as_array().unwrap().iter().collect();
    let statuses: Vec<_> = history.iter().map(|ended| ended["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["verified", "declined", "verified"]);
    assert_eq!(history[0]["statement"], "Change my address");
    assert!(history[1].get("statement").is_none(), "not signed with this passkey");
    for kept in ["12345", "asaf@example.com", "case-8841", "Support desk", "binding"] {
        assert!(!answer.text.contains(kept), "{kept}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_older_passkeys_holder_does_not_read_what_another_one_approved() {
    let app = TestApp::start().await;
    let mut lost = app.enrol("12345").await;
    sign(&app, "12345", &mut lost, json!({ "statement": "With the lost phone" })).await;
    let link = app.link_with("12345", json!({ "enrolment": "replace" })).await;
    let mut device = Authenticator::new();
    register(&app, &link, &mut device).await.expect(200);
    app.webhook().await;
    let answer = view(&app, &session(&app, "12345", &mut device).await).await;
    assert_eq!(answer.expect(200)["history"].as_array().unwrap().len(), 4);
    assert!(!answer.text.contains("With the lost phone"));
}

#[tokio::test]
async fn a_session_lives_ten_minutes_and_is_nothing_else() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let session = session(&app, "12345", &mut device).await;
    view(&app, &session).await.expect(200);
    let link = app.link("7").await;
    let options = app.options("register", &link).await.expect(200);
    let [header, payload, _] = session.split('.').collect::<Vec<_>>().try_into().unwrap();
    for wrong in [
        link["token"].as_str().unwrap(),
        options["challenge_token"].as_str().unwrap(),
        &app.key,
        &format!("{header}.{payload}.AAAA"),
        "x",
    ] {
        assert_eq!(view(&app, wrong).await.problem(401), "unauthorized", "{wrong}");
        assert_eq!(add(&app, wrong).await.problem(401), "unauthorized", "{wrong}");
    }
    let bare = TestApp::send(app.request(Method::GET, "/api/me")).await;
    assert_eq!(bare.status, 401);
    // Nor is it a link, a challenge or a key.
    let as_link = app.options("authenticate", &json!({ "token": session })).await;
    assert_eq!(as_link.problem(404), "link_invalid");
    let page = TestApp::send(app.request(Method::GET, &format!("/v/{session}"))).await;
    assert_eq!(page.status, 404);
    let body = json!({ "challenge_token": session, "credential": {} }).to_string();
    let as_challenge = app.post_from_page("/api/ceremony/authenticate/verify", body).await;
    assert_eq!(as_challenge.problem(404), "link_invalid");
    let as_key = app.request(Method::GET, "/api/verification/link").bearer_auth(&session);
    assert_eq!(TestApp::send(as_key).await.problem(401), "unauthorized");

    app.clock.advance(Duration::from_secs(599));
    view(&app, &session).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(view(&app, &session).await.problem(401), "unauthorized");
}

#[tokio::test]
async fn other_sites_do_not_reach_it() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let session = session(&app, "12345", &mut device).await;
    let request = app.request(Method::GET, "/api/me").bearer_auth(&session);
    let answer = TestApp::send(request.header("origin", "https://example.com")).await;
    assert_eq!(answer.problem(403), "forbidden_origin");
}

#[tokio::test]
async fn a_repeated_answer_gives_the_same_session_which_does_not_begin_anew() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let first = app.verify("authenticate", &options, &credential).await.expect(200);
    app.webhook().await;
    app.clock.advance(Duration::from_secs(120));
    let again = app.verify("authenticate", &options, &credential).await.expect(200);
    assert_eq!(again["session"], first["session"]);
    app.clock.advance(Duration::from_secs(480));
    let late = app.verify("authenticate", &options, &credential).await.expect(200);
    assert_eq!(late.get("session"), None);
}

#[tokio::test]
async fn a_removed_passkey_takes_its_session_and_its_verification_along() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let session = session(&app, "12345", &mut device).await;
    let seen = view(&app, &session).await.expect(200);
    let removed = remove(&app, &session, &seen["passkeys"][0]).await.expect(200);
    let id = base64url(&device.id);
    assert_eq!(
        removed,
        json!({
            "unknownCredential": { "rpId": "localhost", "credentialId": id },
            "allAcceptedCredentials": {
                "rpId": "localhost",
                "userId": base64url(&device.user_handle.clone().unwrap()),
                "allAcceptedCredentialIds": []
            }
        })
    );
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&json!("verification.lapsed"), &json!(false))
    );
    assert_eq!(app.gate("12345").await["verified"], false);
    assert_eq!(view(&app, &session).await.problem(401), "unauthorized");
    assert_eq!(add(&app, &session).await.problem(401), "unauthorized");
    assert_eq!(remove(&app, &session, &seen["passkeys"][0]).await.problem(401), "unauthorized");
    // The next link sets a device up anew.
    let link = app.link("12345").await;
    assert_eq!(app.shown(&link).await["kind"], "register");
}

#[tokio::test]
async fn staff_who_revoke_the_passkey_end_its_session() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let session = session(&app, "12345", &mut device).await;
    let seen = view(&app, &session).await.expect(200);
    let id = seen["passkeys"][0]["id"].as_str().unwrap();
    let path = format!("/api/customers/12345/credentials/{id}");
    TestApp::send(app.request(Method::DELETE, &path).bearer_auth(&app.key)).await.expect(204);
    app.webhook().await;
    for answer in [view(&app, &session).await, add(&app, &session).await] {
        assert_eq!(answer.problem(401), "unauthorized");
    }
}

#[tokio::test]
async fn a_passkey_of_somebody_else_is_not_there() {
    let app = TestApp::start().await;
    let (mut mine, mut theirs) = (app.enrol("1").await, app.enrol("2").await);
    let (own, other) = (session(&app, "1", &mut mine).await, session(&app, "2", &mut theirs).await);
    let seen = view(&app, &other).await.expect(200);
    assert_eq!(remove(&app, &own, &seen["passkeys"][0]).await.problem(404), "not_found");
    let nonsense = json!({ "id": "x" });
    assert_eq!(remove(&app, &own, &nonsense).await.problem(404), "not_found");
    assert_eq!(app.gate("2").await["verified"], true);
}

#[tokio::test]
async fn whoever_only_held_the_link_looks_at_their_own_and_changes_nothing() {
    let app = TestApp::start().await;
    let mut lost = app.enrol("12345").await;
    sign(&app, "12345", &mut lost, json!({ "statement": "Earlier" })).await;
    let link = app.link_with("12345", json!({ "enrolment": "replace" })).await;
    let mut device = Authenticator::new();
    let finished = register(&app, &link, &mut device).await.expect(200);
    app.webhook().await;
    let first = finished["session"].as_str().unwrap();
    let seen = view(&app, first).await.expect(200);
    assert_eq!(seen["may_change"], false);
    assert_eq!(seen["history"].as_array().unwrap().len(), 1, "nothing from before: {seen}");
    assert_eq!(remove(&app, first, &seen["passkeys"][0]).await.problem(403), "forbidden");
    assert_eq!(add(&app, first).await.problem(403), "forbidden");
    assert_eq!(app.gate("12345").await["verified"], true);
    // Once it was used again, it may.
    let later = session(&app, "12345", &mut device).await;
    add(&app, &later).await.expect(201);
}

#[tokio::test]
async fn whoever_also_had_the_agents_code_may_change_at_once() {
    let app = TestApp::start().await;
    let link = app.link_with("12345", json!({ "enrolment": "call_code" })).await;
    let body = json!({ "token": link["token"], "call_code": link["call_code"] }).to_string();
    let options = app.post_from_page("/api/ceremony/register/options", body).await.expect(200);
    let credential = Authenticator::new().register(&options["publicKey"], &app.origin);
    let finished = app.verify("register", &options, &credential).await.expect(200);
    app.webhook().await;
    let session = finished["session"].as_str().unwrap();
    assert_eq!(view(&app, session).await.expect(200)["may_change"], true);
    add(&app, session).await.expect(201);
}

#[tokio::test]
async fn another_passkey_is_added_beside_the_first_and_worth_no_more() {
    let app = TestApp::start().await;
    let mut first = app.enrol("12345").await;
    let session = session(&app, "12345", &mut first).await;
    let before = app.gate("12345").await;
    let adding = add(&app, &session).await.expect(201);
    assert!(adding["qr"].as_str().unwrap().contains("<svg"));
    assert_eq!(adding["door_code"].as_str().unwrap().len(), 14);
    let link = token(&app, &adding["short_url"]).await;
    let options = app.options("register", &link).await.expect(200);
    let excluded = &options["publicKey"]["excludeCredentials"];
    assert_eq!(excluded[0]["id"], base64url(&first.id), "not on the same device again");

    app.clock.advance(Duration::from_secs(60));
    let mut second = Authenticator::new();
    let finished = register(&app, &link, &mut second).await.expect(200);
    assert_eq!(finished["verified"], true);
    // Where the customer stands is as it was; the CRM hears of no verification.
    let mut after = app.gate("12345").await;
    after["age_seconds"] = before["age_seconds"].clone();
    assert_eq!(after, before);
    assert_eq!(webhooks_of_adding(&app).await, json!([]));

    let seen = view(&app, &session).await.expect(200);
    assert_eq!(seen["passkeys"].as_array().unwrap().len(), 2);
    let customer = app.get("/api/customers/12345").await.expect(200);
    let bindings: Vec<_> =
        customer["credentials"].as_array().unwrap().iter().map(|key| &key["binding"]).collect();
    assert_eq!(bindings, ["link", "link"]);
    // Both verify; each can take the other away.
    let with_second = sign(&app, "12345", &mut second, json!({})).await;
    let with_second = with_second["session"].as_str().unwrap();
    remove(&app, with_second, &seen["passkeys"][0]).await.expect(200);
    assert_eq!(app.gate("12345").await["verified"], true, "it rests on the other one");
    assert_eq!(view(&app, &session).await.problem(401), "unauthorized");
    assert_eq!(view(&app, with_second).await.expect(200)["passkeys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_added_passkey_does_not_open_a_gate_that_a_refusal_closed() {
    let app = TestApp::start().await;
    let mut first = app.enrol("12345").await;
    let session = session(&app, "12345", &mut first).await;
    let refused = app.link("12345").await;
    let body = json!({ "token": refused["token"], "reason": "called_by_stranger" }).to_string();
    app.post_from_page("/api/ceremony/decline", body).await.expect(200);
    assert_eq!(app.webhook().await["verified"], false);

    let adding = add(&app, &session).await.expect(201);
    let link = token(&app, &adding["short_url"]).await;
    register(&app, &link, &mut Authenticator::new()).await.expect(200);
    let gate = app.gate("12345").await;
    assert_eq!((&gate["verified"], &gate["reason"]), (&json!(false), &json!("refused")));
    assert_eq!(webhooks_of_adding(&app).await, json!([]));
}

#[tokio::test]
async fn who_says_that_they_did_not_ask_for_another_passkey_closes_the_gate() {
    let app = TestApp::start().await;
    let mut first = app.enrol("12345").await;
    let session = session(&app, "12345", &mut first).await;
    let adding = add(&app, &session).await.expect(201);
    let link = token(&app, &adding["short_url"]).await;
    let body = json!({ "token": link["token"], "reason": "not_me" }).to_string();
    app.post_from_page("/api/ceremony/decline", body).await.expect(200);
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&json!("verification.declined"), &json!(false))
    );
    assert_eq!(app.gate("12345").await["reason"], "refused");
}

#[tokio::test]
async fn a_link_to_add_dies_with_the_passkey_that_asked_for_it() {
    let app = TestApp::start().await;
    let mut first = app.enrol("12345").await;
    let session = session(&app, "12345", &mut first).await;
    let adding = add(&app, &session).await.expect(201);
    let link = token(&app, &adding["short_url"]).await;
    let options = app.options("register", &link).await.expect(200);
    let credential = Authenticator::new().register(&options["publicKey"], &app.origin);
    let seen = view(&app, &session).await.expect(200);
    remove(&app, &session, &seen["passkeys"][0]).await.expect(200);
    app.webhook().await;
    let answer = app.verify("register", &options, &credential).await;
    assert_eq!(answer.problem(422), "not_confirmed");
    assert_eq!(app.options("register", &link).await.problem(409), "conflict");
    let customer = app.get("/api/customers/12345").await.expect(200);
    assert_eq!(customer["credentials"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_link_to_add_gives_way_to_a_newer_one_and_to_staffs_and_not_the_other_way_round() {
    let app = TestApp::start().await;
    let mut first = app.enrol("12345").await;
    let session = session(&app, "12345", &mut first).await;
    let older = token(&app, &add(&app, &session).await.expect(201)["short_url"]).await;
    let newer = token(&app, &add(&app, &session).await.expect(201)["short_url"]).await;
    app.webhook().await;
    assert_eq!(app.options("register", &older).await.problem(410), "link_revoked");
    app.options("register", &newer).await.expect(200);

    let staffs = app.link("12345").await;
    app.webhook().await;
    assert_eq!(app.options("register", &newer).await.problem(410), "link_revoked");
    let refused = add(&app, &session).await;
    assert_eq!(refused.problem(409), "conflict");
    assert!(!refused.text.contains(staffs["id"].as_str().unwrap()));
    app.options("authenticate", &staffs).await.expect(200);
}
