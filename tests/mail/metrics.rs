//! What operators see of mails.

use serde_json::json;

use super::app;
use crate::support::app::TestApp;
use crate::support::smtp::{MailServer, Step, Trick};

/// All of them, once this line is among them.
pub(super) async fn metrics(app: &TestApp, line: &str) -> String {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let text = app.get("/metrics").await.text;
        if text.lines().any(|found| found == line) {
            return text;
        }
        assert!(tokio::time::Instant::now() < deadline, "no {line} in {text}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn mails_are_counted_by_kind_and_outcome_and_the_oldest_that_waits_has_an_age() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let to = json!({ "send": { "email": "dana@example.com" } });
    metrics(&app, "vouchlink_mails_waiting 0").await;
    server.script([(Step::Recipient, Trick::Say("450 4.2.1 later"))]);
    let link = app.link_with("1", to.clone()).await;
    let retried = r#"vouchlink_mail_tries_total{kind="link",outcome="retried"} 1"#;
    metrics(&app, retried).await;
    app.clock.advance(std::time::Duration::from_secs(3));
    let text = metrics(&app, "vouchlink_mails_waiting 1").await;
    assert!(text.contains("\nvouchlink_mail_oldest_seconds 3\n"), "{text}");
    app.clock.advance(std::time::Duration::from_secs(4));
    server.next().await;
    metrics(&app, r#"vouchlink_mail_tries_total{kind="link",outcome="sent"} 1"#).await;
    let text = metrics(&app, "vouchlink_mails_waiting 0").await;
    assert!(text.contains("\nvouchlink_mail_oldest_seconds 0\n"), "{text}");
    server.script([(Step::Recipient, Trick::Say("550 5.1.1 no such user"))]);
    app.link_with("2", to).await;
    let failed = r#"vouchlink_mail_tries_total{kind="link",outcome="failed"} 1"#;
    let text = metrics(&app, failed).await;
    let id = link["id"].as_str().unwrap();
    for personal in ["dana", "example.com", "eml_", id] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}
