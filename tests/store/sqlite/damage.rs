//! A row that cannot be read is nobody's obstacle but its own.

use vouchlink::domain::customer::Standing;
use vouchlink::domain::delivery::DeliveryStatus;
use vouchlink::domain::link::Status;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Customers, Deliveries, Endpoints, Links};

use super::Place;
use super::contract::samples::{
    T0, VERDICT_TTL, bodies, built_in, context, create, enrol, lease, not_verified, standing_of,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_link_does_not_keep_others_from_expiring() {
    let place = Place::new();
    let store = place.open();
    let damaged = create(&store, "1", T0).await;
    let sound = create(&store, "2", T0).await;
    damage(&place, damaged.id.as_bytes());
    let late = context(sound.expires_at);
    assert_eq!(store.expire_links(9, late).await.unwrap(), 1);
    let sound = store.find_link(sound.id).await.unwrap().unwrap();
    assert_eq!(sound.state.status(), Status::Expired);
    assert_eq!(store.expire_links(9, late).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_verdict_does_not_keep_others_from_lapsing() {
    let place = Place::new();
    let store = place.open();
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let (damaged, _) = enrol(&store, "1", T0).await;
    enrol(&store, "2", T0).await;
    bodies(&store, T0).await;
    damage(&place, damaged.id.as_bytes());
    let late = context(T0.plus(VERDICT_TTL));
    assert_eq!(store.lapse_verdicts(9, late).await.unwrap(), 1);
    for (id, done) in [("1", false), ("2", true)] {
        let standing = standing_of(&store, id).await.unwrap();
        // Nothing of what was begun on the damaged one is left.
        assert!(matches!(standing, Standing::Verified { lapsed, .. } if lapsed == done));
    }
    assert_eq!(bodies(&store, late.now).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_delivery_is_set_aside_and_keeps_nobody_waiting() {
    let place = Place::new();
    let store = place.open();
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let (damaged, _) = enrol(&store, "1", T0).await;
    enrol(&store, "2", T0).await;
    // Of the customer whose first delivery is damaged.
    let sound = create(&store, "1", T0).await;
    store.end_link(sound.id, not_verified(Reason::Revoked, T0), context(T0)).await.unwrap();
    let statement = "UPDATE deliveries SET attempts = 1 << 40
                     WHERE event IN (SELECT id FROM events WHERE link = ?1)";
    assert_eq!(place.raw().execute(statement, [damaged.id.as_bytes()]).unwrap(), 1);

    assert_eq!(lease(&store, T0).await.len(), 1);
    let [next] = &lease(&store, T0).await[..] else { panic!("not one delivery") };
    assert!(next.body.contains(&sound.id.to_string()));
    let [summary] = &store.link_deliveries(damaged.id).await.unwrap()[..] else { panic!() };
    assert_eq!(summary.status, DeliveryStatus::Held);
    assert_eq!(lease(&store, T0).await, vec![]);
}

fn damage(place: &Place, link: &[u8]) {
    let statement = "UPDATE links SET metadata = 'not JSON' WHERE id = ?1";
    assert_eq!(place.raw().execute(statement, [link]).unwrap(), 1);
}
