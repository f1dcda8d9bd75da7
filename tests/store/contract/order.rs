//! What a customer's webhooks say arrives in the order in which it happened.

use std::time::Duration;

use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Attempt, Class, DeliveryStatus, Leased, Next};
use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::event::EventType;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::Store;

use super::fresh;
use super::samples::{
    T0, VERDICT_TTL, at, attempt, built_in, context, create, deliver, enrol, lease, not_verified,
};

#[tokio::test(flavor = "multi_thread")]
async fn news_waits_for_what_happened_before_it() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let [verified] = &lease(&**store, T0).await[..] else { panic!("not one delivery") };
    let until = T0.plus(VERDICT_TTL);
    store.lapse_verdicts(9, context(until)).await.unwrap();
    enrol(&**store, "2", until).await;

    // The verification's lease ran out: it is taken again, and only it, besides the other
    // customer's.
    let again = lease(&**store, until).await;
    assert_eq!(kinds(&again), [EventType::Verified; 2]);
    assert_eq!(again[0].id, verified.id);
    assert_eq!(lease(&**store, until).await, vec![]);
    deliver(&**store, &again[0], until).await;
    let lapsed = lease(&**store, until).await;
    assert_eq!(kinds(&lapsed), [EventType::Lapsed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_waits_goes_one_by_one_in_its_order() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let mut head = lease(&**store, T0).await;
    for second in 1..=3 {
        revoke(&**store, at(second)).await;
    }
    decline(&**store, at(4)).await;
    let mut links = Vec::new();
    while let [leased] = &head[..] {
        let body: serde_json::Value = serde_json::from_str(&leased.body).unwrap();
        links.push((leased.kind, body["data"]["sequence"].as_u64().unwrap()));
        deliver(&**store, leased, at(5)).await;
        head = lease(&**store, at(5)).await;
    }
    let told: Vec<_> = links.iter().map(|(kind, _)| *kind).collect();
    let revoked = EventType::Revoked;
    assert_eq!(told, [EventType::Verified, revoked, revoked, revoked, EventType::Declined]);
    assert!(links.is_sorted_by_key(|(_, sequence)| *sequence), "{links:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_not_called_for_what_must_wait() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let leased = lease(&**store, T0).await;
    decline(&**store, at(1)).await;
    // The end of the lease: what waits behind it is due long since.
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(60)));
    deliver(&**store, &leased[0], at(2)).await;
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn news_hastens_what_it_waits_for() {
    let store = fresh().await;
    for user in ["1", "2"] {
        enrol(&**store, user, T0).await;
    }
    for leased in lease(&**store, T0).await {
        fail(&**store, &leased, Next::RetryAt(at(3600))).await;
    }
    assert_eq!(lease(&**store, at(399)).await, vec![]);
    revoke(&**store, at(400)).await;
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(400)));
    // Five minutes after its last attempt, not sooner. The other customer's waits as it did.
    let hastened = lease(&**store, at(400)).await;
    assert_eq!(kinds(&hastened), [EventType::Verified]);
    deliver(&**store, &hastened[0], at(400)).await;
    assert_eq!(kinds(&lease(&**store, at(400)).await), [EventType::Revoked]);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_hastens_neither_what_is_being_sent_nor_what_the_receiver_put_off() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let leased = lease(&**store, T0).await;
    revoke(&**store, at(10)).await;
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(60)), "the lease's end");
    assert_eq!(lease(&**store, at(10)).await, vec![]);

    let retry_after = Some(Duration::from_secs(3600));
    let put_off = Attempt { retry_after, ..attempt(1, Class::Unavailable, T0) };
    let next = Next::RetryAt(at(3600));
    assert!(store.record_attempt(&leased[0], put_off, next, T0).await.unwrap());
    revoke(&**store, at(400)).await;
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(3600)));
}

#[tokio::test(flavor = "multi_thread")]
async fn news_does_not_use_up_the_schedule_of_what_it_waits_for() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    fail(&**store, &lease(&**store, T0).await[0], Next::RetryAt(at(3600))).await;
    revoke(&**store, at(10)).await;
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(3600)));
    assert_eq!(lease(&**store, at(10)).await, vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_waits_for_what_was_given_up() {
    for next in [Next::Exhausted, Next::Held] {
        let store = fresh().await;
        enrol(&**store, "1", T0).await;
        fail(&**store, &lease(&**store, T0).await[0], next).await;
        decline(&**store, at(1)).await;
        assert_eq!(kinds(&lease(&**store, at(1)).await), [EventType::Declined]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn held_deliveries_are_due_again_once_the_operator_was_there() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    fail(&**store, &lease(&**store, T0).await[0], Next::Held).await;
    revoke(&**store, at(1)).await;
    store.set_built_in_endpoint(None, at(2)).await.unwrap();
    assert_eq!(status(&**store, &link).await, (DeliveryStatus::Held, None));
    store.set_built_in_endpoint(Some(built_in()), at(3)).await.unwrap();
    assert_eq!(status(&**store, &link).await, (DeliveryStatus::Pending, Some(at(3))));
    let leased = lease(&**store, at(3)).await;
    assert_eq!((kinds(&leased), leased[0].attempts), (vec![EventType::Verified], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_delivery_that_was_overtaken_stays() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    fail(&**store, &lease(&**store, T0).await[0], Next::Held).await;
    revoke(&**store, at(1)).await;
    let newer = lease(&**store, at(1)).await;
    store.set_built_in_endpoint(Some(built_in()), at(2)).await.unwrap();
    assert_eq!(status(&**store, &link).await, (DeliveryStatus::Held, None));
    deliver(&**store, &newer[0], at(3)).await;
    store.set_built_in_endpoint(Some(built_in()), at(4)).await.unwrap();
    assert_eq!(lease(&**store, at(4).plus(Duration::from_secs(3600))).await, vec![]);
}

/// A link ends in a way that says nothing anew of the customer.
async fn revoke(store: &dyn Store, now: Timestamp) {
    let link = create(store, "1", now).await;
    store.end_link(link.id, not_verified(Reason::Revoked, now), context(now)).await.unwrap();
}

async fn decline(store: &dyn Store, now: Timestamp) {
    let link = create(store, "1", now).await;
    store.end_link(link.id, not_verified(Reason::NotMe, now), context(now)).await.unwrap();
}

async fn fail(store: &dyn Store, leased: &Leased, next: Next) {
    let failed = attempt(leased.attempts + 1, Class::Unavailable, T0);
    assert!(store.record_attempt(leased, failed, next, T0).await.unwrap());
}

async fn status(
    store: &dyn Store,
    link: &vouchlink::domain::link::Link,
) -> (DeliveryStatus, Option<Timestamp>) {
    let summaries = store.link_deliveries(link.id).await.unwrap();
    (summaries[0].status, summaries[0].due_at)
}

fn kinds(leased: &[Leased]) -> Vec<EventType> {
    leased.iter().map(|leased| leased.kind).collect()
}
