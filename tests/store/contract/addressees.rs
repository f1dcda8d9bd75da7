//! Endpoints of staff's own to test with.

use std::time::Duration;

use serde_json::json;
use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::endpoint::{
    BodyMode, DisabledReason, Endpoint, EndpointStatus, Events, Health, Kind, Sealed,
};
use vouchlink::domain::id::EndpointId;
use vouchlink::store::Store;

use super::samples::{ParseLine, T0, random};

/// Of staff's own; what is sealed is made up.
pub(crate) fn endpoint(number: u8, events: &[&str]) -> Endpoint {
    Endpoint {
        id: EndpointId::from_bytes([number; 16]),
        name: format!("CRM {number}").parse_line(),
        kind: Kind::Standard,
        shown_url: "https://crm.example.com/hook".to_owned(),
        body_mode: BodyMode::Standard,
        events: Events::parse(events.iter().copied()).unwrap_or_default(),
        timeout: Duration::from_secs(15),
        rate: None,
        concurrency: None,
        settings: serde_json::Map::new(),
        sealed: Some(Sealed(random::<40>().to_vec())),
        keys: vec![],
        status: EndpointStatus::Active,
        disabled: None,
        health: Health::default(),
        created_at: T0,
        revision: 0,
    }
}

pub(crate) fn changed_endpoint(action: Action, now: Timestamp) -> Entry {
    let (link, customer) = (None, None);
    Entry { at: now, actor: Actor::Operator, action, link, customer, detail: json!({}) }
}

pub(crate) async fn add_endpoint(store: &dyn Store, endpoint: &Endpoint) {
    let entry = changed_endpoint(Action::EndpointCreated, T0);
    store.insert_endpoint(endpoint.clone(), entry, None).await.unwrap().unwrap();
}

/// As staff or a rule do.
pub(crate) async fn set_status(
    store: &dyn Store,
    endpoint: EndpointId,
    status: EndpointStatus,
    now: Timestamp,
) {
    let found = store.find_endpoint(endpoint).await.unwrap().unwrap();
    let disabled = (status == EndpointStatus::Disabled).then_some(DisabledReason::Failing);
    let entry = changed_endpoint(Action::EndpointChanged, now);
    let changed = Endpoint { status, disabled, ..found };
    assert!(store.update_endpoint(changed, entry).await.unwrap());
}
