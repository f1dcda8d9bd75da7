//! What those see who only fetch a link: previews in chats, mail scanners, search engines.

use reqwest::Method;
use serde_json::json;

use crate::support::app::{Answer, TestApp};

async fn head(app: &TestApp, path: &str) -> (String, Answer) {
    // As a preview asks, which runs no script.
    let request = app.request(Method::GET, path).header("user-agent", "WhatsApp/2.23.20.0");
    let answer = TestApp::send(request).await;
    let (head, _) = answer.text.split_once("</head>").unwrap();
    (head.to_owned(), answer)
}

#[tokio::test]
async fn no_preview_tells_more_than_the_companys_name() {
    let app = TestApp::start().await;
    let more = json!({
        "statement": "Close account 8841", "reference": "case-77", "requester": "Maya Levi",
        "call_initiator": "customer", "enrolment": "call_code",
    });
    let open = app.link_with("customer-4711", more.clone()).await;
    let ended = app.link_with("customer-4712", more).await;
    let id = ended["id"].as_str().unwrap();
    app.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await.expect(200);
    let path = |url: &serde_json::Value| {
        url.as_str().unwrap().strip_prefix(&app.origin).unwrap().to_owned()
    };
    for (path, status) in [
        (path(&open["url"]), 200),
        (path(&open["short_url"]), 200),
        (path(&ended["url"]), 410),
        ("/v/nonsense".to_owned(), 404),
        ("/me".to_owned(), 200),
        ("/verify".to_owned(), 200),
    ] {
        let (head, answer) = head(&app, &path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.headers["x-robots-tag"], "noindex, nofollow", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        for tag in [
            "<title>Harbour Bank</title>",
            r#"<meta property="og:title" content="Harbour Bank">"#,
            r#"<meta name="robots" content="noindex, nofollow">"#,
            r#"<meta name="referrer" content="no-referrer">"#,
        ] {
            assert_eq!(head.matches(tag).count(), 1, "{path}: {tag}");
        }
        assert_eq!(head.matches("property=\"og:").count(), 1, "{path}: {head}");
        assert!(!head.contains("name=\"description\""), "{path}");
        let token = open["token"].as_str().unwrap();
        for personal in
            ["Maya", "8841", "case-77", "asaf", "customer-47", "confirm", token, "call_code"]
        {
            assert!(!head.contains(personal), "{path}: {personal}");
        }
        for header in answer.headers.values() {
            let header = header.to_str().unwrap();
            assert!(!header.contains("8841") && !header.contains(token), "{path}: {header}");
        }
        // Nothing leads on by itself.
        assert!(!answer.text.contains("http-equiv") && !answer.headers.contains_key("refresh"));
    }
    assert_eq!(app.shown(&open).await["status"], "pending", "looking opens nothing");
}
