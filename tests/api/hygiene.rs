//! Bad requests of every kind: a clear problem, never a 5xx, never a change.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::app::{TestApp, finish_body};
use crate::support::authenticator::Authenticator;

const OPTIONS: &str = "/api/ceremony/register/options";

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/api/verification").await.problem(404), "not_found");
    let answer = TestApp::send(app.request(Method::PATCH, "/api/verification/link")).await;
    assert_eq!(answer.problem(405), "method_not_allowed");
    let answer = TestApp::send(app.request(Method::POST, "/healthz")).await;
    assert_eq!(answer.problem(405), "method_not_allowed");
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_without_the_parsers_words() {
    let app = TestApp::start().await;
    for body in ["", "{", "nul", "{\"token\":\"a\"} x", "\u{feff}{}", "{\"token\":\"\\ud800\"}"] {
        let answer = app.post_from_page(OPTIONS, body.to_owned()).await;
        assert_eq!(answer.problem(400), "bad_request", "{body}");
        assert!(!answer.text.contains("expected"), "{}", answer.text);
    }
    for body in ["[]", "[1,2", "7", "null", "{}", &"[".repeat(20_000)] {
        let answer = app.post_from_page(OPTIONS, body.to_owned()).await;
        assert_eq!(answer.problem(422), "validation", "{body}");
    }
}

#[tokio::test]
async fn a_body_in_bytes_that_are_no_text_is_refused() {
    let app = TestApp::start().await;
    let request = app
        .request(Method::POST, OPTIONS)
        .header("content-type", "application/json")
        .body(b"{\"token\":\"\xff\xfe\"}".to_vec());
    let status = TestApp::send(request).await.status.as_u16();
    assert!((400..500).contains(&status), "{status}");
}

#[tokio::test]
async fn a_body_over_32_kib_is_refused_announced_or_not() {
    let app = TestApp::start().await;
    let large = json!({ "token": "x".repeat(33 * 1024) }).to_string();
    assert_eq!(app.post_from_page(OPTIONS, large.clone()).await.problem(413), "payload_too_large");
    // In chunks, without a length.
    let address = app.origin.strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {OPTIONS} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("payload_too_large"), "{answer}");
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let body = json!({ "token": link["token"] }).to_string();
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonp"),
        Some("multipart/form-data"),
    ] {
        let mut request = app.request(Method::POST, OPTIONS).body(body.clone());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = TestApp::send(request).await;
        assert_eq!(answer.problem(415), "unsupported_media_type", "{content_type:?}");
    }
    let request = app.request(Method::POST, OPTIONS).body(body);
    let request = request.header("content-type", "Application/JSON; charset=utf-8");
    TestApp::send(request).await.expect(200);
}

#[tokio::test]
async fn ceremonies_are_for_our_own_page() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let body = json!({ "token": link["token"] }).to_string();
    let upper = app.origin.to_uppercase();
    let slash = format!("{}/", app.origin);
    let cases = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", ""),
        ("origin", upper.as_str()),
        ("origin", slash.as_str()),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
    ];
    for path in [
        "register/options",
        "register/verify",
        "authenticate/options",
        "authenticate/verify",
        "decline",
    ] {
        for (name, value) in cases {
            let request = app
                .request(Method::POST, &format!("/api/ceremony/{path}"))
                .header("content-type", "application/json")
                .header(name, value)
                .body(body.clone());
            let answer = TestApp::send(request).await;
            assert_eq!(answer.problem(403), "forbidden_origin", "{path} {name}: {value}");
        }
    }
    assert_eq!(app.shown(&link).await["status"], "pending");
    // Two origins, one of them right, are one too many.
    let request = app
        .request(Method::POST, OPTIONS)
        .header("content-type", "application/json")
        .header("origin", &app.origin)
        .header("origin", "https://evil.example")
        .body(body.clone());
    assert_eq!(TestApp::send(request).await.problem(403), "forbidden_origin");
    // Programs leave both out.
    let request = app.request(Method::POST, OPTIONS).header("content-type", "application/json");
    TestApp::send(request.body(body)).await.expect(200);
}

#[tokio::test]
async fn credentials_of_the_wrong_shape_burn_their_challenge_and_nothing_else() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    for credential in ["null", "7", "\"x\"", "[]", "{}", "{\"id\":null}", "true"] {
        let options = app.options("register", &link).await.expect(200);
        let answer = app.verify("register", &options, credential).await;
        assert_eq!(answer.problem(422), "not_confirmed", "{credential}");
        let answer = app.verify("register", &options, credential).await;
        assert!([409, 410].contains(&answer.status.as_u16()), "{}", answer.text);
        if app.shown(&link).await["status"] == "failed" {
            break;
        }
        assert_eq!(app.shown(&link).await["status"], "opened");
    }
    assert_eq!(app.shown(&link).await["status"], "failed", "after five");
    assert_eq!(app.webhook().await["type"], "verification.failed");
}

#[tokio::test]
async fn a_verify_body_with_more_than_it_should_have_is_refused_and_burns_nothing() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    let link = app.link("12345").await;
    let options = app.options("register", &link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    let good = finish_body(&options, &credential);
    let extra = good.replacen('{', r#"{"verified":true,"#, 1);
    let answer = app.post_from_page("/api/ceremony/register/verify", extra).await;
    assert_eq!(answer.problem(422), "validation");
    app.post_from_page("/api/ceremony/register/verify", good).await.expect(200);
}

#[tokio::test]
async fn every_answer_carries_its_id_and_the_security_headers() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz", "/docs", "/openapi.json", "/nothing", "/v/x"] {
        let answer = TestApp::send(app.request(Method::GET, path)).await;
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        assert!(header("x-request-id").starts_with("req_"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test]
async fn too_many_requests_are_asked_to_wait() {
    let app = TestApp::start_with(|config| config.http.rate_limit = true).await;
    let mut limited = None;
    for _ in 0..400 {
        let answer = app.options("register", &json!({"token": "x"})).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
        assert_eq!(answer.problem(404), "link_invalid");
    }
    let limited = limited.unwrap();
    assert_eq!(limited.problem(429), "rate_limited");
    assert!(limited.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() >= 1);
}

#[tokio::test]
async fn a_stopped_server_has_finished_what_it_took() {
    let app = TestApp::start().await;
    app.link("12345").await;
    let folder = app.stop().await;
    let log = folder.path().join("vouchlink.db-wal");
    assert!(folder.path().join("vouchlink.db").exists());
    // Everything is in the database itself.
    assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0);
}
