//! Who is told that something changed: those who watch a link, and the delivery workers. Every
//! engine owns one hub and announces after its commits, never before.
//!
//! Nothing is promised: another process's commit may be announced late or not at all, so whoever
//! watches also looks at the store from time to time. An announcement says only "look again".

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::id::LinkId;

/// The hub; clones are the same hub.
#[derive(Clone, Default)]
pub struct Changes(Arc<Hub>);

#[derive(Default)]
struct Hub {
    watched: Mutex<HashMap<LinkId, watch::Sender<()>>>,
    queued: watch::Sender<()>,
    endpoints: watch::Sender<()>,
    mails: watch::Sender<()>,
}

impl Changes {
    /// Hears of every announcement about this link from now on: watch first, then read the link.
    #[must_use]
    pub fn watch(&self, link: LinkId) -> Watch {
        let heard = match self.watched().entry(link) {
            Entry::Occupied(watched) => watched.get().subscribe(),
            Entry::Vacant(place) => {
                let (sender, heard) = watch::channel(());
                place.insert(sender);
                heard
            }
        };
        Watch { changes: self.clone(), link, heard }
    }

    /// Says that these links may be other than they were.
    pub fn announce(&self, links: impl IntoIterator<Item = LinkId>) {
        let mut links = links.into_iter().peekable();
        if links.peek().is_none() {
            return;
        }
        let watched = self.watched();
        if watched.is_empty() {
            return;
        }
        for link in links {
            if let Some(sender) = watched.get(&link) {
                sender.send_replace(());
            }
        }
    }

    /// Says that any link may be other than it was: for a while nobody would have been told.
    pub fn announce_all(&self) {
        for sender in self.watched().values() {
            sender.send_replace(());
        }
    }

    /// Says that there may be something to deliver.
    pub fn announce_queued(&self) {
        self.0.queued.send_replace(());
    }

    /// Hears from now on that there may be something to deliver.
    #[must_use]
    pub fn queued(&self) -> Bell {
        Bell { heard: self.0.queued.subscribe(), _changes: self.clone() }
    }

    /// Says that there may be a mail to send. Other processes look by themselves.
    pub fn announce_mails(&self) {
        self.0.mails.send_replace(());
    }

    /// Hears from now on that there may be a mail to send.
    #[must_use]
    pub fn mails(&self) -> Bell {
        Bell { heard: self.0.mails.subscribe(), _changes: self.clone() }
    }

    /// Says that endpoints may be other than they were.
    pub fn announce_endpoints(&self) {
        self.0.endpoints.send_replace(());
    }

    /// Hears from now on that endpoints may be other than they were.
    #[must_use]
    pub fn endpoints(&self) -> Bell {
        Bell { heard: self.0.endpoints.subscribe(), _changes: self.clone() }
    }

    /// How many links are watched.
    #[must_use]
    pub fn watched_links(&self) -> usize {
        self.watched().len()
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<LinkId, watch::Sender<()>>> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who is called when there is something to look at. Who is busy hears it afterwards; several
/// calls may be one.
pub struct Bell {
    heard: watch::Receiver<()>,
    /// Keeps the hub, and with it the sender.
    _changes: Changes,
}

impl Bell {
    /// Returns once it was rung since this returned last. May be dropped and called again.
    pub async fn rung(&mut self) {
        if self.heard.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bell").finish_non_exhaustive()
    }
}

/// One who watches a link, until dropped.
pub struct Watch {
    changes: Changes,
    link: LinkId,
    heard: watch::Receiver<()>,
}

impl Watch {
    /// Returns once something was announced that this did not return for yet; several
    /// announcements may be one. May be dropped and called again, nothing is lost.
    pub async fn changed(&mut self) {
        if self.heard.changed().await.is_err() {
            // The hub keeps the sender for as long as there is a watch. Were it gone, there would
            // be nothing to hear.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = self.changes.watched();
        // This one still counts.
        if watched.get(&self.link).is_some_and(|sender| sender.receiver_count() <= 1) {
            watched.remove(&self.link);
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("watched_links", &self.watched_links()).finish()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("link", &self.link).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    const ONE: LinkId = LinkId::from_bytes([1; 16]);
    const OTHER: LinkId = LinkId::from_bytes([2; 16]);

    fn heard(watch: &mut Watch) -> bool {
        let changed = pin!(watch.changed());
        changed.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn everybody_who_watches_a_link_hears_of_it_once_and_nobody_else() {
        let changes = Changes::default();
        let (mut a, mut b, mut c) = (changes.watch(ONE), changes.watch(ONE), changes.watch(OTHER));
        assert!(!heard(&mut a));
        changes.announce([ONE]);
        changes.announce([ONE]);
        assert_eq!([&mut a, &mut b, &mut c].map(heard), [true, true, false]);
        assert_eq!([&mut a, &mut b, &mut c].map(heard), [false, false, false]);
    }

    #[test]
    fn what_was_announced_before_is_not_heard() {
        let changes = Changes::default();
        let _first = changes.watch(ONE);
        changes.announce([ONE]);
        assert!(!heard(&mut changes.watch(ONE)));
    }

    #[test]
    fn a_link_is_forgotten_with_its_last_watcher() {
        let changes = Changes::default();
        let (first, mut second) = (changes.watch(ONE), changes.watch(ONE));
        drop(first);
        assert_eq!(changes.watched_links(), 1);
        changes.announce([OTHER, ONE]);
        assert!(heard(&mut second));
        changes.announce_all();
        assert!(heard(&mut second));
        drop(second);
        assert_eq!(changes.watched_links(), 0);
        changes.announce([ONE]);
    }

    #[tokio::test]
    async fn every_worker_hears_even_afterwards_that_something_was_queued() {
        let changes = Changes::default();
        let mut bells = [changes.queued(), changes.queued()];
        let mut other = changes.endpoints();
        changes.clone().announce_queued();
        changes.announce_queued();
        for bell in &mut bells {
            bell.rung().await;
            assert!(pin!(bell.rung()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert!(pin!(other.rung()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
}
