//! What the API says once old records are gone.

use std::time::Duration;

use serde_json::{Value, json};
use vouchlink::config::{Config, Database, Retention};

use crate::support::app::TestApp;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn old_links_are_gone_and_the_gate_still_answers() {
    let folder = tempfile::tempdir().unwrap();
    let keep_a_week = |config: &mut Config| {
        config.database = Database::Sqlite(folder.path().join("kept.db"));
        config.retention = Retention(Some(DAY * 7));
    };
    let app = TestApp::start_with(keep_a_week).await;
    app.enrol("12345").await;
    let before = app.gate("12345").await;
    let old = app.link("12345").await;
    let path = |link: &Value, part: &str| {
        format!("/api/verification/link/{}{part}", link["id"].as_str().unwrap())
    };
    app.post(&path(&old, "/revoke"), &json!({})).await.expect(200);
    app.webhook().await;
    app.stop().await;

    // A week later it is not too old, another day later it is.
    let app = TestApp::start_after(DAY * 7, keep_a_week).await;
    app.stop().await;
    let app = TestApp::start_after(DAY * 7, keep_a_week).await;
    app.get(&path(&old, "")).await.expect(200);
    app.stop().await;
    TestApp::start_after(DAY * 8, keep_a_week).await.stop().await;

    let app = TestApp::start_after(DAY * 8, keep_a_week).await;
    for part in ["", "/qr", "/evidence"] {
        assert_eq!(app.get(&path(&old, part)).await.problem(404), "not_found", "{part}");
    }
    assert_eq!(app.post(&path(&old, "/reissue"), &json!({})).await.problem(404), "not_found");
    assert_eq!(app.options("authenticate", &old).await.problem(404), "link_invalid");
    let token = old["token"].as_str().unwrap();
    let page = TestApp::send(app.request(reqwest::Method::GET, &format!("/v/{token}"))).await;
    assert_eq!(page.status, 404);

    let after = app.gate("12345").await;
    assert_eq!(after["reason"], "stale");
    for kept in ["link_id", "verified_at", "verified_until", "assurance", "method"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    let kept = json!({ "id": after["link_id"] });
    assert_eq!(app.shown(&kept).await["status"], "verified");
    app.get(&path(&kept, "/evidence")).await.expect(200);
    let listed = app.get("/api/verification/link?user_id=12345").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["id"], after["link_id"]);
}
