//! Alerts: news of endpoints is noted with what it follows from, and told once, together.

use std::time::Duration;

use vouchlink::domain::alert::{Alert, News, Report};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Attempt, Class, Leased, Next, Undelivered};
use vouchlink::domain::endpoint::{BUILT_IN, DisabledReason, EndpointStatus};
use vouchlink::domain::id::EndpointId;
use vouchlink::domain::mail::{EmailAddress, LeasedMail, MailKind, MailNext};
use vouchlink::store::{MailLease, Store};

use super::addressees::{add_endpoint, endpoint, set_status};
use super::fresh;
use super::samples::{T0, at, attempt, context, deliver, enrol, lease, lease_of};

const MINUTE: u64 = 60;
const DAY: u64 = 86_400;

fn ops() -> Vec<EmailAddress> {
    ["ops@example.com", "on-call@example.org"].map(|to| EmailAddress::parse(to).unwrap()).into()
}

async fn queue(store: &dyn Store, second: u64) -> usize {
    store.queue_alert(&ops(), at(second)).await.unwrap()
}

/// What is to be mailed then; it is.
async fn mails(store: &dyn Store, second: u64) -> Vec<LeasedMail> {
    let ttl = Duration::from_secs(60);
    let request = MailLease { limit: 100, ttl, overdue: Duration::ZERO };
    let leased = store.lease_mails(request, at(second)).await.unwrap();
    for mail in &leased {
        let sent = MailNext::Sent { jti: None };
        let recorded = store.record_mail(mail, sent, "250 ok".to_owned(), context(at(second)));
        assert!(recorded.await.unwrap());
    }
    leased
}

/// What the mails that are queued now say: the same to everybody.
#[track_caller]
fn told(mails: &[LeasedMail]) -> Vec<(EndpointId, News)> {
    let [first, second] = mails else { panic!("{mails:?}") };
    let mut to = [first.recipient.as_str(), second.recipient.as_str()];
    to.sort_unstable();
    assert_eq!(to, ["on-call@example.org", "ops@example.com"]);
    assert_eq!(first.alert, second.alert);
    for mail in mails {
        assert_eq!((mail.kind, mail.customer, mail.link), (MailKind::Alert, None, None));
    }
    read(first).endpoints.iter().map(|report| (report.endpoint, report.news)).collect()
}

fn read(mail: &LeasedMail) -> Alert {
    Alert::parse(mail.alert.as_deref().unwrap()).unwrap()
}

async fn fail_as(store: &dyn Store, leased: &Leased, class: Class, next: Next, now: Timestamp) {
    let failed = Attempt { trigger: leased.trigger, ..attempt(leased.attempts + 1, class, now) };
    assert!(store.record_attempt(leased, failed, next, now).await.unwrap());
}

/// Fails what is due at `endpoint` then, to be tried again at once.
async fn fail(store: &dyn Store, endpoint: EndpointId, second: u64) {
    let leased = lease_of(store, endpoint, at(second)).await;
    assert!(!leased.is_empty(), "nothing to fail at {second}");
    for leased in leased {
        fail_as(store, &leased, Class::Unavailable, Next::RetryAt(at(second)), at(second)).await;
    }
}

/// Fails for so long that it is news.
async fn fail_for_a_while(store: &dyn Store, endpoint: EndpointId, second: u64) {
    fail(store, endpoint, second).await;
    fail(store, endpoint, second + 15 * MINUTE).await;
}

async fn succeed(store: &dyn Store, endpoint: EndpointId, second: u64) {
    for leased in lease_of(store, endpoint, at(second)).await {
        deliver(store, &leased, at(second)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_is_told_of_to_every_recipient_once() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    enrol(&**store, "2", T0).await;
    fail(&**store, BUILT_IN, 0).await;
    assert_eq!(store.alert_due().await.unwrap(), None, "no news yet");
    fail(&**store, BUILT_IN, 15 * MINUTE).await;
    assert_eq!(store.alert_due().await.unwrap(), Some(at(16 * MINUTE)));
    assert_eq!(queue(&**store, 16 * MINUTE - 1).await, 0, "others may fail, too");
    assert_eq!(queue(&**store, 16 * MINUTE).await, 2);
    assert_eq!(queue(&**store, 16 * MINUTE).await, 0, "told once");
    assert_eq!(store.alert_due().await.unwrap(), None);

    let mails = mails(&**store, 16 * MINUTE).await;
    assert_eq!(told(&mails), [(BUILT_IN, News::Failing)]);
    let Alert { at: queued, endpoints } = read(&mails[0]);
    assert_eq!(queued, at(16 * MINUTE));
    let [Report { since, attempts, disabled_from, undelivered, answers, .. }] = &endpoints[..]
    else {
        panic!("{endpoints:?}")
    };
    assert_eq!((*since, *attempts), (Some(T0), 4));
    assert_eq!(*disabled_from, Some(at(7 * DAY)));
    assert_eq!(*undelivered, Undelivered { waiting: 2, held: 0, exhausted: 0 });
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().all(|answer| answer.class == Class::Unavailable));
    assert!(answers.iter().all(|answer| answer.at == at(15 * MINUTE)));
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_that_fail_together_are_one_mail() {
    let store = fresh().await;
    let numbers = 1..=4;
    for number in numbers.clone() {
        add_endpoint(&**store, &endpoint(number, &["verification.verified"])).await;
    }
    let ids: Vec<_> = numbers.map(|number| EndpointId::from_bytes([number; 16])).collect();
    enrol(&**store, "1", T0).await;
    for (id, second) in ids.iter().zip([0, 5, 10, 60]) {
        fail_for_a_while(&**store, *id, second).await;
    }
    assert_eq!(queue(&**store, 16 * MINUTE).await, 2);
    let together: Vec<_> = ids.iter().map(|id| (*id, News::Failing)).collect();
    assert_eq!(told(&mails(&**store, 16 * MINUTE).await), together);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_within_a_quarter_of_an_hour_after_an_alert_waits_for_its_end() {
    let store = fresh().await;
    let other = endpoint(1, &["verification.verified"]).id;
    add_endpoint(&**store, &endpoint(1, &["verification.verified"])).await;
    enrol(&**store, "1", T0).await;
    fail_for_a_while(&**store, BUILT_IN, 0).await;
    assert_eq!(queue(&**store, 16 * MINUTE).await, 2);
    mails(&**store, 16 * MINUTE).await;
    fail_for_a_while(&**store, other, 2 * MINUTE).await;
    assert_eq!(store.alert_due().await.unwrap(), Some(at(31 * MINUTE)));
    assert_eq!(queue(&**store, 31 * MINUTE - 1).await, 0);
    assert_eq!(queue(&**store, 31 * MINUTE).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_who_queue_at_once_queue_one_alert() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    fail_for_a_while(&**store, BUILT_IN, 0).await;
    let ops = ops();
    let queued = (0..8).map(|_| store.queue_alert(&ops, at(16 * MINUTE)));
    let queued = futures_util::future::try_join_all(queued).await.unwrap();
    assert_eq!(queued.iter().sum::<usize>(), 2);
    assert_eq!(mails(&**store, 16 * MINUTE).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_heard_that_it_fails_hears_that_it_does_no_more() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    fail_for_a_while(&**store, BUILT_IN, 0).await;
    succeed(&**store, BUILT_IN, 15 * MINUTE + 30).await;
    assert_eq!(store.alert_due().await.unwrap(), None, "nobody was told that it fails");

    enrol(&**store, "2", at(DAY)).await;
    fail_for_a_while(&**store, BUILT_IN, DAY).await;
    assert_eq!(queue(&**store, DAY + 16 * MINUTE).await, 2);
    mails(&**store, DAY + 16 * MINUTE).await;
    succeed(&**store, BUILT_IN, DAY + 20 * MINUTE).await;
    assert_eq!(queue(&**store, DAY + 31 * MINUTE).await, 2);
    let well = mails(&**store, DAY + 31 * MINUTE).await;
    assert_eq!(told(&well), [(BUILT_IN, News::Recovered)]);

    enrol(&**store, "3", at(2 * DAY)).await;
    fail_for_a_while(&**store, BUILT_IN, 2 * DAY).await;
    succeed(&**store, BUILT_IN, 2 * DAY + 15 * MINUTE + 1).await;
    assert_eq!(store.alert_due().await.unwrap(), None, "the last they heard is that it is well");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_disabled_is_told_of_with_what_is_held() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    enrol(&**store, "2", T0).await;
    let leased = lease(&**store, T0).await;
    fail_as(&**store, &leased[0], Class::Gone, Next::Held, at(1)).await;
    assert_eq!(queue(&**store, 61).await, 2);
    let mails = mails(&**store, 61).await;
    assert_eq!(told(&mails), [(BUILT_IN, News::Disabled)]);
    let report = &read(&mails[0]).endpoints[0];
    assert_eq!(report.disabled, Some(DisabledReason::Gone));
    assert_eq!(report.undelivered.held, 2);
    assert_eq!(report.disabled_from, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_is_none_any_more_is_not_told() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let leased = lease(&**store, T0).await;
    fail_as(&**store, &leased[0], Class::Gone, Next::Held, at(1)).await;
    set_status(&**store, BUILT_IN, EndpointStatus::Active, at(30)).await;
    let found = store.find_endpoint(BUILT_IN).await.unwrap().unwrap();
    assert_eq!(found.status, EndpointStatus::Active);
    assert_eq!(queue(&**store, 61).await, 0);
    assert_eq!(store.alert_due().await.unwrap(), None);

    let removed = endpoint(1, &["verification.verified"]);
    add_endpoint(&**store, &removed).await;
    enrol(&**store, "2", at(DAY)).await;
    fail_for_a_while(&**store, removed.id, DAY).await;
    set_status(&**store, removed.id, EndpointStatus::Removed, at(DAY + 15 * MINUTE)).await;
    assert_eq!(queue(&**store, DAY + 16 * MINUTE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_arrive_is_told_once_a_day_and_endpoint() {
    let store = fresh().await;
    let give_up = async |user: &str, class: Class, next: Next, second: u64| {
        enrol(&**store, user, at(second)).await;
        let leased = lease(&**store, at(second)).await;
        assert_eq!(leased.len(), 1, "{user}");
        fail_as(&**store, &leased[0], class, next, at(second)).await;
    };
    // The CRM has no such record: the endpoint itself is well.
    give_up("1", Class::Rejected, Next::Exhausted, 0).await;
    assert_eq!(queue(&**store, 61).await, 2);
    let mails_then = mails(&**store, 61).await;
    assert_eq!(told(&mails_then), [(BUILT_IN, News::Undelivered)]);
    assert_eq!(read(&mails_then[0]).endpoints[0].undelivered.exhausted, 1);

    give_up("2", Class::Rejected, Next::Exhausted, DAY - 1).await;
    assert_eq!(store.alert_due().await.unwrap(), None);
    give_up("3", Class::SsrfBlocked, Next::Held, DAY).await;
    assert_eq!(queue(&**store, DAY + 60).await, 2);
    let mails_then = mails(&**store, DAY + 60).await;
    assert_eq!(told(&mails_then), [(BUILT_IN, News::Undelivered)]);
    let undelivered = read(&mails_then[0]).endpoints[0].undelivered;
    assert_eq!(undelivered, Undelivered { waiting: 0, held: 1, exhausted: 2 });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_news_even_if_the_endpoint_recovered_meanwhile() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    enrol(&**store, "2", T0).await;
    fail(&**store, BUILT_IN, 0).await;
    let leased = lease(&**store, at(15 * MINUTE)).await;
    let (given_up, later) = (&leased[0], &leased[1]);
    let now = at(15 * MINUTE);
    fail_as(&**store, given_up, Class::Unavailable, Next::Exhausted, now).await;
    deliver(&**store, later, at(15 * MINUTE + 1)).await;
    assert_eq!(queue(&**store, 16 * MINUTE).await, 2);
    let mails = mails(&**store, 16 * MINUTE).await;
    assert_eq!(told(&mails), [(BUILT_IN, News::Undelivered)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_that_were_sent_go_with_what_is_purged() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    fail_for_a_while(&**store, BUILT_IN, 0).await;
    queue(&**store, 16 * MINUTE).await;
    assert_eq!(store.purge_alerts(at(DAY)).await.unwrap(), 0, "on their way");
    mails(&**store, 16 * MINUTE).await;
    assert_eq!(store.purge_alerts(at(16 * MINUTE)).await.unwrap(), 0, "too young");
    assert_eq!(store.purge_alerts(at(DAY)).await.unwrap(), 2);
}
