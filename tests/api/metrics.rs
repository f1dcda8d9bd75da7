//! `/metrics`: who may read it, what it says, and what it does not.

use reqwest::Method;
use vouchlink::domain::api_key::Scope;

use crate::support::app::TestApp;

#[tokio::test]
async fn metrics_count_what_happened_and_name_nobody() {
    let app = TestApp::start().await;
    app.enrol("asaf-12345").await;
    app.link("asaf-12345").await;
    app.link("asaf-12345").await;
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let text = loop {
        let answer = app.get("/metrics").await;
        assert_eq!(answer.status, 200);
        let kind = answer.headers["content-type"].to_str().unwrap();
        assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
        // What arrived is written down a moment later.
        if answer.text.contains("vouchlink_delivery_arrival_seconds_count 2") {
            break answer.text;
        }
        assert!(tokio::time::Instant::now() < deadline, "{}", answer.text);
        tokio::task::yield_now().await;
    };
    for line in [
        "vouchlink_links_created_total 3",
        // The newest took the place of the one before it.
        r#"vouchlink_verdicts_total{status="revoked"} 1"#,
        r#"vouchlink_verdicts_total{status="verified"} 1"#,
        r#"vouchlink_http_requests_total{route="/api/ceremony/register",status="2xx"} 2"#,
        r#"vouchlink_http_requests_total{route="/api/verification/link",status="2xx"} 3"#,
        r#"vouchlink_delivery_attempts_total{endpoint="ep_00000000000000000000000000",class="success"} 2"#,
        r#"vouchlink_deliveries{endpoint="ep_00000000000000000000000000",state="held"} 0"#,
        r#"vouchlink_endpoint_breaker_open{endpoint="ep_00000000000000000000000000"} 0"#,
        "vouchlink_replay_left 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(text.contains("vouchlink_store_commits_total"), "{text}");
    for personal in ["asaf", "lnk_", "cus_", "127.0.0.1", "/hook", "crm-token"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}

#[tokio::test]
async fn metrics_are_for_keys_that_may() {
    let app = TestApp::start().await;
    let without = app.request(Method::GET, "/metrics");
    assert_eq!(TestApp::send(without).await.problem(401), "unauthorized");
    let unknown = app.request(Method::GET, "/metrics").bearer_auth("vl_unknown");
    assert_eq!(TestApp::send(unknown).await.problem(401), "unauthorized");
    let others: Vec<Scope> =
        Scope::ALL.into_iter().filter(|scope| *scope != Scope::MetricsRead).collect();
    let key = app.key_for(&others).await;
    let limited = app.request(Method::GET, "/metrics").bearer_auth(key);
    assert_eq!(TestApp::send(limited).await.problem(403), "forbidden");
    let key = app.key_for(&[Scope::MetricsRead]).await;
    let allowed = app.request(Method::GET, "/metrics").bearer_auth(key);
    assert_eq!(TestApp::send(allowed).await.status, 200);
    assert_eq!(
        app.post("/metrics", &serde_json::json!({})).await.problem(405),
        "method_not_allowed"
    );
}
