//! Webhooks are for keys that may manage them.

use reqwest::Method;
use vouchlink::domain::api_key::Scope;

use crate::support::app::TestApp;

const BUILT_IN: &str = "ep_00000000000000000000000000";

#[tokio::test]
async fn endpoints_are_for_keys_that_may() {
    let app = TestApp::start().await;
    let others: Vec<Scope> =
        Scope::ALL.into_iter().filter(|scope| *scope != Scope::WebhooksManage).collect();
    let key = app.key_for(&others).await;
    for (method, path) in [
        (Method::GET, "/api/endpoints".to_owned()),
        (Method::POST, "/api/endpoints".to_owned()),
        (Method::GET, format!("/api/endpoints/{BUILT_IN}")),
        (Method::PATCH, format!("/api/endpoints/{BUILT_IN}")),
        (Method::DELETE, format!("/api/endpoints/{BUILT_IN}")),
        (Method::POST, format!("/api/endpoints/{BUILT_IN}/pause")),
        (Method::POST, format!("/api/endpoints/{BUILT_IN}/resume")),
        (Method::POST, format!("/api/endpoints/{BUILT_IN}/test")),
        (Method::POST, format!("/api/endpoints/{BUILT_IN}/secret/rotate")),
        (Method::GET, "/api/deliveries".to_owned()),
        (Method::POST, "/api/deliveries/replay".to_owned()),
        (Method::GET, "/api/deliveries/replays".to_owned()),
        (Method::GET, "/api/deliveries/replays/rpl_x".to_owned()),
        (Method::POST, "/api/deliveries/replays/rpl_x/cancel".to_owned()),
        (Method::GET, "/api/deliveries/dlv_x".to_owned()),
        (Method::POST, "/api/deliveries/dlv_x/cancel".to_owned()),
        (Method::POST, "/api/deliveries/dlv_x/replay".to_owned()),
    ] {
        let request = || {
            app.request(method.clone(), &path)
                .header("content-type", "application/json")
                .body(r#"{"url":"https://crm.example.com/","reason":"x","ids":[]}"#)
        };
        assert_eq!(TestApp::send(request()).await.problem(401), "unauthorized", "{method} {path}");
        let answer = TestApp::send(request().bearer_auth(&key)).await;
        // A body of another request's is looked at first.
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert!(code == "forbidden" || code == "validation", "{method} {path}: {code}");
    }
    assert_eq!(app.get("/api/endpoints").await.expect(200)["items"][0]["status"], "active");
}
