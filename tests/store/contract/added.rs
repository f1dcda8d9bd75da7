//! Revoking a key together with those that were added with it.

use vouchlink::domain::credential::Credential;
use vouchlink::domain::id::CredentialId;
use vouchlink::domain::link::Enrolment;
use vouchlink::domain::mail::EmailAddress;
use vouchlink::store::{MailLease, NewLink, NewMail, Settled, Store};

use super::answers::settle;
use super::fresh;
use super::samples::*;

/// A key that the owner of `by` adds.
async fn add(store: &dyn Store, by: &Credential, second: u64) -> Credential {
    let mut new = new_link("1", at(second));
    new.link.request.enrolment = Enrolment::Add;
    new.link.handover.authorised_by = Some(by.id);
    let link = create_as(store, new).await;
    let ceremony = begin(store, &link, at(second)).await;
    let key = credential(&link, at(second));
    let settled = settle(store, &ceremony, binding(key.clone()), at(second)).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
    key
}

async fn active(store: &dyn Store, key: &Credential) -> Vec<CredentialId> {
    let all = store.list_credentials(key.customer).await.unwrap();
    all.iter().filter(|key| key.revoked_at.is_none()).map(|key| key.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_key_takes_along_what_was_added_with_it_each_with_event_and_notice() {
    let store = fresh().await;
    let (_, stolen) = enrol(&**store, "1", at(0)).await;
    let thief = add(&**store, &stolen, 1).await;
    let thiefs_next = add(&**store, &thief, 2).await;
    let all = store.list_credentials(stolen.customer).await.unwrap();
    let by: Vec<_> = all.iter().map(|key| key.added_by).collect();
    assert_eq!(by, [None, Some(stolen.id), Some(thief.id)]);
    // Who is to be told.
    let email = EmailAddress::parse("dana@example.com").unwrap();
    let id = vouchlink::domain::id::MailId::new(at(3), &vouchlink::domain::random::SystemRandom);
    let mail = Some(NewMail { id: id.unwrap(), recipient: email });
    create_as(&**store, NewLink { mail, ..new_link("1", at(3)) }).await;
    let before = store.find_customer(&user("1")).await.unwrap().unwrap().sequence;

    let revoke = async |customer, key: &Credential, second| {
        store.revoke_with_added(customer, key.id, None, context(at(second))).await.unwrap()
    };
    let (_, stranger) = enrol(&**store, "2", at(3)).await;
    assert_eq!(revoke(stranger.customer, &stolen, 4).await, []);
    let revoked = revoke(stolen.customer, &stolen, 5).await;
    assert_eq!(revoked, [stolen.id, thief.id, thiefs_next.id]);
    assert_eq!(revoke(stolen.customer, &stolen, 6).await, []);
    assert_eq!(active(&**store, &stolen).await, []);
    assert_eq!(active(&**store, &stranger).await, [stranger.id]);
    // An event for each, and one verdict that lapsed.
    let after = store.find_customer(&user("1")).await.unwrap().unwrap().sequence;
    assert_eq!(after - before, 4);
    let request = MailLease {
        limit: 100,
        ttl: std::time::Duration::ZERO,
        overdue: std::time::Duration::ZERO,
    };
    let mails = store.lease_mails(request, at(9)).await.unwrap();
    let notices = mails.iter().filter(|mail| mail.kind.as_str() == "passkey_removed").count();
    assert_eq!(notices, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spared_one_and_what_it_added_stay_and_so_does_what_led_there() {
    let store = fresh().await;
    let (_, first) = enrol(&**store, "1", at(0)).await;
    let (second, own) = (add(&**store, &first, 1).await, add(&**store, &first, 2).await);
    let owns = add(&**store, &own, 3).await;
    let context = context(at(4));
    let revoked =
        store.revoke_with_added(first.customer, first.id, Some(own.id), context).await.unwrap();
    assert_eq!(revoked, [first.id, second.id]);
    assert_eq!(active(&**store, &first).await, [own.id, owns.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_revoked_alone_leaves_the_others() {
    let store = fresh().await;
    let (_, first) = enrol(&**store, "1", at(0)).await;
    let second = add(&**store, &first, 1).await;
    assert!(store.revoke_credential(first.customer, first.id, context(at(2))).await.unwrap());
    assert_eq!(active(&**store, &first).await, [second.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_a_new_phone_is_told_once_however_many_keys_it_replaces() {
    let store = fresh().await;
    let (_, first) = enrol(&**store, "1", at(0)).await;
    add(&**store, &first, 1).await;
    let email = EmailAddress::parse("dana@example.com").unwrap();
    let id = vouchlink::domain::id::MailId::new(at(2), &vouchlink::domain::random::SystemRandom);
    let mail = Some(NewMail { id: id.unwrap(), recipient: email });
    create_as(&**store, NewLink { mail, ..new_link("1", at(2)) }).await;

    let link = create_replacing(&**store, "1", at(3)).await;
    let ceremony = begin(&**store, &link, at(3)).await;
    let key = credential(&link, at(3));
    let change = binding(key.clone());
    let settled = settle(&**store, &ceremony, change, at(3)).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
    assert_eq!(active(&**store, &first).await, [key.id]);
    let none = std::time::Duration::ZERO;
    let request = MailLease { limit: 100, ttl: none, overdue: none };
    let mails = store.lease_mails(request, at(9)).await.unwrap();
    let mut of_link: Vec<_> =
        mails.iter().filter(|mail| mail.link == Some(link.id)).map(|mail| mail.kind).collect();
    of_link.sort_by_key(|kind| kind.as_str());
    assert_eq!(
        of_link.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        ["passkey_added", "passkey_removed"]
    );
}
