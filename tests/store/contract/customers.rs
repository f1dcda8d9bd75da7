//! Customers, their keys and the lapse of their verdicts.

use serde_json::json;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::customer::Standing;
use vouchlink::domain::id::CredentialId;
use vouchlink::store::{KeyChange, Settled, Store};

use super::answers::settle;
use super::fresh;
use super::samples::{
    T0, VERDICT_TTL, actions, at, begin, binding, bodies, context, create, create_replacing,
    credential, enrol, key_use, standing_of, user,
};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_heard_of_a_customer_without_a_link() {
    let store = fresh().await;
    assert_eq!(store.find_customer(&user("1")).await.unwrap(), None);
    assert_eq!(standing_of(&**store, "1").await, None);
    let link = create(&**store, "1", T0).await;
    assert_eq!(standing_of(&**store, "1").await, Some(Standing::Never));
    assert_eq!(store.list_credentials(link.customer).await.unwrap(), vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_revoked_once_and_by_its_owner_only() {
    let store = fresh().await;
    let (_, key) = enrol(&**store, "1", T0).await;
    let (_, other) = enrol(&**store, "2", T0).await;
    let revoke = |customer, credential, second| {
        let store = store.clone();
        async move { store.revoke_credential(customer, credential, context(at(second))).await.unwrap() }
    };
    assert!(!revoke(other.customer, key.id, 1).await);
    assert!(!revoke(key.customer, CredentialId::from_bytes([9; 16]), 1).await);
    assert_eq!(store.list_credentials(key.customer).await.unwrap(), vec![key.clone()]);

    assert!(revoke(key.customer, key.id, 2).await);
    assert!(!revoke(key.customer, key.id, 3).await);
    let keys = store.list_credentials(key.customer).await.unwrap();
    assert_eq!(keys[0].revoked_at, Some(at(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_lapses_with_the_key_it_rests_on() {
    let store = fresh().await;
    let (link, key) = enrol(&**store, "1", T0).await;
    bodies(&**store, T0).await;
    assert!(store.revoke_credential(key.customer, key.id, context(at(1))).await.unwrap());

    let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
    assert!(matches!(customer.standing, Standing::Verified { lapsed: true, .. }));
    // Bound, verified, revoked, lapsed.
    assert_eq!(customer.sequence, 4);
    assert_eq!(actions(&**store, link.id).await.last().unwrap(), "verdict.lapsed");
    let [told] = &bodies(&**store, at(1)).await[..] else { panic!("not one webhook") };
    assert_eq!(told["type"], "verification.lapsed");
    assert_eq!((&told["verified"], &told["data"]["reason"]), (&json!(false), &json!("lapsed")));
    // Once is enough.
    assert_eq!(store.lapse_verdicts(9, context(T0.plus(VERDICT_TTL))).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_outlives_the_keys_it_does_not_rest_on() {
    let store = fresh().await;
    let (_, lost) = enrol(&**store, "1", T0).await;
    let link = create_replacing(&**store, "1", at(1)).await;
    let ceremony = begin(&**store, &link, at(1)).await;
    let key = credential(&link, at(1));
    let settled = settle(&**store, &ceremony, binding(key.clone()), at(1)).await;
    assert!(matches!(settled, Settled::Done(_)));
    assert!(!store.revoke_credential(key.customer, lost.id, context(at(2))).await.unwrap());
    // Neither the replaced key nor somebody else's.
    let (_, other) = enrol(&**store, "2", at(2)).await;
    assert!(store.revoke_credential(other.customer, other.id, context(at(2))).await.unwrap());
    let standing = standing_of(&**store, "1").await.unwrap();
    assert!(matches!(standing, Standing::Verified { lapsed: false, .. }), "{standing:?}");
    let told = bodies(&**store, at(2)).await;
    let lapsed = told.iter().filter(|body| body["type"] == "verification.lapsed");
    assert_eq!(lapsed.map(|body| &body["user_id"]).collect::<Vec<_>>(), ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_lapses_once_when_its_time_is_over() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    enrol(&**store, "2", T0).await;
    bodies(&**store, T0).await;
    let until = T0.plus(VERDICT_TTL);
    let before = Timestamp::from_millis(until.millis() - 1);
    assert_eq!(store.lapse_verdicts(10, context(before)).await.unwrap(), 0);
    assert_eq!(store.lapse_verdicts(1, context(until)).await.unwrap(), 1);
    assert_eq!(store.lapse_verdicts(10, context(until)).await.unwrap(), 1);
    assert_eq!(store.lapse_verdicts(10, context(until)).await.unwrap(), 0);

    let standing = standing_of(&**store, "1").await.unwrap();
    assert!(matches!(standing, Standing::Verified { lapsed: true, .. }));
    assert_eq!(actions(&**store, link.id).await.last().unwrap(), "verdict.lapsed");
    let told = bodies(&**store, until).await;
    assert_eq!(told.len(), 2);
    let told = told.iter().find(|body| body["user_id"] == "1").unwrap();
    assert_eq!(told["type"], "verification.lapsed");
    assert_eq!(told["verified"], false);
    assert_eq!(told["data"]["link_id"], link.id.to_string());
    assert_eq!(told["data"]["reason"], "lapsed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_verification_lapses_anew() {
    let store = fresh().await;
    let (_, key) = enrol(&**store, "1", T0).await;
    let until = T0.plus(VERDICT_TTL);
    assert_eq!(store.lapse_verdicts(10, context(until)).await.unwrap(), 1);
    let until = verify_again(&**store, &key, until).await;
    let standing = standing_of(&**store, "1").await.unwrap();
    assert!(matches!(standing, Standing::Verified { lapsed: false, .. }));
    // A verification in time leaves nothing to lapse.
    let renewed = verify_again(&**store, &key, Timestamp::from_millis(until.millis() - 1)).await;
    assert_eq!(store.lapse_verdicts(10, context(until)).await.unwrap(), 0);
    assert_eq!(store.lapse_verdicts(10, context(renewed)).await.unwrap(), 1);
}

/// Until when it is good.
async fn verify_again(
    store: &dyn Store,
    key: &vouchlink::domain::credential::Credential,
    now: Timestamp,
) -> Timestamp {
    let link = create(store, "1", now).await;
    let ceremony = begin(store, &link, now).await;
    let settled = settle(store, &ceremony, KeyChange::Use(key_use(key, 0)), now).await;
    assert!(matches!(settled, Settled::Done(_)));
    now.plus(VERDICT_TTL)
}
