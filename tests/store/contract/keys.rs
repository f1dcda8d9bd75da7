//! API keys.

use vouchlink::domain::api_key::{ApiKey, KeyHash, Scope};
use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::id::ApiKeyId;
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::secret::Secret;

use super::fresh;
use super::samples::{ParseLine, T0, at, create, enrol, user};

fn draw(name: &str, now: Timestamp) -> ApiKey {
    let scopes = vec![Scope::LinksWrite, Scope::StatusRead];
    ApiKey::draw(name.parse_line(), scopes, now, &SystemRandom).unwrap().0
}

fn entry(action: Action, now: Timestamp) -> Entry {
    let detail = serde_json::json!({});
    Entry { at: now, actor: Actor::Operator, action, link: None, customer: None, detail }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_found_by_its_hash_until_it_is_revoked() {
    let store = fresh().await;
    let key = draw("crm", T0);
    store.insert_key(key.clone(), entry(Action::ApiKeyCreated, T0)).await.unwrap();
    assert_eq!(store.find_key(key.hash).await.unwrap().as_ref(), Some(&key));
    let unknown = KeyHash::of(&Secret::from("vl_unknown"));
    assert_eq!(store.find_key(unknown).await.unwrap(), None);

    let revoke = |id| {
        let store = store.clone();
        async move { store.revoke_key(id, entry(Action::ApiKeyRevoked, at(1))).await.unwrap() }
    };
    assert!(!revoke(ApiKeyId::from_bytes([9; 16])).await);
    assert!(revoke(key.id).await);
    assert!(!revoke(key.id).await);
    assert_eq!(store.find_key(key.hash).await.unwrap(), None);
    let revoked = ApiKey { revoked_at: Some(at(1)), ..key };
    assert_eq!(store.list_keys().await.unwrap(), [revoked]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_standing_is_read_together_with_an_active_key() {
    let store = fresh().await;
    let key = draw("crm", T0);
    store.insert_key(key.clone(), entry(Action::ApiKeyCreated, T0)).await.unwrap();
    let (link, _) = enrol(&**store, "1", T0).await;
    create(&**store, "2", T0).await;
    let unknown = KeyHash::of(&Secret::from("vl_unknown"));
    for (name, heard_of) in [("1", true), ("2", true), ("3", false)] {
        let standing = store.standing(&user(name)).await.unwrap();
        assert_eq!(standing.is_some(), heard_of, "{name}");
        let found = store.standing_for(key.hash, &user(name)).await.unwrap();
        assert_eq!(found, Some((key.clone(), standing)), "{name}");
        assert_eq!(store.standing_for(unknown, &user(name)).await.unwrap(), None, "{name}");
    }
    let entry = entry(Action::ApiKeyRevoked, at(1));
    assert!(store.revoke_key(key.id, entry).await.unwrap());
    assert_eq!(store.standing_for(key.hash, &link.user_id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_oldest_first() {
    let store = fresh().await;
    let keys = [draw("a", at(0)), draw("b", at(1)), draw("c", at(2))];
    for index in [1, 2, 0] {
        let inserted =
            store.insert_key(keys[index].clone(), entry(Action::ApiKeyCreated, at(3))).await;
        inserted.unwrap();
    }
    assert_eq!(store.list_keys().await.unwrap(), keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_once() {
    let store = fresh().await;
    let key = draw("crm", T0);
    store.insert_key(key.clone(), entry(Action::ApiKeyCreated, T0)).await.unwrap();
    let same_id = ApiKey { hash: draw("x", T0).hash, ..key.clone() };
    let same_hash = ApiKey { id: draw("x", T0).id, ..key.clone() };
    for twin in [same_id, same_hash] {
        assert!(store.insert_key(twin, entry(Action::ApiKeyCreated, at(1))).await.is_err());
    }
    assert_eq!(store.list_keys().await.unwrap(), [key]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bootstrap_key_is_the_one_the_environment_says() {
    let store = fresh().await;
    let ordinary = draw("crm", T0);
    store.insert_key(ordinary.clone(), entry(Action::ApiKeyCreated, T0)).await.unwrap();
    let first = draw("bootstrap", T0);
    // With a fixed id, and with one drawn at every start.
    for second in [ApiKey { id: first.id, ..draw("bootstrap", at(1)) }, draw("bootstrap", at(1))] {
        store.set_bootstrap_key(Some(first.clone()), at(1)).await.unwrap();
        store.set_bootstrap_key(Some(first.clone()), at(2)).await.unwrap();
        assert_eq!(store.find_key(first.hash).await.unwrap().unwrap().id, first.id);

        store.set_bootstrap_key(Some(second.clone()), at(3)).await.unwrap();
        assert_eq!(store.find_key(first.hash).await.unwrap(), None);
        let found = store.find_key(second.hash).await.unwrap().unwrap();
        assert_eq!((found.id, found.revoked_at), (second.id, None));

        store.set_bootstrap_key(None, at(4)).await.unwrap();
        assert_eq!(store.find_key(second.hash).await.unwrap(), None);
    }
    assert_eq!(store.find_key(ordinary.hash).await.unwrap(), Some(ordinary));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bootstrap_key_that_was_revoked_by_hand_comes_back_with_the_next_start() {
    let store = fresh().await;
    let key = draw("bootstrap", T0);
    store.set_bootstrap_key(Some(key.clone()), T0).await.unwrap();
    let revoked = store.revoke_key(key.id, entry(Action::ApiKeyRevoked, at(1))).await.unwrap();
    assert!(revoked);
    assert_eq!(store.find_key(key.hash).await.unwrap(), None);
    store.set_bootstrap_key(Some(key.clone()), at(2)).await.unwrap();
    assert_eq!(store.find_key(key.hash).await.unwrap(), Some(key));
}
