//! Mail scanners that run a page's script, against the real server.

use serde_json::json;

use super::app;
use crate::support::browser::TestBrowser;
use crate::support::smtp::MailServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_that_runs_scripts_and_presses_buttons_by_script_starts_nothing() {
    let server = MailServer::start().await;
    let (app, browser) = (app(&server).await, TestBrowser::launch().await);
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    let (text, _) = server.next().await.parts();
    let url = text.lines().find(|line| line.starts_with("http")).unwrap();
    let tab = browser.tab().await;
    for _ in 0..2 {
        tab.goto(url).await;
        assert_eq!(tab.evaluate("document.body.dataset.kind").await, "register");
        tab.evaluate("document.querySelectorAll('button').forEach(b => b.click()); true").await;
        tab.evaluate("fetch(location.href).then(answer => answer.text()).then(() => true)").await;
    }
    let shown = app.shown(&link).await;
    assert_eq!((&shown["status"], &shown["attempts"]), (&json!("pending"), &json!(0)));
    browser.close().await;
}
