//! Which endpoints get what, and what newer news makes of older.

use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Class, DeliveryStatus, Leased, Next};
use vouchlink::domain::endpoint::{BUILT_IN, EndpointStatus};
use vouchlink::domain::event::EventType;
use vouchlink::domain::link::Link;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{DeliverySummary, Store};

use super::addressees::{add_endpoint, endpoint, set_status};
use super::fresh;
use super::samples::{
    T0, at, attempt, begin, context, create, deliver, enrol, lease, lease_of, not_verified, user,
};

#[tokio::test(flavor = "multi_thread")]
async fn each_endpoint_gets_what_it_asks_for() {
    let store = fresh().await;
    let keys = endpoint(1, &["verification.opened", "credential.bound"]);
    let verdicts = endpoint(2, &["verification.verified"]);
    add_endpoint(&**store, &keys).await;
    add_endpoint(&**store, &verdicts).await;
    enrol(&**store, "1", T0).await;
    decline(&**store, at(1)).await;

    assert_eq!(all_kinds(&**store, keys.id).await, [EventType::Opened, EventType::CredentialBound]);
    assert_eq!(all_kinds(&**store, verdicts.id).await, [EventType::Verified]);
    let both = [EventType::Verified, EventType::Declined];
    assert_eq!(all_kinds(&**store, BUILT_IN).await, both, "what stands in line arrives");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_link_is_an_event_only_where_an_endpoint_asks_for_it() {
    let (opened, others) = (&["verification.opened"], &["verification.verified"]);
    for (events, status, numbers) in [
        (others, EndpointStatus::Active, 0),
        (opened, EndpointStatus::Removed, 0),
        (opened, EndpointStatus::Disabled, 1),
        (opened, EndpointStatus::Paused, 1),
        (opened, EndpointStatus::Active, 1),
    ] {
        let store = fresh().await;
        let endpoint = endpoint(1, events);
        add_endpoint(&**store, &endpoint).await;
        set_status(&**store, endpoint.id, status, T0).await;
        let link = create(&**store, "1", T0).await;
        begin(&**store, &link, at(1)).await;
        let found = deliveries(&**store, &link).await;
        let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
        assert_eq!((found.len() as u64, customer.sequence), (numbers, numbers), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_a_paused_endpoint_waits_and_for_a_disabled_one_is_held() {
    let store = fresh().await;
    for (number, status) in
        [(1, EndpointStatus::Paused), (2, EndpointStatus::Disabled), (3, EndpointStatus::Removed)]
    {
        let endpoint = endpoint(number, &["verification.verified"]);
        add_endpoint(&**store, &endpoint).await;
        set_status(&**store, endpoint.id, status, T0).await;
    }
    let (link, _) = enrol(&**store, "1", T0).await;
    let of = |number| endpoint(number, &["ping"; 0]).id;
    let mut found: Vec<_> = deliveries(&**store, &link).await;
    found.retain(|delivery| delivery.endpoint != BUILT_IN);
    found.sort_by_key(|delivery| delivery.endpoint);
    let found: Vec<_> = found.iter().map(|found| (found.endpoint, found.status)).collect();
    assert_eq!(found, [(of(1), DeliveryStatus::Pending), (of(2), DeliveryStatus::Held)]);
    for number in 1..=3 {
        assert_eq!(lease_of(&**store, of(number), at(1)).await, vec![]);
        assert_eq!(store.next_delivery_due(of(number)).await.unwrap(), None);
    }
    set_status(&**store, of(1), EndpointStatus::Active, at(2)).await;
    assert_eq!(lease_of(&**store, of(1), at(2)).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_news_takes_the_place_of_what_waits_to_be_tried_again() {
    // What stood behind it as well, if it did so for a minute.
    for (now, left) in [(at(60), EventType::Revoked), (at(61), EventType::Declined)] {
        let store = fresh().await;
        let (link, _) = enrol(&**store, "1", T0).await;
        fail(&**store, &lease(&**store, T0).await[0], Next::RetryAt(at(3600))).await;
        let (other, _) = enrol(&**store, "2", T0).await;
        fail(&**store, &lease(&**store, T0).await[0], Next::RetryAt(at(3600))).await;
        revoke(&**store, at(1)).await;
        decline(&**store, now).await;

        assert_eq!(statuses(&**store, &link).await, [DeliveryStatus::Superseded]);
        assert_eq!(statuses(&**store, &other).await, [DeliveryStatus::Retrying]);
        assert_eq!(kinds(&lease(&**store, now).await), [left]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_is_not_tried_again_once_it_is_overtaken() {
    for (next, status) in [
        (Next::RetryAt(at(9)), DeliveryStatus::Superseded),
        (Next::Held, DeliveryStatus::Superseded),
        (Next::Exhausted, DeliveryStatus::Exhausted),
        (Next::Delivered, DeliveryStatus::Delivered),
    ] {
        let store = fresh().await;
        let (link, _) = enrol(&**store, "1", T0).await;
        let leased = lease(&**store, T0).await;
        decline(&**store, at(1)).await;
        assert_eq!(statuses(&**store, &link).await, [DeliveryStatus::InFlight]);
        assert_eq!(lease(&**store, at(1)).await, vec![]);
        fail(&**store, &leased[0], next).await;
        assert_eq!(statuses(&**store, &link).await, [status]);
        assert_eq!(kinds(&lease(&**store, at(1)).await), [EventType::Declined]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_is_tried_again_when_a_link_merely_ended() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    let leased = lease(&**store, T0).await;
    revoke(&**store, at(1)).await;
    fail(&**store, &leased[0], Next::RetryAt(at(9))).await;
    assert_eq!(statuses(&**store, &link).await, [DeliveryStatus::Retrying]);
    assert_eq!(lease(&**store, at(1)).await, vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn held_news_is_overtaken_as_well() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    fail(&**store, &lease(&**store, T0).await[0], Next::Held).await;
    set_status(&**store, BUILT_IN, EndpointStatus::Disabled, at(1)).await;
    decline(&**store, at(2)).await;
    assert_eq!(statuses(&**store, &link).await, [DeliveryStatus::Superseded]);
    set_status(&**store, BUILT_IN, EndpointStatus::Active, at(3)).await;
    assert_eq!(lease(&**store, at(3)).await, vec![], "staff replay what was held");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_verdicts_are_overtaken() {
    let store = fresh().await;
    let all = endpoint(1, &["verification.opened", "verification.failed", "verification.declined"]);
    add_endpoint(&**store, &all).await;
    let link = create(&**store, "1", T0).await;
    begin(&**store, &link, T0).await;
    let verdict = not_verified(Reason::NotMe, at(1));
    store.end_link(link.id, verdict, context(at(1))).await.unwrap();
    assert_eq!(all_kinds(&**store, all.id).await, [EventType::Opened, EventType::Declined]);
}

async fn decline(store: &dyn Store, now: Timestamp) {
    end(store, Reason::NotMe, now).await;
}

async fn revoke(store: &dyn Store, now: Timestamp) {
    end(store, Reason::Revoked, now).await;
}

async fn end(store: &dyn Store, reason: Reason, now: Timestamp) {
    let link = create(store, "1", now).await;
    store.end_link(link.id, not_verified(reason, now), context(now)).await.unwrap();
}

/// Of a class that says nothing of the endpoint.
async fn fail(store: &dyn Store, leased: &Leased, next: Next) {
    let failed = attempt(leased.attempts + 1, Class::SsrfBlocked, T0);
    assert!(store.record_attempt(leased, failed, next, T0).await.unwrap());
}

async fn deliveries(store: &dyn Store, link: &Link) -> Vec<DeliverySummary> {
    store.link_deliveries(link.id).await.unwrap()
}

async fn statuses(store: &dyn Store, link: &Link) -> Vec<DeliveryStatus> {
    deliveries(store, link).await.iter().map(|delivery| delivery.status).collect()
}

fn kinds(leased: &[Leased]) -> Vec<EventType> {
    leased.iter().map(|leased| leased.kind).collect()
}

/// Delivers everything, one after another.
async fn all_kinds(
    store: &dyn Store,
    endpoint: vouchlink::domain::id::EndpointId,
) -> Vec<EventType> {
    let mut kinds = Vec::new();
    loop {
        let leased = lease_of(store, endpoint, at(9)).await;
        if leased.is_empty() {
            return kinds;
        }
        for leased in leased {
            deliver(store, &leased, at(9)).await;
            kinds.push(leased.kind);
        }
    }
}
