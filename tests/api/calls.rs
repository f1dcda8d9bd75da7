//! A link about a call: the code that the agent reads out, and who called whom.

use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

use crate::support::app::{Answer, TestApp};
use crate::support::authenticator::Authenticator;

/// A link that asks for the code, which its answer tells.
pub(super) async fn asking(app: &TestApp, user_id: &str) -> Value {
    app.link_with(user_id, json!({"enrolment": "call_code"})).await
}

pub(super) async fn say(app: &TestApp, kind: &str, link: &Value, word: Value) -> Answer {
    let mut body = json!({ "token": link["token"] });
    body.as_object_mut().unwrap().extend(word.as_object().unwrap().clone());
    app.post_from_page(&format!("/api/ceremony/{kind}/options"), body.to_string()).await
}

pub(super) async fn type_code(app: &TestApp, link: &Value, code: &str) -> Answer {
    say(app, "register", link, json!({ "call_code": code })).await
}

pub(super) fn code(link: &Value) -> String {
    link["call_code"].as_str().unwrap().to_owned()
}

/// Another code than the right one: `nth` of many.
pub(super) fn wrong(link: &Value, nth: u32) -> String {
    let right: u32 = code(link).parse().unwrap();
    format!("{:06}", (right + nth) % 1_000_000)
}

pub(super) async fn reissue(app: &TestApp, link: &Value) -> Value {
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    app.post(&path, &json!({})).await.expect(200)
}

pub(super) async fn register(app: &TestApp, options: &Value, device: &mut Authenticator) -> Answer {
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", options, &credential).await
}

fn actions(shown: &Value) -> Vec<&str> {
    let timeline = shown["timeline"].as_array().unwrap();
    timeline.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whoever_types_the_code_is_bound_by_it() {
    let app = TestApp::start().await;
    let link = asking(&app, "12345").await;
    assert_eq!(link["call_code_expires_at"], "2026-11-21T10:05:00Z");
    let code = code(&link);
    let (one, other) = code.split_at(3);
    let typed = format!(" {one}-{other}");
    let options = type_code(&app, &link, &typed).await.expect(200);
    let mut device = Authenticator::new();
    register(&app, &options, &mut device).await.expect(200);

    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.verified");
    assert_eq!(
        (&event["data"]["binding"], &event["data"]["assurance"]),
        (&json!("call_code"), &json!(2))
    );
    let gate = app.get("/api/verification/status?user_id=12345&min_assurance=2").await.expect(200);
    assert_eq!((&gate["verified"], &gate["assurance"]), (&json!(true), &json!(2)));
    let shown = app.shown(&link).await;
    assert_eq!(
        (&shown["verdict"]["binding"], &shown["verdict"]["assurance"]),
        (&json!("call_code"), &json!(2))
    );
    assert_eq!(
        actions(&shown),
        ["link.created", "link.opened", "call_code.accepted", "credential.bound", "link.verified"]
    );
    let path = format!("/api/verification/link/{}/evidence", link["id"].as_str().unwrap());
    assert_eq!(app.get(&path).await.expect(200)["binding"], "call_code");

    // From now on the passkey signs, and nobody is asked for a code.
    let link = asking(&app, "12345").await;
    assert_eq!((&link["call_code"], &link["call_code_expires_at"]), (&Value::Null, &Value::Null));
    assert!(link.get("call_code").is_none());
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
    assert_eq!(app.webhook().await["data"]["assurance"], 2);
}

#[tokio::test]
async fn the_operator_can_ask_for_a_code_by_default() {
    let app = TestApp::start_with(|config| {
        config.verification.enrolment_default = vouchlink::domain::link::Enrolment::CallCode;
    })
    .await;
    let link = app.link("12345").await;
    assert_eq!(code(&link).len(), 6);
    assert_eq!(app.options("register", &link).await.problem(403), "call_code_required");
    // Staff can say otherwise, in a form too.
    let link = app.link_with("12345", json!({"enrolment": "open"})).await;
    assert!(link.get("call_code").is_none());
    let request = app.request(Method::POST, "/api/verification/link").bearer_auth(&app.key);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let form = "user_id=54321&username=asaf&enrolment=call_code";
    let link = TestApp::send(request.body(form)).await.expect(201);
    type_code(&app, &link, &code(&link)).await.expect(200);
}

#[tokio::test]
async fn every_request_needs_the_code() {
    let app = TestApp::start().await;
    let link = asking(&app, "12345").await;
    assert_eq!(app.options("register", &link).await.problem(403), "call_code_required");
    assert_eq!(app.shown(&link).await["status"], "pending", "nothing was said yet");
    type_code(&app, &link, &code(&link)).await.expect(200);
    assert_eq!(app.options("register", &link).await.problem(403), "call_code_required");
    let answer = type_code(&app, &link, &wrong(&link, 1)).await;
    assert_eq!(answer.problem(403), "call_code_wrong");
    // Given once in time it is good until the link ends.
    app.clock.advance(Duration::from_secs(600));
    let options = type_code(&app, &link, &code(&link)).await.expect(200);
    register(&app, &options, &mut Authenticator::new()).await.expect(200);
}

#[tokio::test]
async fn three_wrong_codes_end_the_link_and_staff_are_told() {
    let app = TestApp::start().await;
    let link = asking(&app, "12345").await;
    for left in [2, 1] {
        let answer = type_code(&app, &link, &wrong(&link, left)).await;
        assert_eq!(answer.problem(403), "call_code_wrong");
        assert_eq!(answer.json()["tries_left"], left);
    }
    let state = app.shown(&link).await["call_code_state"].clone();
    assert_eq!(
        state,
        json!({"expires_at": "2026-11-21T10:05:00Z", "given_at": null, "tries_left": 1})
    );
    let answer = type_code(&app, &link, &wrong(&link, 3)).await;
    assert_eq!(answer.problem(410), "link_failed");
    assert_eq!(answer.json().get("tries_left"), None);
    assert_eq!(type_code(&app, &link, &code(&link)).await.problem(410), "link_failed");

    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.failed");
    assert_eq!(
        (&event["verified"], &event["data"]["reason"]),
        (&json!(false), &json!("call_code_wrong"))
    );
    let gate = app.gate("12345").await;
    assert_eq!((&gate["verified"], &gate["reason"]), (&json!(false), &json!("refused")));
    assert_eq!(gate["link_id"], link["id"]);
    let shown = app.shown(&link).await;
    assert_eq!(
        (&shown["status"], &shown["verdict"]["reason"]),
        (&json!("failed"), &json!("call_code_wrong"))
    );
    assert_eq!(
        actions(&shown),
        [
            "link.created",
            "link.opened",
            "call_code.refused",
            "call_code.refused",
            "call_code.refused",
            "link.failed"
        ]
    );
    assert_eq!(
        shown["timeline"][4]["detail"],
        json!({"reason": "call_code_wrong", "tries_left": 0})
    );
    let metrics = app.get("/metrics").await.text;
    for line in [
        r#"vouchlink_call_codes_total{result="wrong"} 3"#,
        r#"vouchlink_verdicts_total{status="failed"} 1"#,
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} in {metrics}");
    }
    // A reissue does not bring it back.
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    assert_eq!(app.post(&path, &json!({})).await.problem(410), "link_failed");
}

#[tokio::test]
async fn a_code_has_a_time_of_its_own() {
    let app = TestApp::start().await;
    let link = asking(&app, "12345").await;
    app.clock.advance(Duration::from_secs(300));
    for code in [code(&link), wrong(&link, 1), wrong(&link, 2), wrong(&link, 3)] {
        let answer = type_code(&app, &link, &code).await;
        assert_eq!(answer.problem(403), "call_code_expired");
    }
    let shown = app.shown(&link).await;
    assert_eq!(actions(&shown), ["link.created", "link.opened", "call_code.refused"]);
    assert_eq!(shown["timeline"][2]["detail"], json!({"reason": "call_code_expired"}));
    assert_eq!(shown["call_code_state"]["tries_left"], 3);
    // The agent makes a new one.
    let link = reissue(&app, &link).await;
    assert_eq!(link["call_code_expires_at"], "2026-11-21T10:10:00Z");
    type_code(&app, &link, &code(&link)).await.expect(200);

    let short = app.link_with("2", json!({"enrolment": "call_code", "ttl_seconds": 60})).await;
    assert_eq!(short["call_code_expires_at"], short["expires_at"]);
}

#[tokio::test]
async fn a_contradicting_answer_closes_the_gate_and_reaches_the_crm_at_once() {
    let app = TestApp::start().await;
    app.enrol("12345").await;
    assert_eq!(app.gate("12345").await["verified"], true);
    let link = app.link_with("12345", json!({"call_initiator": "customer"})).await;
    let answer = say(&app, "authenticate", &link, json!({"call_answer": "company"})).await;
    assert_eq!(answer.problem(410), "link_declined");
    // The clock of the test stands still: this is the very moment of the answer.
    let gate = app.gate("12345").await;
    assert_eq!((&gate["verified"], &gate["reason"]), (&json!(false), &json!("refused")));
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&json!("verification.declined"), &json!(false))
    );
    assert_eq!(event["data"]["reason"], "called_by_stranger");
    assert_eq!((&event["ts"], &event["data"]["link_id"]), (&json!(1_795_255_200), &link["id"]));
    let shown = app.shown(&link).await;
    assert_eq!((&shown["status"], &shown["call_answer"]), (&json!("declined"), &json!("company")));
    assert_eq!(shown["verdict"]["reason"], "called_by_stranger");
    assert_eq!(actions(&shown), ["link.created", "link.opened", "call.answered", "link.declined"]);
    assert_eq!(shown["timeline"][2]["detail"], json!({"answer": "company"}));
    let metrics = app.get("/metrics").await.text;
    assert!(metrics.contains(r#"vouchlink_verdicts_total{status="declined"} 1"#), "{metrics}");
}

#[tokio::test]
async fn an_answer_that_fits_is_shown_to_staff_and_nothing_else_happens() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link_with("12345", json!({"call_initiator": "company"})).await;
    for _ in 0..2 {
        say(&app, "authenticate", &link, json!({"call_answer": "company"})).await.expect(200);
    }
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
    let shown = app.shown(&link).await;
    assert_eq!(shown["call_answer"], "company");
    assert_eq!(actions(&shown), ["link.created", "link.opened", "call.answered", "link.verified"]);
    app.webhook().await;

    // Where staff did not say, nobody is heard, and a code is not looked at either.
    let link = app.link("12345").await;
    let word = json!({"call_answer": "customer", "call_code": "000000"});
    say(&app, "authenticate", &link, word).await.expect(200);
    let shown = app.shown(&link).await;
    assert_eq!((&shown["call_answer"], &shown["call_code_state"]), (&Value::Null, &Value::Null));
    let answer = say(&app, "authenticate", &link, json!({"call_answer": "nobody"})).await;
    assert_eq!(answer.problem(422), "validation");
}

#[tokio::test]
async fn the_same_order_again_is_told_the_same_code() {
    let app = TestApp::start().await;
    let order = || {
        let body = json!({"user_id": "12345", "username": "a", "enrolment": "call_code"});
        let request = app.request(Method::POST, "/api/verification/link").bearer_auth(&app.key);
        let request = request.header("content-type", "application/json").body(body.to_string());
        TestApp::send(request.header("idempotency-key", "k"))
    };
    let link = order().await.expect(201);
    assert_eq!(order().await.expect(201), link);
    let renewed = reissue(&app, &link).await;
    assert_eq!(order().await.expect(201)["call_code"], renewed["call_code"]);
}

#[tokio::test]
async fn the_code_stands_in_no_other_answer_and_not_in_the_database() {
    let app = TestApp::start().await;
    let link = asking(&app, "12345").await;
    let code = code(&link);
    let id = link["id"].as_str().unwrap().to_owned();
    type_code(&app, &link, &code).await.expect(200);
    // Ids, times and challenges may hold six digits by chance: only whole numbers are looked for.
    let stands_in = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part == code)
    };
    for field in ["url", "short_url", "token"] {
        assert!(!stands_in(link[field].as_str().unwrap()), "{field}");
    }
    for path in [
        format!("/api/verification/link/{id}"),
        "/api/verification/link".to_owned(),
        "/api/verification/link?user_id=12345".to_owned(),
        "/api/verification/status?user_id=12345".to_owned(),
        "/api/customers/12345".to_owned(),
    ] {
        let text = app.get(&path).await.text;
        assert!(!stands_in(&text) && !text.contains(r#""call_code":"#), "{path}: {text}");
    }
    let page =
        TestApp::send(app.request(Method::GET, &format!("/v/{}", link["token"].as_str().unwrap())))
            .await;
    assert!(!stands_in(&page.text), "{}", page.text);
    register(&app, &type_code(&app, &link, &code).await.expect(200), &mut Authenticator::new())
        .await
        .expect(200);
    assert!(!stands_in(&app.webhook().await.to_string()));
    let folder = app.stop().await;
    let database = std::fs::read(folder.path().join("vouchlink.db")).unwrap();
    let numbers = database.split(|byte| !byte.is_ascii_digit());
    assert_eq!(numbers.filter(|number| *number == code.as_bytes()).count(), 0);
}
