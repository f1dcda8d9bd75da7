//! A row that cannot be read is nobody's obstacle but its own.

use vouchlink::domain::customer::Standing;
use vouchlink::domain::id::LinkId;
use vouchlink::domain::link::Status;
use vouchlink::store::{Customers, Endpoints, Links, StoreError};

use super::contract::samples::{
    T0, VERDICT_TTL, bodies, built_in, context, create, enrol, standing_of,
};
use crate::support::postgres::Place;

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_link_does_not_keep_others_from_expiring() {
    let place = Place::new().await;
    let store = place.open().await;
    let damaged = create(&store, "1", T0).await;
    let sound = create(&store, "2", T0).await;
    damage(&place, damaged.id).await;
    let late = context(sound.expires_at);
    assert_eq!(store.expire_links(9, late).await.unwrap(), 1);
    let sound = store.find_link(sound.id).await.unwrap().unwrap();
    assert_eq!(sound.state.status(), Status::Expired);
    assert_eq!(store.expire_links(9, late).await.unwrap(), 0);
    let unreadable = store.find_link(damaged.id).await.unwrap_err();
    assert!(matches!(unreadable, StoreError::Corrupt(_)), "{unreadable}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_verdict_does_not_keep_others_from_lapsing() {
    let place = Place::new().await;
    let store = place.open().await;
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let (damaged, _) = enrol(&store, "1", T0).await;
    enrol(&store, "2", T0).await;
    bodies(&store, T0).await;
    damage(&place, damaged.id).await;
    let late = context(T0.plus(VERDICT_TTL));
    assert_eq!(store.lapse_verdicts(9, late).await.unwrap(), 1);
    for (id, done) in [("1", false), ("2", true)] {
        let standing = standing_of(&store, id).await.unwrap();
        // Nothing of what was begun on the damaged one is left.
        assert!(matches!(standing, Standing::Verified { lapsed, .. } if lapsed == done));
    }
    assert_eq!(bodies(&store, late.now).await.len(), 1);
}

/// As above, but it is the server that refuses in the middle of the work.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_the_schema_keeps_open_does_not_keep_others_from_expiring() {
    let place = Place::new().await;
    let store = place.open().await;
    let stuck = create(&store, "1", T0).await;
    let sound = create(&store, "2", T0).await;
    let raw = place.raw().await;
    let constraint = format!(
        "ALTER TABLE verdicts ADD CHECK (link <> '{}')",
        uuid::Uuid::from_bytes(*stuck.id.as_bytes())
    );
    raw.batch_execute(&constraint).await.unwrap();
    assert_eq!(store.expire_links(9, context(sound.expires_at)).await.unwrap(), 1);
    let sound = store.find_link(sound.id).await.unwrap().unwrap();
    assert_eq!(sound.state.status(), Status::Expired);
    let stuck = store.find_link(stuck.id).await.unwrap().unwrap();
    assert_eq!(stuck.state.status(), Status::Pending);
}

async fn damage(place: &Place, link: LinkId) {
    let id = uuid::Uuid::from_bytes(*link.as_bytes());
    let statement = format!("UPDATE links SET metadata = 'not JSON' WHERE id = '{id}'");
    assert_eq!(place.raw().await.execute(&statement, &[]).await.unwrap(), 1);
}
