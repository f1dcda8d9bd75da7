//! Deliveries: an event's way to one endpoint, one attempt after another.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::event::EventType;
use super::id::{DeliveryId, EndpointId, EventId};
use super::remedy::Remedy;
use super::verdict::words;

words! {
    /// Where a delivery is.
    DeliveryStatus {
        Pending = "pending",
        InFlight = "in_flight",
        Retrying = "retrying",
        Delivered = "delivered",
        /// Every attempt of the schedule failed, or the receiver will never take it.
        Exhausted = "exhausted",
        /// Waits for staff: its address must not be reached, or the endpoint is disabled or gone.
        Held = "held",
        /// Newer news of the same customer took its place before it arrived.
        Superseded = "superseded",
        /// Staff called it off, or removed its endpoint.
        Cancelled = "cancelled",
    }
}

impl DeliveryStatus {
    /// Whether it does not arrive unless staff see to it.
    #[must_use]
    pub const fn needs_staff(self) -> bool {
        matches!(self, Self::Exhausted | Self::Held)
    }

    /// Whether staff may have it sent again: it is not on its way, and what newer news replaced is
    /// left alone unless it is `forced`.
    #[must_use]
    pub const fn may_be_replayed(self, forced: bool) -> bool {
        match self {
            Self::Delivered | Self::Exhausted | Self::Held | Self::Cancelled => true,
            Self::Superseded => forced,
            Self::Pending | Self::InFlight | Self::Retrying => false,
        }
    }
}

words! {
    /// What an attempt came to.
    Class {
        Success = "success",
        /// An answer that asks to come back later: 408, 425, 429, 5xx.
        Unavailable = "unavailable",
        /// Another 4xx: something is wrongly set up, there or here.
        Config = "config",
        /// 410: the receiver wants no more.
        Gone = "gone",
        Redirect = "redirect",
        Dns = "dns",
        Connect = "connect",
        Tls = "tls",
        Timeout = "timeout",
        /// The connection broke, or what came was no HTTP.
        Protocol = "protocol",
        /// The address must not be reached.
        SsrfBlocked = "ssrf_blocked",
        /// The receiver works but will never take this message: a record that a CRM does not
        /// have, a field that it does not know.
        Rejected = "rejected",
    }
}

words! {
    /// Why an attempt was made.
    Trigger {
        /// Its turn had come.
        Auto = "auto",
        /// Staff asked for it again.
        Replay = "replay",
        /// To see whether an endpoint works again.
        Probe = "probe",
    }
}

/// One HTTP try, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    pub started_at: Timestamp,
    pub took: Duration,
    pub class: Class,
    /// The answer's status, if there was one.
    pub http_status: Option<u16>,
    /// The address that was dialled.
    pub remote_addr: Option<String>,
    /// When the receiver asked us to come back (`Retry-After`), from the end of the attempt.
    pub retry_after: Option<Duration>,
    /// The first 4 KiB of the answer, for staff.
    pub answer: String,
    /// What staff can do, if it failed.
    pub remedy: Option<Remedy>,
    pub trigger: Trigger,
}

/// How much has not arrived at an endpoint; each counted up to [`Undelivered::MOST`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// On its way, its turn not come or its next try not due.
    pub waiting: u32,
    /// Until staff replay it, as what follows.
    pub held: u32,
    pub exhausted: u32,
}

impl Undelivered {
    /// One more than one replay takes.
    pub const MOST: u32 = super::replay::MOST + 1;
}

/// A delivery leased for one attempt. Until the lease runs out no other worker takes it; once one
/// has, the outcome under this lease is no longer accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    pub id: DeliveryId,
    pub event: EventId,
    pub kind: EventType,
    pub endpoint: EndpointId,
    /// Attempts made before this one.
    pub attempts: u32,
    /// How many of them came before the schedule began anew.
    pub schedule_from: u32,
    pub trigger: Trigger,
    pub body: String,
    pub lease: Lease,
}

/// Names one lease of one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease(pub [u8; 16]);

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Delivered,
    RetryAt(Timestamp),
    Exhausted,
    Held,
}

impl Next {
    #[must_use]
    pub const fn status(self) -> DeliveryStatus {
        match self {
            Self::Delivered => DeliveryStatus::Delivered,
            Self::RetryAt(_) => DeliveryStatus::Retrying,
            Self::Exhausted => DeliveryStatus::Exhausted,
            Self::Held => DeliveryStatus::Held,
        }
    }
}

/// No receiver makes us wait longer than this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(6 * 3600);
/// An endpoint that is wrongly set up is asked again, but gently: somebody must fix it first.
const CONFIG_FLOOR: Duration = Duration::from_secs(300);
/// A receiver that says 429 or 503 without saying when.
const THROTTLED_FLOOR: Duration = Duration::from_secs(30);

/// The waits before each attempt, the first included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

impl Schedule {
    /// `None` if it is empty or longer than 50 attempts.
    #[must_use]
    pub fn new(waits: Vec<Duration>) -> Option<Self> {
        (1..=50).contains(&waits.len()).then_some(Self(waits))
    }

    #[must_use]
    pub fn waits(&self) -> &[Duration] {
        &self.0
    }

    /// What becomes of a delivery after `attempt`, which ended at `now`. `schedule_from` attempts
    /// were made before the schedule began anew.
    ///
    /// `jitter` is uniform in 0.0 to 1.0 and stretches the wait by 0.8 to 1.2, so that what failed
    /// together does not come back together.
    #[must_use]
    pub fn next(&self, attempt: &Attempt, schedule_from: u32, now: Timestamp, jitter: f64) -> Next {
        let made = attempt.number.saturating_sub(schedule_from);
        let scheduled = usize::try_from(made).ok().and_then(|made| self.0.get(made));
        match (attempt.class, scheduled) {
            (Class::Success, _) => Next::Delivered,
            // Neither gets better by waiting; staff must act.
            (Class::SsrfBlocked | Class::Gone, _) => Next::Held,
            (Class::Rejected, _) | (_, None) => Next::Exhausted,
            (class, Some(wait)) => {
                let jittered = wait.mul_f64(0.8 + 0.4 * jitter.clamp(0.0, 1.0));
                let floor = match class {
                    Class::Config => CONFIG_FLOOR,
                    Class::Unavailable => match (attempt.retry_after, attempt.http_status) {
                        (Some(asked), _) => asked.min(RETRY_AFTER_MAX),
                        (None, Some(429 | 503)) => THROTTLED_FLOOR,
                        (None, _) => Duration::ZERO,
                    },
                    _ => Duration::ZERO,
                };
                Next::RetryAt(now.plus(jittered.max(floor)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(0);

    fn attempt(number: u32, class: Class, http_status: Option<u16>) -> Attempt {
        Attempt {
            number,
            started_at: NOW,
            took: Duration::ZERO,
            class,
            http_status,
            remote_addr: None,
            retry_after: None,
            answer: String::new(),
            remedy: Remedy::of(class),
            trigger: Trigger::Auto,
        }
    }

    fn schedule() -> Schedule {
        Schedule::new([0, 2, 600].map(Duration::from_secs).to_vec()).unwrap()
    }

    #[test]
    fn waits_follow_the_schedule_with_jitter() {
        let failed = |number| attempt(number, Class::Connect, None);
        assert_eq!(
            schedule().next(&failed(1), 0, NOW, 0.5),
            Next::RetryAt(Timestamp::from_millis(2000))
        );
        assert_eq!(
            schedule().next(&failed(1), 0, NOW, 0.0),
            Next::RetryAt(Timestamp::from_millis(1600))
        );
        assert_eq!(
            schedule().next(&failed(2), 0, NOW, 1.0),
            Next::RetryAt(Timestamp::from_millis(720_000))
        );
        assert_eq!(schedule().next(&failed(3), 0, NOW, 0.5), Next::Exhausted);
    }

    #[test]
    fn a_receiver_can_ask_for_a_later_try_but_not_for_an_endless_one() {
        let mut asked = attempt(1, Class::Unavailable, Some(429));
        assert_eq!(
            schedule().next(&asked, 0, NOW, 0.5),
            Next::RetryAt(Timestamp::from_millis(30_000))
        );
        asked.retry_after = Some(Duration::from_secs(90));
        assert_eq!(
            schedule().next(&asked, 0, NOW, 0.5),
            Next::RetryAt(Timestamp::from_millis(90_000))
        );
        asked.retry_after = Some(Duration::from_secs(u64::MAX));
        assert_eq!(
            schedule().next(&asked, 0, NOW, 0.5),
            Next::RetryAt(Timestamp::from_millis(21_600_000))
        );
    }

    #[test]
    fn a_replay_has_the_whole_schedule_before_it() {
        let failed = attempt(4, Class::Connect, None);
        assert_eq!(schedule().next(&failed, 0, NOW, 0.5), Next::Exhausted);
        assert_eq!(
            schedule().next(&failed, 3, NOW, 0.5),
            Next::RetryAt(Timestamp::from_millis(2000))
        );
    }

    #[test]
    fn what_the_receiver_will_never_take_is_not_tried_again() {
        let refused = attempt(1, Class::Rejected, Some(404));
        assert_eq!(schedule().next(&refused, 0, NOW, 0.5), Next::Exhausted);
    }

    #[test]
    fn what_waiting_cannot_mend_is_held() {
        assert_eq!(schedule().next(&attempt(1, Class::SsrfBlocked, None), 0, NOW, 0.5), Next::Held);
        assert_eq!(schedule().next(&attempt(1, Class::Gone, Some(410)), 0, NOW, 0.5), Next::Held);
    }
}
