//! What holds for every CRM: no record is written that the link did not name, the guard is asked,
//! one deadline covers all requests, and nothing secret is kept.

use std::time::Instant;

use serde_json::json;

use super::*;
use crate::support::vendors::{hubspot, said, zoho_crm};

fn zoho(url: &str, accounts: &str) -> Destination {
    let settings = json!({"data_centre": "eu", "base_url": url, "accounts_url": accounts});
    let credentials = json!({"client_id": "1000.CLIENT", "client_secret": "client-secret-of-zoho",
                             "refresh_token": "1000.refresh-token"});
    destination(Kind::ZohoCrm, &settings, &credentials)
}

fn without_record() -> String {
    let mut body: Value = serde_json::from_str(&verified("Contacts", "1")).unwrap();
    body["data"]["crm"] = Value::Null;
    body.to_string()
}

#[tokio::test]
async fn what_names_no_record_of_ours_is_refused_without_a_request() {
    let vendor = zoho_crm().await;
    let endpoint = zoho(&vendor.url(), &vendor.url());
    for (body, said) in [
        (without_record(), "nothing was written: the link named no record"),
        (verified("users", "42"), "a record of users, and this endpoint writes to Contacts only"),
        (verified("Contacts", "12/../13"), "the link's crm.record_id is not an id of this CRM"),
        (verified("Contacts", "me@example.com"), "is not an id"),
    ] {
        let exchange = send(&sender(), &endpoint, &body).await;
        assert_eq!((exchange.class, exchange.remedy), (Class::Rejected, Some(Remedy::CheckRecord)));
        assert_eq!(next(&exchange), Next::Exhausted);
        assert!(exchange.answer.contains(said), "{}", exchange.answer);
    }
    let credential = json!({"type": "credential.bound", "user_id": "7", "data": {}}).to_string();
    assert_eq!(send(&sender(), &endpoint, &credential).await.class, Class::Rejected);
    assert_eq!(vendor.receiver.connections(), 0);
}

#[tokio::test]
async fn a_crm_at_a_private_address_is_not_reached() {
    let vendor = zoho_crm().await;
    let sender = Sender::new(Client::new(Guard::new(vec![]), Limits::default()).unwrap());
    for accounts in [vendor.url(), "https://accounts.zoho.internal/".to_owned()] {
        let endpoint = zoho(&vendor.url(), &accounts);
        let exchange = send(&sender, &endpoint, &verified("Contacts", "1")).await;
        assert_eq!(exchange.class, Class::SsrfBlocked);
        assert_eq!((exchange.remedy, next(&exchange)), (Some(Remedy::ChangeAddress), Next::Held));
    }
    assert_eq!(vendor.receiver.connections(), 0);
}

#[tokio::test]
async fn one_deadline_covers_all_requests() {
    let vendor = zoho_crm().await;
    // Each answers in less than the deadline; both together do not.
    vendor.receiver.slow_down(Duration::from_millis(1200));
    let began = Instant::now();
    let exchange =
        send(&sender(), &zoho(&vendor.url(), &vendor.url()), &verified("Contacts", "1")).await;
    assert_eq!(exchange.class, Class::Timeout, "{exchange:?}");
    assert!(began.elapsed() < Duration::from_millis(2400), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_waits_for_a_token_in_vain_is_let_go_at_the_deadline() {
    let vendor = zoho_crm().await;
    vendor.books(|books| books.token_faults = vec![Answer::Silence, Answer::Silence]);
    let (sender, endpoint) = (sender(), zoho(&vendor.url(), &vendor.url()));
    let began = Instant::now();
    let body = verified("Contacts", "1");
    let (first, second) =
        tokio::join!(send(&sender, &endpoint, &body), send(&sender, &endpoint, &body));
    assert_eq!((first.class, second.class), (Class::Timeout, Class::Timeout));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_secret_that_is_sent_back_is_not_kept() {
    let vendor = hubspot().await;
    let credentials = json!({"access_token": "pat-eu1-access-token"});
    let endpoint = destination(Kind::Hubspot, &json!({"base_url": vendor.url()}), &credentials);
    let echo = json!({"message": "Bearer pat-eu1-access-token is unknown"});
    vendor.books(|books| books.faults = vec![said(401, &echo)]);
    // `send` looks for every secret.
    let exchange = send(&sender(), &endpoint, &verified("contacts", "512")).await;
    assert!(exchange.answer.contains("Bearer (hidden) is unknown"), "{}", exchange.answer);

    let zoho_vendor = zoho_crm().await;
    let echo = json!({"error": "invalid_code", "error_description": "1000.refresh-token?",
                      "access_token": null, "more": "access-token-7"});
    zoho_vendor.books(|books| books.token_faults = vec![said(200, &echo)]);
    let endpoint = zoho(&zoho_vendor.url(), &zoho_vendor.url());
    let exchange = send(&sender(), &endpoint, &verified("Contacts", "1")).await;
    assert_eq!(exchange.answer, "Zoho gave no access token: invalid_code (hidden)?");
}

#[tokio::test]
async fn an_old_verification_that_is_sent_again_is_written_as_none() {
    let vendor = hubspot().await;
    let credentials = json!({"access_token": "pat-eu1-access-token"});
    let endpoint = destination(Kind::Hubspot, &json!({"base_url": vendor.url()}), &credentials);
    let body = verified("contacts", "512");
    let later = NOW.plus(Duration::from_secs(3600));
    let message = Message { event: EVENT, body: &body, at: later };
    assert_eq!(sender().send(&endpoint, message).await.class, Class::Success);
    let record = vendor.record();
    assert_eq!(record["identity_verified"], json!("false"));
    assert_eq!(record["identity_verified_at"], json!(""));
}
