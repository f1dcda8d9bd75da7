//! Keeps deliveries to one endpoint going: leases what is due ahead of what is being sent, and
//! begins the next attempt while the last one is recorded, so that neither the store nor the
//! receiver waits for the other. While the receiver is swift, new deliveries come leased already.
//! Several instances may run this for the same endpoint; the store's leases keep them apart.

mod terms;
mod work;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::time::{Instant, sleep_until, timeout};

use self::terms::BEGIN;
pub use self::terms::Terms;
use self::work::{Batch, Held, Last, Leasing, Work};
use super::pace::Pace;
use super::{BackOff, Stop};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::delivery::{Attempt, Class, Trigger};
use crate::domain::id::EndpointId;
use crate::flows::deliver::{Deliver, Tried};
use crate::store::{self, Arrival, Arrivals, Bell, Deliveries, LeaseRequest};

/// What the worker stands on.
pub struct Worker {
    pub endpoint: EndpointId,
    pub deliver: Arc<Deliver>,
    /// What holds at the moment; may change at any time.
    pub terms: watch::Receiver<Terms>,
    /// How long a stopped worker may finish what it holds.
    pub drain: Duration,
}

/// Where attempts are over so fast, twice as many are leased ahead as run.
const SWIFT: Duration = Duration::from_secs(1);
/// Another process may write at any time, and perhaps wakes only its own worker.
const POLL: Duration = Duration::from_secs(1);
/// What is said to be due but cannot be leased is in another worker's hands.
const POLL_SOONEST: Duration = Duration::from_millis(50);

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
        let mut work = Work::new(terms.rate);
        loop {
            self.begin(&mut work, &terms);
            self.take_new(&mut work, &terms);
            let (room, free) = (work.room(&terms), work.has_place(&terms));
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
                    work.last = match &batch {
                        Ok((_, wait)) if wait.is_zero() => Last::More,
                        Ok(_) => Last::All,
                        Err(_) => Last::Failed,
                    };
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
                () = bell.rung(), if room.is_some() && work.last != Last::Failed => {
                    // What is new may have come already.
                    work.wake(!terms.alone || work.arrivals.is_some());
                }
                changed = self.terms.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    terms = self.terms.borrow_and_update().clone();
                    // Its leases may be too short now.
                    work.take_no_new();
                }
                () = reached(work.ask_at), if room.is_some() => {
                    let look_first = work.look_first;
                    work.leasing = room.map(|limit| self.lease(limit, look_first, &terms));
                    (work.ask_at, work.look_first) = (None, true);
                }
                arrival = arrived(&mut work.arrivals), if free => work.hold(arrival),
            }
        }
        if timeout(self.drain, self.finish(&mut work, &terms)).await.is_err() {
            let unfetched = work.arrivals.as_ref().map_or(0, Arrivals::len);
            let (held, running, recording) =
                (work.held.len() + unfetched, work.running.len(), work.recording.len());
            tracing::warn!(
                held,
                running,
                recording,
                "deliveries were left to the end of their leases"
            );
        }
    }

    /// Takes new deliveries as they are queued, while they can be begun at once and jump no queue.
    fn take_new(&self, work: &mut Work, terms: &Terms) {
        let prompt = work.swift && work.last == Last::All && work.rate.is_none();
        if !prompt {
            work.take_no_new();
        } else if work.arrivals.is_none() {
            let (endpoint, limit) = (self.endpoint, terms.slots());
            let request = LeaseRequest { endpoint, limit, ttl: terms.ttl() };
            work.arrivals = self.deliver.store.lease_new(request);
        }
    }

    /// Begins as many attempts as may run and the pace allows.
    fn begin(&self, work: &mut Work, terms: &Terms) {
        work.begin_at = None;
        let now = self.deliver.clock.now();
        let rate = terms.rate(work.recovered_at, now);
        if work.rate != rate {
            (work.rate, work.pace) = (rate, Pace::new(rate));
        }
        let slots = usize::try_from(terms.slots()).unwrap_or(usize::MAX);
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
        let request = LeaseRequest { endpoint: self.endpoint, limit, ttl: terms.ttl() };
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
        work.take_no_new();
        loop {
            self.begin(work, terms);
            tokio::select! {
                batch = finished(&mut work.leasing), if work.leasing.is_some() => match batch {
                    Ok((held, _)) => work.held.extend(held),
                    Err(error) => tracing::warn!(%error, "could not lease deliveries"),
                },
                Some(done) = work.running.join_next() => self.learn(work, done),
                Some(done) = work.recording.join_next() => recorded(done),
                arrival = arrived(&mut work.arrivals), if work.arrivals.is_some() => {
                    work.hold(arrival);
                }
                () = reached(work.begin_at), if !work.held.is_empty() => {}
                else => return,
            }
        }
    }
}

fn recorded(done: Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "an attempt's record ended abruptly");
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

/// The next that comes leased; waits for ever if none will.
async fn arrived(arrivals: &mut Option<Arrivals>) -> Option<Arrival> {
    match arrivals {
        Some(arrivals) => arrivals.recv().await,
        None => std::future::pending().await,
    }
}

async fn reached(moment: Option<Instant>) {
    match moment {
        // The timer would let a millisecond pass.
        Some(moment) if moment <= Instant::now() => {}
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
