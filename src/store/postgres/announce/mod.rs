//! Between instances: what this one's commits changed is told to the others, and what theirs
//! changed is announced here, by `LISTEN` and `NOTIFY` on a connection of its own.
//!
//! A `NOTIFY` inside of the changing transactions would make them commit one after another (the
//! server holds one lock for all of them). So changes are collected, and told together a moment
//! after their commits. What is lost on the way, with this process or this connection, is found by
//! whoever watches when they next look: after each new connection everything may have changed.

mod listener;
mod outbox;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::Config;

use self::listener::Listener;
use self::outbox::Outbox;
use super::super::Changes;
use super::tls::Connector;
use crate::domain::encoding::hex;
use crate::domain::id::LinkId;
use crate::domain::random::{self, NoEntropy, Random};

/// How long whoever closes the store waits for the last notifications.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a transaction changed.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) links: Vec<LinkId>,
    /// There is something to deliver.
    pub(super) queued: bool,
}

/// Announces this instance's commits. Dropped, it tells nobody and hears nothing more.
#[derive(Debug)]
pub(super) struct Announcer {
    changes: Changes,
    outbox: Arc<Outbox>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Announcer {
    /// Connects by itself, as often as it must; until then only this instance hears of itself.
    pub(super) fn start(
        mut settings: Config,
        connector: Connector,
        random: &dyn Random,
    ) -> Result<Self, NoEntropy> {
        // So that operators can tell which of a process's sessions never ends.
        let name = settings.get_application_name().unwrap_or_default();
        settings.application_name(format!("{name} listener").trim_start());
        let changes = Changes::default();
        let outbox = Arc::new(Outbox::default());
        let me = hex(&random::bytes::<8>(random)?);
        let listener = Listener::new(settings, connector, me, changes.clone(), Arc::clone(&outbox));
        let task = Mutex::new(Some(tokio::spawn(listener.run())));
        Ok(Self { changes, outbox, task })
    }

    pub(super) const fn changes(&self) -> &Changes {
        &self.changes
    }

    /// After the commit.
    pub(super) fn announce(&self, noted: Noted) {
        if noted.links.is_empty() && !noted.queued {
            return;
        }
        self.outbox.add(&noted);
        self.changes.announce(noted.links);
    }

    /// Tells what is left to tell, and ends.
    pub(super) async fn close(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut task) = task else { return };
        let something_left = self.outbox.close();
        if !something_left || timeout(LAST_WORDS, &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}
