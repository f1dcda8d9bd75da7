//! What the page asks and tells beside its ceremony, the language it speaks, and how it looks.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use vouchlink::config::{Brand, Logo, LogoFormat};
use vouchlink::domain::api_key::Scope;
use vouchlink::domain::binding::Way;
use vouchlink::domain::colour::Colour;
use vouchlink::domain::text::Line;

use crate::support::app::TestApp;

async fn standing(app: &TestApp, link: &serde_json::Value) -> serde_json::Value {
    let body = json!({"token": link["token"]}).to_string();
    app.post_from_page("/api/ceremony/status", body).await.expect(200)
}

#[tokio::test]
async fn a_waiting_page_learns_how_its_link_ended_and_nothing_more() {
    let app = TestApp::start().await;
    let link = app.link_with("12345", json!({"ttl_seconds": 60})).await;
    let before = app.shown(&link).await;
    assert_eq!(standing(&app, &link).await, json!({"status": "open"}));
    assert_eq!(app.shown(&link).await, before, "asking changes nothing");
    let newer = app.link("12345").await;
    assert_eq!(standing(&app, &link).await, json!({"status": "revoked"}));
    let body = json!({"token": newer["token"], "reason": "not_me"}).to_string();
    app.post_from_page("/api/ceremony/decline", body).await.expect(200);
    assert_eq!(standing(&app, &newer).await, json!({"status": "declined"}));
    let last = app.link_with("b", json!({"ttl_seconds": 5})).await;
    app.clock.advance(Duration::from_secs(5));
    assert_eq!(standing(&app, &last).await, json!({"status": "expired"}));
    let body = json!({"token": "a.b.c"}).to_string();
    assert_eq!(app.post_from_page("/api/ceremony/status", body).await.problem(404), "link_invalid");
}

#[tokio::test]
async fn what_went_wrong_on_a_device_is_counted_in_words_of_a_closed_list() {
    let app = TestApp::start().await;
    let told = |error: &str, ms: u64| {
        json!({"screen": "cancelled", "error": error, "ms": ms, "probe": "ready", "client": "ios"})
            .to_string()
    };
    for (error, ms) in [("NotAllowedError", 1500), ("<b>Asaf</b>", u64::MAX)] {
        let answer = app.post_from_page("/api/ceremony/diagnostics", told(error, ms)).await;
        assert_eq!(answer.expect(200), json!({"noted": true}));
    }
    let unknown =
        json!({"screen": "12345", "error": "x", "ms": 1, "probe": "no", "client": "asaf"});
    let answer = app.post_from_page("/api/ceremony/diagnostics", unknown.to_string()).await;
    assert_eq!(answer.problem(422), "validation");
    assert!(!answer.text.contains("asaf") && !answer.text.contains("12345"));
    let key = app.key_for(&[Scope::MetricsRead]).await;
    let request = app.request(Method::GET, "/metrics").bearer_auth(key);
    let text = TestApp::send(request).await.text;
    for error in ["NotAllowedError", "other"] {
        let line = format!(
            "vouchlink_devices_refused_total{{client=\"ios\",error=\"{error}\",screen=\"cancelled\"}} 1"
        );
        assert!(text.contains(&line), "{text}");
    }
    assert!(!text.contains("Asaf"));
}

#[tokio::test]
async fn the_page_speaks_the_links_language_or_else_the_browsers() {
    let app = TestApp::start().await;
    let (plain, hebrew) =
        (app.link("a").await, app.link_with("b", json!({"locale": "he-IL"})).await);
    for (link, accepted, lang, dir, title) in [
        (&hebrew, "fr", "he", "rtl", "אשרו שזה אתם"),
        (
            &plain,
            "sv, fr-CH;q=0.9, en;q=0.5",
            "fr",
            "ltr",
            "Préparez <span class=\"on-phone\">ce téléphone</span>",
        ),
        (&plain, "tlh", "en", "ltr", "Set up this <span class=\"on-phone\">phone</span>"),
    ] {
        let path = link["url"].as_str().unwrap().strip_prefix(&app.origin).unwrap();
        let request = app.request(Method::GET, path).header("accept-language", accepted);
        let page = TestApp::send(request).await;
        assert_eq!(page.headers["content-language"], lang);
        assert!(page.text.contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\">")), "{lang}");
        if lang != "he" {
            assert!(page.text.contains(title), "{lang}");
        }
    }
}

#[tokio::test]
async fn the_brand_comes_from_our_own_origin_under_names_that_change_with_it() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec();
    let app = TestApp::start_with(|config| {
        config.brand = Brand {
            colour: Colour::parse("#0a3d2e"),
            logo: Some(Logo { format: LogoFormat::Svg, bytes: svg.clone() }),
            support_phone: Some(Line::parse("+1 555 0100").unwrap()),
        };
    })
    .await;
    let link = app.link("12345").await;
    let path = link["url"].as_str().unwrap().strip_prefix(&app.origin).unwrap();
    let page = TestApp::send(app.request(Method::GET, path)).await.text;
    assert!(page.contains("href=\"tel:+15550100\"") && !page.contains("class=\"monogram\""));
    for (start, kind, part) in [
        ("/static/brand-", "text/css; charset=utf-8", "--accent:#0a3d2e"),
        ("/static/logo-", "image/svg+xml", "<svg"),
    ] {
        let name = page.split('"').find(|text| text.starts_with(start)).unwrap();
        let file = TestApp::send(app.request(Method::GET, name)).await;
        assert_eq!(
            (file.status.as_u16(), file.headers["content-type"].to_str().unwrap()),
            (200, kind)
        );
        assert!(file.text.contains(part));
        assert_eq!(file.headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
        let policy = file.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.ends_with("sandbox"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn the_whole_page_is_small() {
    let app = TestApp::start().await;
    for lang in ["en", "hi", "ar"] {
        let link = app.link_with(lang, json!({"locale": lang, "enrolment": "call_code"})).await;
        // Opened by the longer URL of our mail.
        let id = link["id"].as_str().unwrap().parse().unwrap();
        let found = app.services.store.find_link(id).await.unwrap().unwrap();
        let code = app.services.verify.address(&found, Way::Mailed).unwrap();
        let path = format!("/l/{code}");
        let page = TestApp::send(app.request(Method::GET, &path)).await.text;
        let (mut all, mut scripts) = (page.len(), 0);
        for name in page.split('"').filter(|text| text.starts_with("/static/")) {
            let file = TestApp::send(app.request(Method::GET, name)).await.text;
            all += file.len();
            scripts += if name.contains(".js") { file.len() } else { 0 };
        }
        assert!(scripts < 15 * 1024 && all < 60 * 1024, "{lang}: {scripts} of {all} bytes");
    }
}
