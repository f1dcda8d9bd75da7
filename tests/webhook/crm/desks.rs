//! Pipedrive, Zendesk and Freshdesk: one request with a key.

use serde_json::json;

use super::*;
use crate::support::vendors::{freshdesk, pipedrive, said, zendesk};

const VERIFIED: &str = "0123456789abcdef0123456789abcdef01234567";
const VERIFIED_AT: &str = "1123456789abcdef0123456789abcdef01234567";

fn pipedrive_endpoint(url: &str) -> Destination {
    let fields = json!({VERIFIED: "verified", VERIFIED_AT: "verified_at"});
    let settings = json!({"base_url": url, "fields": fields});
    destination(Kind::Pipedrive, &settings, &json!({"api_token": "token-of-pipedrive"}))
}

fn zendesk_endpoint(url: &str, token: &str) -> Destination {
    let credentials = json!({"email": "a@example.com", "api_token": token});
    destination(Kind::Zendesk, &json!({"base_url": url}), &credentials)
}

fn freshdesk_endpoint(url: &str, key: &str) -> Destination {
    destination(Kind::Freshdesk, &json!({"base_url": url}), &json!({"api_key": key}))
}

/// What these three answer alike.
fn answers() -> Vec<Case> {
    let error = |status: u16| said(status, &json!({"error": "why"}));
    let page = Answer::Status(404, vec![], "<html>no such account</html>".to_owned());
    let busy = Answer::with_header(429, "retry-after", "90");
    let mut cases: Vec<Case> = vec![
        config("a revoked key", error(401), Remedy::Reconnect, "why"),
        config("may not", error(403), Remedy::CheckPermission, "why"),
        rejected("no such record", error(404), Remedy::CheckRecord, "why"),
        config("no such account", page, Remedy::CheckDataCentre, "account"),
        rejected("no such field", error(400), Remedy::CheckFields, "why"),
        rejected("a value", error(422), Remedy::CheckFields, "why"),
        away("a limit", error(429), Remedy::SlowDown, 60, "why"),
        away("a limit with a time", busy, Remedy::SlowDown, 90, ""),
        (
            "a 200 that is none",
            said(200, &json!({"x": 1})),
            Class::Protocol,
            Some(Remedy::Wait),
            retry_in(2),
            "x",
        ),
    ];
    cases.extend(usual_faults());
    cases
}

#[tokio::test]
async fn pipedrive_gets_its_custom_fields() {
    let vendor = pipedrive().await;
    let (sender, endpoint) = (sender(), pipedrive_endpoint(&vendor.url()));
    let exchange = send(&sender, &endpoint, &verified("persons", "42")).await;
    assert_eq!(exchange.class, Class::Success, "{exchange:?}");
    assert_eq!(vendor.record()[VERIFIED], json!(true));
    assert_eq!(check(&sender, &endpoint).await.exchange.class, Class::Success);
    let exchange = send(&sender, &endpoint, &verified("persons", "43")).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckRecord)));

    let mut cases = answers();
    let failed = said(200, &json!({"success": false, "error": "why"}));
    cases.push(config("a 200 that failed", failed, Remedy::CheckReceiver, "why"));
    outcomes(&vendor, &endpoint, &verified("persons", "42"), cases).await;
}

#[tokio::test]
async fn zendesk_gets_its_user_fields() {
    let vendor = zendesk().await;
    let (sender, endpoint) = (sender(), zendesk_endpoint(&vendor.url(), "token-of-zendesk"));
    let exchange = send(&sender, &endpoint, &verified("users", "42")).await;
    assert_eq!(exchange.class, Class::Success, "{exchange:?}");
    send(&sender, &endpoint, &declined("users", "42")).await;
    assert_eq!(
        Value::Object(vendor.record()),
        json!({"identity_verified": false, "identity_verified_at": null, "verification_id": "lnk_2"})
    );
    outcomes(&vendor, &endpoint, &verified("users", "42"), answers()).await;

    // Who is nobody there is told so with a 200.
    assert_eq!(check(&sender, &endpoint).await.exchange.class, Class::Success);
    let stranger = zendesk_endpoint(&vendor.url(), "another-token-of-zendesk");
    let checked = check(&sender, &stranger).await.exchange;
    assert_eq!((checked.class, checked.remedy), (Class::Config, Some(Remedy::Reconnect)));
}

#[tokio::test]
async fn a_field_that_zendesk_passes_over_is_no_success() {
    let vendor = zendesk().await;
    let fields = json!({"identity_verified": "verified", "checked_at": "verified_at"});
    let settings = json!({"base_url": vendor.url(), "fields": fields});
    let credentials = json!({"email": "a@example.com", "api_token": "token-of-zendesk"});
    let endpoint = destination(Kind::Zendesk, &settings, &credentials);
    let exchange = send(&sender(), &endpoint, &verified("users", "42")).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckFields)));
}

#[tokio::test]
async fn freshdesk_gets_its_custom_fields() {
    let vendor = freshdesk().await;
    let (sender, endpoint) = (sender(), freshdesk_endpoint(&vendor.url(), "key-of-freshdesk"));
    let exchange = send(&sender, &endpoint, &verified("contacts", "42")).await;
    assert_eq!(exchange.class, Class::Success, "{exchange:?}");
    assert_eq!(vendor.record()["verification_id"], json!("lnk_1"));
    // It says 404 without a word, and 405 for a contact that was deleted.
    let exchange = send(&sender, &endpoint, &verified("contacts", "43")).await;
    assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckRecord)));
    let mut cases = answers();
    cases.push(rejected("a deleted contact", Answer::status(405), Remedy::CheckRecord, ""));
    outcomes(&vendor, &endpoint, &verified("contacts", "42"), cases).await;

    assert_eq!(check(&sender, &endpoint).await.exchange.class, Class::Success);
    let stranger = freshdesk_endpoint(&vendor.url(), "another-key");
    assert_eq!(check(&sender, &stranger).await.exchange.remedy, Some(Remedy::Reconnect));
}
