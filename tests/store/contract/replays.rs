//! Replays: what is chosen, what is left alone, and whose turn it then is.

use std::time::Duration;

use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Class, DeliveryStatus, Leased, Next, Trigger};
use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::event::EventType;
use vouchlink::domain::id::{DeliveryId, ReplayId};
use vouchlink::domain::link::Link;
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::replay::{Replay, ReplayStatus, Selection, Which};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{CallOff, DeliveryFilter, NewReplay, Once, Step, Store};

use super::fresh;
use super::samples::{
    ParseLine, T0, at, attempt, built_in, context, create, deliver, enrol, lease, not_verified,
    user,
};

pub(super) const NOBODY: Which =
    Which::Matching { endpoint: BUILT_IN, status: None, event: None, since: None, until: None };

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_sent_again_with_the_whole_schedule_before_it() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    let id = exhaust(&**store, T0).await;
    let replay = begin(&**store, NOBODY, false, at(10)).await;
    assert_eq!((replay.chosen, replay.status), (1, ReplayStatus::Running));
    assert_eq!(store.next_replay_due().await.unwrap(), Some(at(10)));
    assert_eq!(step(&**store, at(9)).await, Step::Idle);
    assert_eq!(step(&**store, at(10)).await, Step::Requeued);
    assert_eq!(step(&**store, at(100)).await, Step::Idle, "it is done");
    let done = store.find_replay(replay.id).await.unwrap().unwrap();
    assert_eq!((done.status, done.requeued, done.skipped), (ReplayStatus::Done, 1, 0));
    assert_eq!(done.finished_at, Some(at(10)));
    let [leased] = &lease(&**store, at(10)).await[..] else { panic!("not one delivery") };
    assert_eq!((leased.id, leased.attempts, leased.schedule_from), (id, 1, 1));
    assert_eq!((leased.trigger, leased.kind), (Trigger::Replay, EventType::Verified));
    // Staff asked for one attempt; those after it come by themselves.
    fail(&**store, leased, Next::RetryAt(at(11))).await;
    let [leased] = &lease(&**store, at(11)).await[..] else { panic!("not one delivery") };
    assert_eq!((leased.trigger, leased.schedule_from), (Trigger::Auto, 1));
    deliver(&**store, leased, at(11)).await;
    let [summary] = &store.link_deliveries(link.id).await.unwrap()[..] else { panic!() };
    assert_eq!((summary.status, summary.attempts.len()), (DeliveryStatus::Delivered, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_step_is_taken_at_a_time_and_in_the_order_of_events() {
    let store = fresh().await;
    let mut ids = Vec::new();
    for second in 0..3 {
        enrol(&**store, &second.to_string(), at(second)).await;
        ids.push(exhaust(&**store, at(second)).await);
    }
    // However they were named, and however often.
    let named = Which::These(vec![ids[2], ids[0], ids[1], ids[0], DeliveryId::from_bytes([9; 16])]);
    let replay = begin(&**store, named, false, at(10)).await;
    assert_eq!(replay.chosen, 3);
    for (second, id) in (10..).zip(ids) {
        assert_eq!(step(&**store, at(second)).await, Step::Requeued);
        assert_eq!(step(&**store, at(second)).await, Step::Idle, "its next is due later");
        let [leased] = &lease(&**store, at(second)).await[..] else { panic!("not one delivery") };
        assert_eq!(leased.id, id);
        deliver(&**store, leased, at(second)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_news_is_left_alone_once_newer_was_told() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let old = exhaust(&**store, T0).await;
    decline(&**store, "1", at(1)).await;
    let newer = lease(&**store, at(1)).await.remove(0);
    // Being sent, and then delivered.
    for _ in 0..2 {
        let replay = begin(&**store, Which::These(vec![old]), false, at(2)).await;
        assert_eq!(step(&**store, at(2)).await, Step::Passed);
        let done = store.find_replay(replay.id).await.unwrap().unwrap();
        assert_eq!((done.status, done.requeued, done.skipped), (ReplayStatus::Done, 0, 1));
        if status(&**store, newer.id).await == DeliveryStatus::InFlight {
            deliver(&**store, &newer, at(3)).await;
        }
    }
    assert_eq!(status(&**store, old).await, DeliveryStatus::Exhausted);
    begin(&**store, Which::These(vec![old]), true, at(4)).await;
    assert_eq!(step(&**store, at(4)).await, Step::Requeued);
    assert_eq!(lease(&**store, at(4)).await[0].id, old);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_together_is_sent_again_together_oldest_first() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let first = exhaust(&**store, T0).await;
    decline(&**store, "1", at(1)).await;
    let second = exhaust(&**store, at(1)).await;
    // Alone the older one may undo what the newer one did.
    begin(&**store, Which::These(vec![first]), false, at(2)).await;
    assert_eq!(step(&**store, at(2)).await, Step::Passed);

    begin(&**store, NOBODY, false, at(3)).await;
    assert_eq!(step(&**store, at(3)).await, Step::Requeued);
    assert_eq!(step(&**store, at(4)).await, Step::Requeued);
    let leased = lease(&**store, at(5)).await;
    assert_eq!(leased.iter().map(|leased| leased.id).collect::<Vec<_>>(), [first]);
    deliver(&**store, &leased[0], at(5)).await;
    assert_eq!(lease(&**store, at(5)).await[0].id, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_delivery_takes_its_old_place() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let old = exhaust(&**store, T0).await;
    decline(&**store, "1", at(1)).await;
    begin(&**store, NOBODY, false, at(2)).await;
    assert_eq!(step(&**store, at(2)).await, Step::Requeued);
    let leased = lease(&**store, at(2)).await;
    assert_eq!(leased.iter().map(|leased| leased.id).collect::<Vec<_>>(), [old]);
    deliver(&**store, &leased[0], at(3)).await;
    assert_eq!(lease(&**store, at(3)).await[0].kind, EventType::Declined);
}

#[tokio::test(flavor = "multi_thread")]
async fn even_a_forced_one_lets_go_first_what_is_being_sent() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let old = exhaust(&**store, T0).await;
    decline(&**store, "1", at(1)).await;
    let sending = lease(&**store, at(1)).await.remove(0);
    begin(&**store, Which::These(vec![old]), true, at(2)).await;
    assert_eq!(step(&**store, at(2)).await, Step::Requeued);
    assert_eq!(lease(&**store, at(2)).await, vec![]);
    deliver(&**store, &sending, at(3)).await;
    assert_eq!(lease(&**store, at(3)).await[0].id, old);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_or_belongs_to_a_removed_endpoint_is_left_alone() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let going = lease(&**store, T0).await.remove(0);
    begin(&**store, Which::These(vec![going.id]), true, at(1)).await;
    assert_eq!(step(&**store, at(1)).await, Step::Passed);
    deliver(&**store, &going, at(2)).await;
    store.set_built_in_endpoint(None, at(3)).await.unwrap();
    begin(&**store, Which::These(vec![going.id]), true, at(3)).await;
    assert_eq!(step(&**store, at(3)).await, Step::Passed);
    store.set_built_in_endpoint(Some(built_in()), at(4)).await.unwrap();
    begin(&**store, Which::These(vec![going.id]), false, at(4)).await;
    assert_eq!(step(&**store, at(4)).await, Step::Requeued, "it may arrive twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_chooses_what_matches_everything_that_was_said() {
    let store = fresh().await;
    enrol(&**store, "1", at(0)).await;
    exhaust(&**store, at(0)).await;
    decline(&**store, "2", at(10)).await;
    exhaust(&**store, at(10)).await;
    enrol(&**store, "3", at(20)).await;
    deliver(&**store, &lease(&**store, at(20)).await[0], at(20)).await;
    let matching = |status, event, since, until| Which::Matching {
        endpoint: BUILT_IN,
        status,
        event,
        since,
        until,
    };
    for (which, chosen) in [
        (matching(None, None, None, None), 2),
        (matching(None, Some(EventType::Verified), None, None), 1),
        (matching(Some(DeliveryStatus::Exhausted), None, Some(at(10)), None), 1),
        (matching(Some(DeliveryStatus::Exhausted), None, None, Some(at(10))), 1),
        (matching(Some(DeliveryStatus::Held), None, None, None), 0),
        (matching(Some(DeliveryStatus::Delivered), None, None, None), 1),
        (matching(Some(DeliveryStatus::Delivered), Some(EventType::Declined), None, None), 0),
    ] {
        let replay = begin(&**store, which.clone(), false, at(30)).await;
        assert_eq!(replay.chosen, chosen, "{which:?}");
        assert_eq!(replay.selection.which, which);
        assert!(cancel(&**store, replay.id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_replay_goes_no_further() {
    let store = fresh().await;
    for second in 0..2 {
        enrol(&**store, &second.to_string(), at(second)).await;
        exhaust(&**store, at(second)).await;
    }
    let replay = begin(&**store, NOBODY, false, at(10)).await;
    assert_eq!(step(&**store, at(10)).await, Step::Requeued);
    assert!(cancel(&**store, replay.id).await);
    assert!(!cancel(&**store, replay.id).await);
    assert_eq!(step(&**store, at(100)).await, Step::Idle);
    assert_eq!(store.next_replay_due().await.unwrap(), None);
    let cancelled = store.find_replay(replay.id).await.unwrap().unwrap();
    assert_eq!((cancelled.status, cancelled.requeued), (ReplayStatus::Cancelled, 1));
    let none = begin(&**store, Which::These(vec![]), false, at(20)).await;
    assert_eq!(step(&**store, at(20)).await, Step::Passed);
    let list = store.list_replays(None, 9).await.unwrap();
    assert_eq!(list.iter().map(|replay| replay.id).collect::<Vec<_>>(), [none.id, replay.id]);
    assert_eq!(store.list_replays(Some(none.id), 9).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_take_different_steps() {
    let store = fresh().await;
    for second in 0..8 {
        enrol(&**store, &second.to_string(), at(second)).await;
        exhaust(&**store, at(second)).await;
    }
    let mut replays = Vec::new();
    for _ in 0..4 {
        replays.push(begin(&**store, NOBODY, false, at(20)).await.id);
    }
    let steps = (0..40).map(|_| store.step_replay(at(20), at(20)));
    let steps = futures_util::future::join_all(steps).await;
    let requeued = steps.into_iter().filter(|step| matches!(step, Ok(Step::Requeued))).count();
    while store.step_replay(at(20), at(20)).await.unwrap() != Step::Idle {}
    assert!(requeued <= 8, "{requeued}");
    let mut total = (0, 0);
    for id in replays {
        let replay = store.find_replay(id).await.unwrap().unwrap();
        assert_eq!(replay.status, ReplayStatus::Done);
        total = (total.0 + replay.requeued, total.1 + replay.skipped);
    }
    assert_eq!(total, (8, 24));
    assert_eq!(lease(&**store, at(20)).await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_newest_first_by_everything_that_was_said() {
    let store = fresh().await;
    let (first, _) = enrol(&**store, "1", at(0)).await;
    let exhausted = exhaust(&**store, at(0)).await;
    let second = decline(&**store, "1", at(10)).await;
    let declined = lease(&**store, at(10)).await.remove(0);
    deliver(&**store, &declined, at(10)).await;
    enrol(&**store, "2", at(20)).await;
    let third = lease(&**store, at(20)).await.remove(0);
    let all = [third.id, declined.id, exhausted];
    let nothing = DeliveryFilter::default;
    let with = |filter: DeliveryFilter| {
        let store = &store;
        async move {
            let page = store.list_deliveries(&filter, None, 9).await.unwrap();
            assert_eq!(page.next, None);
            page.items.into_iter().map(|line| line.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(with(nothing()).await, all);
    assert_eq!(with(DeliveryFilter { endpoint: Some(BUILT_IN), ..nothing() }).await, all);
    for (filter, found) in [
        (DeliveryFilter { user_id: Some(user("1")), ..nothing() }, vec![declined.id, exhausted]),
        (DeliveryFilter { user_id: Some(user("nobody")), ..nothing() }, vec![]),
        (DeliveryFilter { link: Some(first.id), ..nothing() }, vec![exhausted]),
        (DeliveryFilter { link: Some(second.id), ..nothing() }, vec![declined.id]),
        (DeliveryFilter { link: Some(first.id), user_id: Some(user("2")), ..nothing() }, vec![]),
        (DeliveryFilter { status: Some(DeliveryStatus::Exhausted), ..nothing() }, vec![exhausted]),
        (DeliveryFilter { status: Some(DeliveryStatus::InFlight), ..nothing() }, vec![third.id]),
        (DeliveryFilter { event: Some(EventType::Declined), ..nothing() }, vec![declined.id]),
        (
            DeliveryFilter {
                event: Some(EventType::Declined),
                status: Some(DeliveryStatus::Exhausted),
                ..nothing()
            },
            vec![],
        ),
        (
            DeliveryFilter { since: Some(at(10)), until: Some(at(20)), ..nothing() },
            vec![declined.id],
        ),
    ] {
        assert_eq!(with(filter.clone()).await, found, "{filter:?}");
    }
    let page = store.list_deliveries(&nothing(), None, 2).await.unwrap();
    assert_eq!((page.items.len(), page.next), (2, Some(declined.id)));
    assert_eq!(page.items[1].user_id, Some(user("1")));
    let rest = store.list_deliveries(&nothing(), page.next, 2).await.unwrap();
    assert_eq!((rest.items[0].id, rest.items.len(), rest.next), (exhausted, 1, None));
    let record = store.find_delivery(exhausted).await.unwrap().unwrap();
    assert_eq!((record.line, record.attempts.len()), (rest.items[0].clone(), 1));
    assert!(record.body.contains(&first.id.to_string()));
    assert_eq!(store.find_delivery(DeliveryId::from_bytes([9; 16])).await.unwrap(), None);
    let undelivered = store.count_undelivered(BUILT_IN).await.unwrap();
    assert_eq!((undelivered.held, undelivered.exhausted), (0, 1));
    let remedy = store.newest_remedy(BUILT_IN).await.unwrap();
    assert_eq!(remedy, attempt(1, Class::Connect, T0).remedy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_called_off_lets_the_next_one_go() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let first = lease(&**store, T0).await.remove(0);
    assert_eq!(call_off(&**store, first.id).await, CallOff::Left(DeliveryStatus::InFlight));
    fail(&**store, &first, Next::RetryAt(at(3600))).await;
    // News that makes nothing older needless: one link replaced another.
    for _ in 0..2 {
        create(&**store, "1", at(1)).await;
    }
    assert_eq!(lease(&**store, at(1)).await, vec![]);
    assert_eq!(call_off(&**store, first.id).await, CallOff::Cancelled);
    assert_eq!(call_off(&**store, first.id).await, CallOff::Left(DeliveryStatus::Cancelled));
    assert_eq!(lease(&**store, at(1)).await[0].kind, EventType::Revoked);
    assert_eq!(call_off(&**store, DeliveryId::from_bytes([9; 16])).await, CallOff::Absent);
}

pub(super) async fn begin(store: &dyn Store, which: Which, forced: bool, now: Timestamp) -> Replay {
    let new = NewReplay {
        id: ReplayId::new(now, &SystemRandom).unwrap(),
        by: Actor::Operator,
        reason: "their server was down".parse_line(),
        selection: Selection { which, forced },
        created_at: now,
    };
    let entry = entry(Action::DeliveriesReplayed);
    let made = store.create_replay(new.clone(), entry, None).await.unwrap();
    let Once::New(replay) = made else { panic!("{made:?}") };
    assert_eq!((replay.id, &replay.reason, replay.by), (new.id, &new.reason, new.by));
    assert_eq!(replay.selection.forced, forced);
    replay
}

/// A step whose next is due half a second later.
pub(super) async fn step(store: &dyn Store, now: Timestamp) -> Step {
    store.step_replay(now, now.plus(Duration::from_millis(500))).await.unwrap()
}

async fn cancel(store: &dyn Store, id: ReplayId) -> bool {
    store.cancel_replay(id, entry(Action::DeliveriesCancelled)).await.unwrap()
}

pub(super) async fn call_off(store: &dyn Store, id: DeliveryId) -> CallOff {
    store.cancel_delivery(id, entry(Action::DeliveriesCancelled)).await.unwrap()
}

fn entry(action: Action) -> Entry {
    let detail = serde_json::json!({});
    Entry { at: at(50), actor: Actor::Operator, action, link: None, customer: None, detail }
}

/// Gives up the only delivery that is due.
async fn exhaust(store: &dyn Store, now: Timestamp) -> DeliveryId {
    let [leased] = &lease(store, now).await[..] else { panic!("not one delivery is due") };
    fail(store, leased, Next::Exhausted).await;
    leased.id
}

pub(super) async fn fail(store: &dyn Store, leased: &Leased, next: Next) {
    let failed = attempt(leased.attempts + 1, Class::Connect, T0);
    assert!(store.record_attempt(leased, failed, next, T0).await.unwrap());
}

async fn decline(store: &dyn Store, user_id: &str, now: Timestamp) -> Link {
    let link = create(store, user_id, now).await;
    store.end_link(link.id, not_verified(Reason::NotMe, now), context(now)).await.unwrap();
    link
}

async fn status(store: &dyn Store, id: DeliveryId) -> DeliveryStatus {
    store.find_delivery(id).await.unwrap().unwrap().line.status
}
