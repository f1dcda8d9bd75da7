//! A Deluge function: delivered only if it says so.

use serde_json::json;
use vouchlink::webhook::sign::Received;

use super::*;
use crate::support::vendors::{said, zoho_function};

fn endpoint(vendor: &Vendor, settings: &Value) -> Destination {
    let connection = Connection::parse(Kind::ZohoFunction, &object(settings), &Map::new()).unwrap();
    let path = "crm/v7/functions/receive_verdict/actions/execute";
    let query = "auth_type=apikey&zapikey=1003.zapikey-secret";
    let url = EndpointUrl::parse(&format!("{}{path}?{query}", vendor.url())).unwrap();
    connection.check_url(&url).unwrap();
    open(connection, Some(url))
}

/// Fails unless the envelope is signed for this body.
#[track_caller]
fn assert_signed(envelope: &Value, body: &str) {
    let text = |name: &str| envelope[name].as_str().unwrap();
    assert_eq!(text("payload"), body);
    let received = Received {
        id: text("webhook_id"),
        timestamp: text("webhook_timestamp"),
        signature: text("webhook_signature"),
    };
    assert_eq!(SigningKey::new(KEY.into()).verify(received, body.as_bytes(), NOW), Ok(()));
}

#[tokio::test]
async fn the_message_arrives_as_an_envelope() {
    let vendor = zoho_function().await;
    let body = verified("Contacts", "1");
    let exchange = send(&sender(), &endpoint(&vendor, &json!({})), &body).await;
    assert_eq!(exchange.class, Class::Success, "{exchange:?}");
    let request = vendor.receiver.next().await;
    assert_eq!(request.header("content-type"), "application/json");
    assert_signed(&serde_json::from_slice(&request.body).unwrap(), &body);
}

#[tokio::test]
async fn the_message_arrives_as_arguments() {
    let vendor = zoho_function().await;
    let body = verified("Contacts", "1\r\n--vouchlink-");
    let exchange = send(&sender(), &endpoint(&vendor, &json!({"form": "arguments"})), &body).await;
    assert_eq!(exchange.class, Class::Success, "{exchange:?}");
    let request = vendor.receiver.next().await;
    let kind = request.header("content-type");
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let form = String::from_utf8(request.body.clone()).unwrap();
    let parts: Vec<_> = form.split(&format!("--{boundary}")).collect();
    let [before, part, after] = parts.as_slice() else { panic!("{form}") };
    assert_eq!((*before, *after), ("", "--\r\n"));
    let head = "\r\ncontent-disposition: form-data; name=\"arguments\"\r\n\r\n";
    let arguments = part.strip_prefix(head).unwrap().strip_suffix("\r\n").unwrap();
    assert_signed(&serde_json::from_str(arguments).unwrap(), &body);
}

#[tokio::test]
async fn only_a_success_that_is_said_is_one() {
    let vendor = zoho_function().await;
    let ran = |output: Value| {
        said(
            200,
            &json!({"code": "success", "details": {"output": output, "output_type": "string",
                          "id": "1"}, "message": "function executed successfully"}),
        )
    };
    let ours =
        |status: u16, outcome: &str| said(status, &json!({"outcome": outcome, "reason": "why"}));
    let inner = |status: u16, outcome: &str| {
        let body = json!({"outcome": outcome, "reason": "why"});
        ran(Value::from(
            json!({"crmAPIResponse": {"status_code": status, "body": body}}).to_string(),
        ))
    };
    let mut cases: Vec<Case> = vec![
        delivered("ours, written", ours(200, "ok"), "ok"),
        delivered("ours, a repetition", ours(200, "ignored"), "ignored"),
        delivered("ours, kept inside", inner(200, "ok"), "success"),
        delivered("another's, without a word", ran(json!("")), "success"),
        delivered("another's, with a text", ran(json!("done")), "done"),
        delivered("another's, with an object", ran(json!({"id": "7"})), "7"),
        config("ours, another key", ours(401, "refused"), Remedy::CheckReceiver, "why"),
        rejected("ours, no record", ours(404, "refused"), Remedy::CheckRecord, "why"),
        rejected("ours, no record, inside", inner(404, "refused"), Remedy::CheckRecord, "why"),
        away("ours, the script failed", ours(500, "failed"), Remedy::CheckFunction, 2, "why"),
        away("ours, a 200 that is none", ours(200, "failed"), Remedy::CheckFunction, 2, "why"),
        away("ours, inside, not written", inner(503, "failed"), Remedy::CheckFunction, 2, "why"),
        away(
            "ours, inside an answer that is none",
            said(
                502,
                &json!({"details": {"output": {"crmAPIResponse": {
                "status_code": 200, "body": {"outcome": "ok"}}}}}),
            ),
            Remedy::CheckFunction,
            2,
            "ok",
        ),
        config("another's, an error", ran(json!("Error: line 3")), Remedy::CheckFunction, "line 3"),
        config(
            "another's, an error object",
            ran(json!({"status": "error"})),
            Remedy::CheckFunction,
            "error",
        ),
        config(
            "another's, an error in a text",
            ran(json!("{\"ok\":false}")),
            Remedy::CheckFunction,
            "ok",
        ),
        config("another's, false", ran(json!(false)), Remedy::CheckFunction, "false"),
        config(
            "another's, its own status",
            ran(json!({"crmAPIResponse": {"status_code": 500}})),
            Remedy::CheckFunction,
            "500",
        ),
        config(
            "it threw",
            said(200, &json!({"code": "failure", "message": "line 3"})),
            Remedy::CheckFunction,
            "line 3",
        ),
        config(
            "a success without the word",
            said(200, &json!({"message": "fine"})),
            Remedy::CheckFunction,
            "fine",
        ),
        config(
            "a page",
            Answer::Status(200, vec![], "<html>".to_owned()),
            Remedy::CheckFunction,
            "html",
        ),
        away(
            "credits used up",
            said(200, &json!({"code": "LIMIT_EXCEEDED"})),
            Remedy::SlowDown,
            60,
            "LIMIT",
        ),
        config("no such function", Answer::status(404), Remedy::CheckUrl, ""),
        (
            "moved",
            Answer::with_header(302, "location", "/x"),
            Class::Redirect,
            Some(Remedy::FollowRedirect),
            retry_in(2),
            "redirect",
        ),
        ("silence", Answer::Silence, Class::Timeout, Some(Remedy::Wait), retry_in(2), "in time"),
    ];
    // A key that was made anew, shown back by whoever refuses it.
    let key = json!({"code": "INVALID_TOKEN", "message": "1003.zapikey-secret is unknown"});
    cases.push(config("another key", said(401, &key), Remedy::Reconnect, "(hidden) is unknown"));
    outcomes(&vendor, &endpoint(&vendor, &json!({})), &verified("Contacts", "1"), cases).await;
}

#[tokio::test]
async fn a_check_sends_a_ping_and_shows_what_was_signed() {
    let vendor = zoho_function().await;
    let checked = check(&sender(), &endpoint(&vendor, &json!({}))).await;
    assert_eq!(checked.exchange.class, Class::Success);
    let [shown] = checked.requests.as_slice() else { panic!("{checked:?}") };
    assert!(shown.url.ends_with("/actions/execute?..."), "{}", shown.url);
    let expected = format!("{EVENT}.1795255200.{}", ping(NOW));
    assert_eq!(shown.signed.as_deref(), Some(expected.as_str()));
    assert_signed(&serde_json::from_str(&shown.body).unwrap(), &ping(NOW));
}
