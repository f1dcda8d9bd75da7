//! Deliveries: leased, tried, settled.

use std::time::Duration;

use vouchlink::domain::delivery::{Attempt, Class, DeliveryStatus, Leased, Next};
use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::event::EventType;
use vouchlink::domain::id::EndpointId;
use vouchlink::store::{LeaseRequest, Store};

use super::fresh;
use super::samples::{T0, at, attempt, create, enrol, lease};

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_due_at_once_and_leased_to_one() {
    let store = fresh().await;
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), None);
    assert_eq!(lease(&**store, at(1)).await, vec![]);
    let (link, _) = enrol(&**store, "1", T0).await;
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(T0));
    let elsewhere = EndpointId::from_bytes([9; 16]);
    assert_eq!(store.next_delivery_due(elsewhere).await.unwrap(), None);

    let [leased] = &lease(&**store, at(1)).await[..] else { panic!("not one delivery") };
    assert_eq!((leased.kind, leased.attempts), (EventType::Verified, 0));
    assert_eq!(leased.endpoint, BUILT_IN);
    assert!(leased.body.contains(&link.id.to_string()));
    assert_eq!(lease(&**store, at(60)).await, vec![]);
    // Should the worker die, the lease's end is when to come back.
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(61)));
    let [summary] = &store.link_deliveries(link.id).await.unwrap()[..] else { panic!() };
    assert_eq!(summary.status, DeliveryStatus::InFlight);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_due_are_leased_first_as_many_as_asked_for() {
    let store = fresh().await;
    // The second replaces the first, whose end is told.
    for second in 1..5 {
        for _ in 0..2 {
            create(&**store, &second.to_string(), at(second)).await;
        }
    }
    let request = |limit| LeaseRequest { endpoint: BUILT_IN, limit, ttl: Duration::from_secs(60) };
    let first = store.lease_deliveries(request(2), at(9)).await.unwrap();
    let second = store.lease_deliveries(request(9), at(3)).await.unwrap();
    let third = store.lease_deliveries(request(9), at(9)).await.unwrap();
    let number = |leased: &Leased| -> u64 {
        let body: serde_json::Value = serde_json::from_str(&leased.body).unwrap();
        body["user_id"].as_str().unwrap().parse().unwrap()
    };
    let numbers = |leased: &[Leased]| leased.iter().map(number).collect::<Vec<_>>();
    assert_eq!(
        [numbers(&first), numbers(&second), numbers(&third)],
        [vec![1, 2], vec![3], vec![4]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_tried_until_it_arrives() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    let leased = lease_one(&**store, T0).await;
    let failed = Attempt {
        http_status: Some(503),
        remote_addr: Some("192.0.2.7:443".to_owned()),
        retry_after: Some(Duration::from_secs(90)),
        answer: "busy".to_owned(),
        ..attempt(1, Class::Unavailable, T0)
    };
    let recorded = store.record_attempt(&leased, failed.clone(), Next::RetryAt(at(90)), at(1));
    assert!(recorded.await.unwrap());
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(90)));
    assert_eq!(lease(&**store, at(89)).await, vec![]);

    let leased = lease_one(&**store, at(90)).await;
    assert_eq!(leased.attempts, 1);
    let arrived = Attempt { http_status: Some(200), ..attempt(2, Class::Success, at(90)) };
    let recorded = store.record_attempt(&leased, arrived.clone(), Next::Delivered, at(91));
    assert!(recorded.await.unwrap());

    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), None);
    let [summary] = &store.link_deliveries(link.id).await.unwrap()[..] else { panic!() };
    assert_eq!((summary.id, summary.event.id), (leased.id, leased.event));
    assert_eq!((summary.event.kind, &summary.event.body), (leased.kind, &leased.body));
    assert_eq!(summary.event.link, Some(link.id));
    assert_eq!((summary.status, summary.due_at), (DeliveryStatus::Delivered, None));
    assert_eq!(summary.attempts, [failed, arrived]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_or_held_is_not_due_again() {
    for (next, status) in [
        (Next::Delivered, DeliveryStatus::Delivered),
        (Next::Exhausted, DeliveryStatus::Exhausted),
        (Next::Held, DeliveryStatus::Held),
    ] {
        let store = fresh().await;
        let (link, _) = enrol(&**store, "1", T0).await;
        let leased = lease_one(&**store, T0).await;
        let recorded = store.record_attempt(&leased, attempt(1, Class::Gone, T0), next, at(1));
        assert!(recorded.await.unwrap());
        assert_eq!(lease(&**store, at(1_000_000)).await, vec![]);
        assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), None);
        assert_eq!(store.link_deliveries(link.id).await.unwrap()[0].status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_was_taken_over_records_nothing() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    let stale = lease_one(&**store, T0).await;
    let current = lease_one(&**store, at(60)).await;
    assert_eq!((stale.id, &stale.body), (current.id, &current.body));
    assert_ne!(stale.lease, current.lease);

    let late = attempt(1, Class::Success, T0);
    assert!(!store.record_attempt(&stale, late, Next::Delivered, at(61)).await.unwrap());
    let [summary] = &store.link_deliveries(link.id).await.unwrap()[..] else { panic!() };
    assert_eq!((summary.status, summary.attempts.len()), (DeliveryStatus::InFlight, 0));

    let failed = attempt(1, Class::Connect, at(60));
    let recorded = store.record_attempt(&current, failed, Next::RetryAt(at(70)), at(62));
    assert!(recorded.await.unwrap());
    // A settled lease settles nothing more.
    let again = attempt(2, Class::Success, at(60));
    assert!(!store.record_attempt(&current, again, Next::Delivered, at(63)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_outcome_counts_if_nobody_took_the_delivery_over() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    let leased = lease_one(&**store, T0).await;
    let arrived = attempt(1, Class::Success, T0);
    assert!(store.record_attempt(&leased, arrived, Next::Delivered, at(61)).await.unwrap());
    assert_eq!(lease(&**store, at(61)).await, vec![]);
    let [summary] = &store.link_deliveries(link.id).await.unwrap()[..] else { panic!() };
    assert_eq!(summary.status, DeliveryStatus::Delivered);
}

async fn lease_one(store: &dyn Store, now: vouchlink::domain::clock::Timestamp) -> Leased {
    let mut leased = lease(store, now).await;
    assert_eq!(leased.len(), 1);
    leased.remove(0)
}
