//! New deliveries that come leased to the worker.

use std::sync::Arc;
use std::time::Duration;

use vouchlink::domain::clock::{Clock, SystemClock};
use vouchlink::domain::delivery::Next;

use super::worker::{Running, Setting, TOKEN, USUAL};
use crate::support::receiver::Answer;

/// A worker that has found its receiver swift and takes new ones.
async fn taking(setting: Setting) -> Running {
    let running = Running::start(setting, 1).await;
    running.store.outcomes(1).await;
    running.store.taken(1).await;
    running
}

#[tokio::test]
async fn they_are_sent_without_being_leased() {
    let running = taking(USUAL).await;
    let before = running.store.leases_asked(0).await;
    for number in 2..=50 {
        running.store.arrive(number, SystemClock.now()).await;
    }
    let outcomes = running.store.outcomes(50).await;
    assert!(outcomes.iter().all(|(_, _, next)| *next == Next::Delivered));
    assert_eq!(running.store.leases_asked(0).await, before);
    let (receiver, store) = running.stop().await;
    assert_eq!(store.leased(), 0);
    assert!(receiver.most_at_once() <= 4, "{} at once", receiver.most_at_once());
}

#[tokio::test]
async fn they_jump_no_queue() {
    let running = Running::start(USUAL, 100).await;
    running.store.outcomes(100).await;
    running.store.taken(1).await;
    assert_eq!(running.store.due_when_taken(), 0, "they were taken while others were due");
    running.stop().await;
}

#[tokio::test]
async fn what_is_due_is_sent_however_many_of_them_come() {
    let running = taking(Setting { concurrency: 1, ..USUAL }).await;
    running.store.hold_records();
    for number in 2..=4 {
        running.store.arrive(number, SystemClock.now()).await;
    }
    running.store.records(3).await;
    let due = running.store.insert(9, SystemClock.now());
    running.wake.wake();
    // What is in hand is as much as may be: the due one's turn is before that of the next new one.
    running.store.records(4).await;
    running.store.let_records(3);
    let outcomes = running.store.outcomes(4).await;
    assert_eq!(outcomes[3].0, due);
    running.store.let_records(1);
    running.store.outcomes(5).await;
    running.stop().await;
}

#[tokio::test]
async fn where_no_more_than_so_many_a_second_may_be_sent_they_wait_their_turn() {
    let running = Running::start(Setting { rate: Some(1000), ..USUAL }, 20).await;
    running.store.outcomes(20).await;
    // After the lease that brought all there was.
    running.store.leases_asked(1).await;
    let (_receiver, store) = running.stop().await;
    assert_eq!(store.times_taken(), 0);
}

#[tokio::test]
async fn a_slow_receiver_is_given_none() {
    let running = taking(USUAL).await;
    running.receiver.slow_down(Duration::from_millis(1100));
    running.store.arrive(2, SystemClock.now()).await;
    running.store.closed().await;
    let (_receiver, store) = running.stop().await;
    assert_eq!((store.outcomes_so_far(), store.times_taken()), (2, 1));
}

#[tokio::test]
async fn one_that_comes_too_late_is_left_to_the_end_of_its_lease() {
    let running = taking(USUAL).await;
    let long_ago = SystemClock.now().minus(Duration::from_secs(6));
    running.store.arrive(2, long_ago).await;
    running.store.arrive(3, SystemClock.now()).await;
    let outcomes = running.store.outcomes(2).await;
    assert_eq!(outcomes[1].0.as_bytes(), &[3; 16]);
    let (_receiver, store) = running.stop().await;
    assert_eq!((store.outcomes_so_far(), store.leased()), (2, 1));
}

#[tokio::test]
async fn a_stopped_worker_sends_those_that_were_under_way() {
    let running = taking(USUAL).await;
    let place = running.store.place().await;
    running.stopper.stop();
    running.store.closed().await;
    assert!(!running.ended.is_finished());
    running.store.arrive_at(place, 2, SystemClock.now());
    let (_receiver, store) = running.stop().await;
    assert_eq!((store.outcomes_so_far(), store.leased()), (2, 0));
}

#[tokio::test]
async fn with_new_terms_they_are_taken_anew() {
    let running = taking(USUAL).await;
    let before = running.store.ttl();
    running.terms.send_modify(|terms| {
        let mut destination = (*terms.destination).clone();
        destination.timeout += Duration::from_secs(30);
        terms.destination = Arc::new(destination);
    });
    running.store.taken(2).await;
    assert_eq!(running.store.ttl(), before + Duration::from_secs(30));
    running.stop().await;
}

#[tokio::test]
async fn one_that_fails_comes_back_as_any_other_does() {
    let running = taking(USUAL).await;
    running.receiver.script([Answer::status(500)]);
    running.store.arrive(2, SystemClock.now()).await;
    let outcomes = running.store.outcomes(3).await;
    let (id, attempt, next) = &outcomes[2];
    assert_eq!((id.as_bytes(), attempt.number, *next), (&[2; 16], 2, Next::Delivered));
    running.stop().await;
}

#[tokio::test]
async fn behind_a_receiver_that_hangs_no_more_come_than_there_are_places() {
    let running = taking(Setting { concurrency: 1, ..USUAL }).await;
    running.receiver.hold(Some(&format!("Bearer {TOKEN}")));
    // One is under way, one waits for its slot, one where it came from.
    for number in 2..=4 {
        running.store.arrive(number, SystemClock.now()).await;
    }
    // There is room for what is due besides, and for nothing more.
    let due = running.store.insert(5, SystemClock.now());
    running.wake.wake();
    running.store.under_lease(4).await;
    assert!(!running.store.has_place());
    running.receiver.hold(None);
    let outcomes = running.store.outcomes(5).await;
    assert!(outcomes.iter().all(|(_, _, next)| *next == Next::Delivered));
    assert!(outcomes.iter().any(|(id, ..)| *id == due));
    running.store.arrive(6, SystemClock.now()).await;
    running.store.outcomes(6).await;
    let (receiver, store) = running.stop().await;
    assert_eq!((store.outcomes_so_far(), store.leased()), (6, 0));
    assert_eq!(receiver.most_at_once(), 1);
}

#[tokio::test]
async fn the_worker_that_comes_after_takes_them_when_the_former_has_stopped() {
    let former = taking(USUAL).await;
    let (receiver, store) = (Arc::clone(&former.receiver), Arc::clone(&former.store));
    let next = Running::on(receiver, store, USUAL);
    // The former may be faster: until this one, too, has found its receiver swift, and asked.
    let mut number = 1;
    while next.store.times_asked_for_new() == 1 {
        number += 1;
        next.store.insert(number, SystemClock.now());
        next.wake.wake();
        next.store.outcomes(number.into()).await;
    }
    assert_eq!(next.store.times_taken(), 1, "somebody has them");

    former.stop().await;
    next.store.taken(2).await;
    next.store.arrive(number + 1, SystemClock.now()).await;
    next.store.outcomes(usize::from(number) + 1).await;
    let (_receiver, store) = next.stop().await;
    assert_eq!(store.leased(), 0);
}
