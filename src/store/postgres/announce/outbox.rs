//! What is still to be told, and how it is written.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Noted;
use crate::domain::id::LinkId;

/// Links in one notification, whose text may have 8,000 bytes.
const TOLD_AT_ONCE: usize = 200;
/// More than this wait only while nobody can be told: then it is simpler to say that all changed.
const WAITING: usize = 10_000;

/// What is still to be told.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    /// Rung when something was added.
    pub(super) filled: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    links: BTreeSet<LinkId>,
    /// They were too many to name.
    all: bool,
    queued: bool,
    closed: bool,
}

impl Outbox {
    pub(super) fn add(&self, noted: &Noted) {
        let mut waiting = self.waiting();
        waiting.queued |= noted.queued;
        waiting.links.extend(&noted.links);
        if waiting.links.len() > WAITING {
            waiting.links.clear();
            waiting.all = true;
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// Whether something is left to tell.
    pub(super) fn close(&self) -> bool {
        let mut waiting = self.waiting();
        waiting.closed = true;
        self.filled.notify_one();
        waiting.all || waiting.queued || !waiting.links.is_empty()
    }

    /// Everything to tell now, and whether it is the last.
    pub(super) fn take(&self) -> (Vec<Notice>, bool) {
        let mut waiting = self.waiting();
        let closed = waiting.closed;
        let Waiting { links, all, queued, .. } = std::mem::take(&mut *waiting);
        waiting.closed = closed;
        drop(waiting);
        let links: Vec<LinkId> = links.into_iter().collect();
        let mut notices: Vec<Notice> =
            links.chunks(TOLD_AT_ONCE).map(|some| Notice::of(some.to_vec())).collect();
        if all || queued {
            notices.push(Notice { links: Vec::new(), all, queued });
        }
        (notices, closed)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) links: Vec<LinkId>,
    /// Any link may have changed.
    pub(super) all: bool,
    /// There is something to deliver.
    pub(super) queued: bool,
}

impl Notice {
    const fn of(links: Vec<LinkId>) -> Self {
        Self { links, all: false, queued: false }
    }

    /// As instance `me` says it.
    pub(super) fn write(&self, me: &str) -> String {
        let mut words = vec![me.to_owned()];
        words.extend(self.all.then(|| "all".to_owned()));
        words.extend(self.queued.then(|| "queued".to_owned()));
        words.extend(self.links.iter().map(LinkId::to_string));
        words.join(" ")
    }

    /// `None` if it is our own. Words of a later version are passed over.
    pub(super) fn read(text: &str, me: &str) -> Option<Self> {
        let mut words = text.split(' ');
        if words.next() == Some(me) {
            return None;
        }
        let mut notice = Self::default();
        for word in words {
            match word {
                "all" => notice.all = true,
                "queued" => notice.queued = true,
                other => notice.links.extend(other.parse::<LinkId>().ok()),
            }
        }
        Some(notice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(number: u16) -> LinkId {
        let mut bytes = [255; 16];
        bytes[14..].copy_from_slice(&number.to_be_bytes());
        LinkId::from_bytes(bytes)
    }

    fn noted(links: impl IntoIterator<Item = u16>, queued: bool) -> Noted {
        Noted { links: links.into_iter().map(link).collect(), queued }
    }

    #[test]
    fn a_notice_is_heard_as_it_was_told_but_by_whoever_told_it() {
        let notices = [
            Notice { links: vec![link(1), link(2)], all: false, queued: false },
            Notice { links: vec![], all: true, queued: true },
            Notice { links: vec![link(3)], all: false, queued: true },
        ];
        for notice in notices {
            let text = notice.write("me");
            assert_eq!(Notice::read(&text, "you"), Some(notice));
            assert_eq!(Notice::read(&text, "me"), None);
        }
        let of_later = Notice::read("me lnk_x queued cus_1 ", "you").unwrap();
        assert_eq!(of_later, Notice { links: vec![], all: false, queued: true });
    }

    #[test]
    fn what_is_told_together_fits_into_notifications() {
        let outbox = Outbox::default();
        outbox.add(&noted(0..300, false));
        outbox.add(&noted(200..450, true));
        let (notices, closed) = outbox.take();
        assert!(!closed);
        let links: Vec<LinkId> = notices.iter().flat_map(|notice| notice.links.clone()).collect();
        assert_eq!(links, (0..450).map(link).collect::<Vec<_>>(), "each once");
        assert_eq!(notices.iter().filter(|notice| notice.queued).count(), 1);
        let longest = notices.iter().map(|notice| notice.write(&"f".repeat(16)).len()).max();
        assert!(longest < Some(8000), "{longest:?}");
        assert_eq!(outbox.take().0, vec![]);
    }

    #[test]
    fn whoever_cannot_be_told_for_long_is_told_that_everything_changed() {
        let outbox = Outbox::default();
        outbox.add(&noted(0..=u16::MAX, false));
        outbox.close();
        assert_eq!(outbox.take(), (vec![Notice { all: true, ..Notice::default() }], true));
    }
}
