//! New deliveries that are leased as they are queued, to a worker of this process.

use std::time::Duration;

use tokio::sync::mpsc::error::TryRecvError;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Attempt, Class, DeliveryStatus, Leased, Next};
use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::event::EventType;
use vouchlink::domain::id::EndpointId;
use vouchlink::domain::link::Link;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::sqlite::SqliteStore;
use vouchlink::store::{Arrivals, Deliveries, Endpoints, LeaseRequest, Links, Store};

use super::Place;
use super::contract::samples::{
    T0, at, attempt, built_in, context, create, deliver, enrol, lease, not_verified,
};

const TTL: Duration = Duration::from_secs(25);

/// Ready to deliver, with somebody who takes as many as `limit`.
async fn taken(place: &Place, limit: u32) -> (SqliteStore, Arrivals) {
    let store = place.open();
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let arrivals = take(&store, limit).unwrap();
    (store, arrivals)
}

fn take(store: &SqliteStore, limit: u32) -> Option<Arrivals> {
    store.lease_new(LeaseRequest { endpoint: BUILT_IN, limit, ttl: TTL })
}

fn arrived(arrivals: &mut Arrivals) -> Option<Leased> {
    arrived_at(arrivals, T0)
}

/// What was handed over, without waiting: it is there when its write is answered.
fn arrived_at(arrivals: &mut Arrivals, time: Timestamp) -> Option<Leased> {
    match arrivals.try_recv() {
        Ok((leased, at)) => {
            assert_eq!(at, time);
            Some(leased)
        }
        Err(TryRecvError::Empty) => None,
        Err(TryRecvError::Disconnected) => panic!("taken by nobody any more"),
    }
}

async fn status(store: &SqliteStore, link: &Link) -> DeliveryStatus {
    let [summary] = &store.link_deliveries(link.id).await.unwrap()[..] else { panic!() };
    summary.status
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_in_flight_from_its_birth_and_recorded_as_any_other() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 1).await;
    let before = store.write_stats().writes;
    let (link, _) = enrol(&store, "1", T0).await;
    let enrolled = store.write_stats().writes - before;

    let leased = arrived(&mut arrivals).unwrap();
    assert_eq!((leased.kind, leased.endpoint), (EventType::Verified, BUILT_IN));
    assert_eq!((leased.attempts, leased.schedule_from), (0, 0));
    assert_eq!(status(&store, &link).await, DeliveryStatus::InFlight);
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), Some(T0.plus(TTL)));
    assert_eq!(lease(&store, at(1)).await, vec![]);

    deliver(&store, &leased, at(1)).await;
    assert_eq!(status(&store, &link).await, DeliveryStatus::Delivered);
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), None);
    let [summary] = &store.link_deliveries(link.id).await.unwrap()[..] else { panic!() };
    assert_eq!((&summary.event.body, summary.event.id), (&leased.body, leased.event));

    // Nothing is written for it that is not written for one that is leased later.
    drop(arrivals);
    let before = store.write_stats().writes;
    enrol(&store, "2", T0).await;
    assert_eq!(store.write_stats().writes - before, enrolled);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_as_there_are_places_and_the_others_are_due() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 2).await;
    for user in ["1", "2", "3"] {
        enrol(&store, user, T0).await;
    }
    let [due] = &lease(&store, T0).await[..] else { panic!("not one is due") };
    assert!(due.body.contains(r#""user_id":"3""#), "{}", due.body);
    for user in ["1", "2"] {
        let leased = arrived(&mut arrivals).unwrap();
        assert!(leased.body.contains(&format!(r#""user_id":"{user}""#)), "{}", leased.body);
    }
    assert_eq!(arrived(&mut arrivals), None);
    // Fetched: there are places again.
    enrol(&store, "4", T0).await;
    assert!(arrived(&mut arrivals).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_must_wait_for_an_older_one_of_its_customer_waits() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 9).await;
    let (_, _) = enrol(&store, "1", T0).await;
    let first = arrived(&mut arrivals).unwrap();
    let link = create(&store, "1", T0).await;
    store.end_link(link.id, not_verified(Reason::Revoked, T0), context(T0)).await.unwrap();
    assert_eq!(arrived(&mut arrivals), None);
    assert_eq!(lease(&store, at(1)).await, vec![]);

    deliver(&store, &first, at(1)).await;
    let [second] = &lease(&store, at(1)).await[..] else { panic!("not one is due") };
    assert_eq!(second.kind, EventType::Revoked);
    assert_eq!(arrived(&mut arrivals), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_handed_over_while_the_breaker_is_open() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 9).await;
    for (user, second) in [("1", 0), ("2", 1), ("3", 2), ("4", 3), ("5", 60)] {
        enrol(&store, user, at(second)).await;
        let leased = arrived_at(&mut arrivals, at(second)).unwrap();
        let (failed, next) = (attempt(1, Class::Unavailable, at(second)), Next::RetryAt(at(9_999)));
        assert!(store.record_attempt(&leased, failed, next, at(second)).await.unwrap());
    }
    enrol(&store, "6", at(61)).await;
    assert_eq!(arrived_at(&mut arrivals, at(61)), None);
    assert_eq!(lease(&store, at(119)).await, vec![]);

    // It is the probe, and well received.
    let [probe] = &lease(&store, at(120)).await[..] else { panic!("not one probe") };
    assert!(probe.body.contains(r#""user_id":"6""#), "{}", probe.body);
    let well = Attempt { trigger: probe.trigger, ..attempt(1, Class::Success, at(120)) };
    assert!(store.record_attempt(probe, well, Next::Delivered, at(120)).await.unwrap());
    enrol(&store, "7", at(121)).await;
    assert!(arrived_at(&mut arrivals, at(121)).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_handed_over_for_an_endpoint_that_is_not_delivered_to() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 9).await;
    let set = |status: &str| {
        let set = format!("UPDATE endpoints SET status = '{status}'");
        place.raw().execute_batch(&set).unwrap();
    };
    set("paused");
    let (paused, _) = enrol(&store, "1", T0).await;
    set("disabled");
    let (disabled, _) = enrol(&store, "2", T0).await;
    assert_eq!(arrived(&mut arrivals), None);
    assert_eq!(status(&store, &paused).await, DeliveryStatus::Pending);
    assert_eq!(status(&store, &disabled).await, DeliveryStatus::Held);
    set("active");
    enrol(&store, "3", T0).await;
    assert!(arrived(&mut arrivals).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_hand_when_its_endpoint_is_disabled_is_held_with_the_rest() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 9).await;
    let mut links = Vec::new();
    for user in ["1", "2"] {
        links.push(enrol(&store, user, T0).await.0);
    }
    let [told, late] = [(); 2].map(|()| arrived(&mut arrivals).unwrap());
    let gone = attempt(1, Class::Gone, at(1));
    assert!(store.record_attempt(&told, gone, Next::Held, at(1)).await.unwrap());
    // It may have arrived; who enables the endpoint again has it sent once more.
    let well = attempt(1, Class::Success, at(2));
    assert!(!store.record_attempt(&late, well, Next::Delivered, at(2)).await.unwrap());
    links.push(enrol(&store, "3", at(3)).await.0);
    assert_eq!(arrived(&mut arrivals), None);
    for link in &links {
        assert_eq!(status(&store, link).await, DeliveryStatus::Held);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_recorded_is_taken_over_at_the_end_of_its_lease() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 1).await;
    enrol(&store, "1", T0).await;
    let lost = arrived(&mut arrivals).unwrap();
    // As after a crash.
    drop((store, arrivals));
    let store = place.open();
    let end = T0.plus(TTL);
    assert_eq!(lease(&store, end.minus(Duration::from_millis(1))).await, vec![]);
    let [again] = &lease(&store, end).await[..] else { panic!("not one is due") };
    assert_eq!((again.id, &again.body, again.attempts), (lost.id, &lost.body, 0));
    assert_ne!(again.lease, lost.lease);
    let late = store.record_attempt(&lost, attempt(1, Class::Success, end), Next::Delivered, end);
    assert!(!late.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_worker_takes_an_endpoints_until_it_stops() {
    let place = Place::new();
    let (store, mut arrivals) = taken(&place, 9).await;
    assert!(take(&store, 9).is_none(), "somebody has them");
    let elsewhere = EndpointId::from_bytes([9; 16]);
    let other = LeaseRequest { endpoint: elsewhere, limit: 1, ttl: TTL };
    assert!(store.lease_new(other).is_some());

    arrivals.close();
    let (pending, _) = enrol(&store, "1", T0).await;
    assert_eq!(arrivals.recv().await, None);
    assert_eq!(status(&store, &pending).await, DeliveryStatus::Pending);
    let mut next = take(&store, 9).unwrap();
    enrol(&store, "2", T0).await;
    assert!(arrived(&mut next).is_some());
    store.close().await.unwrap();
}
