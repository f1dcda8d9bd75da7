//! The whole way from staff's `send` to the customer's verification.

use std::time::Duration;

use serde_json::{Value, json};

use super::{app, app_with};
use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;
use crate::support::receiver::Receiver;
use crate::support::smtp::{Mail, MailServer, Step, Trick};

/// The link as staff see it, once its newest mail is so.
async fn until(app: &TestApp, link: &Value, status: &str) -> Value {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let shown = app.shown(link).await;
        let newest = shown["sent"].as_array().unwrap().last().cloned().unwrap_or_default();
        if newest["status"] == status {
            // The timeline of this answer was read before its mails.
            return app.shown(link).await;
        }
        assert!(tokio::time::Instant::now() < deadline, "{shown}");
        tokio::task::yield_now().await;
    }
}

/// The path of the short URL in a mail's plain text.
fn short_path(app: &TestApp, mail: &Mail) -> String {
    let (text, html) = mail.parts();
    let url = text.lines().find(|line| line.starts_with("http")).unwrap();
    assert_eq!(html.matches(&format!("href=\"{url}\"")).count(), 1);
    url.strip_prefix(&app.origin).unwrap().to_owned()
}

async fn register(app: &TestApp, link: &Value) -> Value {
    let mut device = Authenticator::new();
    let options = app.options("register", link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200)
}

fn actions(shown: &Value) -> Vec<&str> {
    let timeline = shown["timeline"].as_array().unwrap();
    timeline.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_link_that_we_mailed_verifies_at_the_channels_level() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let send = json!({ "email": "Dana@Example.com" });
    let link = app.link_with("1", json!({ "send": send, "locale": "de" })).await;
    let mail = server.next().await;
    assert_eq!(mail.to, ["TO:<Dana@example.com>"]);
    assert!(mail.header("from").contains("Harbour Bank"));
    let subject = mail.header("subject");
    assert!(subject.contains("=?utf-8?b?") && !subject.contains("Asaf"), "{subject}");
    let path = short_path(&app, &mail);
    let short_url = link["short_url"].as_str().unwrap();
    let secret = mail.url().unwrap().strip_prefix(short_url).unwrap().to_owned();
    assert_eq!(secret.len(), 16, "only the mail holds it");
    let shown = until(&app, &link, "sent").await;
    let mailed = &shown["sent"][0];
    assert_eq!(mailed["to"], "D***@example.com");
    assert_eq!(mailed["answer"], "250 2.0.0 queued as 4711");
    assert_eq!(actions(&shown), ["link.created", "link.send_requested", "link.sent"]);

    assert!(!shown.to_string().contains(&secret));
    register(&app, &json!({ "token": app.opened(&path).await })).await;
    let verdict = app.webhook().await;
    assert_eq!(verdict["data"]["binding"], "channel");
    assert_eq!(verdict["data"]["assurance"], 1);
    // Told of the passkey, since the address is known now.
    assert!(!server.next().await.source.contains("/l/"));
}

#[tokio::test]
async fn whoever_has_the_answer_of_the_api_and_not_the_mail_stays_at_the_lowest_level() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    server.next().await;
    until(&app, &link, "sent").await;
    register(&app, &link).await;
    let verdict = app.webhook().await;
    assert_eq!(
        (&verdict["data"]["binding"], &verdict["data"]["assurance"]),
        (&json!("link"), &json!(0))
    );
    server.next().await;
}

#[tokio::test]
async fn a_link_that_was_handed_out_otherwise_stays_at_the_lowest_level() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let link = app.link("1").await;
    register(&app, &link).await;
    assert_eq!(app.webhook().await["data"]["assurance"], 0);
    assert_eq!(app.shown(&link).await["sent"], json!([]));
    server.assert_nothing_unread();
}

#[tokio::test]
async fn a_reissued_url_is_not_the_one_that_was_mailed() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    server.next().await;
    until(&app, &link, "sent").await;
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    let again = app.post(&path, &json!({})).await.expect(200);
    register(&app, &again).await;
    assert_eq!(app.webhook().await["data"]["assurance"], 0);
    server.next().await;
}

#[tokio::test]
async fn a_server_that_is_not_ready_is_asked_again_and_one_that_refuses_is_not() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    server.script([(Step::Recipient, Trick::Say("450 4.2.1 <dana@example.com> greylisted"))]);
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    let shown = loop {
        let shown = until(&app, &link, "pending").await;
        // Its first look may have come before the try, and its second amid it.
        let sent = &shown["sent"][0];
        if sent["attempts"] == 1 && sent["status"] == "pending" {
            break shown;
        }
    };
    assert_eq!(shown["sent"][0]["answer"], "450 4.2.1 [address] greylisted");
    assert_eq!(shown["sent"][0]["trouble"], "the mail server asks to be tried again later");
    app.clock.advance(Duration::from_secs(7));
    server.next().await;
    let shown = until(&app, &link, "sent").await;
    assert_eq!(
        (&shown["sent"][0]["attempts"], &shown["sent"][0]["trouble"]),
        (&json!(2), &json!(null))
    );

    server.script([(Step::Recipient, Trick::Say("550 5.1.1 no such user here: dana"))]);
    let link = app.link_with("2", json!({ "send": { "email": "dana@example.com" } })).await;
    let shown = until(&app, &link, "failed").await;
    assert_eq!(shown["sent"][0]["answer"], "550 5.1.1 no such user here: [address]");
    let trouble = "the mail server says that there is no such address";
    assert_eq!(shown["sent"][0]["trouble"], trouble);
    assert_eq!(actions(&shown).last(), Some(&"link.send_failed"));
    let told = shown["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(told["detail"]["trouble"], trouble);
    // The link is as good as before, and what it makes no better than handed out.
    register(&app, &link).await;
    assert_eq!(app.webhook().await["data"]["assurance"], 0);
    server.next().await;
    server.assert_nothing_unread();
}

#[tokio::test]
async fn the_mail_of_a_link_that_has_ended_is_not_sent() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    server.script([(Step::Recipient, Trick::Say("450 4.2.1 later"))]);
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    loop {
        if until(&app, &link, "pending").await["sent"][0]["attempts"] == 1 {
            break;
        }
    }
    let path = format!("/api/verification/link/{}", link["id"].as_str().unwrap());
    app.post(&format!("{path}/revoke"), &json!({})).await.expect(200);
    app.webhook().await;
    app.clock.advance(Duration::from_secs(7));
    let shown = until(&app, &link, "cancelled").await;
    assert_eq!(shown["sent"][0]["answer"], "the link has ended");
    let refused = app.post(&format!("{path}/send"), &json!({ "email": "dana@example.com" })).await;
    assert_eq!(refused.problem(410), "link_revoked");
    server.assert_nothing_unread();
}

#[tokio::test]
async fn a_link_is_sent_again_so_often_and_no_more() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let to = json!({ "email": "dana@example.com" });
    let link = app.link("1").await;
    let path = format!("/api/verification/link/{}/send", link["id"].as_str().unwrap());
    for _ in 0..5 {
        app.post(&path, &to).await.expect(200);
        server.next().await;
    }
    assert_eq!(app.post(&path, &to).await.problem(409), "conflict");
    // And one customer so many links within a day.
    for _ in 0..15 {
        app.link_with("1", json!({ "send": to })).await;
        server.next().await;
        app.webhook().await;
    }
    let body = json!({ "user_id": "1", "username": "a", "send": to });
    let refused = app.post("/api/verification/link", &body).await;
    assert_eq!(refused.problem(429), "rate_limited");
    assert!(refused.headers.contains_key("retry-after"));
    app.link_with("2", json!({ "send": to })).await;
    server.next().await;
    app.clock.advance(Duration::from_secs(86_400));
    app.post("/api/verification/link", &body).await.expect(201);
    server.next().await;
    app.webhook().await;
    app.webhook().await;
}

#[tokio::test]
async fn an_address_that_would_speak_to_the_server_is_refused_at_the_door() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let link = app.link("1").await;
    let path = format!("/api/verification/link/{}/send", link["id"].as_str().unwrap());
    for email in [
        "dana@example.com\r\nRCPT TO:<eve@example.org>",
        "dana@example.com\nBcc: eve@example.org",
        "<dana@example.com>",
        "dana@example.com, eve@example.org",
        "dana",
        "",
    ] {
        let refused = app.post(&path, &json!({ "email": email })).await;
        assert_eq!(refused.problem(422), "validation", "{email:?}");
        let body = json!({ "user_id": "1", "username": "a", "send": { "email": email } });
        let refused = app.post("/api/verification/link", &body).await;
        assert_eq!(refused.problem(422), "validation", "{email:?}");
        assert_eq!(refused.json()["errors"][0]["field"], "send.email");
    }
    let both = json!({ "email": "dana@example.com", "phone": "+12025550123" });
    assert_eq!(app.post(&path, &both).await.problem(422), "validation");
    assert!(server.said().is_empty());
}

#[tokio::test]
async fn a_companys_name_cannot_write_headers() {
    let server = MailServer::start().await;
    let name = "Bank\u{85}Bcc: eve@example.org";
    assert!(vouchlink::domain::text::Line::<64>::parse(name).is_err());
    let app = app_with(&server, |config| {
        let name = "\"Bank\" <eve@example.org>, =?utf-8?q?x?=";
        config.relying_party.name = vouchlink::domain::text::Line::parse(name).unwrap();
    })
    .await;
    app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    let mail = server.next().await;
    assert_eq!(mail.from, "FROM:<no-reply@bank.example>");
    assert_eq!(mail.to, ["TO:<dana@example.com>"]);
    let from = mail.header("from");
    assert!(from.ends_with("<no-reply@bank.example>"), "{from}");
    assert!(!mail.headers().iter().any(|(name, _)| name.eq_ignore_ascii_case("bcc")));
}

#[tokio::test]
async fn without_a_mail_server_staff_learn_what_to_set() {
    let app = TestApp::start().await;
    let body = json!({ "user_id": "1", "username": "a", "send": { "email": "d@example.com" } });
    let refused = app.post("/api/verification/link", &body).await;
    assert_eq!(refused.problem(409), "conflict");
    assert!(refused.text.contains("SMTP_URL"), "{}", refused.text);
    let link = app.link("1").await;
    let path = format!("/api/verification/link/{}/send", link["id"].as_str().unwrap());
    for body in [json!({ "email": "d@example.com" }), json!({}), json!({ "phone": "+12025550123" })]
    {
        assert_eq!(app.post(&path, &body).await.problem(409), "conflict", "{body}");
    }
}

#[tokio::test]
async fn a_companys_own_gateway_is_told_the_short_url_and_nobody_else() {
    let app = TestApp::start().await;
    let gateway = Receiver::start().await;
    let endpoint = json!({ "url": gateway.url("/sms"), "events": ["link.send_requested"] });
    app.post("/api/endpoints", &endpoint).await.expect(201);
    let more = json!({ "locale": "he", "reference": "case-7", "metadata": { "queue": "a" } });
    let link = app.link_with("1", more).await;
    let path = format!("/api/verification/link/{}/send", link["id"].as_str().unwrap());
    let shown = app.post(&path, &json!({ "phone": "+1 (202) 555-0123" })).await.expect(200);
    assert_eq!(actions(&shown), ["link.created", "link.send_requested"]);
    let body: Value = serde_json::from_slice(&gateway.next().await.body).unwrap();
    assert_eq!(body["type"], "link.send_requested");
    assert_eq!(body["user_id"], "1");
    assert!(body.get("verified").is_none(), "{body}");
    let data = &body["data"];
    assert_eq!(data["short_url"], link["short_url"]);
    assert_eq!(data["phone"], "+12025550123");
    assert_eq!((&data["locale"], &data["reference"]), (&json!("he"), &json!("case-7")));
    assert_eq!(data["metadata"], json!({ "queue": "a" }));
    // What a gateway does with it is not ours to know.
    register(&app, &link).await;
    let verdict = app.webhook().await;
    assert_eq!(
        (&verdict["type"], &verdict["data"]["assurance"]),
        (&json!("verification.verified"), &json!(0))
    );
    app.crm.assert_nothing_unread();
}

#[tokio::test]
async fn scanners_that_open_the_mailed_link_change_nothing() {
    let server = MailServer::start().await;
    let app = app(&server).await;
    let link = app.link_with("1", json!({ "send": { "email": "dana@example.com" } })).await;
    let path = short_path(&app, &server.next().await);
    for method in [reqwest::Method::GET, reqwest::Method::HEAD, reqwest::Method::GET] {
        let page = TestApp::send(app.request(method, &path)).await;
        assert_eq!(page.status, 200);
    }
    let shown = until(&app, &link, "sent").await;
    assert_eq!((&shown["status"], &shown["attempts"]), (&json!("pending"), &json!(0)));
    register(&app, &link).await;
    assert_eq!(app.webhook().await["verified"], true);
    server.next().await;
}
