//! HubSpot: properties of a contact.

use serde_json::json;

use super::*;
use crate::support::vendors::{hubspot, said};

fn endpoint(url: &str) -> Destination {
    let credentials = json!({"access_token": "pat-eu1-access-token"});
    destination(Kind::Hubspot, &json!({"base_url": url}), &credentials)
}

#[tokio::test]
async fn a_verdict_is_written_to_the_contact() {
    let vendor = hubspot().await;
    let (sender, endpoint) = (sender(), endpoint(&vendor.url()));
    let exchange = send(&sender, &endpoint, &verified("contacts", "512")).await;
    assert_eq!(exchange.class, Class::Success, "{exchange:?}");
    assert_eq!(
        Value::Object(vendor.record()),
        json!({"identity_verified": "true", "identity_verified_at": "2026-11-21T09:59:00Z",
               "verification_id": "lnk_1"})
    );
    send(&sender, &endpoint, &declined("contacts", "512")).await;
    assert_eq!(
        Value::Object(vendor.record()),
        json!({"identity_verified": "false", "identity_verified_at": "", "verification_id": "lnk_2"})
    );
}

#[tokio::test]
async fn every_answer_has_its_outcome() {
    let vendor = hubspot().await;
    let error = |status: u16, category: &str, policy: &str| {
        said(
            status,
            &json!({"status": "error", "category": category, "message": "why",
                             "policyName": policy}),
        )
    };
    let mut cases: Vec<Case> = vec![
        config(
            "a revoked token",
            error(401, "INVALID_AUTHENTICATION", ""),
            Remedy::Reconnect,
            "INVALID",
        ),
        config(
            "a scope too few",
            error(403, "MISSING_SCOPES", ""),
            Remedy::CheckPermission,
            "SCOPES",
        ),
        rejected(
            "no such contact",
            error(404, "OBJECT_NOT_FOUND", ""),
            Remedy::CheckRecord,
            "NOT_FOUND",
        ),
        rejected(
            "no such property",
            error(400, "VALIDATION_ERROR", ""),
            Remedy::CheckFields,
            "VALIDATION",
        ),
        away(
            "ten seconds' limit",
            error(429, "RATE_LIMITS", "TEN_SECONDLY_ROLLING"),
            Remedy::SlowDown,
            30,
            "TEN",
        ),
        away(
            "the day's limit",
            error(429, "RATE_LIMITS", "DAILY"),
            Remedy::SlowDown,
            1800,
            "DAILY",
        ),
        away("locked", error(423, "LOCKED", ""), Remedy::Wait, 2, "LOCKED"),
        away("being moved", Answer::with_header(477, "retry-after", "900"), Remedy::Wait, 900, ""),
        (
            "another contact",
            said(200, &json!({"id": "513"})),
            Class::Protocol,
            Some(Remedy::Wait),
            retry_in(2),
            "513",
        ),
        (
            "another contact, of which nothing is known",
            said(200, &json!({"id": "513", "properties": {"identity_verified": "false"}})),
            Class::Protocol,
            Some(Remedy::Wait),
            retry_in(2),
            "513",
        ),
        (
            "a success of nothing",
            said(200, &json!({"status": "error"})),
            Class::Protocol,
            Some(Remedy::Wait),
            retry_in(2),
            "error",
        ),
    ];
    cases.extend(usual_faults());
    outcomes(&vendor, &endpoint(&vendor.url()), &verified("contacts", "512"), cases).await;
}

/// Its former ids lead to a merged contact, whose own is new.
#[tokio::test]
async fn a_verdict_for_a_contact_that_was_merged_arrives_at_what_it_became() {
    let vendor = hubspot().await;
    let (sender, endpoint) = (sender(), endpoint(&vendor.url()));
    for (body, written) in
        [(verified("contacts", "509"), "true"), (declined("contacts", "509"), "false")]
    {
        let exchange = send(&sender, &endpoint, &body).await;
        assert_eq!((exchange.class, exchange.remedy), (Class::Success, None), "{exchange:?}");
        assert_eq!(vendor.record()["identity_verified"], json!(written));
    }
}

#[tokio::test]
async fn the_fake_itself_refuses_what_the_vendor_would() {
    let vendor = hubspot().await;
    let exchange = send(&sender(), &endpoint(&vendor.url()), &verified("contacts", "513")).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckRecord)));

    let settings = json!({"base_url": vendor.url(), "fields": {"checked": "verified",
                          "checked_at": "verified_at"}});
    let credentials = json!({"access_token": "pat-eu1-access-token"});
    let unknown = destination(Kind::Hubspot, &settings, &credentials);
    let exchange = send(&sender(), &unknown, &verified("contacts", "512")).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckFields)));
    let checked = check(&sender(), &unknown).await.exchange;
    assert_eq!((checked.class, checked.remedy), (Class::Config, Some(Remedy::CheckFields)));
    assert_eq!(check(&sender(), &endpoint(&vendor.url())).await.exchange.class, Class::Success);
}
