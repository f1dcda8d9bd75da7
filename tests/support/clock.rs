//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use vouchlink::domain::clock::{Clock, Timestamp};

#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    /// 2026-11-21T10:00:00Z.
    pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(Self::START.millis()))
    }

    pub(crate) fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
