//! Endpoints from staff's side: what is asked for, what is refused, and what is never shown again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::config::DataKeys;

use crate::support::app::{Answer, TestApp};
use crate::support::receiver::{Answer as Reply, Received, Receiver};

const KEY: &str = "Zx3kQ9vT1mB7rLpW4cYhN8sDfG2jU6eKaX5oHiVtRqM";
const SHOWN_KEY: &str = "whsec_Wngza1E5dlQxbUI3ckxwVzRjWWhOOHNEZkcyalU2ZUthWDVvSGlWdFJxTQ==";
const BUILT_IN: &str = "ep_00000000000000000000000000";

async fn patch(app: &TestApp, id: &str, body: &Value) -> Answer {
    let request = app.request(Method::PATCH, &format!("/api/endpoints/{id}"));
    let request = request.bearer_auth(&app.key).header("content-type", "application/json");
    TestApp::send(request.body(body.to_string())).await
}

async fn delete(app: &TestApp, id: &str) -> Answer {
    let request = app.request(Method::DELETE, &format!("/api/endpoints/{id}"));
    TestApp::send(request.bearer_auth(&app.key)).await
}

async fn make(app: &TestApp, body: &Value) -> (String, Value) {
    let made = app.post("/api/endpoints", body).await.expect(201);
    (made["id"].as_str().unwrap().to_owned(), made)
}

fn signs(received: &Received, key: &str) -> bool {
    let official = standardwebhooks::Webhook::from_bytes(key.into()).unwrap();
    let timestamp = received.header("webhook-timestamp").parse().unwrap();
    let one = official.sign(received.header("webhook-id"), timestamp, &received.body).unwrap();
    received.header("webhook-signature").split(' ').any(|signature| signature == one)
}

/// The bytes of a key as it was shown.
fn key_of(shown: &Value) -> String {
    use base64::Engine as _;
    let encoded = shown.as_str().unwrap().strip_prefix("whsec_").unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn wrong_fields(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.problem(422), "validation", "{}", answer.text);
    let problem = answer.json();
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_new_endpoint_says_its_secret_once_and_nothing_secret_again() {
    let app = TestApp::start().await;
    let crm = Receiver::start().await;
    let body = json!({
        "url": format!("{}?zapikey=hush-url", crm.url("/hooks/vouchlink")),
        "name": "Zoho",
        "headers": { "X-Tenant": "hush-tenant", "authorization": "Bearer hush-token" },
    });
    let (id, made) = make(&app, &body).await;
    let key = key_of(&made["secret"]);
    assert_eq!(key.len(), 43);
    assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let shown = app.get(&format!("/api/endpoints/{id}")).await;
    let endpoint = shown.expect(200);
    assert_eq!(endpoint, made["endpoint"]);
    assert_eq!(endpoint["headers"], json!(["x-tenant", "authorization"]));
    assert_eq!(endpoint["url"], format!("{}?...", crm.url("/hooks/vouchlink")));
    assert_eq!((&endpoint["status"], &endpoint["kind"]), (&json!("active"), &json!("standard")));
    assert_eq!((&endpoint["timeout_seconds"], &endpoint["rate"]), (&json!(15), &Value::Null));
    let [shown_key] = &endpoint["keys"].as_array().unwrap()[..] else { panic!("{endpoint}") };
    assert_eq!(shown_key["retires_at"], Value::Null);
    assert_eq!(shown_key["fingerprint"].as_str().unwrap().len(), 16);
    let list = app.get("/api/endpoints").await;
    assert_eq!(list.expect(200)["items"].as_array().unwrap().len(), 2);

    // The test event goes out with all of it, and shows none of it.
    let report = app.post(&format!("/api/endpoints/{id}/test"), &json!({})).await;
    let received = crm.next().await;
    assert_eq!(received.header("x-tenant"), "hush-tenant");
    assert!(received.line.contains("zapikey=hush-url"));
    assert!(signs(&received, &key));

    // Nor do the metrics, or the problem with an address that may not be reached.
    let metrics = app.get("/metrics").await;
    assert!(metrics.text.contains(&format!("endpoint=\"{id}\"")), "{}", metrics.text);
    let blocked = json!({ "url": "https://10.0.0.1/x?zapikey=hush-url" });
    let blocked = app.post("/api/endpoints", &blocked).await;
    assert_eq!(wrong_fields(&blocked), ["url"]);

    let folder = app.stop().await;
    for text in [&shown.text, &list.text, &report.text, &metrics.text, &blocked.text] {
        for secret in ["hush", key.as_str()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    // Nor does the file hold any of it.
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in ["hush", &key, made["secret"].as_str().unwrap()] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in the database");
        }
    }
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let app = TestApp::start().await;
    let crm = app.crm.url("/hook");
    let many: serde_json::Map<_, _> = (0..11).map(|n| (format!("x-{n}"), json!("v"))).collect();
    for (field, body) in [
        ("url", json!({})),
        ("url", json!({ "url": "crm" })),
        ("url", json!({ "url": "ftp://crm.example.com/" })),
        ("url", json!({ "url": "https://user:pass@crm.example.com/" })),
        ("url", json!({ "url": "https://10.0.0.1/hook" })),
        ("url", json!({ "url": "https://0x7f.1.0.1.1/hook" })),
        ("url", json!({ "url": "https://[fd00::1]/hook" })),
        ("url", json!({ "url": "https://192.168.0.1./hook" })),
        ("url", json!({ "url": 7 })),
        ("name", json!({ "url": crm, "name": "" })),
        ("name", json!({ "url": crm, "name": "a\u{202e}b" })),
        ("kind", json!({ "url": crm, "kind": "fax" })),
        ("events", json!({ "url": crm, "events": [] })),
        ("events", json!({ "url": crm, "events": ["verification.maybe"] })),
        ("events", json!({ "url": crm, "events": "verification.verified" })),
        ("headers.host", json!({ "url": crm, "headers": { "host": "a" } })),
        (
            "headers.webhook-signature",
            json!({ "url": crm, "headers": { "webhook-signature": "a" } }),
        ),
        ("headers.x-a", json!({ "url": crm, "headers": { "x-a": "a\r\nb: c" } })),
        ("headers", json!({ "url": crm, "headers": many })),
        ("headers.x-a", json!({ "url": crm, "headers": { "x-a": 7 } })),
        ("body_mode", json!({ "url": crm, "body_mode": "xml" })),
        ("timeout_seconds", json!({ "url": crm, "timeout_seconds": 2 })),
        ("timeout_seconds", json!({ "url": crm, "timeout_seconds": 31 })),
        ("timeout_seconds", json!({ "url": crm, "timeout_seconds": -5 })),
        ("rate", json!({ "url": crm, "rate": 10_001 })),
        ("concurrency", json!({ "url": crm, "concurrency": 0 })),
        ("concurrency", json!({ "url": crm, "concurrency": 65 })),
        ("settings.module", json!({ "url": crm, "settings": { "module": "Contacts" } })),
        ("credentials.token", json!({ "url": crm, "credentials": { "token": "hush" } })),
        ("secret", json!({ "url": crm, "secret": "too short" })),
        ("secret", json!({ "url": crm, "secret": "x".repeat(65) })),
        ("colour", json!({ "url": crm, "colour": "red" })),
    ] {
        let answer = app.post("/api/endpoints", &body).await;
        assert_eq!(wrong_fields(&answer), [field], "{body}: {}", answer.text);
        assert!(!answer.text.contains("hush") && !answer.text.contains("too short"));
    }
    let both = json!({ "url": crm, "rate": 10_001, "concurrency": 0 });
    assert_eq!(wrong_fields(&app.post("/api/endpoints", &both).await), ["rate", "concurrency"]);
    assert_eq!(app.get("/api/endpoints").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_null_sets_back() {
    let app = TestApp::start().await;
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let (id, made) = make(
        &app,
        &json!({
            "url": first.url("/a"), "headers": { "x-a": "1", "x-b": "2" }, "timeout_seconds": 7,
            "rate": 0, "concurrency": 3, "events": ["credential.bound"], "secret": KEY,
        }),
    )
    .await;
    assert_eq!(made["secret"], SHOWN_KEY);
    let changed = patch(&app, &id, &json!({ "headers": { "X-A": null, "x-c": "3" } })).await;
    let changed = changed.expect(200);
    assert_eq!(changed["headers"], json!(["x-b", "x-c"]));
    assert_eq!(changed["revision"], 1);
    for kept in ["url", "timeout_seconds", "rate", "concurrency", "events", "keys", "name"] {
        assert_eq!(changed[kept], made["endpoint"][kept], "{kept}");
    }
    let everything = json!({
        "url": second.url("/b"), "name": "Second", "timeout_seconds": null, "rate": null,
        "concurrency": null, "events": null, "headers": null, "body_mode": "envelope",
        "revision": 1,
    });
    let changed = patch(&app, &id, &everything).await.expect(200);
    assert_eq!(changed["url"], second.url("/b"));
    assert_eq!((&changed["name"], &changed["timeout_seconds"]), (&json!("Second"), &json!(15)));
    assert_eq!((&changed["rate"], &changed["concurrency"]), (&Value::Null, &Value::Null));
    assert_eq!((changed["events"].as_array().unwrap().len(), &changed["headers"]), (6, &json!([])));

    app.post(&format!("/api/endpoints/{id}/test"), &json!({})).await.expect(200);
    let received = second.next().await;
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    assert!(body["payload"].as_str().unwrap().contains("\"ping\""), "{body}");

    // Seen before somebody else changed it.
    let late = patch(&app, &id, &json!({ "name": "Third", "revision": 1 })).await;
    assert_eq!(late.problem(409), "conflict");
    assert_eq!(wrong_fields(&patch(&app, &id, &json!({ "kind": "hubspot" })).await), ["kind"]);
    assert_eq!(wrong_fields(&patch(&app, &id, &json!({ "url": null })).await), ["url"]);
    let private = json!({ "url": "https://169.254.169.254/latest" });
    assert_eq!(wrong_fields(&patch(&app, &id, &private).await), ["url"]);
    let unchanged = app.get(&format!("/api/endpoints/{id}")).await.expect(200);
    assert_eq!(unchanged, changed);
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_former_one_until_that_retires() {
    let app = TestApp::start().await;
    let crm = Receiver::start().await;
    let (id, _) = make(&app, &json!({ "url": crm.url("/"), "secret": KEY })).await;
    let rotate = |body: Value| {
        let path = format!("/api/endpoints/{id}/secret/rotate");
        let app = &app;
        async move { app.post(&path, &body).await }
    };
    let test = || async {
        app.post(&format!("/api/endpoints/{id}/test"), &json!({})).await.expect(200);
        crm.next().await
    };
    let second = rotate(json!({ "overlap_seconds": 60 })).await.expect(200);
    let second_key = key_of(&second["secret"]);
    assert_eq!(second["endpoint"]["keys"].as_array().unwrap().len(), 2);
    let received = test().await;
    assert!(signs(&received, KEY) && signs(&received, &second_key));
    app.clock.advance(Duration::from_secs(61));
    let received = test().await;
    assert!(!signs(&received, KEY) && signs(&received, &second_key));

    // At once.
    let third = rotate(json!({ "overlap_seconds": 0 })).await.expect(200);
    let received = test().await;
    assert!(!signs(&received, &second_key) && signs(&received, &key_of(&third["secret"])));
    // Two at most, however quickly.
    for _ in 0..3 {
        let made = rotate(json!({})).await.expect(200);
        assert_eq!(made["endpoint"]["keys"].as_array().unwrap().len(), 2);
    }
    let signatures = test().await.header("webhook-signature").split(' ').count();
    assert_eq!(signatures, 2);
    assert_eq!(
        wrong_fields(&rotate(json!({ "overlap_seconds": 604_801 })).await),
        ["overlap_seconds"]
    );
    assert_eq!(wrong_fields(&rotate(json!({ "secret": "short" })).await), ["secret"]);
}

#[tokio::test]
async fn a_test_event_shows_what_went_out_and_what_came_back() {
    let app = TestApp::start().await;
    let crm = Receiver::start().await;
    let (id, _) = make(
        &app,
        &json!({ "url": crm.url("/hook"), "secret": KEY, "headers": { "x-a": "hush" } }),
    )
    .await;
    crm.script([Reply::Status(422, vec![], "no such field".to_owned())]);
    let report = app.post(&format!("/api/endpoints/{id}/test"), &json!({})).await.expect(200);
    let received = crm.next().await;
    assert_eq!((&report["delivered"], &report["class"]), (&json!(false), &json!("config")));
    assert_eq!((&report["http_status"], &report["answer"]), (&json!(422), &json!("no such field")));
    assert_eq!(report["remote_addr"], crm.addr.to_string());
    assert_eq!(report["remedy"]["code"], "check_receiver");
    assert_eq!(report["event_id"], received.header("webhook-id"));
    let request = &report["requests"][0];
    assert_eq!(request["body"].as_str().unwrap().as_bytes(), received.body);
    let signed = [
        received.header("webhook-id"),
        received.header("webhook-timestamp"),
        std::str::from_utf8(&received.body).unwrap(),
    ];
    assert_eq!(request["signed_text"], signed.join("."));
    for header in request["headers"].as_array().unwrap() {
        let sent = received.header(header["name"].as_str().unwrap());
        if header["name"] == "x-a" {
            assert_eq!((sent, &header["value"]), ("hush", &json!("(hidden)")));
        } else {
            assert_eq!(header["value"], sent);
        }
    }
    // It leaves nothing behind.
    assert_eq!(app.get("/api/deliveries").await.expect(200)["items"], json!([]));
    let endpoint = app.get(&format!("/api/endpoints/{id}")).await.expect(200);
    assert_eq!(endpoint["failing"], Value::Null);
}

#[tokio::test]
async fn test_events_are_ten_a_minute() {
    let app = TestApp::start().await;
    let path = format!("/api/endpoints/{BUILT_IN}/test");
    for _ in 0..10 {
        app.post(&path, &json!({})).await.expect(200);
        app.crm.next().await;
    }
    let limited = app.post(&path, &json!({})).await;
    assert_eq!(limited.problem(429), "rate_limited");
    assert!(limited.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() >= 1);
}

#[tokio::test]
async fn the_environments_endpoint_can_be_looked_at_paused_and_tested_only() {
    let app = TestApp::start().await;
    let path = format!("/api/endpoints/{BUILT_IN}");
    let shown = app.get(&path).await.expect(200);
    assert_eq!((&shown["built_in"], &shown["url"]), (&json!(true), &json!(app.crm.url("/hook"))));
    assert_eq!((&shown["headers"], &shown["keys"]), (&json!(["authorization"]), &json!([])));
    for answer in [
        patch(&app, BUILT_IN, &json!({ "name": "Mine" })).await,
        delete(&app, BUILT_IN).await,
        app.post(&format!("{path}/secret/rotate"), &json!({})).await,
    ] {
        assert_eq!(answer.problem(409), "conflict");
        assert!(answer.text.contains("CRM_WEBHOOK_URL"), "{}", answer.text);
    }
    for _ in 0..2 {
        let paused = app.post(&format!("{path}/pause"), &json!({})).await.expect(200);
        assert_eq!(paused["status"], "paused");
    }
    for _ in 0..2 {
        let resumed = app.post(&format!("{path}/resume"), &json!({})).await.expect(200);
        assert_eq!(resumed["status"], "active");
    }
    let report = app.post(&format!("{path}/test"), &json!({})).await;
    assert!(!report.text.contains("crm-token"), "{}", report.text);
    assert_eq!(report.expect(200)["delivered"], true);
    assert_eq!(app.crm.next().await.header("authorization"), "Bearer crm-token");
}

#[tokio::test]
async fn a_removed_endpoint_is_gone_with_its_secrets() {
    let app = TestApp::start().await;
    let (id, _) = make(&app, &json!({ "url": app.crm.url("/other") })).await;
    delete(&app, &id).await.expect(204);
    for answer in [
        app.get(&format!("/api/endpoints/{id}")).await,
        delete(&app, &id).await,
        patch(&app, &id, &json!({ "name": "Mine" })).await,
        app.post(&format!("/api/endpoints/{id}/pause"), &json!({})).await,
        app.post(&format!("/api/endpoints/{id}/test"), &json!({})).await,
        app.get("/api/endpoints/ep_nonsense").await,
    ] {
        assert_eq!(answer.problem(404), "not_found");
    }
    let database = rusqlite::Connection::open(app.database()).unwrap();
    let left: i64 = database
        .query_row(
            "SELECT (SELECT count(*) FROM endpoint_keys)
                    + (SELECT count(*) FROM endpoints WHERE sealed IS NOT NULL)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn there_are_twenty_endpoints_at_most() {
    let app = TestApp::start().await;
    let body = json!({ "url": app.crm.url("/other") });
    for _ in 0..19 {
        make(&app, &body).await;
    }
    assert_eq!(app.post("/api/endpoints", &body).await.problem(409), "conflict");
}

#[tokio::test]
async fn without_a_key_for_them_no_secrets_are_taken() {
    let app = TestApp::start_with(|config| config.data_keys = DataKeys(vec![])).await;
    let answer = app.post("/api/endpoints", &json!({ "url": app.crm.url("/other") })).await;
    assert_eq!(answer.problem(409), "conflict");
    assert!(answer.text.contains("DATA_KEY"), "{}", answer.text);
}

#[tokio::test]
async fn a_crm_is_given_settings_and_credentials_instead_of_a_url() {
    let app = TestApp::start().await;
    let wrong = app.post("/api/endpoints", &json!({ "kind": "zoho_crm", "secret": KEY })).await;
    let fields = wrong_fields(&wrong);
    assert!(fields.contains(&"secret".to_owned()), "{fields:?}");
    assert!(fields.iter().any(|field| field.starts_with("credentials.")), "{fields:?}");
    let opened = json!({
        "kind": "hubspot", "credentials": { "token": "hush" }, "events": ["credential.bound"],
        "body_mode": "envelope",
    });
    let fields = wrong_fields(&app.post("/api/endpoints", &opened).await);
    assert!(fields.contains(&"body_mode".to_owned()), "{fields:?}");
}
