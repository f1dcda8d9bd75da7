//! How many answers may stream at once, and for how long. Per process: each open stream is a
//! connection of this one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::problem::{Code, Problem};
use crate::domain::id::ApiKeyId;

/// What streams may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Streams at once.
    pub at_once: usize,
    /// Of one API key.
    pub per_key: usize,
    /// Between two signs of life. The caller's key is checked with each: one that was revoked
    /// reads on for no longer than this.
    pub heartbeat: Duration,
    /// After which a stream ends; the client comes back.
    pub life: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            at_once: 1000,
            // No key takes all places.
            per_key: 500,
            heartbeat: Duration::from_secs(15),
            life: Duration::from_secs(600),
        }
    }
}

/// The open streams; clones are the same.
#[derive(Clone, Debug)]
pub struct Streams(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bounds: Bounds,
    open: Mutex<Open>,
    closed: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Open {
    streams: usize,
    by_key: HashMap<ApiKeyId, usize>,
}

/// Seconds after which it is worth asking for a place again.
const RETRY_AFTER: u32 = 5;

impl Streams {
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let (closed, _) = watch::channel(false);
        Self(Arc::new(Shared { bounds, open: Mutex::default(), closed }))
    }

    /// Ends all streams at once, and those that begin later.
    pub fn close(&self) {
        self.0.closed.send_replace(true);
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.open().streams
    }

    /// A place for one more stream of this key.
    ///
    /// # Errors
    /// `unavailable` if all places are taken, `rate_limited` if this key has too many.
    pub(super) fn enter(&self, key: ApiKeyId) -> Result<Place, Problem> {
        let bounds = &self.0.bounds;
        let mut open = self.open();
        if open.streams >= bounds.at_once {
            let detail = "too many streams are open; ask for the link's status instead";
            return Err(Problem::new(Code::Unavailable, detail).retry_after(RETRY_AFTER));
        }
        let of_key = open.by_key.entry(key).or_default();
        if *of_key >= bounds.per_key {
            let detail = format!("this API key has {of_key} streams open, which is the most");
            return Err(Problem::new(Code::RateLimited, detail).retry_after(RETRY_AFTER));
        }
        *of_key += 1;
        open.streams += 1;
        drop(open);
        Ok(Place { streams: self.clone(), key, closed: self.0.closed.subscribe() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's place, until dropped.
#[derive(Debug)]
pub(super) struct Place {
    streams: Streams,
    key: ApiKeyId,
    closed: watch::Receiver<bool>,
}

impl Place {
    pub(super) fn bounds(&self) -> Bounds {
        self.streams.0.bounds
    }

    /// Returns once all streams must end; at once if they must already.
    pub(super) async fn closed(&mut self) {
        // An error means that nobody is left to close them; but this holds the sender.
        let _ = self.closed.wait_for(|closed| *closed).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.streams = open.streams.saturating_sub(1);
        if let Some(of_key) = open.by_key.get_mut(&self.key) {
            *of_key = of_key.saturating_sub(1);
            if *of_key == 0 {
                open.by_key.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ApiKeyId = ApiKeyId::from_bytes([1; 16]);
    const OTHER: ApiKeyId = ApiKeyId::from_bytes([2; 16]);

    #[test]
    fn a_key_has_so_many_places_all_keys_so_many_together_and_each_comes_back() {
        let streams = Streams::new(Bounds { at_once: 3, per_key: 2, ..Bounds::default() });
        let (first, _second) = (streams.enter(ONE).unwrap(), streams.enter(ONE).unwrap());
        assert_eq!(streams.enter(ONE).unwrap_err().code, Code::RateLimited);
        let third = streams.enter(OTHER).unwrap();
        assert_eq!(streams.enter(OTHER).unwrap_err().code, Code::Unavailable);
        drop(first);
        drop((streams.enter(ONE).unwrap(), third));
        assert_eq!(streams.count(), 1);
        assert_eq!(streams.open().by_key.len(), 1, "a key without streams is forgotten");
    }

    #[tokio::test]
    async fn closing_ends_those_that_are_open_and_those_that_begin_later() {
        let streams = Streams::new(Bounds::default());
        let mut before = streams.enter(ONE).unwrap();
        streams.close();
        before.closed().await;
        streams.enter(ONE).unwrap().closed().await;
    }
}
