//! What a repeated request makes: nothing.

use std::time::Duration;

use serde_json::json;
use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::endpoint::Endpoint;
use vouchlink::domain::id::{ApiKeyId, EndpointId, ReplayId};
use vouchlink::domain::replay::{Replay, Selection, Which};
use vouchlink::store::{Idempotency, NewReplay, Once, Store};

use super::addressees::endpoint;
use super::fresh;
use super::samples::{ParseLine, T0, at};

const DAY: Duration = Duration::from_secs(86_400);
const ME: Actor = Actor::ApiKey(ApiKeyId::from_bytes([1; 16]));
const OTHER: Actor = Actor::ApiKey(ApiKeyId::from_bytes([2; 16]));

fn entry(actor: Actor, at: Timestamp) -> Entry {
    let (action, detail) = (Action::EndpointCreated, json!({}));
    Entry { at, actor, action, link: None, customer: None, detail }
}

fn key(body: u8) -> Idempotency {
    Idempotency { key: "k".to_owned(), body: [body; 32] }
}

async fn add(
    store: &dyn Store,
    number: u8,
    body: u8,
    actor: Actor,
    now: Timestamp,
) -> Once<EndpointId> {
    let endpoint: Endpoint = endpoint(number, &["ping"; 0]);
    store.insert_endpoint(endpoint, entry(actor, now), Some(key(body))).await.unwrap().unwrap()
}

async fn replay(store: &dyn Store, number: u8, body: u8, now: Timestamp) -> Once<Replay> {
    let which = Which::These(vec![]);
    let new = NewReplay {
        id: ReplayId::from_bytes([number; 16]),
        by: ME,
        reason: "down".parse_line(),
        selection: Selection { which, forced: false },
        created_at: now,
    };
    store.create_replay(new, entry(ME, now), Some(key(body))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_makes_one_endpoint() {
    let store = fresh().await;
    let id = |number| endpoint(number, &["ping"; 0]).id;
    assert_eq!(add(&**store, 1, 1, ME, T0).await, Once::New(id(1)));
    assert_eq!(add(&**store, 2, 1, ME, at(1)).await, Once::Repeated(id(1)));
    assert_eq!(add(&**store, 2, 2, ME, at(1)).await, Once::IdempotencyMismatch);
    assert_eq!(replay(&**store, 2, 1, at(1)).await, Once::IdempotencyMismatch);
    assert_eq!(store.find_endpoint(id(2)).await.unwrap(), None);
    assert_eq!(add(&**store, 3, 1, OTHER, at(1)).await, Once::New(id(3)), "another caller's");
    assert_eq!(add(&**store, 4, 1, ME, T0.plus(DAY)).await, Once::New(id(4)), "a day later");
    assert_eq!(add(&**store, 5, 1, ME, T0.plus(DAY)).await, Once::Repeated(id(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_makes_one_replay() {
    let store = fresh().await;
    let Once::New(first) = replay(&**store, 1, 1, T0).await else { panic!("it is no new one") };
    assert_eq!(replay(&**store, 2, 1, at(1)).await, Once::Repeated(first));
    assert_eq!(replay(&**store, 2, 2, at(1)).await, Once::IdempotencyMismatch);
    assert_eq!(add(&**store, 2, 1, ME, at(1)).await, Once::IdempotencyMismatch);
    assert_eq!(store.list_replays(None, 9).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_sent_many_times_at_once_makes_one() {
    let store = fresh().await;
    let many = tokio::join!(
        add(&**store, 1, 1, ME, T0),
        add(&**store, 2, 1, ME, T0),
        add(&**store, 3, 1, ME, T0),
    );
    let all = [many.0, many.1, many.2];
    assert_eq!(all.iter().filter(|made| matches!(made, Once::New(_))).count(), 1, "{all:?}");
    let replays = tokio::join!(
        replay(&**store, 4, 7, at(1)),
        replay(&**store, 5, 7, at(1)),
        replay(&**store, 6, 7, at(1)),
    );
    // The key was used for an endpoint.
    for made in [replays.0, replays.1, replays.2] {
        assert_eq!(made, Once::IdempotencyMismatch);
    }
    assert_eq!(store.list_replays(None, 9).await.unwrap().len(), 0);
}
