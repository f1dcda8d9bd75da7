//! How an endpoint is delivered to.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::clock::Timestamp;
use crate::domain::endpoint::Health;
use crate::webhook::send::Destination;

// A lease covers the time until its attempt begins, the attempt and, with a store that answers, its
// record. It need not be renewed: an attempt cannot take longer than its endpoint's timeout, one
// that could not begin in time never begins, and no more is leased than begins soon. So what a
// process that died held is taken over 25 s later, at the default timeout of 15 s.
/// No attempt begins later in its lease than this.
pub(super) const BEGIN: Duration = Duration::from_secs(5);
/// For writing down what came of it.
const RECORD: Duration = Duration::from_secs(5);
/// From lease to record, a worker has at most so many times as many in hand as may run: a store that
/// falls behind with records is asked for no more. Beside them, new ones that come leased wait where
/// they come from, at most as many as may run.
const IN_HAND: u32 = 3;

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

impl Terms {
    /// How long a lease lasts.
    pub(super) fn ttl(&self) -> Duration {
        BEGIN + self.destination.timeout + RECORD
    }

    pub(super) const fn most_in_hand(&self) -> u32 {
        self.slots().saturating_mul(IN_HAND)
    }

    /// Attempts at once.
    pub(super) const fn slots(&self) -> u32 {
        if self.concurrency == 0 { 1 } else { self.concurrency }
    }

    /// Attempts a second; slower at first when the endpoint is just well again, which may be known
    /// here before the store says it.
    pub(super) fn rate(&self, recovered_at: Option<Timestamp>, now: Timestamp) -> Option<u32> {
        let recovered_at = recovered_at.max(self.recovered_at);
        let drain = Health { recovered_at, ..Health::default() }.drain_rate(now);
        let rate = self.rate.filter(|rate| *rate > 0);
        rate.into_iter().chain(drain).min()
    }
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
