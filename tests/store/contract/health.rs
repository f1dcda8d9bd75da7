//! How endpoints fare: a breaker that waits, a probe at a time, and an end that is told.

use std::time::Duration;

use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Attempt, Class, DeliveryStatus, Leased, Next, Trigger};
use vouchlink::domain::endpoint::{BUILT_IN, DisabledReason, EndpointStatus, Health};
use vouchlink::domain::event::EventType;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::Store;

use super::addressees::{add_endpoint, endpoint, set_status};
use super::fresh;
use super::races::at_once;
use super::samples::{
    T0, at, attempt, context, create, deliver, enrol, lease, lease_of, not_verified,
};

/// Fails five deliveries within a minute, of customers `1` to `5`, which are to be tried again a
/// little later.
async fn open_breaker(store: &dyn Store) {
    open_breaker_and_retry(store, at(100)).await;
}

async fn open_breaker_and_retry(store: &dyn Store, retry: Timestamp) {
    for (user, second) in [("1", 0), ("2", 1), ("3", 2), ("4", 3), ("5", 60)] {
        enrol(store, user, at(second)).await;
        let leased = lease(store, at(second)).await;
        assert_eq!(leased.len(), 1, "{user}");
        fail(store, &leased[0], Next::RetryAt(retry), at(second)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_breaker_is_open_one_probe_goes_out_when_it_is_time() {
    let store = fresh().await;
    open_breaker(&**store).await;
    assert_eq!(health(&**store).await.open_until(), Some(at(120)));
    assert_eq!(lease(&**store, at(119)).await, vec![]);
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(120)));

    let [probe] = &lease(&**store, at(120)).await[..] else { panic!("not one probe") };
    assert_eq!((probe.trigger, probe.attempts), (Trigger::Probe, 1));
    assert_eq!(lease(&**store, at(121)).await, vec![], "one at a time");
    fail(&**store, probe, Next::RetryAt(at(125)), at(122)).await;
    // Twice as long as before.
    assert_eq!(health(&**store).await.open_until(), Some(at(242)));
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(at(242)));

    let [probe] = &lease(&**store, at(242)).await[..] else { panic!("not one probe") };
    deliver_probe(&**store, probe, at(243)).await;
    let health = health(&**store).await;
    assert_eq!((health.failing, health.recovered_at), (None, Some(at(243))));
    let rest = lease(&**store, at(243)).await;
    assert_eq!(rest.len(), 4);
    assert!(rest.iter().all(|leased| leased.trigger == Trigger::Auto));
    // Waiting used up no attempt: one of them was the first probe.
    assert_eq!(rest.iter().map(|leased| leased.attempts).sum::<u32>(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_whose_worker_died_is_made_again_at_the_end_of_its_lease() {
    let store = fresh().await;
    open_breaker(&**store).await;
    assert_eq!(lease(&**store, at(120)).await.len(), 1);
    assert_eq!(lease(&**store, at(179)).await, vec![]);
    let [probe] = &lease(&**store, at(180)).await[..] else { panic!("not one probe") };
    assert_eq!(probe.trigger, Trigger::Probe);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_look_at_once_one_probes() {
    let store = fresh().await;
    open_breaker(&**store).await;
    let leased = at_once(&store, 10, |store, _| async move { lease(&*store, at(120)).await });
    let probes: Vec<Leased> = leased.await.into_iter().flatten().collect();
    assert_eq!(probes.len(), 1, "{probes:?}");
    assert_eq!(probes[0].trigger, Trigger::Probe);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_is_of_those_whose_turn_it_is() {
    let store = fresh().await;
    open_breaker(&**store).await;
    // Longer due than any other, but behind the customer's first.
    let link = create(&**store, "1", at(61)).await;
    let revoked = not_verified(Reason::Revoked, at(61));
    store.end_link(link.id, revoked, context(at(61))).await.unwrap();
    let [probe] = &lease(&**store, at(120)).await[..] else { panic!("not one probe") };
    assert_eq!((probe.kind, probe.attempts), (EventType::Verified, 1));

    // What is to be tried later is no probe before.
    let store = fresh().await;
    open_breaker_and_retry(&**store, at(300)).await;
    assert_eq!(health(&**store).await.open_until(), Some(at(120)));
    assert_eq!(lease(&**store, at(299)).await, vec![]);
    assert_eq!(lease(&**store, at(300)).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_ends_a_row_of_failures() {
    let store = fresh().await;
    for user in ["1", "2"] {
        enrol(&**store, user, T0).await;
    }
    let leased = lease(&**store, T0).await;
    fail(&**store, &leased[0], Next::RetryAt(at(9)), at(1)).await;
    assert_eq!(health(&**store).await.failing.unwrap().attempts, 1);
    deliver(&**store, &leased[1], at(2)).await;
    assert_eq!(health(&**store).await, Health::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_disabled_and_the_others_are_told() {
    let store = fresh().await;
    let watching = endpoint(1, &["endpoint.disabled", "endpoint.failing"]);
    let verdicts = endpoint(2, &["verification.verified"]);
    add_endpoint(&**store, &watching).await;
    add_endpoint(&**store, &verdicts).await;
    let mut links = Vec::new();
    for user in ["1", "2"] {
        links.push(enrol(&**store, user, T0).await.0);
    }
    let leased = lease(&**store, T0).await;
    let gone = attempt(1, Class::Gone, at(1));
    assert!(store.record_attempt(&leased[0], gone, Next::Held, at(1)).await.unwrap());

    let built_in = store.find_endpoint(BUILT_IN).await.unwrap().unwrap();
    assert_eq!(built_in.status, EndpointStatus::Disabled);
    assert_eq!(built_in.disabled, Some(DisabledReason::Gone));
    assert_eq!(lease(&**store, at(1000)).await, vec![]);
    for link in &links {
        let deliveries = store.link_deliveries(link.id).await.unwrap();
        let delivery = deliveries.iter().find(|delivery| delivery.endpoint == BUILT_IN).unwrap();
        assert_eq!(delivery.status, DeliveryStatus::Held);
    }
    // What was under way meanwhile no longer counts.
    let late = attempt(1, Class::Success, at(2));
    assert!(!store.record_attempt(&leased[1], late, Next::Delivered, at(2)).await.unwrap());
    // Whoever changes the endpoint must have seen that it is disabled.
    assert!(built_in.revision > 0);

    let [told] = &lease_of(&**store, watching.id, at(1)).await[..] else { panic!("not told") };
    assert_eq!(told.kind, EventType::EndpointDisabled);
    assert!(told.body.contains(&BUILT_IN.to_string()) && told.body.contains("\"gone\""));
    deliver(&**store, told, at(2)).await;
    assert!(lease_of(&**store, verdicts.id, at(2)).await.len() == 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_keeps_failing_is_told_of_and_disabled_after_a_week() {
    let store = fresh().await;
    let watching = endpoint(1, &["endpoint.disabled", "endpoint.failing"]);
    add_endpoint(&**store, &watching).await;
    enrol(&**store, "1", T0).await;
    let mut now = T0;
    let mut told = Vec::new();
    for _ in 0..8 * 24 {
        for leased in lease(&**store, now).await {
            fail(&**store, &leased, Next::RetryAt(now), now).await;
        }
        for leased in lease_of(&**store, watching.id, now).await {
            told.push((now.since(T0).as_secs() / 3600, leased.kind));
            deliver(&**store, &leased, now).await;
        }
        now = now.plus(Duration::from_secs(3600));
    }
    let failing = EventType::EndpointFailing;
    let expected = [
        (1, failing),
        (24, failing),
        (72, failing),
        (144, failing),
        (168, EventType::EndpointDisabled),
    ];
    assert_eq!(told, expected);
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), None);

    // Well again, as far as anybody knows.
    set_status(&**store, BUILT_IN, EndpointStatus::Active, now).await;
    assert_eq!(health(&**store).await, Health::default());
}

async fn health(store: &dyn Store) -> Health {
    store.find_endpoint(BUILT_IN).await.unwrap().unwrap().health
}

async fn fail(store: &dyn Store, leased: &Leased, next: Next, now: Timestamp) {
    let failed = Attempt {
        trigger: leased.trigger,
        ..attempt(leased.attempts + 1, Class::Unavailable, now)
    };
    assert!(store.record_attempt(leased, failed, next, now).await.unwrap());
}

async fn deliver_probe(store: &dyn Store, probe: &Leased, now: Timestamp) {
    let arrived =
        Attempt { trigger: Trigger::Probe, ..attempt(probe.attempts + 1, Class::Success, now) };
    assert!(store.record_attempt(probe, arrived, Next::Delivered, now).await.unwrap());
}

/// Who watches over endpoints hears of a failing one at once, as of any other event.
#[tokio::test(flavor = "multi_thread")]
async fn what_befell_an_endpoint_rings_for_the_others() {
    let store = fresh().await;
    add_endpoint(&**store, &endpoint(1, &["endpoint.disabled"])).await;
    enrol(&**store, "1", T0).await;
    let leased = lease(&**store, T0).await;
    let mut bell = store.changes().queued();
    // What was rung so far is heard now.
    let _ = tokio::time::timeout(Duration::ZERO, bell.rung()).await;
    let gone = attempt(1, Class::Gone, at(1));
    assert!(store.record_attempt(&leased[0], gone, Next::Held, at(1)).await.unwrap());
    tokio::time::timeout(Duration::from_secs(10), bell.rung()).await.expect("nobody rang");
    assert_eq!(lease_of(&**store, endpoint(1, &["ping"; 0]).id, at(1)).await.len(), 1);
}
