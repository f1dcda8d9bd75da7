//! A row that cannot be read is nobody's obstacle but its own.

use vouchlink::domain::customer::Standing;
use vouchlink::domain::link::Status;
use vouchlink::store::{Customers, Deliveries, Links};

use super::Place;
use super::contract::samples::{T0, VERDICT_TTL, bodies, context, create, enrol, user};

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
    store.set_built_in_endpoint(true, T0).await.unwrap();
    let (damaged, _) = enrol(&store, "1", T0).await;
    enrol(&store, "2", T0).await;
    bodies(&store, T0).await;
    damage(&place, damaged.id.as_bytes());
    let late = context(T0.plus(VERDICT_TTL));
    assert_eq!(store.lapse_verdicts(9, late).await.unwrap(), 1);
    for (id, done) in [("1", false), ("2", true)] {
        let standing = store.standing(&user(id)).await.unwrap().unwrap();
        // Nothing of what was begun on the damaged one is left.
        assert!(matches!(standing, Standing::Verified { lapsed, .. } if lapsed == done));
    }
    assert_eq!(bodies(&store, late.now).await.len(), 1);
}

fn damage(place: &Place, link: &[u8]) {
    let statement = "UPDATE links SET metadata = 'not JSON' WHERE id = ?1";
    assert_eq!(place.raw().execute(statement, [link]).unwrap(), 1);
}
