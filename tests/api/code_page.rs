//! The page for codes over HTTP: looking at it changes nothing, and it is only there where codes
//! are taken.

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::domain::binding::Way;
use vouchlink::domain::text::Line;

use super::authenticator_apps::enrol;
use crate::support::app::{Answer, TestApp};

async fn app() -> TestApp {
    TestApp::start_with(|config| config.verification.totp = true).await
}

async fn look(app: &TestApp, method: Method, link: &Value) -> Answer {
    TestApp::send(app.request(method, &format!("{}/code", path(app, link)))).await
}

fn with_codes() -> Value {
    json!({ "methods": ["passkey", "totp"], "statement": "Move <b>my</b> savings" })
}

#[tokio::test]
async fn looking_at_the_page_changes_nothing_and_tells_previews_nothing() {
    let app = app().await;
    let link = app.link_with("12345", with_codes()).await;
    let before = app.shown(&link).await;
    let page = look(&app, Method::GET, &link).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Move &#60;b&#62;my&#60;/b&#62; savings"), "{}", page.text);
    let (head, _) = page.text.split_once("</head>").unwrap();
    assert!(head.contains("<title>Harbour Bank</title>") && !head.contains("savings"));
    assert!(!page.text.contains("12345") && !page.text.contains("asaf@example.com"));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex, nofollow"),
        ("referrer-policy", "no-referrer"),
        ("content-language", "en"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
    assert!(policy.ends_with("require-trusted-types-for 'script'; trusted-types 'none'"));
    let head = look(&app, Method::HEAD, &link).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(app.shown(&link).await, before);
}

#[tokio::test]
async fn there_is_no_page_where_no_codes_are_taken() {
    let app = app().await;
    let unknown = |page: Answer| {
        assert_eq!(page.status, 404);
        assert!(page.text.contains("data-screen=\"unknown\""), "{}", page.text);
    };
    unknown(look(&app, Method::GET, &app.link("without").await).await);
    for token in ["x", "a.b.c"] {
        let path = format!("/v/{token}/code");
        unknown(TestApp::send(app.request(Method::GET, &path)).await);
    }
    let link = app.link_with("12345", with_codes()).await;
    let page = TestApp::send(app.request(Method::GET, &path(&app, &link))).await;
    assert!(page.text.contains("/code\">Use a code from an authenticator app</a>"));
}

/// Taken through staff: a customer with an app and no passkey, and a link that uses what is there.
async fn app_only(app: &TestApp) -> Value {
    enrol(app, "12345").await;
    let more = json!({ "methods": ["passkey", "totp"], "enrolment": "existing" });
    let link = app.link_with("12345", more).await;
    assert_eq!(app.shown(&link).await["kind"], "authenticate");
    link
}

fn is_for_codes(page: &Answer) -> bool {
    assert_eq!(page.status, 200, "{}", page.text);
    let (codes, passkeys) = (page.text.contains("app-code"), page.text.contains("id=\"confirm\""));
    assert_ne!(codes, passkeys, "{}", page.text);
    codes
}

const OTHER_WAY: &str = "Confirm in another way";

#[tokio::test]
async fn who_has_an_app_and_no_passkey_is_led_to_codes_at_once() {
    let app = app().await;
    let link = app_only(&app).await;
    let before = app.shown(&link).await;
    for url in ["url", "short_url"] {
        let url = link[url].as_str().unwrap().strip_prefix(&app.origin).unwrap();
        let page = TestApp::send(app.request(Method::GET, url)).await;
        assert!(is_for_codes(&page), "{}", page.text);
        assert_eq!(
            page.text.matches(OTHER_WAY).count(),
            1,
            "there is none but once the app is gone"
        );
        assert!(page.text.contains(&format!("data-token=\"{}\"", link["token"].as_str().unwrap())));
    }
    let page = look(&app, Method::GET, &link).await;
    assert_eq!(page.text.matches(OTHER_WAY).count(), 1);
    assert_eq!(app.shown(&link).await, before, "looking changes nothing");

    // Without the app, the page says what a link without passkeys says.
    let customer = app.get("/api/customers/12345").await.expect(200);
    let id = customer["authenticator_apps"][0]["id"].as_str().unwrap();
    let gone = format!("/api/customers/12345/authenticator-apps/{id}");
    TestApp::send(app.request(Method::DELETE, &gone).bearer_auth(&app.key)).await.expect(204);
    app.webhook().await;
    let page = TestApp::send(app.request(Method::GET, &path(&app, &link))).await;
    assert!(!is_for_codes(&page));
    assert_eq!(app.options("authenticate", &link).await.problem(409), "conflict");
}

#[tokio::test]
async fn who_can_use_a_passkey_is_not_led_to_codes() {
    let app = app().await;
    let page = async |link: &Value| {
        is_for_codes(&TestApp::send(app.request(Method::GET, &path(&app, link))).await)
    };
    // One is made there.
    enrol(&app, "12345").await;
    for enrolment in ["open", "call_code"] {
        let more = json!({ "methods": ["passkey", "totp"], "enrolment": enrolment });
        assert!(!page(&app.link_with("12345", more).await).await, "{enrolment}");
    }
    // Or there is one.
    app.enrol("12345").await;
    let link = app.link_with("12345", with_codes()).await;
    assert!(!page(&link).await);
    assert_eq!(look(&app, Method::GET, &link).await.text.matches(OTHER_WAY).count(), 2);
    // Who has neither reads nothing about apps that they do not have.
    let mut more = with_codes();
    more["enrolment"] = json!("open");
    assert!(!page(&app.link_with("67890", more).await).await);
}

#[tokio::test]
async fn a_link_that_takes_no_codes_leads_to_none() {
    let app = app().await;
    enrol(&app, "12345").await;
    app.enrol("12345").await;
    let link = app.link("12345").await;
    let customer = app.get("/api/customers/12345").await.expect(200);
    let id = customer["credentials"][0]["id"].as_str().unwrap();
    let gone = format!("/api/customers/12345/credentials/{id}");
    TestApp::send(app.request(Method::DELETE, &gone).bearer_auth(&app.key)).await.expect(204);
    app.webhook().await;
    let page = TestApp::send(app.request(Method::GET, &path(&app, &link))).await;
    assert!(!is_for_codes(&page));
}

#[tokio::test]
async fn an_ended_links_page_for_codes_says_how_it_ended() {
    let app = app().await;
    let link = app.link_with("12345", with_codes()).await;
    let id = link["id"].as_str().unwrap();
    app.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await.expect(200);
    let page = look(&app, Method::GET, &link).await;
    assert_eq!(page.status, 410);
    assert!(page.text.contains("data-screen=\"revoked\""), "{}", page.text);
}

#[tokio::test]
async fn both_pages_are_small_where_codes_are_taken() {
    let app = TestApp::start_with(|config| {
        config.verification.totp = true;
        config.brand.support_phone = Some(Line::parse("+49 30 1234 5678").unwrap());
    })
    .await;
    for lang in ["en", "hi", "ar"] {
        // With everything that a link can bring to its page.
        let more = json!({
            "locale": lang, "enrolment": "call_code", "call_initiator": "customer",
            "methods": ["passkey", "totp"], "reference": "case-8841",
            "statement": "Change the payout account of order 8841 to the one ending in 4402",
        });
        let link = app.link_with("12345", more).await;
        // As our mail has it, with the longer URL in its QR code.
        let found =
            app.services.store.find_link(link["id"].as_str().unwrap().parse().unwrap()).await;
        let code = app.services.verify.address(&found.unwrap().unwrap(), Way::Mailed).unwrap();
        for path in [format!("/l/{code}"), format!("{}/code", path(&app, &link))] {
            let (all, scripts) = weight(&app, &path).await;
            assert!(scripts < 15 * 1024 && all < 60 * 1024, "{path}: {scripts} of {all} bytes");
        }
    }
}

fn path(app: &TestApp, link: &Value) -> String {
    link["url"].as_str().unwrap().strip_prefix(&app.origin).unwrap().to_owned()
}

/// Bytes of a page with everything it loads, and of its scripts.
async fn weight(app: &TestApp, path: &str) -> (usize, usize) {
    let page = TestApp::send(app.request(Method::GET, path)).await.text;
    let (mut all, mut scripts) = (page.len(), 0);
    for name in page.split('"').filter(|text| text.starts_with("/static/")) {
        let file = TestApp::send(app.request(Method::GET, name)).await.text;
        all += file.len();
        scripts += if name.contains(".js") { file.len() } else { 0 };
    }
    (all, scripts)
}
