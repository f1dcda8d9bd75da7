//! Operators hear of endpoints that do not take what they are sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use vouchlink::domain::mail::EmailAddress;

use super::metrics::metrics;
use super::{app, app_with};
use crate::support::app::TestApp;
use crate::support::receiver::{Answer, Receiver};
use crate::support::smtp::{Mail, MailServer};

/// What of an endpoint and its answers must stand in no mail.
const SECRETS: &[&str] = &["path-secret", "zapikey", "hush", "whsec_", "/hooks", "Bearer", "12345"];

/// A CRM that refuses everything until it is mended.
struct Crm {
    receiver: Receiver,
    mended: Arc<AtomicBool>,
}

impl Crm {
    async fn start() -> Self {
        let mended = Arc::new(AtomicBool::new(false));
        let now = Arc::clone(&mended);
        let receiver = Receiver::answering(move |_| {
            let told = "unknown token hush-token of 12345".to_owned();
            if now.load(Ordering::SeqCst) {
                Answer::status(200)
            } else {
                Answer::Status(401, vec![], told)
            }
        });
        Self { receiver: receiver.await, mended }
    }

    /// Its endpoint's id.
    async fn connect(&self, app: &TestApp) -> String {
        let url = self.receiver.url("/hooks/T0/path-secret?zapikey=hush-key");
        let endpoint = json!({ "url": url, "name": "Orders",
            "headers": { "authorization": "Bearer hush-header" } });
        let made = app.post("/api/endpoints", &endpoint).await.expect(201);
        made["id"].as_str().unwrap().to_owned()
    }
}

async fn alerting(server: &MailServer, to: &[&str]) -> TestApp {
    let alerts = to.iter().map(|to| EmailAddress::parse(to).unwrap()).collect();
    app_with(server, |config| config.mail.as_mut().unwrap().alerts = alerts).await
}

/// A verdict, which the CRM of the environment takes.
async fn decline(app: &TestApp, user: &str) {
    let link = app.link(user).await;
    let body = json!({ "token": link["token"], "reason": "not_me" });
    app.post_from_page("/api/ceremony/decline", body.to_string()).await.expect(200);
    app.webhook().await;
}

/// The newest delivery to this endpoint, once it is so.
async fn until(app: &TestApp, endpoint: &str, is_so: impl Fn(&Value) -> bool) {
    let path = format!("/api/deliveries?endpoint={endpoint}");
    app.until(&path, Duration::ZERO, |list| is_so(&list["items"][0])).await;
}

/// The next attempt, so many seconds later.
async fn again(app: &TestApp, crm: &Crm, endpoint: &str, attempts: u32, seconds: u64) {
    app.clock.advance(Duration::from_secs(seconds));
    app.services.issue.deliveries.wake();
    crm.receiver.next().await;
    until(app, endpoint, |delivery| delivery["attempt_count"] == attempts).await;
}

/// A verdict that is given up after ten minutes.
async fn give_up(app: &TestApp, crm: &Crm, endpoint: &str) {
    decline(app, "12345").await;
    again(app, crm, endpoint, 1, 0).await;
    again(app, crm, endpoint, 2, 300).await;
    again(app, crm, endpoint, 3, 300).await;
    until(app, endpoint, |delivery| delivery["status"] == "exhausted").await;
}

#[track_caller]
fn check(mail: &Mail, subject: &str) -> String {
    assert_eq!(mail.header("subject"), format!("Harbour Bank: {subject}"));
    assert_eq!(mail.header("auto-submitted"), "auto-generated");
    let (text, html) = mail.parts();
    for part in [&text, &html] {
        for secret in SECRETS {
            assert!(!part.contains(secret), "{secret} in {part}");
        }
        assert!(part.contains("Orders (127.0.0.1, ep_"), "{part}");
    }
    assert!(!mail.source.contains("http"), "{}", mail.source);
    text
}

#[tokio::test]
async fn operators_hear_that_a_verdict_did_not_arrive_that_the_endpoint_fails_and_that_it_recovered()
 {
    let server = MailServer::start().await;
    let app = alerting(&server, &["ops@example.com", "on-call@example.org"]).await;
    let crm = Crm::start().await;
    let endpoint = crm.connect(&app).await;
    give_up(&app, &crm, &endpoint).await;
    server.assert_nothing_unread();

    app.clock.advance(Duration::from_secs(60));
    let (one, other) = (server.next().await, server.next().await);
    let mut to = [one.recipient(), other.recipient()];
    to.sort_unstable();
    assert_eq!(to, ["on-call@example.org", "ops@example.com"]);
    let text = check(&one, "webhooks did not arrive at Orders");
    check(&other, "webhooks did not arrive at Orders");
    assert!(text.contains("given up: 1."), "{text}");
    assert!(text.contains(": 401 (config)"), "{text}");
    assert!(text.contains("check the secret it verifies with"), "{text}");
    assert!(text.contains(&format!("vouchlink webhook test {endpoint}")), "{text}");
    assert!(text.contains(&format!("--endpoint {endpoint}")), "{text}");

    // It has failed since the first of those attempts, for more than a quarter of an hour then.
    decline(&app, "2").await;
    again(&app, &crm, &endpoint, 1, 0).await;
    again(&app, &crm, &endpoint, 2, 300).await;
    server.assert_nothing_unread();
    app.clock.advance(Duration::from_secs(600));
    let text = check(&server.next().await, "webhooks to Orders fail");
    server.next().await;
    assert!(text.contains("since November 21, 2026, 10:00 UTC"), "{text}");
    assert!(text.contains("disabled on November 28, 2026, 10:00 UTC at the soonest"), "{text}");

    // Whatever else is tried meanwhile is no news; its success is.
    crm.mended.store(true, Ordering::SeqCst);
    decline(&app, "3").await;
    app.clock.advance(Duration::from_secs(1800));
    app.services.issue.deliveries.wake();
    until(&app, &endpoint, |delivery| delivery["status"] == "delivered").await;
    app.clock.advance(Duration::from_secs(60));
    let text = check(&server.next().await, "webhooks to Orders arrive again");
    server.next().await;
    assert!(text.contains("It takes messages again"), "{text}");

    metrics(&app, r#"vouchlink_mail_tries_total{kind="alert",outcome="sent"} 6"#).await;
    server.assert_nothing_unread();
}

#[tokio::test]
async fn nobody_is_mailed_who_did_not_ask_for_it() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let crm = Crm::start().await;
    let endpoint = crm.connect(&app).await;
    give_up(&app, &crm, &endpoint).await;
    assert!(app.services.store.alert_due().await.unwrap().is_some(), "there is news");
    app.clock.advance(Duration::from_secs(60));
    // As long as it takes for another mail, and every worker's pause besides.
    app.link_with("2", json!({ "send": { "email": "dana@example.com" } })).await;
    assert_eq!(server.next().await.recipient(), "dana@example.com");
    app.stop().await;
    server.assert_nothing_unread();
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_of_with_the_way_back() {
    let server = MailServer::start().await;
    let app = alerting(&server, &["ops@example.com"]).await;
    let crm = Crm::start().await;
    let endpoint = crm.connect(&app).await;
    crm.receiver.script([Answer::status(410)]);
    decline(&app, "1").await;
    crm.receiver.next().await;
    until(&app, &endpoint, |delivery| delivery["status"] == "held").await;
    app.clock.advance(Duration::from_secs(60));
    let text = check(&server.next().await, "Orders is disabled and gets no webhooks");
    assert!(text.contains("answered 410"), "{text}");
    assert!(text.contains(&format!("POST /api/endpoints/{endpoint}/resume")), "{text}");
    assert!(text.contains("held until somebody sends them again: 1"), "{text}");
    assert!(!text.contains("at the soonest"), "{text}");
}
