//! An endpoint as it is kept: opened, it writes to its CRM.

use std::sync::Arc;

use serde_json::json;
use vouchlink::config::DataKeys;
use vouchlink::domain::clock::SystemClock;
use vouchlink::domain::endpoint::{Endpoint, EndpointStatus, Events, Health};
use vouchlink::domain::id::EndpointId;
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::secret::Secret;
use vouchlink::domain::text::Line;
use vouchlink::flows::destinations::{Destinations, Secrets, Unopened};
use vouchlink::seal::Seal;

use super::*;
use crate::support::vendors::hubspot;

fn kept(seal: &Seal, settings: &Value) -> Endpoint {
    let id = EndpointId::from_bytes([9; 16]);
    let secrets = Secrets {
        url: None,
        headers: CustomHeaders::default(),
        credentials: object(&json!({"access_token": "pat-eu1-access-token"})),
    };
    Endpoint {
        id,
        name: Line::parse("HubSpot").unwrap(),
        kind: Kind::Hubspot,
        shown_url: String::new(),
        body_mode: Kind::Hubspot.body_mode(),
        events: Events::default(),
        timeout: Duration::from_secs(5),
        rate: None,
        concurrency: None,
        settings: object(settings),
        sealed: Some(secrets.seal(seal, id, &SystemRandom).unwrap()),
        keys: vec![],
        status: EndpointStatus::Active,
        disabled: None,
        health: Health::default(),
        created_at: NOW,
        revision: 0,
    }
}

#[tokio::test]
async fn a_crm_is_written_to_with_what_was_sealed() {
    let vendor = hubspot().await;
    let keys = DataKeys(vec![Secret::from("thirty-two characters of a key...")]);
    let seal = Arc::new(Seal::new(&keys));
    let destinations = Destinations::new(Arc::clone(&seal), None, Arc::new(SystemClock));
    let endpoint = kept(&seal, &json!({"base_url": vendor.url()}));
    let destination = destinations.of(&endpoint).unwrap();
    let exchange = send(&sender(), &destination, &verified("contacts", "512")).await;
    assert_eq!(exchange.class, Class::Success, "{exchange:?}");
    assert_eq!(vendor.record()["identity_verified"], json!("true"));
}

#[test]
fn settings_that_are_no_longer_taken_are_an_error_of_ours() {
    let keys = DataKeys(vec![Secret::from("thirty-two characters of a key...")]);
    let seal = Arc::new(Seal::new(&keys));
    let destinations = Destinations::new(Arc::clone(&seal), None, Arc::new(SystemClock));
    let refused = destinations.of(&kept(&seal, &json!({"colour": "red"}))).unwrap_err();
    assert_eq!(refused, Unopened::Settings);
}
