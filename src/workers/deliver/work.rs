//! What a delivery worker has in hand, and what it may take.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::super::pace::Pace;
use super::terms::{BEGIN, Terms};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Leased;
use crate::flows::deliver::Tried;
use crate::store::{self, Arrival, Arrivals};

/// While there is work, more becomes due with every moment, and a lease is a write: so long others
/// are waited for.
const GATHER: Duration = Duration::from_millis(5);

/// A leased delivery and when it may no longer be begun.
pub(super) type Held = (Leased, Timestamp);
/// What leasing brought, and how long to wait before it is worth asking again.
pub(super) type Batch = (Vec<Held>, Duration);
pub(super) type Leasing = Pin<Box<dyn Future<Output = store::Result<Batch>> + Send>>;

/// What the last lease came to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// The store failed: not even waking shortens the wait.
    Failed,
    /// It brought as much as was asked for: more is due.
    More,
    /// It brought all that was due.
    All,
}

/// What is going on.
pub(super) struct Work {
    pub(super) leasing: Option<Leasing>,
    /// New ones that are leased to us as they are queued.
    pub(super) arrivals: Option<Arrivals>,
    /// Leased and not begun.
    pub(super) held: VecDeque<Held>,
    pub(super) running: JoinSet<Tried>,
    /// What came of those that ran, on its way into the store.
    pub(super) recording: JoinSet<()>,
    /// Nothing is leased before; `None` while a lease is under way and nobody woke us since.
    pub(super) ask_at: Option<Instant>,
    /// Nobody said that anything is due: a look, which writes nothing, comes before the lease.
    pub(super) look_first: bool,
    pub(super) last: Last,
    /// Nothing is begun before.
    pub(super) begin_at: Option<Instant>,
    pub(super) pace: Pace,
    /// The rate of `pace`.
    pub(super) rate: Option<u32>,
    /// The last attempt was over fast.
    pub(super) swift: bool,
    /// When a probe of ours found the endpoint well again.
    pub(super) recovered_at: Option<Timestamp>,
}

impl Work {
    pub(super) fn new(rate: Option<u32>) -> Self {
        Self {
            leasing: None,
            arrivals: None,
            held: VecDeque::new(),
            running: JoinSet::new(),
            recording: JoinSet::new(),
            ask_at: Some(Instant::now()),
            look_first: false,
            last: Last::More,
            begin_at: None,
            pace: Pace::new(rate),
            rate,
            swift: false,
            recovered_at: None,
        }
    }

    /// Those whose transactions are under way still come.
    pub(super) fn take_no_new(&mut self) {
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.close();
        }
    }

    /// One that came leased; `None`: no more will.
    pub(super) fn hold(&mut self, arrival: Option<Arrival>) {
        match arrival {
            Some((leased, at)) => self.held.push_back((leased, at.plus(BEGIN))),
            None => self.arrivals = None,
        }
    }

    /// More may be due.
    pub(super) fn wake(&mut self, look_first: bool) {
        if self.last != Last::Failed {
            let idle = self.held.is_empty() && self.running.is_empty() && self.recording.is_empty();
            self.ask_in(if idle { Duration::ZERO } else { GATHER }, look_first);
        }
    }

    /// Not later than somebody else asked for, and without a look if one of them knows.
    pub(super) fn ask_in(&mut self, wait: Duration, look_first: bool) {
        let at = Instant::now() + wait;
        self.ask_at = Some(self.ask_at.map_or(at, |asked| asked.min(at)));
        self.look_first &= look_first;
    }

    /// How many to lease now; `None` if it is not worth a transaction. Where attempts are swift, more
    /// may be held than run, so that the next ones are here when those end, but never more than the
    /// pace lets go while their leases are fresh.
    pub(super) fn room(&self, terms: &Terms) -> Option<u32> {
        let ahead = if self.swift { terms.slots().saturating_mul(2) } else { 0 };
        let rate = self.rate.filter(|rate| *rate > 0);
        let paced = rate.map_or(u32::MAX, |rate| rate.saturating_mul(4));
        let most = terms.slots().saturating_add(ahead).min(paced);
        let unsent = count(self.held.len() + self.running.len());
        let left = terms.most_in_hand().saturating_sub(self.in_hand());
        let room = most.saturating_sub(unsent).min(left);
        (self.leasing.is_none() && room >= (most / 3).max(1)).then_some(room)
    }

    /// Whether to fetch one that comes leased. There always stays [`room`](Self::room) for what is
    /// due, or it might wait for as long as new ones keep coming.
    pub(super) fn has_place(&self, terms: &Terms) -> bool {
        let slots = terms.slots();
        count(self.held.len()) < slots && self.in_hand() < terms.most_in_hand() - slots
    }

    /// From lease to record.
    pub(super) fn in_hand(&self) -> u32 {
        count(self.held.len() + self.running.len() + self.recording.len())
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
