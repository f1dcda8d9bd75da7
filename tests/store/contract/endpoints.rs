//! Endpoints: so many and no more, and no change of what somebody else has changed meanwhile.

use vouchlink::domain::audit::Action;
use vouchlink::domain::endpoint::{Endpoint, EndpointStatus, MOST};
use vouchlink::store::{Once, Store};

use super::addressees::{add_endpoint, changed_endpoint, endpoint, set_status};
use super::fresh;
use super::samples::{T0, at};

const VERDICTS: &[&str] = &["verification.verified"];

async fn insert(store: &dyn Store, endpoint: Endpoint) -> bool {
    let entry = changed_endpoint(Action::EndpointCreated, T0);
    let made = store.insert_endpoint(endpoint, entry, None).await.unwrap();
    matches!(made, Some(Once::New(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_twenty_and_those_that_were_removed_do_not_count() {
    let store = fresh().await;
    // Beside the built-in one.
    let most = u8::try_from(MOST).unwrap();
    for number in 1..most {
        assert!(insert(&**store, endpoint(number, VERDICTS)).await, "{number}");
    }
    let another = endpoint(most, VERDICTS);
    assert!(!insert(&**store, another.clone()).await);
    set_status(&**store, endpoint(1, VERDICTS).id, EndpointStatus::Removed, at(1)).await;
    assert!(insert(&**store, another).await);
    assert_eq!(store.list_endpoints().await.unwrap().len(), usize::from(most));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_removed_meanwhile_is_left_as_it_is() {
    let store = fresh().await;
    let made = endpoint(1, VERDICTS);
    add_endpoint(&**store, &made).await;
    let seen = store.find_endpoint(made.id).await.unwrap().unwrap();
    let change = async |revision| {
        let (status, entry) =
            (EndpointStatus::Active, changed_endpoint(Action::EndpointChanged, at(2)));
        store.update_endpoint(Endpoint { status, revision, ..seen.clone() }, entry).await.unwrap()
    };
    set_status(&**store, made.id, EndpointStatus::Paused, at(1)).await;
    assert!(!change(seen.revision).await);
    let paused = store.find_endpoint(made.id).await.unwrap().unwrap();
    assert_eq!((paused.status, paused.revision), (EndpointStatus::Paused, seen.revision + 1));
    assert!(change(paused.revision).await);

    set_status(&**store, made.id, EndpointStatus::Removed, at(3)).await;
    assert!(!change(seen.revision + 3).await, "whoever knows its number does not bring it back");
    assert!(store.find_endpoint(made.id).await.unwrap().is_none());
}
