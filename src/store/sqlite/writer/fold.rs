//! Folding the log back into the database, on a thread and a connection of its own. The writer would
//! do it between two commits, and while the pages of a large database go back to places all over the
//! file, everybody would wait.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

// The pages of a fold go to the disk together, where the next commit must wait for them. In a large
// database each is somewhere else: the fewer they are, the shorter it waits. In a burst the same pages
// are written again and again, and folding them seldom spares work.

/// How long the first write waits for others.
const PAUSE: Duration = Duration::from_millis(50);
/// So many in a pause are a burst,
const BURST: u64 = 100;
/// which is given so much longer,
const LONG_PAUSE: Duration = Duration::from_millis(250);
/// or until so many writes have come: each leaves some four pages in the log.
const WRITES: u64 = 1000;

/// The writer's way to the thread; it ends with it.
pub(super) struct Folder {
    log: Ending,
    thread: JoinHandle<()>,
}

/// Ends the thread when it is dropped, by whatever.
struct Ending(Arc<Log>);

#[derive(Default)]
struct Log {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    writes: u64,
    stopped: bool,
}

impl Folder {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let log = Arc::new(Log::default());
        let theirs = Arc::clone(&log);
        let thread = thread::Builder::new()
            .name("store-folder".to_owned())
            .spawn(move || theirs.fold(&connection))?;
        Ok(Self { log: Ending(log), thread })
    }

    /// After a commit of so many writes.
    pub(super) fn committed(&self, writes: u64) {
        let log = &self.log.0;
        let mut waiting = log.waiting();
        let before = waiting.writes;
        waiting.writes += writes;
        let now = waiting.writes;
        drop(waiting);
        // Only who waits for this is woken, as that is a system call.
        if (before == 0 && now > 0) || (before < WRITES && now >= WRITES) {
            log.changed.notify_one();
        }
    }

    /// Returns once nothing is being folded any more.
    pub(super) fn stop(self) {
        let Self { log, thread } = self;
        drop(log);
        if thread.join().is_err() {
            tracing::error!("the thread that folds the log broke down");
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.waiting().stopped = true;
        self.0.changed.notify_one();
    }
}

impl Log {
    /// `PASSIVE`: as much as can be without waiting for anybody or keeping anybody waiting. What is
    /// left the next one takes, or the writer, once the log is long.
    fn fold(&self, connection: &Connection) {
        while self.is_due() {
            let folded = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            if let Err(error) = folded {
                tracing::warn!(%error, "the log was not folded into the database");
            }
        }
    }

    /// Waits until there is something to fold; `false` once the writer has stopped.
    fn is_due(&self) -> bool {
        let none = |waiting: &mut Waiting| waiting.writes == 0 && !waiting.stopped;
        let waiting = self.changed.wait_while(self.waiting(), none);
        let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let mut waiting = self.pause(waiting, PAUSE);
        if waiting.writes >= BURST {
            waiting = self.pause(waiting, LONG_PAUSE);
        }
        waiting.writes = 0;
        !waiting.stopped
    }

    /// Cut short when there is enough to fold.
    fn pause<'a>(
        &'a self,
        waiting: MutexGuard<'a, Waiting>,
        pause: Duration,
    ) -> MutexGuard<'a, Waiting> {
        let few = |waiting: &mut Waiting| waiting.writes < WRITES && !waiting.stopped;
        let waited = self.changed.wait_timeout_while(waiting, pause, few);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::time::Instant;

    use super::super::super::connection;
    use super::*;

    const SIZE: u32 = 1_000_000;

    struct Store {
        path: PathBuf,
        writer: Connection,
        folder: Folder,
        _place: tempfile::TempDir,
    }

    /// With a write in the log that nobody has told the thread of.
    fn written() -> Store {
        let place = tempfile::tempdir().unwrap();
        let path = connection::create_file(&place.path().join("a.db")).unwrap();
        let patience = Duration::from_secs(5);
        let writer = connection::open_writer(&path, patience).unwrap();
        writer.execute_batch("CREATE TABLE a (b BLOB) STRICT").unwrap();
        let folder = Folder::start(connection::open_folding(&path, patience).unwrap()).unwrap();
        writer.execute("INSERT INTO a VALUES (zeroblob(?1))", [SIZE]).unwrap();
        Store { path, writer, folder, _place: place }
    }

    impl Store {
        fn is_folded(&self) -> bool {
            fs::metadata(&self.path).unwrap().len() >= u64::from(SIZE)
        }

        fn wait_until_folded(&self) {
            let deadline = Instant::now() + Duration::from_secs(30);
            while !self.is_folded() {
                assert!(Instant::now() < deadline, "nothing is folded");
                thread::yield_now();
            }
        }
    }

    #[test]
    fn many_writes_are_folded_while_the_writer_does_something_else() {
        let store = written();
        assert!(!store.is_folded());
        // In the middle of its next write.
        store.writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO a VALUES (x'00')").unwrap();
        store.folder.committed(WRITES);
        store.wait_until_folded();
        store.writer.execute_batch("COMMIT").unwrap();
        store.folder.stop();
    }

    #[test]
    fn few_writes_are_folded_a_little_later() {
        let store = written();
        let begun = Instant::now();
        store.folder.committed(1);
        store.wait_until_folded();
        assert!(begun.elapsed() >= PAUSE);
        store.folder.stop();
    }
}
