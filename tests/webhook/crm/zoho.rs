//! Zoho CRM's REST API: records, access tokens, data centres.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::*;
use crate::support::vendors::{said, zoho_crm};

const ID: &str = "4876876000000333";

fn endpoint(url: &str) -> Destination {
    let settings = json!({"data_centre": "eu", "base_url": url, "accounts_url": url});
    let credentials = json!({"client_id": "1000.CLIENT", "client_secret": "client-secret-of-zoho",
                             "refresh_token": "1000.refresh-token"});
    destination(Kind::ZohoCrm, &settings, &credentials)
}

fn record(code: &str, details: &Value) -> Value {
    json!({"data": [{"code": code, "details": details, "message": "why", "status": "error"}]})
}

#[tokio::test]
async fn a_verdict_is_written_to_the_record() {
    let vendor = zoho_crm().await;
    let (sender, endpoint) = (sender(), endpoint(&vendor.url()));
    let exchange = send(&sender, &endpoint, &verified("Contacts", ID)).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Success, None), "{exchange:?}");
    assert_eq!(
        Value::Object(vendor.record()),
        json!({"Identity_Verified": true, "Identity_Verified_At": "2026-11-21T09:59:00+00:00",
               "Verification_Id": "lnk_1"})
    );

    let exchange = send(&sender, &endpoint, &declined("contacts", ID)).await;
    assert_eq!(exchange.class, Class::Success);
    assert_eq!(
        Value::Object(vendor.record()),
        json!({"Identity_Verified": false, "Identity_Verified_At": null, "Verification_Id": "lnk_2"})
    );
    assert_eq!(vendor.books(|books| books.token_requests), 1, "one token for both");
}

#[tokio::test]
async fn every_answer_has_its_outcome() {
    let vendor = zoho_crm().await;
    let wrong = |status: u16, code| said(status, &record(code, &json!({"api_name": "Reason"})));
    let plain = |status: u16, code: &str| {
        said(status, &json!({"code": code, "details": {}, "message": "why", "status": "error"}))
    };
    let mut cases: Vec<Case> = vec![
        rejected("a value", wrong(200, "INVALID_DATA"), Remedy::CheckFields, "Reason"),
        rejected(
            "a unique field",
            wrong(202, "DUPLICATE_DATA"),
            Remedy::CheckFields,
            "DUPLICATE_DATA",
        ),
        rejected(
            "a mandatory field",
            wrong(400, "MANDATORY_NOT_FOUND"),
            Remedy::CheckFields,
            "MANDATORY",
        ),
        rejected(
            "no such id",
            said(400, &record("INVALID_DATA", &json!({"api_name": "id"}))),
            Remedy::CheckRecord,
            "id",
        ),
        rejected(
            "no such module",
            plain(400, "INVALID_MODULE"),
            Remedy::CheckRecord,
            "INVALID_MODULE",
        ),
        rejected(
            "a lead that became a contact",
            wrong(400, "CONVERTED_RECORD"),
            Remedy::CheckRecord,
            "CONVERTED",
        ),
        away("locked", wrong(200, "RECORD_LOCKED"), Remedy::Wait, 2, "RECORD_LOCKED"),
        config(
            "in a blueprint",
            wrong(200, "RECORD_IN_BLUEPRINT"),
            Remedy::CheckPermission,
            "BLUEPRINT",
        ),
        config("may not", plain(403, "NO_PERMISSION"), Remedy::CheckPermission, "NO_PERMISSION"),
        config("another scope", plain(401, "OAUTH_SCOPE_MISMATCH"), Remedy::Reconnect, "SCOPE"),
        config(
            "another data centre",
            plain(401, "AUTHENTICATION_FAILURE"),
            Remedy::CheckDataCentre,
            "AUTHENTICATION",
        ),
        away("credits used up", plain(429, "LIMIT_EXCEEDED"), Remedy::SlowDown, 300, "LIMIT"),
        away(
            "too many at once",
            plain(200, "TOO_MANY_REQUESTS"),
            Remedy::SlowDown,
            300,
            "TOO_MANY",
        ),
        away("its own fault", plain(500, "INTERNAL_ERROR"), Remedy::Wait, 2, "INTERNAL"),
        config("an unknown error", plain(200, "SOMETHING_NEW"), Remedy::CheckReceiver, "NEW"),
        (
            "a success of nothing",
            said(200, &json!({"data": []})),
            Class::Protocol,
            Some(Remedy::Wait),
            retry_in(2),
            "data",
        ),
    ];
    cases.extend(usual_faults());
    outcomes(&vendor, &endpoint(&vendor.url()), &verified("Contacts", ID), cases).await;
    assert_eq!(vendor.record()["Identity_Verified"], Value::Null);
}

#[tokio::test]
async fn an_unknown_record_is_said_by_the_crm_itself() {
    let vendor = zoho_crm().await;
    let exchange = send(&sender(), &endpoint(&vendor.url()), &verified("Contacts", "99")).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckRecord)));
    assert!(exchange.answer.contains("id given seems to be invalid"), "{}", exchange.answer);
}

#[tokio::test]
async fn an_expired_token_is_replaced_within_the_attempt() {
    let vendor = zoho_crm().await;
    let (sender, endpoint) = (sender(), endpoint(&vendor.url()));
    send(&sender, &endpoint, &verified("Contacts", ID)).await;
    vendor.books(|books| books.tokens.clear());
    let exchange = send(&sender, &endpoint, &verified("Contacts", ID)).await;
    assert_eq!(exchange.class, Class::Success);
    assert_eq!(vendor.books(|books| books.token_requests), 2);

    // A new one that is no good either: the connection is to be made again, and the next ones
    // need not find that out for themselves.
    let refused =
        json!({"code": "INVALID_TOKEN", "details": {}, "message": "x", "status": "error"});
    let faults = [(); 2].map(|()| said(401, &refused));
    vendor.books(|books| books.faults.extend(faults));
    for _ in 0..3 {
        let exchange = send(&sender, &endpoint, &verified("Contacts", ID)).await;
        assert_eq!((exchange.class, exchange.remedy), (Class::Config, Some(Remedy::Reconnect)));
        assert!(exchange.answer.contains("INVALID_TOKEN"), "{}", exchange.answer);
    }
    assert_eq!(vendor.books(|books| books.token_requests), 3);
}

#[tokio::test]
async fn fifty_attempts_at_once_fetch_one_token() {
    let vendor = zoho_crm().await;
    let sender = sender();
    let shared = Arc::new(endpoint(&vendor.url()));
    for round in 1..=2 {
        let mut attempts = JoinSet::new();
        for _ in 0..50 {
            let (sender, shared) = (sender.clone(), Arc::clone(&shared));
            attempts.spawn(async move { send(&sender, &shared, &verified("Contacts", ID)).await });
        }
        for exchange in attempts.join_all().await {
            assert_eq!(exchange.class, Class::Success, "{exchange:?}");
        }
        assert_eq!(vendor.books(|books| books.token_requests), round);
        // All find the same old token refused.
        vendor.books(|books| books.tokens.clear());
    }
}

#[tokio::test]
async fn a_refused_token_has_its_outcome() {
    type Refused = (&'static str, Answer, Class, Remedy, Next);
    let denied = json!({"error": "Access Denied", "status": "failure",
                        "error_description": "You have made too many requests continuously."});
    let error = |status: u16, error: &str| said(status, &json!({"error": error}));
    let page = Answer::Status(200, vec![], "<h1>Access Denied</h1>".to_owned());
    let cases: Vec<Refused> = vec![
        ("revoked", error(200, "invalid_code"), Class::Config, Remedy::Reconnect, retry_in(300)),
        ("ended", error(400, "invalid_grant"), Class::Config, Remedy::Reconnect, retry_in(300)),
        (
            "another data centre",
            error(200, "invalid_client"),
            Class::Config,
            Remedy::CheckDataCentre,
            retry_in(300),
        ),
        (
            "too many, with 200",
            said(200, &denied),
            Class::Unavailable,
            Remedy::SlowDown,
            retry_in(600),
        ),
        (
            "too many, with 400",
            said(400, &denied),
            Class::Unavailable,
            Remedy::SlowDown,
            retry_in(600),
        ),
        ("too many, as a page", page, Class::Unavailable, Remedy::SlowDown, retry_in(600)),
        ("away", Answer::status(503), Class::Unavailable, Remedy::Wait, retry_in(30)),
        (
            "nonsense",
            said(200, &json!({"access_token": ""})),
            Class::Protocol,
            Remedy::Wait,
            retry_in(2),
        ),
        (
            "a fault of theirs",
            error(500, "server_error"),
            Class::Unavailable,
            Remedy::Wait,
            retry_in(2),
        ),
    ];
    let vendor = zoho_crm().await;
    for (situation, answer, class, remedy, expected) in cases {
        vendor.books(|books| books.token_faults = vec![answer]);
        let exchange = send(&sender(), &endpoint(&vendor.url()), &verified("Contacts", ID)).await;
        assert_eq!((exchange.class, exchange.remedy), (class, Some(remedy)), "{situation}");
        assert_eq!(next(&exchange), expected, "{situation}");
        assert!(exchange.answer.contains("access token") || exchange.http_status == Some(503));
    }
    assert_eq!(vendor.record()["Identity_Verified"], Value::Null, "nothing was written");
}

#[tokio::test]
async fn a_refused_token_is_not_asked_for_again_at_once() {
    let vendor = zoho_crm().await;
    let (sender, endpoint) = (sender(), endpoint(&vendor.url()));
    let denied = said(200, &json!({"error": "Access Denied"}));
    vendor.books(|books| books.token_faults = vec![denied]);
    for _ in 0..3 {
        let exchange = send(&sender, &endpoint, &verified("Contacts", ID)).await;
        assert_eq!(exchange.remedy, Some(Remedy::SlowDown));
        let wait = exchange.retry_after.unwrap().from_now(NOW);
        assert!((590..=600).contains(&wait.as_secs()), "{wait:?}");
    }
    assert_eq!(vendor.books(|books| books.token_requests), 1);

    // Staff who have mended it need not wait.
    assert_eq!(check(&sender, &endpoint).await.exchange.class, Class::Success);
    assert_eq!(send(&sender, &endpoint, &verified("Contacts", ID)).await.class, Class::Success);
    assert_eq!(vendor.books(|books| books.token_requests), 2);
}

#[tokio::test]
async fn credentials_that_are_wrong_are_named() {
    let vendor = zoho_crm().await;
    let settings =
        json!({"data_centre": "eu", "base_url": vendor.url(), "accounts_url": vendor.url()});
    let credentials = json!({"client_id": "1000.CLIENT", "client_secret": "client-secret-of-zoho",
                             "refresh_token": "another-token"});
    let endpoint = destination(Kind::ZohoCrm, &settings, &credentials);
    let exchange = send(&sender(), &endpoint, &verified("Contacts", ID)).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Config, Some(Remedy::Reconnect)));
    assert_eq!(exchange.answer, "Zoho gave no access token: invalid_code");
}

#[tokio::test]
async fn a_check_changes_nothing_and_shows_what_was_sent() {
    let vendor = zoho_crm().await;
    let checked = check(&sender(), &endpoint(&vendor.url())).await;
    assert_eq!(checked.exchange.class, Class::Success, "{checked:?}");
    let [token, read] = checked.requests.as_slice() else { panic!("{checked:?}") };
    assert_eq!((token.method, token.body.as_str()), ("POST", "(hidden)"));
    assert_eq!((read.method, read.body.as_str()), ("GET", ""));
    assert!(read.url.contains("/crm/v8/Contacts?fields=Identity_Verified%2C"), "{}", read.url);
    assert_eq!(read.headers, [("authorization".to_owned(), "(hidden)".to_owned())]);
    assert!(vendor.record().values().all(Value::is_null));
}

#[tokio::test]
async fn a_check_finds_a_field_that_does_not_exist() {
    let vendor = zoho_crm().await;
    vendor.books(|books| books.records.values_mut().next().unwrap().remove("Verification_Id"));
    let checked = check(&sender(), &endpoint(&vendor.url())).await;
    let outcome = (checked.exchange.class, checked.exchange.remedy);
    assert_eq!(outcome, (Class::Config, Some(Remedy::CheckFields)));
}
