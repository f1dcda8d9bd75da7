//! The SQLite engine, the only place that names rusqlite. One thread writes and groups what
//! waits into one commit (`writer`); reads run beside it on read-only connections (`readers`).
//! One file or folder per noun; SQL stands beside its call and begins with `-- name`.

mod alerts;
mod audit;
mod authenticator_apps;
pub mod bulk;
mod ceremonies;
mod columns;
mod connection;
mod credentials;
mod customers;
mod deliveries;
mod endpoints;
mod events;
mod evidence;
mod failure;
mod idempotency;
mod keys;
mod links;
mod mails;
mod migrate;
mod readers;
mod replays;
mod retention;
mod statements;
mod takers;
mod transaction;
mod verdicts;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use self::readers::Readers;
use self::takers::Takers;
use self::transaction::Tx;
pub use self::writer::WriteStats;
use self::writer::{After, Writer};
use super::migration::Misfit;
use super::{Changes, Result, Store};
use crate::domain::clock::Timestamp;
use crate::domain::random::Random;

/// How the engine runs; the defaults suit a service in under 80 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Writes that may wait; one more is answered `Busy` at once.
    pub queue: usize,
    /// Read-only connections.
    pub readers: usize,
    /// How long to wait for another process that holds the file, or for a free reader.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue: 1024, readers: 4, patience: Duration::from_secs(5) }
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{path} cannot be created: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the database cannot be opened: {0}")]
    Engine(#[from] rusqlite::Error),
    #[error("the file system does not support write-ahead logging (is it a network share?)")]
    NoWal,
    #[error(transparent)]
    Misfit(#[from] Misfit),
    #[error("migration {version} ({name}) failed: {source}")]
    Migration { version: u32, name: &'static str, source: rusqlite::Error },
    #[error("the store's writer cannot be started: {0}")]
    Thread(std::io::Error),
}

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Arc<Readers>,
    /// One less than there are readers, so that long reads never take the last one.
    scans: Arc<Semaphore>,
    changes: Changes,
    takers: Takers,
}

impl SqliteStore {
    /// Opens the database at `path`, creates it (readable by its owner only) if there is none,
    /// and brings it up to date. Blocks for as long as the migrations take.
    ///
    /// # Errors
    /// [`OpenError`] as its texts say.
    pub fn open(
        path: &Path,
        options: Options,
        random: Arc<dyn Random>,
        now: Timestamp,
    ) -> std::result::Result<Self, OpenError> {
        let path = connection::create_file(path)?;
        let mut writer = connection::open_writer(&path, options.patience)?;
        migrate::migrate(&mut writer, migrate::ALL, now)?;
        let readers = Readers::open(&path, options.readers, options.patience)?;
        let changes = Changes::default();
        let folding = connection::open_folding(&path, options.patience)?;
        let takers = Takers::default();
        let after = After { changes: changes.clone(), takers: takers.clone() };
        let writer = Writer::start(writer, Some(folding), random, options.queue, after);
        let writer = writer.map_err(OpenError::Thread)?;
        let scans = Arc::new(Semaphore::new(options.readers.saturating_sub(1).max(1)));
        Ok(Self { writer, readers: Arc::new(readers), scans, changes, takers })
    }

    /// How many writes were answered, in how many commits.
    #[must_use]
    pub fn write_stats(&self) -> WriteStats {
        self.writer.stats()
    }

    /// Runs `work` in the writer's next transaction, twice if need be; answered after its commit.
    async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.write(work).await
    }

    /// A look-up of one statement, run here and now: it takes microseconds, which is less than
    /// handing it to another thread would cost.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.readers.read(work)
    }

    /// Look-ups of several statements that see the same state; run here and now, like
    /// [`read`](Self::read).
    fn snapshot<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.readers.snapshot(work)
    }

    /// Reads that can take longer and see the same state, on a thread that may block. They wait
    /// for each other rather than keep look-ups waiting.
    async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.scans).acquire_owned().await;
        let turn = turn.map_err(|_| failure::closed())?;
        let readers = Arc::clone(&self.readers);
        let scan = move || {
            // Kept to the end, even if the caller stops waiting.
            let _turn = turn;
            readers.snapshot(work)
        };
        tokio::task::spawn_blocking(scan).await.unwrap_or_else(|_| Err(failure::closed()))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ready(&self) -> Result<()> {
        self.read(|connection| {
            connection.prepare_cached("-- ready\nSELECT 1")?.query_row([], |_| Ok(()))?;
            Ok(())
        })?;
        // Holds the write lock for a moment and changes nothing.
        self.write(|_| Ok(())).await
    }

    async fn close(&self) -> Result<()> {
        self.readers.close();
        self.writer.close().await
    }

    fn changes(&self) -> &Changes {
        &self.changes
    }

    fn grouped_writes(&self) -> Option<(u64, u64)> {
        let stats = self.write_stats();
        Some((stats.writes, stats.commits))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::domain::random::SystemRandom;

    #[tokio::test]
    async fn scans_leave_a_connection_to_look_ups() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { readers: 3, patience: Duration::from_millis(1), queue: 1 };
        let now = Timestamp::from_millis(0);
        let path = folder.path().join("a.db");
        let store = SqliteStore::open(&path, options, Arc::new(SystemRandom), now).unwrap();
        // More at once than there are connections. Each finds one free besides its own, whether
        // it runs alone or with another.
        let scans = (0..60).map(|_| {
            let readers = Arc::clone(&store.readers);
            store.scan(move |_| {
                std::thread::yield_now();
                readers.read(|_| Ok(()))
            })
        });
        for scanned in join_all(scans).await {
            scanned.unwrap();
        }
    }
}
