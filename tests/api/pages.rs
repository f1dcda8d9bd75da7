//! The customer's page over HTTP: looking at it changes nothing.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::app::TestApp;

async fn look(app: &TestApp, method: Method, url: &str) -> crate::support::app::Answer {
    let path = url.strip_prefix(&app.origin).unwrap();
    TestApp::send(app.request(method, path)).await
}

#[tokio::test]
async fn both_urls_open_the_page_and_change_nothing() {
    let app = TestApp::start().await;
    let link = app.link_with("12345", json!({"statement": "Move <b>my</b> savings"})).await;
    let before = app.shown(&link).await;
    for url in ["url", "short_url"] {
        let url = link[url].as_str().unwrap();
        let page = look(&app, Method::GET, url).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("Harbour Bank") && page.text.contains("Support desk"));
        assert!(page.text.contains("Move &#60;b&#62;my&#60;/b&#62; savings"), "{}", page.text);
        // Previews and scanners learn nothing about the customer.
        assert!(!page.text.contains("12345") && !page.text.contains("asaf@example.com"));
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(
            page.headers["permissions-policy"],
            "publickey-credentials-get=(self), publickey-credentials-create=(self)"
        );
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
        let head = look(&app, Method::HEAD, url).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    }
    assert_eq!(app.shown(&link).await, before);
}

#[tokio::test]
async fn an_ended_links_page_says_how_it_ended() {
    let app = TestApp::start().await;
    let url = |link: &serde_json::Value| link["url"].as_str().unwrap().to_owned();

    let revoked = app.link("a").await;
    let id = revoked["id"].as_str().unwrap();
    app.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await.expect(200);
    let declined = app.link("b").await;
    let body = json!({"token": declined["token"], "reason": "not_me"}).to_string();
    app.post_from_page("/api/ceremony/decline", body).await.expect(200);
    let used = app.link("c").await;
    let mut device = crate::support::authenticator::Authenticator::new();
    let options = app.options("register", &used).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);
    let expired = app.link_with("d", json!({"ttl_seconds": 5})).await;
    app.clock.advance(Duration::from_secs(5));

    for (link, state) in
        [(revoked, "revoked"), (declined, "declined"), (used, "used"), (expired, "expired")]
    {
        let page = look(&app, Method::GET, &url(&link)).await;
        assert_eq!(page.status, 410, "{state}");
        assert!(page.text.contains(&format!("data-screen=\"{state}\"")), "{state}: {}", page.text);
    }
}

#[tokio::test]
async fn a_token_or_code_that_is_none_gets_a_calm_page() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let url = link["url"].as_str().unwrap();
    for path in [
        "/v/x".to_owned(),
        "/v/a.b.c".to_owned(),
        format!("{}x", url.strip_prefix(&app.origin).unwrap()),
        "/l/00000000000000000000000000".to_owned(),
        "/l/x".to_owned(),
    ] {
        let page = TestApp::send(app.request(Method::GET, &path)).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert!(page.text.contains("data-screen=\"unknown\""), "{}", page.text);
    }
}

#[tokio::test]
async fn the_pages_files_are_ours_small_and_cached() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let page = look(&app, Method::GET, link["url"].as_str().unwrap()).await;
    let mut files = 0;
    for quoted in page.text.split('"').filter(|text| text.starts_with("/static/")) {
        let file = TestApp::send(app.request(Method::GET, quoted)).await;
        assert_eq!(file.status, 200, "{quoted}");
        assert_eq!(file.headers["cache-control"], "public, max-age=31536000, immutable");
        files += 1;
    }
    assert!(files >= 2, "a style sheet and a script");
    // Nothing comes from elsewhere; the name space of the QR code's SVG is only a name.
    let text = page.text.replace("http://www.w3.org/2000/svg", "");
    assert!(!text.replace(&app.origin, "").contains("://"), "{text}");
    assert!(!page.text.contains("<script>") && !page.text.contains("style=\""));
    let answer = TestApp::send(app.request(Method::GET, "/static/nothing.js")).await;
    assert_eq!(answer.problem(404), "not_found");
}

#[tokio::test]
async fn a_browser_reads_in_plain_words_what_a_program_gets_as_a_problem() {
    let app = TestApp::start_with(|config| config.http.rate_limit = true).await;
    let look = async |path: &str, accept: &str| {
        let request = app.request(Method::GET, path).header("accept", accept);
        TestApp::send(request.header("accept-language", "de")).await
    };
    let html = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
    for path in ["/v/", "/verify/", "/l/a/b", "/wrong"] {
        let page = look(path, html).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("Wir kennen diesen Link nicht"), "{path}: {}", page.text);
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("style-src"));
        assert_eq!(look(path, "*/*").await.problem(404), "not_found");
    }
    assert_eq!(look("/api/wrong", html).await.problem(404), "not_found");
    assert_eq!(look("/static/wrong.js", html).await.problem(404), "not_found");
    let door = look("/", html).await;
    assert_eq!(
        (door.status.as_u16(), door.headers["location"].to_str().unwrap()),
        (303, "/verify")
    );

    let mut limited = None;
    for _ in 0..400 {
        let page = look("/l/x", html).await;
        if page.status == 429 {
            limited = Some(page);
            break;
        }
    }
    let page = limited.unwrap();
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() >= 1);
    assert!(page.text.contains("<html lang=\"de\"") && page.text.contains("Einen Moment"));
}
