//! What newer news, an endpoint's end and a purge take along, and whom they leave alone.

use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Class, DeliveryStatus, Next};
use vouchlink::domain::endpoint::{BUILT_IN, EndpointStatus};
use vouchlink::domain::event::EventType;
use vouchlink::domain::id::{EndpointId, LinkId};
use vouchlink::domain::link::Link;
use vouchlink::domain::replay::Which;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Step, Store};

use super::addressees::{add_endpoint, endpoint, set_status};
use super::fresh;
use super::replays;
use super::samples::{
    T0, at, attempt, begin, bodies, built_in, context, create, deliver, enrol, lease_of,
    not_verified,
};

#[tokio::test(flavor = "multi_thread")]
async fn newer_news_replaces_neither_anothers_nor_what_is_held_elsewhere() {
    let store = fresh().await;
    let elsewhere = endpoint(1, &["verification.verified"]);
    add_endpoint(&**store, &elsewhere).await;
    for id in [BUILT_IN, elsewhere.id] {
        set_status(&**store, id, EndpointStatus::Disabled, T0).await;
    }
    let (one, _) = enrol(&**store, "1", T0).await;
    let (two, _) = enrol(&**store, "2", T0).await;
    end(&**store, "1", Reason::NotMe, at(1)).await;
    let held = DeliveryStatus::Held;
    assert_eq!(status(&**store, one.id, BUILT_IN).await, DeliveryStatus::Superseded);
    assert_eq!(status(&**store, two.id, BUILT_IN).await, held);
    assert_eq!(status(&**store, one.id, elsewhere.id).await, held);
    assert_eq!(status(&**store, two.id, elsewhere.id).await, held);
}

/// A verdict says nothing of a passkey that is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_does_not_replace_what_is_said_of_a_passkey() {
    for before in [true, false] {
        let store = fresh().await;
        let keys = endpoint(1, &["credential.revoked", "verification.declined"]);
        add_endpoint(&**store, &keys).await;
        let (link, key) = enrol(&**store, "1", T0).await;
        assert!(store.revoke_credential(link.customer, key.id, context(T0)).await.unwrap());
        let [revoked] = &lease_of(&**store, keys.id, T0).await[..] else { panic!("not told") };
        let fail = async || {
            let (attempt, next) = (attempt(1, Class::Unavailable, T0), Next::RetryAt(at(100)));
            assert!(store.record_attempt(revoked, attempt, next, T0).await.unwrap());
        };
        // While it waits to be tried again, or while it is on its way.
        if before {
            fail().await;
        }
        end(&**store, "1", Reason::NotMe, at(1)).await;
        if !before {
            fail().await;
        }
        let mut told = Vec::new();
        while let [leased] = &lease_of(&**store, keys.id, at(100)).await[..] {
            told.push(leased.kind);
            deliver(&**store, leased, at(100)).await;
        }
        assert_eq!(told, [EventType::CredentialRevoked, EventType::Declined]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoints_end_takes_along_what_stands_in_line() {
    let store = fresh().await;
    let both = endpoint(1, &["verification.verified", "verification.revoked"]);
    add_endpoint(&**store, &both).await;
    let (first, _) = enrol(&**store, "1", T0).await;
    let second = end(&**store, "1", Reason::Revoked, at(1)).await;
    let of_both = async |expected| {
        for link in [first.id, second.id] {
            assert_eq!(status(&**store, link, both.id).await, expected);
        }
    };
    of_both(DeliveryStatus::Pending).await;
    set_status(&**store, both.id, EndpointStatus::Disabled, at(2)).await;
    of_both(DeliveryStatus::Held).await;
    set_status(&**store, both.id, EndpointStatus::Removed, at(3)).await;
    of_both(DeliveryStatus::Cancelled).await;
    assert_eq!(store.settle_strays(at(4)).await.unwrap(), 0);
    assert_eq!(bodies(&**store, at(4)).await.len(), 2, "the others are delivered to");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_event_of_no_link_stays_until_it_has_arrived() {
    let store = fresh().await;
    let keys = endpoint(1, &["credential.revoked"]);
    add_endpoint(&**store, &keys).await;
    let (link, key) = enrol(&**store, "1", T0).await;
    assert!(store.revoke_credential(link.customer, key.id, context(T0)).await.unwrap());
    let purged = async || store.purge_events(at(100_000), None, 9).await.unwrap().deleted;
    assert_eq!(purged().await, 0);
    let [told] = &lease_of(&**store, keys.id, at(100_000)).await[..] else { panic!("not told") };
    assert_eq!(purged().await, 0);
    deliver(&**store, told, at(100_000)).await;
    assert_eq!(purged().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_endpoint_was_told_holds_back_nothing_from_another() {
    let store = fresh().await;
    let other = endpoint(1, &["verification.verified", "verification.revoked"]);
    add_endpoint(&**store, &other).await;
    set_status(&**store, BUILT_IN, EndpointStatus::Disabled, T0).await;
    enrol(&**store, "1", T0).await;
    end(&**store, "1", Reason::Revoked, at(1)).await;
    while let [leased] = &lease_of(&**store, other.id, at(2)).await[..] {
        deliver(&**store, leased, at(2)).await;
    }
    store.set_built_in_endpoint(Some(built_in()), at(3)).await.unwrap();
    assert_eq!(bodies(&**store, at(3)).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_of_one_endpoints_deliveries() {
    for (next, status) in
        [(Next::Exhausted, DeliveryStatus::Exhausted), (Next::Delivered, DeliveryStatus::Delivered)]
    {
        let store = fresh().await;
        let other = endpoint(1, &["verification.verified"]);
        add_endpoint(&**store, &other).await;
        enrol(&**store, "1", T0).await;
        for id in [BUILT_IN, other.id] {
            let [leased] = &lease_of(&**store, id, T0).await[..] else { panic!("not one") };
            let attempt = attempt(1, Class::Rejected, T0);
            assert!(store.record_attempt(leased, attempt, next, T0).await.unwrap());
        }
        let (status, event, since, until) = (Some(status), None, None, None);
        let which = Which::Matching { endpoint: other.id, status, event, since, until };
        assert_eq!(replays::begin(&**store, which, false, at(1)).await.chosen, 1);
        assert_eq!(replays::step(&**store, at(1)).await, Step::Requeued);
        assert_eq!(lease_of(&**store, other.id, at(1)).await.len(), 1);
        assert_eq!(lease_of(&**store, BUILT_IN, at(1)).await, vec![]);
    }
}

/// A verdict is overtaken by newer verdicts that its own endpoint was told of, and by nothing else;
/// what is said of a passkey by nothing at all.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_newer_verdict_at_the_same_endpoint_keeps_one_from_being_replayed() {
    let store = fresh().await;
    let events = ["verification.opened", "credential.bound", "verification.verified"];
    let keys = endpoint(1, &events);
    add_endpoint(&**store, &keys).await;
    enrol(&**store, "1", T0).await;
    let mut given_up = Vec::new();
    while let [leased] = &lease_of(&**store, keys.id, T0).await[..] {
        if leased.kind == EventType::Opened {
            deliver(&**store, leased, T0).await;
        } else {
            let rejected = attempt(1, Class::Rejected, T0);
            assert!(store.record_attempt(leased, rejected, Next::Exhausted, T0).await.unwrap());
            given_up.push(leased.id);
        }
    }
    let newer = create(&**store, "1", at(1)).await;
    begin(&**store, &newer, at(1)).await;
    let [opened] = &lease_of(&**store, keys.id, at(1)).await[..] else { panic!("not opened") };
    deliver(&**store, opened, at(1)).await;
    let revoked = not_verified(Reason::Revoked, at(2));
    store.end_link(newer.id, revoked, context(at(2))).await.unwrap();
    assert_eq!(bodies(&**store, at(2)).await.len(), 2);
    assert_eq!(given_up.len(), 2);
    for (id, second) in given_up.into_iter().zip([3, 4]) {
        replays::begin(&**store, Which::These(vec![id]), false, at(second)).await;
        assert_eq!(replays::step(&**store, at(second)).await, Step::Requeued, "{second}");
    }
}

/// Also where the newer news was called off, and nobody was told of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_superseded_is_sent_again_only_where_staff_insist() {
    for forced in [false, true] {
        let store = fresh().await;
        let (link, _) = enrol(&**store, "1", T0).await;
        let [leased] = &lease_of(&**store, BUILT_IN, T0).await[..] else { panic!("not one") };
        let (failed, next) = (attempt(1, Class::Unavailable, T0), Next::RetryAt(at(100)));
        assert!(store.record_attempt(leased, failed, next, T0).await.unwrap());
        let newer = end(&**store, "1", Reason::NotMe, at(1)).await;
        assert_eq!(status(&**store, link.id, BUILT_IN).await, DeliveryStatus::Superseded);
        let [newer] = &store.link_deliveries(newer.id).await.unwrap()[..] else { panic!() };
        replays::call_off(&**store, newer.id).await;
        replays::begin(&**store, Which::These(vec![leased.id]), forced, at(2)).await;
        let expected = if forced { Step::Requeued } else { Step::Passed };
        assert_eq!(replays::step(&**store, at(2)).await, expected);
    }
}

async fn end(store: &dyn Store, user_id: &str, reason: Reason, now: Timestamp) -> Link {
    let link = create(store, user_id, now).await;
    store.end_link(link.id, not_verified(reason, now), context(now)).await.unwrap();
    link
}

/// Of the delivery of a link's verdict.
async fn status(store: &dyn Store, link: LinkId, endpoint: EndpointId) -> DeliveryStatus {
    let all = store.link_deliveries(link).await.unwrap();
    let mut of_endpoint = all.iter().filter(|delivery| delivery.endpoint == endpoint);
    of_endpoint.next().expect("no delivery").status
}
