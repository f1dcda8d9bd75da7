//! Salesforce: a record, a platform event, and sessions that end.

use serde_json::json;

use super::*;
use crate::support::vendors::{said, salesforce};

const ID: &str = "0035g00000ABCDeAAF";

fn endpoint(vendor: &Vendor, more: &Value) -> Destination {
    let mut settings = json!({"base_url": vendor.url()});
    settings.as_object_mut().unwrap().extend(object(more));
    let credentials =
        json!({"client_id": "3MVG9.consumer-key", "client_secret": "consumer-secret"});
    destination(Kind::Salesforce, &settings, &credentials)
}

#[tokio::test]
async fn a_verdict_is_written_to_the_record_and_published() {
    let vendor = salesforce().await;
    let both = endpoint(&vendor, &json!({"event": "Identity_Verified__e"}));
    let exchange = send(&sender(), &both, &verified("Contact", ID)).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Success, Some(201)), "{exchange:?}");
    assert_eq!(
        Value::Object(vendor.record()),
        json!({"Identity_Verified__c": true, "Identity_Verified_At__c": "2026-11-21T09:59:00Z",
               "Verification_Id__c": "lnk_1"})
    );
    assert_eq!(
        vendor.books(|books| books.messages.clone()),
        [json!({"Verified__c": true, "Verified_At__c": "2026-11-21T09:59:00Z",
                "Verification_Id__c": "lnk_1", "Record_Id__c": ID, "Sequence__c": 7,
                "User_Id__c": "12345"})]
    );
    assert_eq!(vendor.books(|books| books.token_requests), 1);
}

#[tokio::test]
async fn a_platform_event_alone_leaves_the_record() {
    let vendor = salesforce().await;
    let alone = json!({"event": "Identity_Verified__e", "write_record": false});
    let alone = endpoint(&vendor, &alone);
    assert_eq!(send(&sender(), &alone, &declined("Contact", ID)).await.class, Class::Success);
    assert!(vendor.record().values().all(Value::is_null));
    assert_eq!(vendor.books(|books| books.messages[0]["Verified__c"].clone()), json!(false));

    let failed = said(201, &json!({"id": null, "success": false, "errors": []}));
    vendor.books(|books| books.faults = vec![failed]);
    let exchange = send(&sender(), &alone, &declined("Contact", ID)).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Config, Some(Remedy::CheckFields)));
}

#[tokio::test]
async fn a_record_that_is_not_written_is_not_published() {
    let vendor = salesforce().await;
    let both = endpoint(&vendor, &json!({"event": "Identity_Verified__e"}));
    let exchange = send(&sender(), &both, &verified("Contact", "0035g00000ABCDeAAG")).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckRecord)));
    assert!(vendor.books(|books| books.messages.is_empty()));
}

#[tokio::test]
async fn every_answer_has_its_outcome() {
    let vendor = salesforce().await;
    let error =
        |status: u16, code: &str| said(status, &json!([{"message": "why", "errorCode": code}]));
    let mut cases: Vec<Case> = vec![
        away(
            "the day's limit",
            error(403, "REQUEST_LIMIT_EXCEEDED"),
            Remedy::SlowDown,
            600,
            "LIMIT",
        ),
        rejected("no such record", error(404, "NOT_FOUND"), Remedy::CheckRecord, "NOT_FOUND"),
        rejected(
            "a deleted record",
            error(404, "ENTITY_IS_DELETED"),
            Remedy::CheckRecord,
            "DELETED",
        ),
        rejected("a bad id", error(400, "MALFORMED_ID"), Remedy::CheckRecord, "MALFORMED"),
        rejected("no such field", error(400, "INVALID_FIELD"), Remedy::CheckFields, "FIELD"),
        rejected(
            "a field that is not for us",
            error(400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
            Remedy::CheckFields,
            "FIELD",
        ),
        rejected(
            "a validation rule",
            error(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
            Remedy::CheckFields,
            "VALIDATION",
        ),
        config(
            "may not",
            error(403, "INSUFFICIENT_ACCESS_OR_READONLY"),
            Remedy::CheckPermission,
            "ACCESS",
        ),
        config(
            "no interface",
            error(403, "API_DISABLED_FOR_ORG"),
            Remedy::CheckPermission,
            "DISABLED",
        ),
        away("a locked row", error(400, "UNABLE_TO_LOCK_ROW"), Remedy::Wait, 2, "LOCK"),
        away("its own fault", error(503, "SERVER_UNAVAILABLE"), Remedy::Wait, 30, "SERVER"),
        config(
            "a record that was made",
            said(201, &json!({"id": "x", "success": true})),
            Remedy::CheckReceiver,
            "x",
        ),
        (
            "a success that is none",
            error(200, "SOMETHING_NEW"),
            Class::Protocol,
            Some(Remedy::Wait),
            retry_in(2),
            "NEW",
        ),
    ];
    cases.extend(usual_faults());
    outcomes(&vendor, &endpoint(&vendor, &json!({})), &verified("Contact", ID), cases).await;
}

#[tokio::test]
async fn a_session_that_ended_is_replaced_within_the_attempt() {
    let vendor = salesforce().await;
    let (sender, endpoint) = (sender(), endpoint(&vendor, &json!({})));
    send(&sender, &endpoint, &verified("Contact", ID)).await;
    vendor.books(|books| books.tokens.clear());
    assert_eq!(send(&sender, &endpoint, &verified("Contact", ID)).await.class, Class::Success);
    assert_eq!(vendor.books(|books| books.token_requests), 2);
}

#[tokio::test]
async fn a_refused_session_has_its_outcome() {
    let vendor = salesforce().await;
    for (error, description, class, remedy) in [
        ("invalid_client", "invalid client credentials", Class::Config, Remedy::Reconnect),
        ("invalid_grant", "no client credentials user enabled", Class::Config, Remedy::Reconnect),
        (
            "invalid_grant",
            "request not supported on this domain",
            Class::Config,
            Remedy::CheckDataCentre,
        ),
        ("invalid_grant", "login rate exceeded", Class::Unavailable, Remedy::SlowDown),
    ] {
        let refused = json!({"error": error, "error_description": description});
        vendor.books(|books| books.token_faults = vec![said(400, &refused)]);
        let endpoint = endpoint(&vendor, &json!({}));
        let exchange = send(&sender(), &endpoint, &verified("Contact", ID)).await;
        assert_eq!((exchange.class, exchange.remedy), (class, Some(remedy)), "{description}");
        assert_eq!(
            exchange.answer,
            format!("Salesforce gave no access token: {error} {description}")
        );
    }
}

#[tokio::test]
async fn a_check_reads_our_fields() {
    let vendor = salesforce().await;
    let checked = check(&sender(), &endpoint(&vendor, &json!({}))).await;
    assert_eq!(checked.exchange.class, Class::Success, "{checked:?}");
    let unknown = json!({"fields": {"A__c": "verified", "B__c": "verified_at"}});
    let checked = check(&sender(), &endpoint(&vendor, &unknown)).await.exchange;
    assert_eq!((checked.class, checked.remedy), (Class::Rejected, Some(Remedy::CheckFields)));
}
