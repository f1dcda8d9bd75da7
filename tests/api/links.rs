//! Staff's side of a link.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::app::TestApp;

#[tokio::test]
async fn a_new_link_answers_with_all_that_opens_it() {
    let app = TestApp::start().await;
    let body = json!({"user_id": "12345", "username": "asaf@example.com"});
    let link = app.post("/api/verification/link", &body).await.expect(201);
    assert!(link["id"].as_str().unwrap().starts_with("lnk_"));
    assert_eq!(link["status"], "pending");
    assert_eq!(link["expires_at"], "2026-11-21T10:15:00Z");
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["url"], format!("{}/v/{token}", app.origin));
    let code = link["short_url"].as_str().unwrap().strip_prefix(&format!("{}/l/", app.origin));
    assert_eq!(code.unwrap().len(), 26);
    assert_eq!(link.as_object().unwrap().len(), 8, "{link}");
}

#[tokio::test]
async fn a_link_shows_what_was_asked_and_what_happened() {
    let app = TestApp::start().await;
    let asked = json!({
        "statement": "Change my address", "call_initiator": "company", "locale": "pt-BR",
        "reference": "case-8841", "crm": {"module": "Contacts", "record_id": "77"},
        "metadata": {"queue": "vip"}, "return_url": "https://bank.example/done",
        "requester": "Anna", "ttl_seconds": 60,
    });
    let link = app.link_with("12345", asked.clone()).await;
    let shown = app.shown(&link).await;
    for field in [
        "statement",
        "call_initiator",
        "locale",
        "reference",
        "crm",
        "metadata",
        "return_url",
        "requester",
    ] {
        assert_eq!(shown[field], asked[field], "{field}");
    }
    assert_eq!(shown["kind"], "register");
    assert_eq!(shown["enrolment"], "open");
    assert_eq!(shown["verdict"], json!(null));
    assert_eq!(shown["timeline"][0]["action"], "link.created");
    assert_eq!(shown["timeline"][0]["actor"], shown["created_by"]);
    assert!(shown["created_by"].as_str().unwrap().starts_with("key_"));
    assert!(shown.get("token").is_none() && shown.get("url").is_none());
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_reported_at_once() {
    let app = TestApp::start().await;
    let long = "x".repeat(2100);
    let answer = app
        .post(
            "/api/verification/link",
            &json!({
                "user_id": " ", "username": "a\u{202e}b", "statement": "x".repeat(501),
                "call_initiator": "nobody", "enrolment": "always", "if_open": "shrug",
                "locale": "not a tag", "crm": {"module": "", "record_id": "1"},
                "metadata": {"big": long}, "return_url": "http://insecure.example/",
                "methods": ["totp"],
            }),
        )
        .await;
    assert_eq!(answer.problem(422), "validation");
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "user_id",
            "username",
            "statement",
            "locale",
            "call_initiator",
            "enrolment",
            "if_open",
            "crm.module",
            "metadata",
            "return_url",
            "methods"
        ]
    );
}

#[tokio::test]
async fn unknown_missing_and_doubled_fields_are_named() {
    let app = TestApp::start().await;
    for (body, field) in [
        (r#"{"user_id":"1","username":"a","user":"x"}"#, "user"),
        (r#"{"user_id":"1"}"#, "username"),
        (r#"{"user_id":"1","user_id":"2","username":"a"}"#, "user_id"),
        (r#"{"user_id":"1","username":7}"#, "username"),
    ] {
        let request = app.request(Method::POST, "/api/verification/link").bearer_auth(&app.key);
        let request = request.header("content-type", "application/json").body(body);
        let answer = TestApp::send(request).await;
        assert_eq!(answer.problem(422), "validation", "{body}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
    }
    assert_eq!(app.get("/api/verification/link").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_link_lives_five_seconds_to_a_day() {
    let app = TestApp::start().await;
    for (ttl, status) in [(4, 422), (5, 201), (86_400, 201), (86_401, 422)] {
        let body = json!({"user_id": "1", "username": "a", "ttl_seconds": ttl});
        assert_eq!(app.post("/api/verification/link", &body).await.status, status, "{ttl}");
    }
}

#[tokio::test]
async fn the_newest_link_of_a_customer_wins() {
    let app = TestApp::start().await;
    let older = app.link("12345").await;
    let newer = app.link("12345").await;
    let verdict = app.shown(&older).await["verdict"].clone();
    assert_eq!(verdict["reason"], "superseded");
    assert_eq!(verdict["verified"], false);
    assert_eq!(app.shown(&newer).await["status"], "pending");
    assert_eq!(app.options("register", &older).await.problem(410), "link_revoked");
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.revoked");
    assert_eq!(event["data"]["link_id"], older["id"]);
}

#[tokio::test]
async fn a_caller_can_refuse_to_supersede() {
    let app = TestApp::start().await;
    let open = app.link("12345").await;
    let body = json!({"user_id": "12345", "username": "a", "if_open": "refuse"});
    let answer = app.post("/api/verification/link", &body).await;
    assert_eq!(answer.problem(409), "conflict");
    assert_eq!(answer.json()["link_id"], open["id"]);
    assert_eq!(app.shown(&open).await["status"], "pending");
}

#[tokio::test]
async fn a_link_that_needs_a_passkey_is_refused_without_one() {
    let app = TestApp::start().await;
    let body = json!({"user_id": "12345", "username": "a", "enrolment": "existing"});
    assert_eq!(app.post("/api/verification/link", &body).await.problem(409), "conflict");
    app.enrol("12345").await;
    let link = app.post("/api/verification/link", &body).await.expect(201);
    assert_eq!(app.shown(&link).await["kind"], "authenticate");
}

#[tokio::test]
async fn the_same_idempotency_key_gives_the_same_link() {
    let app = TestApp::start().await;
    let send = |key: &'static str, user: &'static str| {
        let request = app.request(Method::POST, "/api/verification/link").bearer_auth(&app.key);
        let body = json!({"user_id": user, "username": "a"}).to_string();
        let request = request.header("content-type", "application/json").body(body);
        TestApp::send(request.header("idempotency-key", key))
    };
    let first = send("k-1", "12345").await.expect(201);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(send("k-1", "12345").await.expect(201), first);
    assert_eq!(send("k-1", "99").await.problem(409), "conflict");
    assert_ne!(send("k-2", "77").await.expect(201)["id"], first["id"]);
    assert_eq!(send("k 3", "12345").await.problem(422), "validation");
}

#[tokio::test]
async fn lists_go_newest_first_page_by_page_and_filter() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for user in ["a", "b", "c", "d", "e"] {
        app.clock.advance(Duration::from_secs(1));
        let reference = if user == "c" { "case-c" } else { "case" };
        let link = app.link_with(user, json!({ "reference": reference })).await;
        ids.push(link["id"].clone());
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut query = "/api/verification/link?limit=2".to_owned();
    loop {
        let page = app.get(&query).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("/api/verification/link?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ids);
    let only = |query: &'static str| app.get(query);
    let items = only("/api/verification/link?user_id=b").await.expect(200)["items"].clone();
    assert_eq!(items[0]["user_id"], "b");
    assert_eq!(items.as_array().unwrap().len(), 1);
    let items = only("/api/verification/link?reference=case-c").await.expect(200)["items"].clone();
    assert_eq!(items[0]["user_id"], "c");
    assert_eq!(
        only("/api/verification/link?status=verified").await.expect(200)["items"],
        json!([])
    );
    let answer = only("/api/verification/link?status=no&cursor=x&limit=999").await;
    assert_eq!(answer.problem(422), "validation");
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_revoked_link_is_dead_and_the_crm_knows() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let path = format!("/api/verification/link/{}/revoke", link["id"].as_str().unwrap());
    let revoked = app.post(&path, &json!({})).await.expect(200);
    assert_eq!(revoked["status"], "revoked");
    assert_eq!(revoked["verdict"]["reason"], "revoked");
    assert_eq!(app.options("register", &link).await.problem(410), "link_revoked");
    assert_eq!(app.post(&path, &json!({})).await.expect(200)["status"], "revoked");
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.revoked");
    assert_eq!(event["verified"], false);
}

#[tokio::test]
async fn a_reissued_link_has_a_new_url_and_the_old_one_is_gone() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    app.clock.advance(Duration::from_secs(600));
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    let reissued = app.post(&path, &json!({})).await.expect(200);
    assert_eq!(reissued["id"], link["id"]);
    assert_ne!(reissued["token"], link["token"]);
    assert_ne!(reissued["short_url"], link["short_url"]);
    assert_eq!(reissued["expires_at"], "2026-11-21T10:25:00Z");
    assert_eq!(app.options("register", &link).await.problem(410), "link_revoked");
    for url in ["url", "short_url"] {
        for (link, status) in [(&link, 410), (&reissued, 200)] {
            let path = link[url].as_str().unwrap().strip_prefix(&app.origin).unwrap();
            assert_eq!(app.get(path).await.status, status, "{url}");
        }
    }
    app.options("register", &reissued).await.expect(200);
}

#[tokio::test]
async fn a_link_expires_by_itself_and_the_crm_knows() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    app.clock.advance(Duration::from_secs(900));
    assert_eq!(app.options("register", &link).await.problem(410), "link_expired");
    // Nobody asked: the worker did it.
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.expired");
    assert_eq!(event["data"]["status"], "expired");
    let shown = app.shown(&link).await;
    assert_eq!(shown["status"], "expired");
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    assert_eq!(app.post(&path, &json!({})).await.problem(410), "link_expired");
}

#[tokio::test]
async fn a_link_shows_as_a_qr_code_while_it_is_open() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let id = link["id"].as_str().unwrap();
    let image = app.get(&format!("/api/verification/link/{id}/qr")).await;
    assert_eq!(image.status, 200);
    assert_eq!(image.headers["content-type"], "image/svg+xml");
    assert_eq!(image.headers["cache-control"], "no-store");
    assert!(image.text.contains("<svg"), "{}", image.text);
    app.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await.expect(200);
    let image = app.get(&format!("/api/verification/link/{id}/qr")).await;
    assert_eq!(image.problem(410), "link_revoked");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = TestApp::start().await;
    for path in [
        "/api/verification/link/lnk_00000000000000000000000000",
        "/api/verification/link/nonsense",
        "/api/verification/link/lnk_00000000000000000000000000/qr",
        "/api/verification/link/lnk_00000000000000000000000000/evidence",
        "/api/customers/nobody",
        "/api/nothing",
        "/nothing",
    ] {
        assert_eq!(app.get(path).await.problem(404), "not_found", "{path}");
    }
}
