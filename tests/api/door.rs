//! The known door: typing the code that the agent reads out is opening the link.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::app::{Answer, TestApp};
use crate::support::authenticator::Authenticator;

async fn knock(app: &TestApp, typed: &str) -> Answer {
    knock_from(app, typed, "same-origin").await
}

async fn knock_from(app: &TestApp, typed: &str, site: &str) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("code", typed).finish();
    let request = app
        .request(Method::POST, "/verify")
        .header("content-type", "application/x-www-form-urlencoded")
        // What a form sends under our referrer policy.
        .header("origin", "null")
        .header("sec-fetch-site", site);
    TestApp::send(request.body(body)).await
}

fn code(link: &Value) -> &str {
    link["door_code"].as_str().unwrap()
}

#[track_caller]
fn assert_wrong(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.headers.get("location").is_none());
}

async fn revoke(app: &TestApp, link: &Value) {
    let path = format!("/api/verification/link/{}/revoke", link["id"].as_str().unwrap());
    app.post(&path, &json!({})).await.expect(200);
}

async fn reissue(app: &TestApp, link: &Value) -> Value {
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    app.post(&path, &json!({})).await.expect(200)
}

#[tokio::test]
async fn the_code_leads_to_the_page_that_the_link_opens_and_changes_nothing() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    assert_eq!(link["door_url"], format!("{}/verify", app.origin));
    let digits: String = code(&link).split(' ').collect();
    assert!(digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");

    let page = TestApp::send(app.request(Method::GET, "/verify")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Harbour Bank") && !page.text.contains("<script"));
    for typed in [code(&link).to_owned(), digits.clone(), format!("  {digits}\n")] {
        let opened = knock(&app, &typed).await;
        assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text);
        let place = opened.headers["location"].to_str().unwrap();
        assert_eq!(format!("{}{place}", app.origin), link["short_url"].as_str().unwrap());
        // Nothing that is kept says which code it was.
        assert!(!place.contains(&digits) && opened.headers["cache-control"] == "no-store");
    }
    assert_eq!(app.shown(&link).await["status"], "pending");
}

#[tokio::test]
async fn only_whoever_makes_or_reissues_a_link_is_shown_its_code() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let shown = app.shown(&link).await;
    assert!(shown.get("door_code").is_none() && !shown.to_string().contains(code(&link)));
    let list = app.get("/api/verification/link").await.expect(200);
    assert!(list["items"][0].get("door_code").is_none());

    let body = json!({ "user_id": "7", "username": "noa" });
    let make = || {
        let request = app.request(Method::POST, "/api/verification/link").bearer_auth(&app.key);
        let request = request.header("idempotency-key", "once");
        TestApp::send(request.header("content-type", "application/json").body(body.to_string()))
    };
    let first = make().await.expect(201);
    assert_eq!(make().await.expect(201), first);
    app.clock.advance(Duration::from_secs(600));
    let late = make().await.expect(201);
    assert_eq!((&late["id"], late.get("door_code")), (&first["id"], None));
}

#[tokio::test]
async fn a_code_lives_ten_minutes_and_no_longer_than_its_link() {
    let app = TestApp::start().await;
    let long = app.link_with("1", json!({ "ttl_seconds": 3600 })).await;
    let short = app.link_with("2", json!({ "ttl_seconds": 60 })).await;
    app.clock.advance(Duration::from_secs(59));
    assert_eq!(knock(&app, code(&short)).await.status, StatusCode::SEE_OTHER);
    app.clock.advance(Duration::from_secs(1));
    assert_wrong(&knock(&app, code(&short)).await);
    app.clock.advance(Duration::from_secs(539));
    assert_eq!(knock(&app, code(&long)).await.status, StatusCode::SEE_OTHER);
    app.clock.advance(Duration::from_secs(1));
    assert_wrong(&knock(&app, code(&long)).await);
    // The link itself goes on, and a new code can be had.
    assert_eq!(app.shown(&long).await["status"], "pending");
    let again = reissue(&app, &long).await;
    assert_ne!(code(&again), code(&long));
    assert_eq!(knock(&app, code(&again)).await.status, StatusCode::SEE_OTHER);
    assert_wrong(&knock(&app, code(&long)).await);
}

#[tokio::test]
async fn wrong_ended_replaced_and_malformed_codes_get_one_answer() {
    let app = TestApp::start().await;
    let revoked = app.link("1").await;
    revoke(&app, &revoked).await;
    let replaced = app.link("2").await;
    reissue(&app, &replaced).await;
    let used = app.link("3").await;
    let mut device = Authenticator::new();
    let options = app.options("register", &used).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);
    let codes = [code(&revoked), code(&replaced), code(&used), "0000 0000 0000", "1", "", "x"];
    let mut pages = Vec::new();
    for typed in codes {
        let answer = knock(&app, typed).await;
        assert_wrong(&answer);
        pages.push(answer.text);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
    assert!(pages[0].contains("autofocus") && pages[0].contains("role=\"alert\""));
}

#[tokio::test]
async fn all_guessers_together_have_sixty_guesses_a_minute() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    // A right code costs nothing, a text that is no code neither.
    for _ in 0..3 {
        assert_eq!(knock(&app, code(&link)).await.status, StatusCode::SEE_OTHER);
        assert_wrong(&knock(&app, "12").await);
    }
    for guess in 0..60 {
        assert_wrong(&knock(&app, &format!("{:012}", guess * 7)).await);
    }
    let refused = knock(&app, "0000 0000 0000").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "60");
    // Otherwise guesses would be free until one is right.
    assert_eq!(knock(&app, code(&link)).await.status, StatusCode::TOO_MANY_REQUESTS);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(knock(&app, code(&link)).await.status, StatusCode::SEE_OTHER);
    assert_wrong(&knock(&app, "0000 0000 0000").await);
    assert_eq!(knock(&app, code(&link)).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn one_address_gets_twenty_codes_at_once() {
    let app = TestApp::start_with(|config| config.http.rate_limit = true).await;
    let mut answers = Vec::new();
    for _ in 0..21 {
        answers.push(knock(&app, "0000 0000 0000").await.status);
    }
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 20);
    assert_eq!(answers.last().unwrap(), &StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn other_sites_cannot_make_their_visitors_guess() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    for site in ["cross-site", "same-site", "none"] {
        let answer = knock_from(&app, code(&link), site).await;
        assert_eq!(answer.problem(403), "forbidden_origin", "{site}");
    }
    let long = knock(&app, &"1".repeat(2000)).await;
    assert_eq!(long.problem(413), "payload_too_large");
}

#[tokio::test]
async fn the_door_does_not_raise_what_a_new_passkey_is_bound_at() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    assert_eq!(knock(&app, code(&link)).await.status, StatusCode::SEE_OTHER);
    let mut device = Authenticator::new();
    let options = app.options("register", &link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);
    assert_eq!(app.shown(&link).await["verdict"]["binding"], "link");
    app.webhook().await;
}

#[tokio::test]
async fn the_page_speaks_the_browsers_language() {
    let app = TestApp::start().await;
    for (accepted, tag) in
        [("de-CH, en;q=0.5", "lang=\"de\" dir=\"ltr\""), ("he", "lang=\"he\" dir=\"rtl\"")]
    {
        let request = app.request(Method::GET, "/verify").header("accept-language", accepted);
        let page = TestApp::send(request).await;
        assert!(page.text.contains(tag), "{}", page.text);
    }
}

/// The second draw is what a link gets whose first was taken.
#[tokio::test]
async fn a_code_that_is_taken_is_drawn_again() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use vouchlink::domain::audit::Actor;
    use vouchlink::domain::customer::UserId;
    use vouchlink::domain::digest::sha256;
    use vouchlink::domain::link::{Enrolment, IfOpen, Request};
    use vouchlink::domain::random::{NoEntropy, Random};
    use vouchlink::domain::text::Line;
    use vouchlink::flows::issue::Order;
    use vouchlink::store::Context;

    /// The same bytes in every test run, and never the same twice in one.
    #[derive(Default)]
    struct Counted(AtomicU64);
    impl Random for Counted {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
            let turn = self.0.fetch_add(1, Ordering::Relaxed);
            let drawn = sha256(&[&turn.to_be_bytes()]);
            bytes.iter_mut().zip(drawn.iter().cycle()).for_each(|(slot, byte)| *slot = *byte);
            Ok(())
        }
    }
    let order = |user_id: &str| Order {
        user_id: UserId::parse(user_id).unwrap(),
        username: Line::parse("noa").unwrap(),
        ttl: None,
        request: Request {
            requester: Line::parse("Support").unwrap(),
            created_by: Actor::Operator,
            statement: None,
            call_initiator: None,
            enrolment: Enrolment::Open,
            totp: false,
            locale: None,
            reference: None,
            crm: None,
            metadata: serde_json::Map::new(),
            return_url: None,
        },
        if_open: IfOpen::Supersede,
        idempotency: None,
        send: None,
    };
    let issue = |app: &TestApp| {
        let mut issue = app.services.issue.clone();
        issue.random = Arc::new(Counted::default());
        issue
    };
    let other = TestApp::start().await;
    let first = issue(&other).create(order("1"), Actor::Operator).await.unwrap();

    let app = TestApp::start().await;
    // Somebody else's link with the door that will be drawn first.
    let taken = app.services.issue.create(order("2"), Actor::Operator).await.unwrap();
    let mut secret = taken.link.secret.clone();
    secret.code_hash.0[0] ^= 1;
    secret.door = first.link.secret.door;
    let context =
        Context::new(taken.link.created_at, Actor::Operator, &app.services.issue.verification);
    let store = &app.services.store;
    store.reissue_link(taken.link.id, secret, taken.link.expires_at, context).await.unwrap();

    let drawn = issue(&app).create(order("1"), Actor::Operator).await.unwrap();
    assert_eq!(drawn.link.id, first.link.id);
    assert_ne!(drawn.door_code, first.door_code);
    assert_ne!(drawn.link.secret.door, first.link.secret.door);
    let found = store.find_link(drawn.link.id).await.unwrap().unwrap();
    assert_eq!(found, drawn.link);
}
