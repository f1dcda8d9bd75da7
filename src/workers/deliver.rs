//! Keeps deliveries to one endpoint going: leases what is due, a batch ahead of what is being
//! sent, so that neither the store nor the receiver waits for the other. Several instances may
//! run this for the same endpoint; the store's leases keep them apart.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::pace::Pace;
use super::{BackOff, Stop};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::delivery::Leased;
use crate::domain::id::EndpointId;
use crate::flows::deliver::Deliver;
use crate::flows::wake::Wake;
use crate::store::{self, Deliveries, LeaseRequest};

/// What the worker stands on.
pub struct Worker {
    pub endpoint: EndpointId,
    pub deliver: Arc<Deliver>,
    /// Attempts at once.
    pub concurrency: u32,
    /// Attempts a second; `None` for unlimited.
    pub rate: Option<u32>,
    /// How long a stopped worker may finish what it holds.
    pub drain: Duration,
}

const LEASE: Duration = Duration::from_secs(60);
/// No attempt begins later in its lease than this: it would end after it, and be made twice.
const LEASE_USABLE: Duration = Duration::from_secs(40);
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
    running: JoinSet<()>,
    /// Nothing is leased before.
    ask_at: Instant,
    /// Nobody said that anything is due: a look, which writes nothing, comes before the lease.
    look_first: bool,
    /// The store failed: not even waking shortens the wait.
    failing: bool,
    /// Nothing is begun before.
    begin_at: Option<Instant>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("endpoint", &self.endpoint)
            .field("concurrency", &self.concurrency)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// Runs until stopped; then leases no more, and what it holds is finished or, at the end of
    /// `drain`, left to its lease's end.
    pub async fn run(self, wake: Wake, mut stop: Stop) {
        let pace = Pace::new(self.rate);
        let mut back_off = BackOff::new();
        let mut work = Work {
            leasing: None,
            held: VecDeque::new(),
            running: JoinSet::new(),
            ask_at: Instant::now(),
            look_first: false,
            failing: false,
            begin_at: None,
        };
        loop {
            self.begin(&mut work, &pace);
            let room = self.room(&work);
            tokio::select! {
                biased;
                () = stop.requested() => break,
                Some(done) = work.running.join_next() => {
                    report(done);
                    // The customer's next delivery may have waited for this one.
                    if !work.failing {
                        work.ask_at = Instant::now();
                        work.look_first = false;
                    }
                }
                batch = finished(&mut work.leasing) => {
                    work.failing = batch.is_err();
                    let wait = match batch {
                        Ok((held, wait)) => {
                            back_off.reset();
                            work.held.extend(held);
                            work.look_first = !wait.is_zero();
                            wait
                        }
                        Err(error) => {
                            tracing::warn!(%error, "could not lease deliveries");
                            back_off.next()
                        }
                    };
                    work.ask_at = Instant::now() + wait;
                }
                () = reached(work.begin_at), if !work.held.is_empty() => {}
                () = wake.woken(), if room.is_some() && !work.failing => {
                    work.ask_at = Instant::now();
                    work.look_first = false;
                }
                () = sleep_until(work.ask_at), if room.is_some() => {
                    work.leasing = room.map(|limit| self.lease(limit, work.look_first));
                }
            }
        }
        if timeout(self.drain, self.finish(&mut work, &pace)).await.is_err() {
            let (held, running) = (work.held.len(), work.running.len());
            tracing::warn!(held, running, "deliveries were left to the end of their leases");
        }
    }

    /// Begins as many attempts as may run and the pace allows.
    fn begin(&self, work: &mut Work, pace: &Pace) {
        work.begin_at = None;
        let now = self.deliver.clock.now();
        while work.running.len() < self.slots() {
            let Some((leased, until)) = work.held.pop_front() else { return };
            if now > until {
                tracing::debug!(delivery = %leased.id, "left to the end of its lease");
                continue;
            }
            if let Err(wait) = pace.take() {
                work.held.push_front((leased, until));
                work.begin_at = Some(Instant::now() + wait);
                return;
            }
            let deliver = Arc::clone(&self.deliver);
            work.running.spawn(async move { deliver.deliver_one(leased).await });
        }
    }

    fn slots(&self) -> usize {
        usize::try_from(self.concurrency.max(1)).unwrap_or(usize::MAX)
    }

    /// How many to lease now; `None` if it is not worth a transaction. As many may be held as
    /// run, so that the next ones are here when those end, but no more than the pace lets go
    /// while their leases are fresh.
    fn room(&self, work: &Work) -> Option<u32> {
        let paced =
            self.rate.filter(|rate| *rate > 0).map_or(u32::MAX, |rate| rate.saturating_mul(20));
        let most = self.concurrency.max(1).saturating_mul(2).min(paced);
        let taken = u32::try_from(work.held.len() + work.running.len()).unwrap_or(u32::MAX);
        let room = most.saturating_sub(taken);
        (work.leasing.is_none() && room >= most.div_ceil(4)).then_some(room)
    }

    fn lease(&self, limit: u32, look_first: bool) -> Leasing {
        let (store, clock) = (Arc::clone(&self.deliver.store), Arc::clone(&self.deliver.clock));
        let request = LeaseRequest { endpoint: self.endpoint, limit, ttl: LEASE };
        Box::pin(async move {
            let now = clock.now();
            if look_first {
                let due = store.next_delivery_due(request.endpoint).await?;
                if due.is_none_or(|due| due > now) {
                    return Ok((Vec::new(), until(due, now)));
                }
            }
            let usable_until = now.plus(LEASE_USABLE);
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

    async fn finish(&self, work: &mut Work, pace: &Pace) {
        if work.leasing.is_some()
            && let Ok((held, _)) = finished(&mut work.leasing).await
        {
            work.held.extend(held);
        }
        loop {
            self.begin(work, pace);
            tokio::select! {
                Some(done) = work.running.join_next() => report(done),
                () = reached(work.begin_at), if !work.held.is_empty() => {}
                else => return,
            }
        }
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
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn report(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "an attempt ended abruptly");
    }
}
