//! How an endpoint fares: when to leave it alone for a while, when to tell staff, when to stop.

use std::time::Duration;

use super::super::clock::Timestamp;
use super::super::delivery::{Class, Trigger};
use super::DisabledReason;

/// What is known of an endpoint's failures since it last took something. Untouched as long as it
/// does, so that a healthy endpoint costs no write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    pub failing: Option<Failing>,
    /// When the breaker last closed: from then on the backlog is let go slowly at first.
    pub recovered_at: Option<Timestamp>,
}

/// An unbroken row of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Failed attempts.
    pub attempts: u32,
    pub since: Timestamp,
    pub last: Timestamp,
    /// Distinct days (UTC) with a failure.
    pub days: u32,
    /// Times staff were warned.
    pub warnings: u32,
    /// While the breaker is open: when it may be tried next, and how long it then waits.
    pub open: Option<Open>,
}

/// An open breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// One delivery may be tried then; the others wait, and their attempts are not counted.
    pub until: Timestamp,
    pub wait: Duration,
}

/// What staff are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It has been failing for so long.
    Failing {
        since: Timestamp,
    },
    Disabled(DisabledReason),
    /// It takes messages again, of which staff were warned that it does not.
    Recovered,
}

/// The breaker opens after so many failures in a row that span at least [`OPENS_AFTER`].
const OPENS_AT: u32 = 5;
const OPENS_AFTER: Duration = Duration::from_secs(60);
const PROBE_FIRST: Duration = Duration::from_secs(60);
const PROBE_MOST: Duration = Duration::from_secs(15 * 60);

const HOUR: u64 = 3600;
/// How long an endpoint fails before each warning.
const WARNINGS: [Duration; 4] = [
    Duration::from_secs(15 * 60),
    Duration::from_secs(24 * HOUR),
    Duration::from_secs(72 * HOUR),
    Duration::from_secs(6 * 24 * HOUR),
];

/// All three must be reached: never by a count alone, never over one bad night.
const DISABLED_AFTER: Duration = Duration::from_secs(7 * 24 * HOUR);
const DISABLED_AT: u32 = 20;
const DISABLED_DAYS: u32 = 3;

/// After the breaker closed, requests a second at first; twice as many every ten seconds.
const DRAIN_FIRST: u32 = 2;
const DRAIN_STEP: Duration = Duration::from_secs(10);

impl Health {
    /// What one more attempt means, which ended at `now`. Whatever says nothing about the endpoint
    /// (a record that the CRM does not have, an address that we must not reach) changes nothing.
    #[must_use]
    pub fn after(self, class: Class, trigger: Trigger, now: Timestamp) -> (Self, Option<Notice>) {
        match class {
            Class::Success | Class::Rejected => {
                let warned = self.failing.is_some_and(|failing| failing.warnings > 0);
                (self.succeeded(now), warned.then_some(Notice::Recovered))
            }
            Class::Gone => (self, Some(Notice::Disabled(DisabledReason::Gone))),
            Class::SsrfBlocked => (self, None),
            Class::Unavailable
            | Class::Config
            | Class::Redirect
            | Class::Dns
            | Class::Connect
            | Class::Tls
            | Class::Timeout
            | Class::Protocol => self.failed(trigger == Trigger::Probe, now),
        }
    }

    /// An answer that took the message, or that shows the endpoint at work.
    fn succeeded(self, now: Timestamp) -> Self {
        match self.failing {
            None => self,
            Some(failing) => Self {
                failing: None,
                recovered_at: failing.open.map(|_| now).or(self.recovered_at),
            },
        }
    }

    fn failed(self, probe: bool, now: Timestamp) -> (Self, Option<Notice>) {
        let mut failing = match self.failing {
            None => {
                Failing { attempts: 1, since: now, last: now, days: 1, warnings: 0, open: None }
            }
            Some(failing) => Failing {
                attempts: failing.attempts.saturating_add(1),
                last: now.max(failing.last),
                days: failing.days.saturating_add(u32::from(day(now) > day(failing.last))),
                ..failing
            },
        };
        let lasted = now.since(failing.since);
        failing.open = match failing.open {
            // What was already under way when the breaker opened is no probe.
            Some(open) if !probe => Some(open),
            Some(open) => {
                let wait = open.wait.saturating_mul(2).min(PROBE_MOST);
                Some(Open { until: now.plus(wait), wait })
            }
            None if failing.attempts >= OPENS_AT && lasted >= OPENS_AFTER => {
                Some(Open { until: now.plus(PROBE_FIRST), wait: PROBE_FIRST })
            }
            None => None,
        };
        let disabled = lasted >= DISABLED_AFTER
            && failing.attempts >= DISABLED_AT
            && failing.days >= DISABLED_DAYS;
        let due = WARNINGS.iter().filter(|after| lasted >= **after).count();
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        let notice = if disabled {
            Some(Notice::Disabled(DisabledReason::Failing))
        } else if due > failing.warnings {
            // Those that were missed meanwhile are one.
            failing.warnings = due;
            Some(Notice::Failing { since: failing.since })
        } else {
            None
        };
        (Self { failing: Some(failing), ..self }, notice)
    }

    /// Whether an attempt that came to this speaks against an endpoint that has fared well.
    #[must_use]
    pub fn is_dented_by(class: Class) -> bool {
        let now = Timestamp::from_millis(0);
        Self::default().after(class, Trigger::Auto, now) != (Self::default(), None)
    }

    /// When the breaker lets the next attempt pass; `None` if it is closed.
    #[must_use]
    pub fn open_until(&self) -> Option<Timestamp> {
        self.failing.and_then(|failing| failing.open).map(|open| open.until)
    }

    /// One probe goes out now; until it has ended, or `lease` is over, no other does.
    #[must_use]
    pub fn probing(mut self, now: Timestamp, lease: Duration) -> Self {
        if let Some(open) = self.failing.as_mut().and_then(|failing| failing.open.as_mut()) {
            open.until = now.plus(lease);
        }
        self
    }

    /// The most requests a second shortly after a recovery; `None` for no such bound.
    #[must_use]
    pub fn drain_rate(&self, now: Timestamp) -> Option<u32> {
        let steps = now.since(self.recovered_at?).as_millis() / DRAIN_STEP.as_millis();
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        // 2 to the 12th is faster than any endpoint may be set to.
        (steps < 12).then(|| DRAIN_FIRST << steps)
    }
}

impl Failing {
    /// The soonest moment at which the endpoint is disabled if it goes on failing.
    #[must_use]
    pub fn disabled_from(&self) -> Timestamp {
        self.since.plus(DISABLED_AFTER)
    }
}

/// Days since the Unix epoch.
const fn day(moment: Timestamp) -> i64 {
    moment.seconds().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    fn at(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    /// Fails at each of these moments; what staff were told, and when.
    fn fail(moments: impl IntoIterator<Item = u64>) -> (Health, Vec<(u64, Notice)>) {
        let (mut health, mut notices) = (Health::default(), Vec::new());
        for moment in moments {
            let (next, notice) = health.after(Class::Connect, Trigger::Auto, at(moment));
            health = next;
            notices.extend(notice.map(|notice| (moment, notice)));
        }
        (health, notices)
    }

    #[test]
    fn the_breaker_opens_after_five_failures_in_a_row_that_span_a_minute() {
        assert_eq!(fail([0, 1, 2, 3, 59]).0.open_until(), None);
        assert_eq!(fail([0, 20, 40, 60]).0.open_until(), None);
        assert_eq!(fail([0, 1, 2, 3, 60]).0.open_until(), Some(at(120)));
    }

    #[test]
    fn each_failed_probe_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        let (mut health, _) = fail([0, 1, 2, 3, 60]);
        let mut waits = Vec::new();
        for _ in 0..6 {
            let until = health.open_until().unwrap();
            health = health.probing(until, Duration::from_secs(60));
            // While one is under way no other goes out.
            assert_eq!(health.open_until(), Some(until.plus(Duration::from_secs(60))));
            let ended = until.plus(Duration::from_secs(3));
            health = health.after(Class::Timeout, Trigger::Probe, ended).0;
            waits.push(health.open_until().unwrap().since(ended).as_secs());
        }
        assert_eq!(waits, [120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn what_was_under_way_when_the_breaker_opened_does_not_lengthen_its_wait() {
        let (health, _) = fail([0, 1, 2, 3, 60]);
        assert_eq!(
            health.after(Class::Timeout, Trigger::Auto, at(61)).0.open_until(),
            Some(at(120))
        );
    }

    #[test]
    fn one_success_closes_the_breaker_and_the_backlog_goes_slowly_at_first() {
        let (health, _) = fail([0, 1, 2, 3, 60]);
        let (health, notice) = health.after(Class::Success, Trigger::Probe, at(120));
        assert_eq!((health.failing, notice), (None, None));
        let rates: Vec<_> = [120, 129, 130, 150].map(|now| health.drain_rate(at(now))).into();
        assert_eq!(rates, [Some(2), Some(2), Some(4), Some(16)]);
        assert_eq!(health.drain_rate(at(240)), None);
        assert_eq!(Health::default().drain_rate(at(0)), None);
    }

    #[test]
    fn a_healthy_endpoint_does_not_change() {
        let health = Health::default();
        for class in [Class::Success, Class::Rejected, Class::SsrfBlocked] {
            assert_eq!(health.after(class, Trigger::Auto, at(5)), (health, None));
            assert!(!Health::is_dented_by(class));
        }
        assert!(Health::is_dented_by(Class::Gone) && Health::is_dented_by(Class::Dns));
    }

    #[test]
    fn staff_are_warned_four_times_and_then_it_is_disabled() {
        let hourly = (0..=7 * 24).map(|hour| hour * HOUR);
        let (_, notices) = fail(hourly);
        let failing = Notice::Failing { since: START };
        assert_eq!(
            notices,
            [
                (HOUR, failing),
                (24 * HOUR, failing),
                (72 * HOUR, failing),
                (6 * 24 * HOUR, failing),
                (7 * 24 * HOUR, Notice::Disabled(DisabledReason::Failing)),
            ]
        );
    }

    #[test]
    fn staff_who_were_warned_hear_of_the_end() {
        let (warned, _) = fail([0, 15 * 60]);
        assert_eq!(warned.failing.unwrap().disabled_from(), at(7 * 24 * HOUR));
        for class in [Class::Success, Class::Rejected] {
            let (health, notice) = warned.after(class, Trigger::Auto, at(16 * 60));
            assert_eq!((health.failing, notice), (None, Some(Notice::Recovered)));
        }
        let (unwarned, _) = fail([0, 14 * 60]);
        assert_eq!(unwarned.after(Class::Success, Trigger::Auto, at(15 * 60)).1, None);
    }

    #[test]
    fn neither_many_failures_nor_a_long_time_alone_disable() {
        let disabled = |(_, notice): &(u64, Notice)| matches!(notice, Notice::Disabled(_));
        let many = fail(0..5000).1;
        assert!(!many.iter().any(disabled), "in one hour");
        let few = fail((0..19).map(|n| n * 12 * HOUR)).1;
        assert!(!few.iter().any(disabled), "19 in nine days");
        let two_days = fail((0..30).chain(std::iter::once(8 * 24 * HOUR))).1;
        assert!(!two_days.iter().any(disabled), "on two days");
    }

    #[test]
    fn a_receiver_that_wants_no_more_is_believed_at_once() {
        let (health, notice) = Health::default().after(Class::Gone, Trigger::Auto, at(0));
        assert_eq!(notice, Some(Notice::Disabled(DisabledReason::Gone)));
        assert_eq!(health, Health::default());
    }
}
