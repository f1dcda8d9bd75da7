//! API keys: who may call, and what with.

use reqwest::Method;
use serde_json::json;
use vouchlink::domain::api_key::Scope;
use vouchlink::domain::secret::Secret;

use crate::support::app::TestApp;

#[tokio::test]
async fn nobody_calls_without_a_key() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let id = link["id"].as_str().unwrap();
    for (method, path) in [
        (Method::POST, "/api/verification/link".to_owned()),
        (Method::GET, "/api/verification/link".to_owned()),
        (Method::GET, format!("/api/verification/link/{id}")),
        (Method::POST, format!("/api/verification/link/{id}/revoke")),
        (Method::POST, format!("/api/verification/link/{id}/reissue")),
        (Method::GET, format!("/api/verification/link/{id}/qr")),
        (Method::GET, format!("/api/verification/link/{id}/evidence")),
        (Method::GET, "/api/verification/status?user_id=12345".to_owned()),
        (Method::GET, "/api/customers/12345".to_owned()),
        (Method::GET, "/api/customers/12345/credentials".to_owned()),
        (Method::DELETE, "/api/customers/12345/credentials/crd_x".to_owned()),
    ] {
        let answer = TestApp::send(app.request(method.clone(), &path)).await;
        assert_eq!(answer.problem(401), "unauthorized", "{path}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        let request = app.request(method, &path).bearer_auth("vl_wrong");
        assert_eq!(TestApp::send(request).await.problem(401), "unauthorized", "{path}");
    }
    assert_eq!(app.shown(&link).await["status"], "pending");
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_and_no_more() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let id = link["id"].as_str().unwrap();
    let link_path = format!("/api/verification/link/{id}");
    let calls = [
        (Scope::LinksRead, Method::GET, link_path.clone(), 200),
        (Scope::LinksRead, Method::GET, "/api/verification/link".to_owned(), 200),
        (Scope::LinksWrite, Method::GET, format!("{link_path}/qr"), 200),
        (Scope::LinksWrite, Method::POST, format!("{link_path}/reissue"), 200),
        (Scope::StatusRead, Method::GET, "/api/verification/status?user_id=1".to_owned(), 200),
        (Scope::EvidenceRead, Method::GET, format!("{link_path}/evidence"), 404),
        (Scope::CustomersRead, Method::GET, "/api/customers/12345".to_owned(), 200),
        (Scope::CustomersRead, Method::GET, "/api/customers/12345/credentials".to_owned(), 200),
        (
            Scope::CustomersWrite,
            Method::DELETE,
            "/api/customers/12345/credentials/crd_00000000000000000000000000".to_owned(),
            404,
        ),
        (Scope::LinksWrite, Method::POST, format!("{link_path}/revoke"), 200),
    ];
    for (needed, method, path, status) in calls {
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| *scope != needed).collect();
        let lacking = app.key_for(&others).await;
        let request = app.request(method.clone(), &path).bearer_auth(lacking);
        assert_eq!(TestApp::send(request).await.problem(403), "forbidden", "{path}");
        let holding = app.key_for(&[needed]).await;
        let answer = TestApp::send(app.request(method, &path).bearer_auth(holding)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_revoked_key_works_no_more_from_that_moment() {
    let app = TestApp::start().await;
    let keys = app.services.keys.list().await.unwrap();
    assert!(app.services.keys.revoke(keys[0].id).await.unwrap());
    assert!(!app.services.keys.revoke(keys[0].id).await.unwrap());
    let body = json!({"user_id": "1", "username": "a"});
    assert_eq!(app.post("/api/verification/link", &body).await.problem(401), "unauthorized");
}

#[tokio::test]
async fn a_bootstrap_key_works_with_every_scope() {
    const KEY: &str = "a bootstrap key of thirty-two characters or more";
    let app =
        TestApp::start_with(|config| config.bootstrap_api_key = Some(Secret::from(KEY))).await;
    let request = app.request(Method::GET, "/api/verification/link").bearer_auth(KEY);
    assert_eq!(TestApp::send(request).await.status, 200);
}
