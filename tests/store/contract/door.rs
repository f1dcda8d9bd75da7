//! The known door's code of a link, and links that add a passkey.

use vouchlink::domain::customer::Standing;
use vouchlink::domain::door::DoorHash;
use vouchlink::domain::id::CredentialId;
use vouchlink::domain::link::{Enrolment, Link};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Changed, Settled, Store, StoreError};

use super::answers::settle;
use super::fresh;
use super::samples::{
    T0, at, begin, binding, bodies, context, create, create_as, credential, enrol, new_link,
    not_verified, secret, user,
};

fn door(link: &Link) -> DoorHash {
    link.secret.door.expect("an open link has a door").hash
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_found_by_its_door_while_it_is_open() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let first = door(&link);
    assert_eq!(store.find_link_by_door(first).await.unwrap().as_ref(), Some(&link));
    assert_eq!(store.find_link_by_door(DoorHash([9; 32])).await.unwrap(), None);

    let new = secret();
    let reissued = store.reissue_link(link.id, new.clone(), at(900), context(at(1))).await.unwrap();
    let Changed::Done(reissued) = reissued else { panic!("not reissued") };
    assert_eq!(store.find_link_by_door(first).await.unwrap(), None);
    assert_eq!(store.find_link_by_door(door(&reissued)).await.unwrap(), Some(reissued));

    let declined = not_verified(Reason::NotMe, at(2));
    let ended = store.end_link(link.id, declined, context(at(2))).await.unwrap();
    let Changed::Done(ended) = ended else { panic!("not ended") };
    assert_eq!(ended.secret.door, None);
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(ended));
    assert_eq!(store.find_link_by_door(new.door.unwrap().hash).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_open_links_never_have_the_same_door() {
    let store = fresh().await;
    let (first, other) = (create(&**store, "1", T0).await, create(&**store, "2", T0).await);
    let mut taken = new_link("3", at(1));
    taken.link.secret.door = first.secret.door;
    let refused = store.create_link(taken.clone(), context(at(1))).await;
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    // Nothing is left of the try.
    assert_eq!(store.find_customer(&user("3")).await.unwrap(), None);
    let mut replaced = secret();
    replaced.door = first.secret.door;
    let refused = store.reissue_link(other.id, replaced, at(900), context(at(1))).await;
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    assert_eq!(store.find_link(other.id).await.unwrap(), Some(other));

    // A link that has ended needs it no more.
    let revoked = not_verified(Reason::Revoked, at(2));
    store.end_link(first.id, revoked, context(at(2))).await.unwrap();
    let link = create_as(&**store, taken).await;
    assert_eq!(store.find_link_by_door(door(&link)).await.unwrap(), Some(link));
}

async fn adding(store: &dyn Store, authorised_by: CredentialId, second: u64) -> Link {
    let mut new = new_link("1", at(second));
    new.link.request.enrolment = Enrolment::Add;
    new.link.handover.authorised_by = Some(authorised_by);
    create_as(store, new).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_another_one_adds_says_nothing_of_where_the_customer_stands() {
    let store = fresh().await;
    let (_, first) = enrol(&**store, "1", T0).await;
    let declined = create(&**store, "1", at(1)).await;
    store.end_link(declined.id, not_verified(Reason::NotMe, at(2)), context(at(2))).await.unwrap();
    let before = store.find_customer(&user("1")).await.unwrap().unwrap();
    assert!(matches!(before.standing, Standing::Refused(_)));
    let told = bodies(&**store, at(2)).await.len();
    assert!(told > 0);

    let link = adding(&**store, first.id, 3).await;
    let ceremony = begin(&**store, &link, at(4)).await;
    let key = credential(&link, at(5));
    let settled = settle(&**store, &ceremony, binding(key.clone()), at(5)).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
    let after = store.find_customer(&user("1")).await.unwrap().unwrap();
    assert_eq!(after.standing, before.standing);
    assert_eq!(store.list_credentials(link.customer).await.unwrap(), [first, key]);
    let bodies = bodies(&**store, at(5)).await;
    assert!(bodies.iter().all(|body| body["type"] != "verification.verified"), "{bodies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_added_for_a_passkey_that_was_revoked_meanwhile() {
    let store = fresh().await;
    let (_, first) = enrol(&**store, "1", T0).await;
    let link = adding(&**store, first.id, 1).await;
    let ceremony = begin(&**store, &link, at(2)).await;
    assert!(store.revoke_credential(link.customer, first.id, context(at(3))).await.unwrap());
    let key = credential(&link, at(4));
    let settled = settle(&**store, &ceremony, binding(key), at(4)).await;
    assert!(matches!(settled, Settled::Refused(..)), "{settled:?}");
    assert_eq!(store.list_credentials(link.customer).await.unwrap().len(), 1);
}
