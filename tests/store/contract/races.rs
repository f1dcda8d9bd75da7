//! What is one-time stays one-time when everybody comes at once.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::task::JoinSet;
use vouchlink::domain::call::{Guess, Outcome, Said};
use vouchlink::domain::ceremony::Refusal;
use vouchlink::domain::link::{Filter, Status};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{
    Answered, Begun, Changed, Check, Checked, Consumed, Created, Idempotency, KeyChange, Listened,
    NotLive, Settled, Store,
};

use super::answers::{conclude, refused, right, settle, settlement};
use super::fresh;
use super::samples::{
    ANSWER, T0, at, begin, binding, bodies, ceremony, context, create, create_asking, credential,
    enrol_with, guess, hear, key_use, lease, new_link, not_verified, user,
};

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_answers_to_one_challenge_one_is_checked() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, T0).await;
    let answered = Answered::new(ceremony.id, link.id, ANSWER);
    let answers = at_once(&store, 50, |store, _| async move {
        store.consume_ceremony(answered, context(at(1))).await.unwrap()
    })
    .await;
    let live = answers.iter().filter(|answer| matches!(answer, Consumed::Live(_))).count();
    let used = Consumed::NotLive(NotLive::Used);
    let used = answers.iter().filter(|answer| **answer == used).count();
    assert_eq!((live, used), (1, 49));
    assert_eq!(store.find_link(link.id).await.unwrap().unwrap().attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_answers_that_are_checked_as_they_come_one_is() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, T0).await;
    let checks = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&checks);
    let check: Check = Arc::new(move |_, subject| {
        assert_eq!(subject.link.attempts, 1);
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(Checked::Wrong(refused(Refusal::SignatureInvalid)))
    });
    let answers = at_once(&store, 50, |store, _| {
        let (ceremony, check) = (ceremony.clone(), Arc::clone(&check));
        async move { conclude(&*store, &ceremony, check, at(1)).await }
    })
    .await;
    let wrong = answers.iter().filter(|answer| matches!(answer, Ok(Settled::Refused(..)))).count();
    let used = answers.iter().filter(|answer| **answer == Err(NotLive::Used)).count();
    assert_eq!((wrong, used), (1, 49));
    assert_eq!(checks.load(Ordering::SeqCst), 1);
    assert_eq!(store.find_link(link.id).await.unwrap().unwrap().attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_settled_once() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, T0).await;
    let settled = at_once(&store, 8, |store, index| {
        let answered = Answered::new(ceremony.id, link.id, &index.to_be_bytes());
        let check = right(settlement(&ceremony, binding(credential(&link, T0)), at(1)));
        async move { store.answer_ceremony(answered, check, context(at(1))).await.unwrap() }
    })
    .await;
    let done = settled.iter().filter(|settled| matches!(settled, Ok(Settled::Done(_)))).count();
    let closed =
        settled.iter().filter(|settled| matches!(settled, Err(NotLive::LinkClosed(_)))).count();
    assert_eq!((done, closed), (1, 7));
    assert_eq!(store.list_credentials(link.customer).await.unwrap().len(), 1);
    assert_eq!(bodies(&**store, at(1)).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_with_one_counter_the_second_is_a_copy() {
    let store = fresh().await;
    let (_, key) = enrol_with(&**store, "1", T0, |key| key.key.sign_count = 7).await;
    for (second, original) in [(1, true), (2, false)] {
        let link = create(&**store, "1", at(second)).await;
        let ceremony = begin(&**store, &link, at(second)).await;
        let used = KeyChange::Use(key_use(&key, 8));
        let settled = settle(&**store, &ceremony, used, at(second)).await;
        let copied = matches!(settled, Settled::Refused(Refusal::CloneSuspected, _));
        assert_eq!((matches!(settled, Settled::Done(_)), copied), (original, !original));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_settled_and_revoked_at_once_ends_one_way() {
    for _ in 0..10 {
        let store = fresh().await;
        let link = create(&**store, "1", T0).await;
        let ceremony = begin(&**store, &link, T0).await;
        let key = binding(credential(&link, T0));
        let check = right(settlement(&ceremony, key, at(1)));
        let revoked = not_verified(Reason::Revoked, at(1));
        let (settled, ended) = tokio::join!(
            conclude(&**store, &ceremony, check, at(1)),
            store.end_link(link.id, revoked, context(at(1))),
        );
        match (settled, ended.unwrap()) {
            (Ok(Settled::Done(_)), Changed::Ended(_))
            | (Err(NotLive::LinkClosed(_)), Changed::Done(_)) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(bodies(&**store, at(1)).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_idempotency_key_makes_one_link() {
    let store = fresh().await;
    let created = at_once(&store, 16, |store, _| async move {
        let mut new = new_link("1", T0);
        new.idempotency = Some(Idempotency { key: "k".to_owned(), body: [1; 32] });
        store.create_link(new, context(T0)).await.unwrap()
    })
    .await;
    let mut ids = Vec::new();
    let mut new = 0;
    for created in created {
        match created {
            Created::New(link, _) => {
                new += 1;
                ids.push(link.id);
            }
            Created::Repeated(link) => ids.push(link.id),
            other => panic!("{other:?}"),
        }
    }
    ids.dedup();
    assert_eq!((new, ids.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_links_for_one_customer_one_stays_open() {
    let store = fresh().await;
    at_once(&store, 20, |store, _| async move {
        store.create_link(new_link("1", T0), context(T0)).await.unwrap()
    })
    .await;
    let filter = Filter { user_id: Some(user("1")), ..Filter::default() };
    let links = store.list_links(&filter, None, 50).await.unwrap().items;
    let open = links.iter().filter(|link| link.state.status() == Status::Pending).count();
    assert_eq!((links.len(), open), (20, 1));
    let customers: std::collections::HashSet<_> = links.iter().map(|link| link.customer).collect();
    assert_eq!(customers.len(), 1);
    let numbers: Vec<_> = bodies(&**store, T0)
        .await
        .into_iter()
        .map(|body| body["data"]["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=19).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_delivery_is_leased_twice() {
    let store = fresh().await;
    for user in 0..30 {
        create(&**store, &user.to_string(), T0).await;
        create(&**store, &user.to_string(), at(1)).await;
    }
    let leased = at_once(&store, 4, |store, _| async move { lease(&*store, at(60)).await }).await;
    let ids: Vec<_> = leased.iter().flatten().map(|leased| leased.id).collect();
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (30, 30));
}

/// Wrong, wrong, right, wrong ...: whoever guesses in parallel has three guesses all the same.
#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_codes_typed_at_once_three_wrong_ones_count() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    let heard = at_once(&store, 50, |store, index| {
        let link = link.clone();
        async move {
            let code = if index == 2 { Guess::Right } else { Guess::Wrong };
            let said = Said { code: Some(code), answer: None };
            hear(&*store, &link, said, at(1)).await
        }
    })
    .await;
    let mut left: Vec<u32> = Vec::new();
    let mut accepted = 0;
    for heard in &heard {
        match heard {
            Listened::Heard(Outcome::CodeWrong { tries_left }, _) => left.push(*tries_left),
            Listened::Heard(Outcome::CodeAccepted, _) => accepted += 1,
            Listened::LinkClosed => {}
            other @ Listened::Heard(..) => panic!("{other:?}"),
        }
    }
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2]);
    assert!(accepted <= 1);
    // Whether the right one came in between or not.
    let begun = ceremony(&link, at(2));
    let begun = store.begin_ceremony(begun, &link, context(at(2))).await.unwrap();
    assert_eq!(begun, Begun::LinkClosed);
    let told = bodies(&**store, at(2)).await;
    assert_eq!(told.iter().filter(|body| body["type"] == "verification.failed").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_wrong_codes_the_right_one_comes_too_late_fifty_times() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    for _ in 0..3 {
        guess(&**store, &link, Guess::Wrong, at(1)).await;
    }
    let heard = at_once(&store, 50, |store, index| {
        let link = link.clone();
        async move {
            let code = if index % 2 == 0 { Guess::Right } else { Guess::Wrong };
            hear(&*store, &link, Said { code: Some(code), answer: None }, at(1)).await
        }
    })
    .await;
    assert!(heard.iter().all(|heard| *heard == Listened::LinkClosed));
    let link = store.find_link(link.id).await.unwrap().unwrap();
    assert_eq!(link.handover.call_code.map(|code| (code.tries, code.given_at)), Some((3, None)));
}

/// Runs `count` of these on the runtime's threads, all released together.
pub(super) async fn at_once<T, F>(
    store: &Arc<dyn Store>,
    count: usize,
    task: impl Fn(Arc<dyn Store>, usize) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(tokio::sync::Barrier::new(count));
    let mut tasks = JoinSet::new();
    for index in 0..count {
        let (barrier, task) = (barrier.clone(), task(store.clone(), index));
        tasks.spawn(async move {
            barrier.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}
