//! Keeps deliveries to one endpoint going: leases what is due ahead of what is being sent, and
//! begins the next attempt while the last one is recorded, so that neither the store nor the
//! receiver waits for the other. Several instances may run this for the same endpoint; the store's
//! leases keep them apart.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::pace::Pace;
use super::{BackOff, Stop};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::delivery::{Attempt, Class, Leased, Trigger};
use crate::domain::endpoint::Health;
use crate::domain::id::EndpointId;
use crate::flows::deliver::{Deliver, Tried};
use crate::store::{self, Bell, Deliveries, LeaseRequest};
use crate::webhook::send::Destination;

/// What the worker stands on.
pub struct Worker {
    pub endpoint: EndpointId,
    pub deliver: Arc<Deliver>,
    /// What holds at the moment; may change at any time.
    pub terms: watch::Receiver<Terms>,
    /// How long a stopped worker may finish what it holds.
    pub drain: Duration,
}

/// How an endpoint is delivered to.
#[derive(Clone, Debug)]
pub struct Terms {
    pub destination: Arc<Destination>,
    /// Attempts at once; one that is being recorded is over.
    pub concurrency: u32,
    /// Attempts a second; `None` for unlimited.
    pub rate: Option<u32>,
    /// When it was last well again, as the store knows it.
    pub recovered_at: Option<Timestamp>,
    /// Nobody else is delivered to, so that whoever rings means this worker.
    pub alone: bool,
}

// A lease covers the time until its attempt begins, the attempt and, with a store that answers, its
// record. It need not be renewed: an attempt cannot take longer than its endpoint's timeout, one that could not begin in
// time never begins, and no more is leased than begins soon. So what a process that died held is
// taken over 25 s later, at the default timeout of 15 s.
/// No attempt begins later in its lease than this.
const BEGIN: Duration = Duration::from_secs(5);
/// For writing down what came of it.
const RECORD: Duration = Duration::from_secs(5);
/// Where attempts are over so fast, twice as many are leased ahead as run.
const SWIFT: Duration = Duration::from_secs(1);
/// From lease to record, a worker has at most so many times as many in hand as may run: a store that
/// falls behind with records is asked for no more.
const IN_HAND: u32 = 3;
/// While there is work, more becomes due with every moment, and a lease is a write: so long others
/// are waited for.
const GATHER: Duration = Duration::from_millis(5);
/// Another process may write at any time, and perhaps wakes only its own worker.
const POLL: Duration = Duration::from_secs(1);
/// What is said to be due but cannot be leased is in another worker's hands.
const POLL_SOONEST: Duration = Duration::from_millis(50);

/// A leased delivery and when it may no longer be begun.
type Held = (Leased, Timestamp);
/// What leasing brought, and how long to wait before it is worth asking again.
type Batch = (Vec<Held>, Duration);
type Leasing = Pin<Box<dyn Future<Output = store::Result<Batch>> + Send>>;

/// What is going on.
struct Work {
    leasing: Option<Leasing>,
    /// Leased and not begun.
    held: VecDeque<Held>,
    running: JoinSet<Tried>,
    /// What came of those that ran, on its way into the store.
    recording: JoinSet<()>,
    /// Nothing is leased before; `None` while a lease is under way and nobody woke us since.
    ask_at: Option<Instant>,
    /// Nobody said that anything is due: a look, which writes nothing, comes before the lease.
    look_first: bool,
    /// The store failed: not even waking shortens the wait.
    failing: bool,
    /// Nothing is begun before.
    begin_at: Option<Instant>,
    pace: Pace,
    /// The rate of `pace`.
    rate: Option<u32>,
    /// The last attempt was over fast.
    swift: bool,
    /// When a probe of ours found the endpoint well again.
    recovered_at: Option<Timestamp>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Worker {
    /// Runs until stopped; then leases no more, and what it holds is finished or, at the end of
    /// `drain`, left to its lease's end.
    pub async fn run(mut self, mut bell: Bell, mut stop: Stop) {
        let mut terms = self.terms.borrow_and_update().clone();
        let mut back_off = BackOff::new();
        let mut work = Work {
            leasing: None,
            held: VecDeque::new(),
            running: JoinSet::new(),
            recording: JoinSet::new(),
            ask_at: Some(Instant::now()),
            look_first: false,
            failing: false,
            begin_at: None,
            pace: Pace::new(terms.rate),
            rate: terms.rate,
            swift: false,
            recovered_at: None,
        };
        loop {
            self.begin(&mut work, &terms);
            let room = room(&work, &terms);
            tokio::select! {
                biased;
                () = stop.requested() => break,
                Some(done) = work.running.join_next() => self.learn(&mut work, done),
                Some(done) = work.recording.join_next() => {
                    recorded(done);
                    // The customer's next delivery may have waited for this one.
                    work.wake(true);
                }
                batch = finished(&mut work.leasing) => {
                    work.failing = batch.is_err();
                    match batch {
                        Ok((held, wait)) => {
                            back_off.reset();
                            work.held.extend(held);
                            work.ask_in(wait, !wait.is_zero());
                        }
                        Err(error) => {
                            tracing::warn!(%error, "could not lease deliveries");
                            work.ask_at = Some(Instant::now() + back_off.next());
                        }
                    }
                }
                () = reached(work.begin_at), if !work.held.is_empty() => {}
                () = bell.rung(), if room.is_some() && !work.failing => {
                    work.wake(!terms.alone);
                }
                changed = self.terms.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    terms = self.terms.borrow_and_update().clone();
                }
                () = reached(work.ask_at), if room.is_some() => {
                    let look_first = work.look_first;
                    work.leasing = room.map(|limit| self.lease(limit, look_first, &terms));
                    (work.ask_at, work.look_first) = (None, true);
                }
            }
        }
        if timeout(self.drain, self.finish(&mut work, &terms)).await.is_err() {
            let (held, running, recording) =
                (work.held.len(), work.running.len(), work.recording.len());
            tracing::warn!(
                held,
                running,
                recording,
                "deliveries were left to the end of their leases"
            );
        }
    }

    /// Begins as many attempts as may run and the pace allows.
    fn begin(&self, work: &mut Work, terms: &Terms) {
        work.begin_at = None;
        let now = self.deliver.clock.now();
        let rate = rate(work, terms, now);
        if work.rate != rate {
            (work.rate, work.pace) = (rate, Pace::new(rate));
        }
        let slots = usize::try_from(terms.concurrency.max(1)).unwrap_or(usize::MAX);
        while work.running.len() < slots {
            let Some((leased, until)) = work.held.pop_front() else { return };
            if now > until {
                tracing::debug!(delivery = %leased.id, "left to the end of its lease");
                continue;
            }
            if let Err(wait) = work.pace.take() {
                work.held.push_front((leased, until));
                work.begin_at = Some(Instant::now() + wait);
                return;
            }
            let deliver = Arc::clone(&self.deliver);
            let destination = Arc::clone(&terms.destination);
            work.running.spawn(async move { deliver.attempt(leased, &destination).await });
        }
    }

    /// Its slot is free; what came of it is for the store.
    fn learn(&self, work: &mut Work, done: Result<Tried, JoinError>) {
        match done {
            Ok(tried) => {
                let Attempt { class, trigger, took, .. } = tried.attempt;
                work.swift = took < SWIFT;
                let well = matches!(class, Class::Success | Class::Rejected);
                if well && trigger == Trigger::Probe {
                    work.recovered_at = Some(self.deliver.clock.now());
                }
                let deliver = Arc::clone(&self.deliver);
                work.recording.spawn(async move { deliver.record(tried).await });
            }
            Err(error) => tracing::error!(%error, "an attempt ended abruptly"),
        }
    }

    fn lease(&self, limit: u32, look_first: bool, terms: &Terms) -> Leasing {
        let (store, clock) = (Arc::clone(&self.deliver.store), Arc::clone(&self.deliver.clock));
        let ttl = BEGIN + terms.destination.timeout + RECORD;
        let request = LeaseRequest { endpoint: self.endpoint, limit, ttl };
        Box::pin(async move {
            let now = clock.now();
            if look_first {
                let due = store.next_delivery_due(request.endpoint).await?;
                if due.is_none_or(|due| due > now) {
                    return Ok((Vec::new(), until(due, now)));
                }
            }
            let usable_until = now.plus(BEGIN);
            let held: Vec<Held> = store
                .lease_deliveries(request, now)
                .await?
                .into_iter()
                .map(|leased| (leased, usable_until))
                .collect();
            let full = u32::try_from(held.len()).is_ok_and(|held| held >= limit);
            let wait =
                if full { Duration::ZERO } else { until_due(&*store, request, &*clock).await };
            Ok((held, wait))
        })
    }

    async fn finish(&self, work: &mut Work, terms: &Terms) {
        loop {
            self.begin(work, terms);
            tokio::select! {
                batch = finished(&mut work.leasing), if work.leasing.is_some() => match batch {
                    Ok((held, _)) => work.held.extend(held),
                    Err(error) => tracing::warn!(%error, "could not lease deliveries"),
                },
                Some(done) = work.running.join_next() => self.learn(work, done),
                Some(done) = work.recording.join_next() => recorded(done),
                () = reached(work.begin_at), if !work.held.is_empty() => {}
                else => return,
            }
        }
    }
}

impl Work {
    /// More may be due.
    fn wake(&mut self, look_first: bool) {
        if !self.failing {
            let idle = self.held.is_empty() && self.running.is_empty() && self.recording.is_empty();
            self.ask_in(if idle { Duration::ZERO } else { GATHER }, look_first);
        }
    }

    /// Not later than somebody else asked for, and without a look if one of them knows.
    fn ask_in(&mut self, wait: Duration, look_first: bool) {
        let at = Instant::now() + wait;
        self.ask_at = Some(self.ask_at.map_or(at, |asked| asked.min(at)));
        self.look_first &= look_first;
    }
}

/// How many to lease now; `None` if it is not worth a transaction. Where attempts are swift, more
/// may be held than run, so that the next ones are here when those end, but never more than the
/// pace lets go while their leases are fresh.
fn room(work: &Work, terms: &Terms) -> Option<u32> {
    let concurrency = terms.concurrency.max(1);
    let ahead = if work.swift { concurrency.saturating_mul(2) } else { 0 };
    let paced = work.rate.filter(|rate| *rate > 0).map_or(u32::MAX, |rate| rate.saturating_mul(4));
    let most = concurrency.saturating_add(ahead).min(paced);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let unsent = count(work.held.len() + work.running.len());
    let in_hand = unsent.saturating_add(count(work.recording.len()));
    let left = concurrency.saturating_mul(IN_HAND).saturating_sub(in_hand);
    let room = most.saturating_sub(unsent).min(left);
    (work.leasing.is_none() && room >= (most / 3).max(1)).then_some(room)
}

fn recorded(done: Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "an attempt's record ended abruptly");
    }
}

/// Slower at first when the endpoint is just well again.
fn rate(work: &Work, terms: &Terms, now: Timestamp) -> Option<u32> {
    let recovered_at = work.recovered_at.max(terms.recovered_at);
    let drain = Health { recovered_at, ..Health::default() }.drain_rate(now);
    let rate = terms.rate.filter(|rate| *rate > 0);
    rate.into_iter().chain(drain).min()
}

/// The same destination is the same endpoint unchanged.
impl PartialEq for Terms {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.destination, &other.destination)
            && self.concurrency == other.concurrency
            && self.rate == other.rate
            && self.recovered_at == other.recovered_at
            && self.alone == other.alone
    }
}

async fn until_due(
    store: &(dyn Deliveries + Send + Sync),
    request: LeaseRequest,
    clock: &dyn Clock,
) -> Duration {
    match store.next_delivery_due(request.endpoint).await {
        Ok(due) => until(due, clock.now()),
        Err(error) => {
            // What was leased must not be lost for this.
            tracing::warn!(%error, "could not ask when the next delivery is due");
            POLL
        }
    }
}

fn until(due: Option<Timestamp>, now: Timestamp) -> Duration {
    due.map_or(POLL, |due| due.since(now).clamp(POLL_SOONEST, POLL))
}

/// Waits for the lease that is under way, for ever if there is none.
async fn finished(leasing: &mut Option<Leasing>) -> store::Result<Batch> {
    let Some(under_way) = leasing else { return std::future::pending().await };
    let batch = under_way.await;
    *leasing = None;
    batch
}

async fn reached(moment: Option<Instant>) {
    match moment {
        // The timer would let a millisecond pass.
        Some(moment) if moment <= Instant::now() => {}
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
