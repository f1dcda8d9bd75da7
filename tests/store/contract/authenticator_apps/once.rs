//! What is good once is good once, when everybody comes at once too.

use vouchlink::domain::authenticator_app::{TRIES, TRIES_SPAN, UnusedCode};
use vouchlink::domain::ceremony::{Kind, Refusal};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::evidence::{CodeUse, Record};
use vouchlink::domain::id::{CredentialId, CustomerId};
use vouchlink::domain::link::{Enrolment, Status};
use vouchlink::domain::totp::Step;
use vouchlink::store::{AppChange, NotLive, Settled, Store};

use super::super::answers::not_live;
use super::super::fresh;
use super::super::races::at_once;
use super::super::samples::{ANSWER, T0, actions, at, context, user};
use super::{app, bind, bound, create, create_binding, settling, typed, use_app};

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_taken_once_and_none_before_it() {
    let store = fresh().await;
    let (_, app) = bound(&**store, "1", T0).await;
    for (step, taken) in [
        (100, false),
        (99, false),
        (101, true),
        (101, false),
        (100, false),
        (103, true),
        (102, false),
    ] {
        let change = AppChange::Step(app.id, Step(step));
        let (link, settled) = use_app(&**store, "1", change, at(step)).await;
        if taken {
            assert!(matches!(settled, Settled::Done(_)), "{step}: {settled:?}");
            let known = store.find_app(link.customer).await.unwrap().unwrap();
            assert_eq!((known.last_step, known.last_used_at), (Step(step), Some(at(step))));
        } else {
            let Settled::Refused(refusal, link) = settled else { panic!("{step}: {settled:?}") };
            assert_eq!(refusal, Refusal::CodeUsed);
            assert_eq!(link.state.status(), Status::Opened);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_is_taken_once() {
    let store = fresh().await;
    let (link, app) = bound(&**store, "1", T0).await;
    let [first, second, ..] = store.unused_codes(app.id).await.unwrap()[..] else { panic!() };
    let (used, settled) = use_app(&**store, "1", AppChange::Recovery(app.id, second), at(1)).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
    assert!(actions(&**store, used.id).await.contains(&"recovery_code.used".to_owned()));
    let record = store.read_evidence(used.id, context(at(1))).await.unwrap().unwrap();
    let Record::Code(record) = record else { panic!("{record:?}") };
    assert_eq!(record.code, CodeUse::Recovery(2));

    let unused = store.unused_codes(app.id).await.unwrap();
    assert_eq!(
        unused.iter().map(|code| code.number).collect::<Vec<_>>(),
        [1, 3, 4, 5, 6, 7, 8, 9, 10]
    );
    let other = UnusedCode { number: 1, hash: second.hash };
    for code in [second, other] {
        let change = AppChange::Recovery(app.id, code);
        let (_, settled) = use_app(&**store, "1", change, at(2)).await;
        assert!(matches!(settled, Settled::Refused(Refusal::CodeUsed, _)), "{settled:?}");
    }
    let known = store.find_app(link.customer).await.unwrap().unwrap();
    assert_eq!((known.recovery_codes_left, known.last_step), (9, Step(100)));
    let (_, settled) = use_app(&**store, "1", AppChange::Recovery(app.id, first), at(3)).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_settlements_with_one_code_one_verifies() {
    let store = fresh().await;
    let (link, app) = bound(&**store, "1", T0).await;
    let code = store.unused_codes(app.id).await.unwrap()[0];
    for (change, now) in
        [(AppChange::Step(app.id, Step(101)), at(1)), (AppChange::Recovery(app.id, code), at(2))]
    {
        let link = create(&**store, "1", Enrolment::Open, now).await;
        let (ceremony, link) = typed(&**store, &link, Kind::Authenticate, now).await;
        let settled = at_once(&store, 20, |store, _| {
            let settlement = settling(&link, &ceremony, change.clone(), now);
            async move { store.settle_code(settlement, context(now)).await.unwrap() }
        })
        .await;
        let done = settled.iter().filter(|one| matches!(one, Settled::Done(_))).count();
        let closed = settled.iter().filter(|one| matches!(one, Settled::LinkClosed(_))).count();
        assert_eq!((done, closed), (1, 19), "{settled:?}");
        // On the next link it is refused, twenty times.
        let next = create(&**store, "1", Enrolment::Open, now).await;
        let (ceremony, next) = typed(&**store, &next, Kind::Authenticate, now).await;
        let settled = at_once(&store, 20, |store, _| {
            let settlement = settling(&next, &ceremony, change.clone(), now);
            async move { store.settle_code(settlement, context(now)).await.unwrap() }
        })
        .await;
        let used = |one: &Settled| matches!(one, Settled::Refused(Refusal::CodeUsed, _));
        assert!(settled.iter().all(used), "{settled:?}");
    }
    let known = store.find_app(link.customer).await.unwrap().unwrap();
    assert_eq!((known.last_step, known.recovery_codes_left), (Step(101), 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_apps_at_once_one_is_bound() {
    let store = fresh().await;
    let link = create_binding(&**store, "1", T0).await;
    let (ceremony, link) = typed(&**store, &link, Kind::Register, T0).await;
    let settled = at_once(&store, 20, |store, _| {
        let settlement = settling(&link, &ceremony, bind(&app(&link, 100, T0)), at(1));
        async move { store.settle_code(settlement, context(at(1))).await.unwrap() }
    })
    .await;
    assert_eq!(settled.iter().filter(|one| matches!(one, Settled::Done(_))).count(), 1);
    assert_eq!(store.list_apps(link.customer).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_customers_app_verifies_nobody() {
    let store = fresh().await;
    let (_, theirs) = bound(&**store, "1", T0).await;
    let code = store.unused_codes(theirs.id).await.unwrap()[0];
    bound(&**store, "2", T0).await;
    for change in [AppChange::Step(theirs.id, Step(200)), AppChange::Recovery(theirs.id, code)] {
        let (_, settled) = use_app(&**store, "2", change, at(1)).await;
        assert!(matches!(settled, Settled::Refused(Refusal::CodeUsed, _)), "{settled:?}");
    }
    let known = store.list_apps(theirs.customer).await.unwrap();
    assert_eq!(known, [theirs]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_tries_at_once_ten_are_looked_at_in_an_hour() {
    let store = fresh().await;
    let (link, app) = bound(&**store, "1", T0).await;
    let counted = at_once(&store, 40, |store, _| async move {
        store.count_try(app_of(&*store, link.customer).await, context(at(1))).await.unwrap()
    })
    .await;
    let counted = counted.into_iter().filter(|counted| *counted).count();
    assert_eq!(counted, usize::try_from(TRIES).unwrap());
    let known = store.find_app(link.customer).await.unwrap().unwrap();
    assert_eq!(known.rests_until(at(2)), Some(at(1).plus(TRIES_SPAN)));
    let end = at(1).plus(TRIES_SPAN);
    let last = Timestamp::from_millis(end.millis() - 1);
    assert!(!store.count_try(app.id, context(last)).await.unwrap());
    assert!(store.count_try(app.id, context(end)).await.unwrap());
    // A right code gives its try back.
    let change = AppChange::Step(app.id, Step(101));
    let (_, settled) = use_app(&**store, "1", change, end).await;
    assert!(matches!(settled, Settled::Done(_)));
    assert_eq!(store.find_app(link.customer).await.unwrap().unwrap().tries, 0);
}

async fn app_of(store: &dyn Store, customer: CustomerId) -> CredentialId {
    store.find_app(customer).await.unwrap().unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answer_again_finds_the_link_that_it_verified() {
    let store = fresh().await;
    let (link, app) = bound(&**store, "1", T0).await;
    let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
    let link_ = create(&**store, "1", Enrolment::Open, at(1)).await;
    let (ceremony, consumed) = typed(&**store, &link_, Kind::Authenticate, at(1)).await;
    let change = AppChange::Step(app.id, Step(101));
    let settled = settling(&consumed, &ceremony, change, at(1));
    store.settle_code(settled, context(at(1))).await.unwrap();
    let again = not_live(&**store, &ceremony, ANSWER, at(2)).await;
    let NotLive::Repeated(found) = again else { panic!("{again:?}") };
    assert_eq!((found.id, found.customer), (link_.id, link.customer));
    let now = store.find_customer(&user("1")).await.unwrap().unwrap();
    assert_eq!(now.sequence, customer.sequence + 1, "verified once");
}
