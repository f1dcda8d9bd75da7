//! Mails: queued with the link, leased by one worker at a time, and settled once.

use std::time::Duration;

use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::id::MailId;
use vouchlink::domain::link::Link;
use vouchlink::domain::mail::{EmailAddress, LeasedMail, MailKind, MailNext, MailStatus};
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{
    Bound, Created, MailLease, MailsWaiting, NewMail, SendOrder, Sending, Settled, Store,
};

use super::answers::settle;
use super::fresh;
use super::samples::*;

fn mail(to: &str, second: u64) -> NewMail {
    let id = MailId::new(at(second), &SystemRandom).unwrap();
    NewMail { id, recipient: EmailAddress::parse(to).unwrap() }
}

async fn mailed(store: &dyn Store, user_id: &str, to: &str, second: u64) -> Link {
    let new = new_link(user_id, at(second));
    create_as(store, vouchlink::store::NewLink { mail: Some(mail(to, second)), ..new }).await
}

async fn take(store: &dyn Store, second: u64) -> Vec<LeasedMail> {
    let overdue = Duration::ZERO;
    let request = MailLease { limit: 100, ttl: Duration::from_secs(60), overdue };
    store.lease_mails(request, at(second)).await.unwrap()
}

async fn record(store: &dyn Store, leased: &LeasedMail, next: MailNext, second: u64) -> bool {
    let answer = "250 taken".to_owned();
    store.record_mail(leased, next, answer, context(at(second))).await.unwrap()
}

async fn sent_at(store: &dyn Store, link: &Link) -> Option<vouchlink::domain::clock::Timestamp> {
    store.find_link(link.id).await.unwrap().unwrap().handover.sent_at
}

#[tokio::test]
async fn a_links_mail_is_queued_with_it_and_its_arrival_makes_it_a_sent_one() {
    let store = fresh().await;
    let link = mailed(&**store, "1", "dana@example.com", 0).await;
    assert_eq!(store.next_mail_due().await.unwrap(), Some(at(0)));
    let [leased] = take(&**store, 0).await.try_into().unwrap();
    assert_eq!((leased.link, leased.kind, leased.attempt), (Some(link.id), MailKind::Link, 1));
    assert_eq!(leased.recipient.as_str(), "dana@example.com");
    assert_eq!(take(&**store, 1).await, []);
    assert_eq!(sent_at(&**store, &link).await, None);

    let sent = MailNext::Sent { jti: Some(link.secret.jti) };
    assert!(record(&**store, &leased, sent, 2).await);
    assert!(!record(&**store, &leased, sent, 3).await, "settled once");
    assert_eq!(sent_at(&**store, &link).await, Some(at(2)));
    let [shown] = store.link_mails(link.id).await.unwrap().try_into().unwrap();
    assert_eq!((shown.status, shown.attempts), (MailStatus::Sent, 1));
    assert_eq!((shown.finished_at, shown.answer.as_deref()), (Some(at(2)), Some("250 taken")));
    assert_eq!(store.next_mail_due().await.unwrap(), None);
    let expected = ["link.created", "link.send_requested", "link.sent"];
    assert_eq!(actions(&**store, link.id).await, expected);
}

#[tokio::test]
async fn a_worker_that_died_loses_no_mail_and_its_late_word_does_not_count() {
    let store = fresh().await;
    mailed(&**store, "1", "dana@example.com", 0).await;
    let [died] = take(&**store, 0).await.try_into().unwrap();
    assert_eq!(take(&**store, 59).await, []);
    let [again] = take(&**store, 60).await.try_into().unwrap();
    assert_eq!((again.id, again.attempt), (died.id, 2));
    assert!(!record(&**store, &died, MailNext::Failed, 61).await);
    assert!(record(&**store, &again, MailNext::RetryAt(at(90)), 61).await);
    assert_eq!(take(&**store, 89).await, []);
    assert_eq!(take(&**store, 90).await.len(), 1);
}

#[tokio::test]
async fn workers_that_lease_at_once_never_take_the_same_mail() {
    let store = fresh().await;
    for user in 0..20 {
        mailed(&**store, &user.to_string(), "dana@example.com", 0).await;
    }
    let request = MailLease { limit: 5, ttl: Duration::from_secs(60), overdue: Duration::ZERO };
    let leases = (0..8).map(|_| store.lease_mails(request, at(0)));
    let taken = futures_util::future::try_join_all(leases).await.unwrap().concat();
    let mut ids: Vec<_> = taken.iter().map(|leased| leased.id.to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), taken.len());
    let rest = take(&**store, 0).await;
    assert_eq!(ids.len() + rest.len(), 20);
}

#[tokio::test]
async fn a_mail_with_another_url_or_of_a_link_that_ended_makes_nothing_a_sent_one() {
    let store = fresh().await;
    let link = mailed(&**store, "1", "dana@example.com", 0).await;
    let [leased] = take(&**store, 0).await.try_into().unwrap();
    store.reissue_link(link.id, secret(), at(900), context(at(1))).await.unwrap();
    let sent = MailNext::Sent { jti: Some(link.secret.jti) };
    assert!(record(&**store, &leased, sent, 2).await);
    assert_eq!(sent_at(&**store, &link).await, None);

    let link = mailed(&**store, "2", "dana@example.com", 3).await;
    let [leased] = take(&**store, 3).await.try_into().unwrap();
    store.end_link(link.id, not_verified(Reason::Revoked, at(4)), context(at(4))).await.unwrap();
    let sent = MailNext::Sent { jti: Some(link.secret.jti) };
    assert!(record(&**store, &leased, sent, 5).await);
    assert_eq!(sent_at(&**store, &link).await, None);
}

#[tokio::test]
async fn a_reissue_takes_back_that_the_link_was_sent() {
    let store = fresh().await;
    let link = mailed(&**store, "1", "dana@example.com", 0).await;
    let [leased] = take(&**store, 0).await.try_into().unwrap();
    record(&**store, &leased, MailNext::Sent { jti: Some(link.secret.jti) }, 1).await;
    assert_eq!(sent_at(&**store, &link).await, Some(at(1)));
    store.reissue_link(link.id, secret(), at(900), context(at(2))).await.unwrap();
    assert_eq!(sent_at(&**store, &link).await, None);
}

#[tokio::test]
async fn a_link_and_a_customer_are_sent_so_many_mails_and_no_more() {
    let store = fresh().await;
    let link = mailed(&**store, "1", "dana@example.com", 0).await;
    let send = |second| {
        store.send_link(
            link.id,
            SendOrder::Mail(mail("dana@example.com", second)),
            context(at(second)),
        )
    };
    for second in 1..5 {
        assert!(matches!(send(second).await.unwrap(), Sending::Queued(_)));
    }
    assert_eq!(send(5).await.unwrap(), Sending::TooOften(Bound::Link));
    for second in 6..21 {
        mailed(&**store, "1", "dana@example.com", second).await;
    }
    let new = vouchlink::store::NewLink {
        mail: Some(mail("dana@example.com", 21)),
        ..new_link("1", at(21))
    };
    let refused = store.create_link(new, context(at(21))).await.unwrap();
    assert_eq!(refused, Created::TooManySends);
    // Nothing of the refused one was written.
    let (filter, day) = (vouchlink::domain::link::Filter::default(), 86_400);
    assert_eq!(store.list_links(&filter, None, 100).await.unwrap().items.len(), 16);
    mailed(&**store, "1", "dana@example.com", day + 6).await;
}

#[tokio::test]
async fn only_an_open_link_is_sent_and_only_where_somebody_asks() {
    let store = fresh().await;
    let link = create(&**store, "1", at(0)).await;
    let gateway =
        |jti| SendOrder::Gateway { short_url: "https://x/l/1".to_owned(), jti, phone: None };
    let asked = store.send_link(link.id, gateway(link.secret.jti), context(at(1))).await.unwrap();
    assert_eq!(asked, Sending::NobodyAsks);
    let other = store.send_link(link.id, gateway([9; 16]), context(at(1))).await.unwrap();
    assert_eq!(other, Sending::Reissued);
    assert_eq!(lease_of(&**store, BUILT_IN, at(1)).await, []);
    let order = || SendOrder::Mail(mail("dana@example.com", 1));
    let nowhere = vouchlink::domain::id::LinkId::from_bytes([1; 16]);
    let sent = store.send_link(nowhere, order(), context(at(1))).await.unwrap();
    assert_eq!(sent, Sending::NotFound);
    let late = store.send_link(link.id, order(), context(at(900))).await.unwrap();
    assert!(matches!(late, Sending::Ended(_)));
    assert_eq!(take(&**store, 901).await, []);
}

#[tokio::test]
async fn every_contact_is_told_once_in_a_link_of_passkeys_that_come_and_go() {
    let store = fresh().await;
    enrol(&**store, "1", at(0)).await;
    assert_eq!(take(&**store, 0).await, [], "nobody to tell");
    mailed(&**store, "1", "dana@example.com", 10).await;
    mailed(&**store, "1", "dana@example.com", 11).await;
    mailed(&**store, "1", "old@example.org", 12).await;
    for leased in take(&**store, 12).await {
        record(&**store, &leased, MailNext::Cancelled, 12).await;
    }
    let link = create_replacing(&**store, "1", at(20)).await;
    let ceremony = begin(&**store, &link, at(21)).await;
    let key = binding(credential(&link, at(21)));
    let settled = settle(&**store, &ceremony, key, at(21)).await;
    assert!(matches!(settled, Settled::Done(_)));
    let mut told: Vec<_> = take(&**store, 21)
        .await
        .into_iter()
        .map(|leased| (leased.recipient.as_str().to_owned(), leased.kind.as_str(), leased.link))
        .collect();
    told.sort();
    let of = |to: &str, kind| (to.to_owned(), kind, Some(link.id));
    assert_eq!(
        told,
        [
            of("dana@example.com", "passkey_added"),
            of("dana@example.com", "passkey_removed"),
            of("old@example.org", "passkey_added"),
            of("old@example.org", "passkey_removed"),
        ]
    );
}

#[tokio::test]
async fn later_addresses_do_not_push_out_the_first() {
    let store = fresh().await;
    for second in 0..12 {
        mailed(&**store, "1", &format!("a{second}@example.com"), second).await;
    }
    for leased in take(&**store, 12).await {
        record(&**store, &leased, MailNext::Cancelled, 12).await;
    }
    enrol(&**store, "1", at(20)).await;
    let mut told: Vec<_> = take(&**store, 20)
        .await
        .iter()
        .map(|leased| leased.recipient.as_str().to_owned())
        .collect();
    told.sort();
    let first: Vec<_> = (0..10).map(|second| format!("a{second}@example.com")).collect();
    assert_eq!(told, first);
}

#[tokio::test]
async fn notices_that_belong_to_no_link_go_with_the_event_they_told_of() {
    let store = fresh().await;
    let (link, key) = enrol(&**store, "1", at(0)).await;
    mailed(&**store, "1", "dana@example.com", 1).await;
    for leased in take(&**store, 1).await {
        record(&**store, &leased, MailNext::Cancelled, 1).await;
    }
    assert!(store.revoke_credential(link.customer, key.id, context(at(2))).await.unwrap());
    let [notice] = take(&**store, 2).await.try_into().unwrap();
    assert_eq!((notice.kind, notice.link), (MailKind::PasskeyRemoved, None));
    assert!(record(&**store, &notice, MailNext::Sent { jti: None }, 3).await);
    bodies(&**store, at(3)).await;
    let purged = store.purge_events(at(10_000), None, 100).await.unwrap();
    assert_eq!(purged.deleted, 1);
}

#[tokio::test]
async fn an_events_end_takes_along_neither_notices_that_wait_nor_a_links_mails() {
    let store = fresh().await;
    let link = mailed(&**store, "1", "dana@example.com", 0).await;
    for leased in take(&**store, 0).await {
        record(&**store, &leased, MailNext::Cancelled, 0).await;
    }
    let (enrolled, key) = enrol(&**store, "1", at(1)).await;
    for leased in take(&**store, 1).await {
        record(&**store, &leased, MailNext::Sent { jti: None }, 1).await;
    }
    assert!(store.revoke_credential(enrolled.customer, key.id, context(at(2))).await.unwrap());
    bodies(&**store, at(3)).await;
    assert_eq!(store.purge_events(at(10_000), None, 100).await.unwrap().deleted, 1);
    assert_eq!(store.link_mails(link.id).await.unwrap().len(), 1);
    let [notice] = take(&**store, 10_000).await.try_into().unwrap();
    assert_eq!(notice.kind, MailKind::PasskeyRemoved);
}

#[tokio::test]
async fn what_waits_is_counted_with_the_oldest() {
    let store = fresh().await;
    let waiting = async || store.mails_waiting().await.unwrap();
    assert_eq!(waiting().await, MailsWaiting::default());
    mailed(&**store, "1", "dana@example.com", 3).await;
    mailed(&**store, "2", "dana@example.com", 1).await;
    assert_eq!(waiting().await, MailsWaiting { count: 2, oldest: Some(at(1)) });
    let taken = take(&**store, 4).await;
    assert_eq!(waiting().await.count, 2, "under way is not sent");
    for leased in taken {
        if leased.created_at == at(1) {
            record(&**store, &leased, MailNext::Failed, 5).await;
        }
    }
    assert_eq!(waiting().await, MailsWaiting { count: 1, oldest: Some(at(3)) });
}

#[tokio::test]
async fn an_address_is_forgotten_once_by_its_own_customer_and_told() {
    let store = fresh().await;
    let link = mailed(&**store, "1", "dana@example.com", 0).await;
    let other = mailed(&**store, "2", "dana@example.com", 0).await;
    for leased in take(&**store, 0).await {
        record(&**store, &leased, MailNext::Cancelled, 0).await;
    }
    let [contact] = store.list_contacts(link.customer).await.unwrap().try_into().unwrap();
    assert_eq!((contact.email.as_str(), contact.created_at), ("dana@example.com", at(0)));
    let remove = async |customer, second| {
        store.remove_contact(customer, contact.id, context(at(second))).await.unwrap()
    };
    assert!(!remove(other.customer, 1).await);
    assert!(remove(link.customer, 2).await);
    assert!(!remove(link.customer, 3).await);
    assert_eq!(store.list_contacts(link.customer).await.unwrap(), []);
    assert_eq!(store.list_contacts(other.customer).await.unwrap().len(), 1);
    let [notice] = take(&**store, 3).await.try_into().unwrap();
    assert_eq!((notice.kind, notice.link), (MailKind::ContactRemoved, None));
    assert_eq!(notice.customer, Some(link.customer));
    assert_eq!(notice.recipient.as_str(), "dana@example.com");
    assert!(record(&**store, &notice, MailNext::Sent { jti: None }, 4).await);
}
