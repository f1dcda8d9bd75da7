//! Loops beside the server: deliveries, replays, alerts, mails, links whose time is over, verdicts that
//! lapse, passkeys whose waiting period is over, records that were kept long enough. A loop ends
//! only when it is stopped; what fails is logged and tried
//! again, later and later.

use std::time::Duration;

use tokio::sync::watch;

use crate::config::Verification;
use crate::domain::audit::Actor;
use crate::domain::clock::Timestamp;
use crate::store::Context;

pub mod alert;
pub mod deliver;
pub mod endpoints;
pub mod expire;
pub mod lapse;
pub mod mail;
mod pace;
pub mod purge;
pub mod replay;
pub mod season;
mod share;
mod sweep;

/// Stops every worker that holds its [`Stop`]; so does dropping it.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Tells a worker to end.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

#[must_use]
pub fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Returns once the worker must end; at once if it must already.
    pub async fn requested(&mut self) {
        // An error means that nobody is left to ask for it, which is the same.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Waits between failures: 0.1 s, doubled up to 30 s, until something succeeds.
#[derive(Debug)]
struct BackOff(Duration);

impl BackOff {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(30);

    const fn new() -> Self {
        Self(Self::FIRST)
    }

    const fn reset(&mut self) {
        self.0 = Self::FIRST;
    }

    fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(Self::LONGEST);
        wait
    }
}

const fn context(now: Timestamp, verification: &Verification) -> Context {
    Context::new(now, Actor::System, verification)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_minute_and_start_over_after_a_success() {
        let mut back_off = BackOff::new();
        let waits = [(); 11].map(|()| back_off.next().as_millis());
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
        back_off.reset();
        assert_eq!(back_off.next(), BackOff::FIRST);
    }

    #[tokio::test]
    async fn a_dropped_stopper_stops_too() {
        let (stopper, mut stop) = stopper();
        drop(stopper);
        stop.requested().await;
    }
}
