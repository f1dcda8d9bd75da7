//! The delivery worker's loop: what is due is sent, no more at once than may be, and no more
//! once it is stopped.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use vouchlink::config;
use vouchlink::domain::clock::{Clock, SystemClock};
use vouchlink::domain::delivery::{Next, Schedule};
use vouchlink::domain::endpoint::{BUILT_IN, EndpointUrl, Kind};
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::secret::Secret;
use vouchlink::flows::deliver::{self, Deliver};
use vouchlink::flows::wake::Wake;
use vouchlink::metrics::Metrics;
use vouchlink::webhook::client::{Client, Limits};
use vouchlink::webhook::guard::Guard;
use vouchlink::webhook::send::Sender;
use vouchlink::workers::deliver::{Terms, Worker};
use vouchlink::workers::{Stopper, stopper};

use crate::support::deliveries::MemoryDeliveries;
use crate::support::receiver::{Answer, Receiver};

/// A worker that runs, with its receiver and its store.
pub(super) struct Running {
    pub(super) receiver: Arc<Receiver>,
    pub(super) store: Arc<MemoryDeliveries>,
    pub(super) wake: Wake,
    pub(super) terms: watch::Sender<Terms>,
    pub(super) stopper: Stopper,
    pub(super) ended: JoinHandle<()>,
}

#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) concurrency: u32,
    pub(super) rate: Option<u32>,
    pub(super) drain: Duration,
}

/// What the worker proves itself with to the receiver.
pub(super) const TOKEN: &str = "a token of the receiver's";

pub(super) const USUAL: Setting =
    Setting { concurrency: 4, rate: None, drain: Duration::from_secs(10) };

impl Running {
    /// With these deliveries due from the start.
    pub(super) async fn start(setting: Setting, due: u8) -> Self {
        let store = Arc::new(MemoryDeliveries::default());
        for number in 1..=due {
            store.insert(number, SystemClock.now());
        }
        Self::on(Arc::new(Receiver::start().await), store, setting)
    }

    /// One that delivers what is in this store to this receiver.
    pub(super) fn on(
        receiver: Arc<Receiver>,
        store: Arc<MemoryDeliveries>,
        setting: Setting,
    ) -> Self {
        let webhook = config::Webhook {
            kind: Kind::Standard,
            url: EndpointUrl::parse(&receiver.url("/hook")).unwrap(),
            secret: Secret::from("thirty-two characters of a key..."),
            token: Some(Secret::from(TOKEN)),
        };
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        let deliver = Deliver {
            store: Arc::<MemoryDeliveries>::clone(&store),
            sender: Sender::new(Client::new(Guard::new(allow), Limits::default()).unwrap()),
            schedule: Schedule::new([0.0, 0.01].map(Duration::from_secs_f64).to_vec()).unwrap(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            metrics: Arc::new(Metrics::new(&[])),
        };
        let (terms, assigned) = watch::channel(Terms {
            destination: Arc::new(deliver::built_in(&webhook).unwrap()),
            concurrency: setting.concurrency,
            rate: setting.rate,
            recovered_at: None,
            alone: true,
        });
        let worker = Worker {
            endpoint: BUILT_IN,
            deliver: Arc::new(deliver),
            terms: assigned,
            drain: setting.drain,
        };
        let wake = Wake::default();
        let (stopper, stop) = stopper();
        let ended = tokio::spawn(worker.run(wake.bell(), stop));
        Self { receiver, store, wake, terms, stopper, ended }
    }

    pub(super) async fn stop(self) -> (Arc<Receiver>, Arc<MemoryDeliveries>) {
        self.stopper.stop();
        let ended = tokio::time::timeout(Duration::from_secs(10), self.ended).await;
        ended.expect("the worker did not stop").unwrap();
        (self.receiver, self.store)
    }
}

#[tokio::test]
async fn everything_due_is_delivered_once_and_not_too_much_at_a_time() {
    let running = Running::start(USUAL, 100).await;
    running.receiver.slow_down(Duration::from_millis(5));
    let outcomes = running.store.outcomes(100).await;
    assert!(outcomes.iter().all(|(_, _, next)| *next == Next::Delivered));
    let ids: HashSet<_> = outcomes.iter().map(|(id, _, _)| id.to_string()).collect();
    assert_eq!(ids.len(), 100);

    let (receiver, store) = running.stop().await;
    assert_eq!(store.outcomes_so_far(), 100);
    assert_eq!(receiver.most_at_once(), 4, "as many as may, and no more");
    assert!(receiver.connections() < 50, "{} connections", receiver.connections());
}

#[tokio::test]
async fn what_was_written_meanwhile_is_delivered_when_the_worker_is_woken() {
    let running = Running::start(USUAL, 0).await;
    for number in 1..=20 {
        running.store.insert(number, SystemClock.now());
        running.wake.wake();
        running.receiver.next().await;
    }
    running.store.outcomes(20).await;
    running.stop().await;
}

#[tokio::test]
async fn what_another_instance_wrote_is_found_without_being_woken() {
    let running = Running::start(USUAL, 0).await;
    running.store.insert(1, SystemClock.now().plus(Duration::from_millis(100)));
    running.receiver.next().await;
    running.stop().await;
}

#[tokio::test]
async fn a_worker_with_nothing_to_do_looks_and_leases_nothing() {
    let running = Running::start(USUAL, 0).await;
    // One at the start, with a look for how long to wait; then looks alone.
    assert_eq!(running.store.leases_asked(3).await, 1);
    running.store.insert(1, SystemClock.now());
    running.receiver.next().await;
    running.stop().await;
}

#[tokio::test]
async fn a_failed_attempt_comes_back_when_it_is_due() {
    let running = Running::start(USUAL, 0).await;
    running.receiver.script([Answer::status(500)]);
    let id = running.store.insert(1, SystemClock.now());
    running.wake.wake();
    let outcomes = running.store.outcomes(2).await;
    assert_eq!(outcomes[1].0, id);
    assert_eq!((outcomes[1].1.number, outcomes[1].2), (2, Next::Delivered));

    let [first, second] = [running.receiver.next().await, running.receiver.next().await];
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    running.stop().await;
}

#[tokio::test]
async fn a_failing_store_does_not_end_the_worker() {
    let running = Running::start(USUAL, 0).await;
    running.store.fail(3);
    running.store.insert(1, SystemClock.now());
    running.wake.wake();
    running.store.outcomes(1).await;
    running.stop().await;
}

#[tokio::test]
async fn no_more_is_sent_in_a_second_than_the_rate() {
    let running = Running::start(Setting { rate: Some(2), ..USUAL }, 6).await;
    let began = tokio::time::Instant::now();
    running.store.outcomes(6).await;
    // Four at once after a quiet time, then one every half second.
    assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    running.stop().await;
}

#[tokio::test]
async fn a_worker_goes_on_with_new_terms() {
    let running = Running::start(Setting { rate: Some(1), ..USUAL }, 20).await;
    running.receiver.next().await;
    running.terms.send_modify(|terms| terms.rate = None);
    let began = tokio::time::Instant::now();
    running.store.outcomes(20).await;
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    running.stop().await;
}

#[tokio::test]
async fn an_endpoint_that_is_just_well_again_gets_its_backlog_slowly_at_first() {
    let running = Running::start(USUAL, 0).await;
    let recovered_at = Some(SystemClock.now());
    running.terms.send_modify(|terms| terms.recovered_at = recovered_at);
    for number in 1..=6 {
        running.store.insert(number, SystemClock.now());
    }
    running.wake.wake();
    let began = tokio::time::Instant::now();
    running.store.outcomes(6).await;
    // Four at once, then two a second.
    assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    running.stop().await;
}

#[tokio::test]
async fn the_next_attempt_begins_while_the_last_one_is_recorded() {
    let running = Running::start(Setting { concurrency: 1, ..USUAL }, 0).await;
    running.store.hold_records();
    for number in 1..=2 {
        running.store.insert(number, SystemClock.now());
    }
    running.wake.wake();
    for _ in 1..=2 {
        running.receiver.next().await;
    }
    assert_eq!(running.store.outcomes_so_far(), 0);

    running.store.let_records(2);
    running.store.outcomes(2).await;
    assert_eq!(running.receiver.most_at_once(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_store_that_does_not_record_is_given_no_more_than_it_can_take_later() {
    let running = Running::start(Setting { concurrency: 1, ..USUAL }, 0).await;
    running.store.hold_records();
    for number in 1..=20 {
        running.store.insert(number, SystemClock.now());
    }
    running.wake.wake();
    running.store.records(3).await;
    // Each record makes room for one attempt, and for no more.
    for recorded in 0..17 {
        assert_eq!(running.store.outcomes_so_far(), recorded);
        assert_eq!(running.store.leased(), 3);
        running.store.let_records(1);
        running.store.records(recorded + 4).await;
    }
    running.store.let_records(3);
    running.store.outcomes(20).await;
    let (receiver, _) = running.stop().await;
    assert_eq!(receiver.most_at_once(), 1);
}

#[tokio::test]
async fn a_customers_next_delivery_goes_out_as_soon_as_the_one_before_is_recorded() {
    let running = Running::start(USUAL, 0).await;
    let mut ids = Vec::new();
    for number in 1..=20 {
        ids.push(running.store.insert_behind(ids.last().copied(), number, SystemClock.now()));
    }
    running.wake.wake();
    // Were they found by looking now and then only, this would take longer than is waited here.
    let outcomes = running.store.outcomes(20).await;
    assert!(outcomes.iter().map(|(id, _, _)| id).eq(&ids));
    assert_eq!(running.receiver.most_at_once(), 1);
    running.stop().await;
}

#[tokio::test]
async fn calls_in_quick_succession_to_a_busy_worker_lead_to_few_leases() {
    let setting = Setting { concurrency: 64, drain: Duration::from_millis(50), ..USUAL };
    let running = Running::start(setting, 0).await;
    running.receiver.script(vec![Answer::Silence; 21]);
    running.store.insert(1, SystemClock.now());
    running.wake.wake();
    running.receiver.next().await;

    let before = running.store.leases_asked(0).await;
    let began = Instant::now();
    for number in 2..=21 {
        running.store.insert(number, SystemClock.now());
        running.wake.wake();
        // The worker's turn, for each step from being woken to leasing.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    }
    for _ in 2..=21 {
        running.receiver.next().await;
    }
    let leases = running.store.leases_asked(0).await - before;
    // One in 5 ms, however long it took; and who was waiting before and after.
    let most = began.elapsed().as_millis() / 5 + 2;
    assert!(u128::from(leases) <= most, "{leases} leases, {most} at most");
    running.stop().await;
}

#[tokio::test]
async fn a_backlog_is_leased_in_batches() {
    let running = Running::start(USUAL, 200).await;
    running.store.outcomes(200).await;
    let (_receiver, store) = running.stop().await;
    let leases = store.leases_asked(0).await;
    assert!(leases <= 200 / 4 + 1, "{leases} leases");
}

#[tokio::test]
async fn a_stopped_worker_finishes_what_it_holds_and_leases_no_more() {
    let running = Running::start(USUAL, 100).await;
    running.receiver.slow_down(Duration::from_millis(50));
    running.receiver.next().await;
    let (_receiver, store) = running.stop().await;
    let done = store.outcomes_so_far();
    assert!((1..=20).contains(&done), "{done} delivered");
    assert_eq!(store.leased(), 0, "nothing leased was left behind");
}

#[tokio::test]
async fn a_stopped_worker_waits_until_its_attempts_are_recorded() {
    let running = Running::start(USUAL, 0).await;
    running.store.hold_records();
    running.store.insert(1, SystemClock.now());
    running.wake.wake();
    running.store.records(1).await;
    running.stopper.stop();
    // One thread runs everything here: the worker's turn comes before ours.
    tokio::task::yield_now().await;
    assert!(!running.ended.is_finished());
    running.store.let_records(1);
    let (_receiver, store) = running.stop().await;
    assert_eq!((store.outcomes_so_far(), store.leased()), (1, 0));
}

#[tokio::test]
async fn a_stopped_worker_does_not_wait_for_a_store_for_ever() {
    let running = Running::start(Setting { drain: Duration::from_millis(50), ..USUAL }, 0).await;
    running.store.hold_records();
    running.store.insert(1, SystemClock.now());
    running.wake.wake();
    running.store.records(1).await;
    let (_receiver, store) = running.stop().await;
    assert_eq!(store.outcomes_so_far(), 0);
}

#[tokio::test]
async fn a_stopped_worker_does_not_wait_for_ever() {
    let running = Running::start(Setting { drain: Duration::from_millis(50), ..USUAL }, 0).await;
    running.receiver.script([Answer::Silence]);
    running.store.insert(1, SystemClock.now());
    running.wake.wake();
    running.receiver.next().await;
    let (_receiver, store) = running.stop().await;
    assert_eq!(store.outcomes_so_far(), 0);
}
