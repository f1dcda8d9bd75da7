//! Links asked for with form parameters, as CRMs without code send them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{Answer, TestApp};

const PATH: &str = "/api/verification/link";
const FORM: &str = "application/x-www-form-urlencoded";

async fn send(app: &TestApp, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = app.request(Method::POST, path).bearer_auth(&app.key);
    TestApp::send(request.header("content-type", FORM).body(body)).await
}

/// The problem's fields and messages.
async fn refused(
    app: &TestApp,
    path: &str,
    body: impl Into<reqwest::Body>,
) -> Vec<(String, String)> {
    let answer = send(app, path, body).await;
    assert_eq!(answer.problem(422), "validation");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    errors.iter().map(|error| (text(&error["field"]), text(&error["message"]))).collect()
}

/// What a link shows of what was asked for.
async fn asked(app: &TestApp, link: &Value) -> Value {
    let mut shown = app.shown(link).await;
    let shown = shown.as_object_mut().unwrap();
    for own in ["id", "status", "verdict", "timeline", "created_at", "expires_at"] {
        shown.remove(own).unwrap_or_else(|| panic!("{own}"));
    }
    json!(shown)
}

#[tokio::test]
async fn a_form_makes_the_link_that_json_makes() {
    let app = TestApp::start().await;
    let whole = json!({
        "user_id": "12345", "username": "Asaf & Söhne", "ttl_seconds": 60,
        "statement": "Change my address: 1+1=2, 100 %", "call_initiator": "company",
        "enrolment": "open", "methods": ["passkey"], "locale": "pt-BR", "reference": "תיק 8841",
        "if_open": "supersede", "crm": {"module": "Contacts", "record_id": "77"},
        "metadata": {"queue": "vip", "a.b": "c"}, "return_url": "https://bank.example/done?a=b",
        "requester": "Anna",
    });
    let from_json = app.post(PATH, &whole).await.expect(201);
    let by_json = asked(&app, &from_json).await;
    let document = TestApp::send(app.request(Method::GET, "/openapi.json")).await.expect(200);
    let schemas = &document["components"]["schemas"];
    // Sending needs a mail server, and is tested with one.
    let unsent = |name: &&String| !name.starts_with("send");
    for name in schemas["CreateLink"]["properties"].as_object().unwrap().keys().filter(unsent) {
        assert!(whole.get(name).is_some(), "{name} is not in this test");
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for name in schemas["CreateLinkForm"]["properties"].as_object().unwrap().keys().filter(unsent) {
        let value = whole.pointer(&format!("/{}", name.replace('.', "/"))).unwrap();
        match value {
            Value::String(text) => form.append_pair(name, text),
            Value::Array(one) => form.append_pair(name, one[0].as_str().unwrap()),
            other => form.append_pair(name, &other.to_string()),
        };
    }
    form.append_pair("metadata.queue", "vip").append_pair("metadata.a.b", "c");
    let from_form = send(&app, PATH, form.finish()).await.expect(201);
    assert_ne!(from_form["id"], from_json["id"]);
    assert_eq!(from_form["expires_at"], from_json["expires_at"]);
    assert_eq!(asked(&app, &from_form).await, by_json);
    assert_eq!(app.webhook().await["data"]["link_id"], from_json["id"], "superseded");
}

#[tokio::test]
async fn a_form_is_read_as_browsers_write_it() {
    let app = TestApp::start().await;
    let body = "user%5Fid=a%2Bb&username=Asaf+Cohen%20&&statement=%D7%A9%D7%9C%D7%95%D7%9D&\
                reference=&crm.module=&crm.record_id=&ttl_seconds=";
    let shown = app.shown(&send(&app, PATH, body).await.expect(201)).await;
    assert_eq!(shown["user_id"], "a+b");
    assert_eq!(shown["username"], "Asaf Cohen");
    assert_eq!(shown["statement"], "שלום");
    // What has no text was not given.
    assert_eq!(shown["reference"], json!(null));
    assert_eq!(shown["crm"], json!(null));
    let request = app.request(Method::POST, PATH).bearer_auth(&app.key);
    let request = request.header("content-type", "Application/X-WWW-Form-Urlencoded;charset=UTF-8");
    TestApp::send(request.body("user_id=1&username=a")).await.expect(201);
}

#[tokio::test]
async fn everything_wrong_with_a_form_is_named() {
    let app = TestApp::start().await;
    for (body, field, message) in [
        (&b"user_id=1&username=a&user=x"[..], "user", "is not a field of this request"),
        (b"user_id=1&username=a&crm=x", "crm", "is not a field of this request"),
        (b"user_id=1&username=a&User_Id=1", "User_Id", "is not a field of this request"),
        (b"user_id=1&username=a&=", "", "is not a field of this request"),
        (b"user_id=1", "username", "is required"),
        (b"user_id=&username=a", "user_id", "is required"),
        (b"user_id=1&user_id=2&username=a", "user_id", "is given twice"),
        (b"user_id=1&user%5fid=&username=a", "user_id", "is given twice"),
        (b"user_id=1&username=a&metadata.q=1&metadata.q=2", "metadata.q", "is given twice"),
        (b"user_id=1&username=a&metadata.=1", "metadata.", "needs a key: metadata.<key>"),
        (b"user_id=1&username=a&crm.module=Contacts", "crm.record_id", "is required"),
        (b"user_id=1&username=a&crm.record_id=7", "crm.module", "is required"),
        (b"user_id=1%ff&username=a", "user_id", "is not UTF-8"),
        (b"user_id=1&username=\xe4", "username", "is not UTF-8"),
        (b"user_id=1&username=a&ttl_seconds=%2b60", "ttl_seconds", ""),
        (b"user_id=1&username=a&ttl_seconds=60.0", "ttl_seconds", ""),
        (b"user_id=1&username=a&ttl_seconds=99999999999999999999", "ttl_seconds", ""),
        (b"user_id=1&username=a&ttl_seconds=4", "ttl_seconds", ""),
        (b"user_id=1&username=a&methods=totp", "methods", ""),
        (b"user_id=1&username=%E2%80%AEa", "username", ""),
    ] {
        let errors = refused(&app, PATH, body.to_vec()).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!(errors.len(), 1, "{shown}: {errors:?}");
        assert_eq!(errors[0].0, field, "{shown}");
        assert!(message.is_empty() || errors[0].1 == message, "{shown}: {errors:?}");
    }
    let several = refused(&app, PATH, "user=1&ttl_seconds=x&crm.module=a").await;
    let fields: Vec<&str> = several.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["user_id", "username", "ttl_seconds", "crm.record_id", "user"]);
    let many: Vec<String> = (0..500).map(|number| format!("x{number}=1")).collect();
    assert_eq!(refused(&app, PATH, many.join("&")).await.len(), 20);
    assert_eq!(app.get(PATH).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_form_has_the_limits_of_json() {
    let app = TestApp::start().await;
    let long = |field: &str, length| format!("user_id=1&username=a&{field}={}", "x".repeat(length));
    send(&app, PATH, long("reference", 128)).await.expect(201);
    assert_eq!(refused(&app, PATH, long("reference", 129)).await[0].0, "reference");
    assert_eq!(refused(&app, PATH, long("metadata.x", 2050)).await[0].0, "metadata");
    let answer = send(&app, PATH, long("statement", 33 * 1024)).await;
    assert_eq!(answer.problem(413), "payload_too_large");
    let request = app.request(Method::POST, PATH).header("content-type", FORM);
    let answer = TestApp::send(request.body("user_id=1&username=a")).await;
    assert_eq!(answer.problem(401), "unauthorized");
    for content_type in ["multipart/form-data; boundary=x", "text/plain", "application/xml"] {
        let request = app.request(Method::POST, PATH).bearer_auth(&app.key);
        let request = request.header("content-type", content_type).body("user_id=1&username=a");
        assert_eq!(TestApp::send(request).await.problem(415), "unsupported_media_type");
    }
}

#[tokio::test]
async fn a_form_sent_again_with_its_key_gives_the_same_link() {
    let app = TestApp::start().await;
    let send = |path: &'static str, body: &'static str| {
        let request = app.request(Method::POST, path).bearer_auth(&app.key);
        let request = request.header("content-type", FORM).header("idempotency-key", "k-1");
        TestApp::send(request.body(body))
    };
    let first = send(PATH, "user_id=1&username=a").await.expect(201);
    assert_eq!(send(PATH, "user_id=1&username=a").await.expect(201), first);
    assert_eq!(send(PATH, "user_id=2&username=a").await.problem(409), "conflict");
    let mapped = "/api/verification/link?map=user_id:username,username:user_id";
    assert_eq!(send(mapped, "user_id=1&username=a").await.problem(409), "conflict");
}

#[tokio::test]
async fn a_map_says_which_parameter_is_which_field() {
    let app = TestApp::start().await;
    let path = "/api/verification/link?map=user_id:Contact_Id,username:Full%20Name,\
                crm.record_id:Contact_Id,crm.module=Contacts,metadata.owner:Owner&map=locale:Lang";
    // What the map does not name is the vendor's own: even fields of ours, even twice.
    let body = "Contact_Id=77&Full+Name=Asaf+Cohen&Owner=Anna&statement=x&Extra=1&Extra=2";
    let shown = app.shown(&send(&app, path, body).await.expect(201)).await;
    assert_eq!(shown["user_id"], "77");
    assert_eq!(shown["username"], "Asaf Cohen");
    assert_eq!(shown["crm"], json!({"module": "Contacts", "record_id": "77"}));
    assert_eq!(shown["metadata"], json!({"owner": "Anna"}));
    assert_eq!(shown["statement"], json!(null));
    assert_eq!(shown["locale"], json!(null), "its parameter was not sent");
}

#[tokio::test]
async fn a_wrong_map_or_its_missing_parameter_is_named() {
    let app = TestApp::start().await;
    let good = "user_id:Id,username:Name";
    let many = (0..33).map(|number| format!("metadata.{number}:x")).collect::<Vec<_>>().join(",");
    let long = format!("{good},reference:{}", "x".repeat(65));
    for (map, field, word) in [
        (format!("{good},user:Id"), "map", "names user,"),
        (format!("{good},crm:Nothing"), "map", "names crm,"),
        (format!("{good},user_id:Other"), "map", "names user_id twice"),
        (format!("{good},"), "map", "entry 3"),
        (format!("{good},:Id"), "map", "entry 3"),
        (format!("{good},reference:"), "map", "entry 3"),
        (format!("{good},reference"), "map", "entry 3"),
        (format!("{good},reference=%ff"), "map", "entry 3"),
        (String::new(), "map", "entry 1"),
        (long, "map", "64 characters"),
        (many, "map", "32 entries"),
        ("user_id:Id".to_owned(), "username", "is required"),
        ("user_id:Missing,username:Name".to_owned(), "user_id", "is required"),
        (format!("{good},reference:Twice"), "reference", "Twice, which is given twice"),
        (format!("{good},reference:Broken"), "reference", "is not UTF-8"),
    ] {
        let path = format!("{PATH}?map={map}");
        let errors = refused(&app, &path, "Id=1&Name=a&Twice=1&Twice=2&Broken=%ff").await;
        assert_eq!(errors[0].0, field, "{map}: {errors:?}");
        assert!(errors[0].1.contains(word), "{map}: {errors:?}");
    }
    let body = json!({"user_id": "1", "username": "a"});
    let answer = app.post(&format!("{PATH}?map={good}"), &body).await;
    assert_eq!(answer.problem(422), "validation");
    assert_eq!(app.get(PATH).await.expect(200)["items"], json!([]));
}
