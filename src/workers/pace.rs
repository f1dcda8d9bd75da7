//! How fast one endpoint is posted to.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// A token bucket: so many a second, twice as many at once after a quiet time.
#[derive(Debug)]
pub(super) struct Pace(Option<DefaultDirectRateLimiter>);

impl Pace {
    /// `None` or 0: as fast as the endpoint answers.
    pub(super) fn new(per_second: Option<u32>) -> Self {
        Self(per_second.and_then(NonZeroU32::new).map(|rate| {
            RateLimiter::direct(Quota::per_second(rate).allow_burst(rate.saturating_mul(TWO)))
        }))
    }

    /// Takes a token, or says how long until there is one.
    pub(super) fn take(&self) -> Result<(), Duration> {
        match &self.0 {
            None => Ok(()),
            Some(bucket) => bucket
                .check()
                .map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now())),
        }
    }
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_twice_the_rate_and_then_there_is_a_wait() {
        let pace = Pace::new(Some(1));
        assert_eq!(pace.take(), Ok(()));
        assert_eq!(pace.take(), Ok(()));
        let wait = pace.take().unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
    }

    #[test]
    fn unlimited_is_unlimited() {
        for rate in [None, Some(0)] {
            let pace = Pace::new(rate);
            assert!((0..1000).all(|_| pace.take().is_ok()));
        }
    }
}
