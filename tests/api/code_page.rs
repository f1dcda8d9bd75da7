//! The page for codes over HTTP: looking at it changes nothing, and it is only there where codes
//! are taken.

use reqwest::Method;
use serde_json::{Value, json};

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
    let app = app().await;
    for lang in ["en", "hi", "ar"] {
        let mut more = json!({ "locale": lang, "enrolment": "call_code" });
        let (without, _) = weight(&app, &path(&app, &app.link_with("a", more.clone()).await)).await;
        more["methods"] = json!(["passkey", "totp"]);
        let path = path(&app, &app.link_with("b", more).await);
        let (with, _) = weight(&app, &path).await;
        // Of it 275 are the link's token; QR codes differ by some.
        assert!(with < without + 900, "{lang}: {with} of {without} bytes");
        let (all, scripts) = weight(&app, &format!("{path}/code")).await;
        assert!(scripts < 15 * 1024 && all < 60 * 1024, "{lang}: {scripts} of {all} bytes");
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
