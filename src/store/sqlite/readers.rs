//! A small pool of read-only connections. Reads see the last commit and never wait for the writer.

use std::fmt;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::super::{Result, StoreError};
use super::failure::closed;
use super::{OpenError, connection};

pub(super) struct Readers {
    idle: Mutex<Idle>,
    returned: Condvar,
    patience: Duration,
}

struct Idle {
    connections: Vec<Connection>,
    closed: bool,
    /// Reads that wait for a connection. Waking somebody is a system call even if nobody waits.
    waiting: usize,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("idle", &self.idle().connections.len()).finish()
    }
}

impl Readers {
    pub(super) fn open(
        path: &Path,
        count: usize,
        patience: Duration,
    ) -> std::result::Result<Self, OpenError> {
        let connections = (0..count.max(1))
            .map(|_| connection::open_reader(path, patience))
            .collect::<std::result::Result<_, _>>()?;
        Ok(Self {
            idle: Mutex::new(Idle { connections, closed: false, waiting: 0 }),
            returned: Condvar::new(),
            patience,
        })
    }

    /// Runs `work` on the calling thread, even one of the asynchronous runtime: what is read this
    /// way takes microseconds, and a free connection is waited for at most `patience`. Anything
    /// longer belongs onto a thread that may block.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let borrowed = Borrowed { connection: Some(self.take()?), readers: self };
        work(borrowed.connection.as_ref().ok_or_else(closed)?)
    }

    /// The same with a state that does not change between the statements of `work`.
    pub(super) fn snapshot<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.read(|connection| {
            // Dropped without a commit, which for reads is the same.
            let snapshot = connection.unchecked_transaction()?;
            work(&snapshot)
        })
    }

    /// Gives idle connections up; later reads are refused, running ones finish.
    pub(super) fn close(&self) {
        let mut idle = self.idle();
        idle.closed = true;
        idle.connections.clear();
        self.returned.notify_all();
    }

    fn take(&self) -> Result<Connection> {
        let none_free = |idle: &mut Idle| idle.connections.is_empty() && !idle.closed;
        let mut idle = self.idle();
        if none_free(&mut idle) {
            idle.waiting += 1;
            (idle, _) = self
                .returned
                .wait_timeout_while(idle, self.patience, none_free)
                .unwrap_or_else(PoisonError::into_inner);
            idle.waiting -= 1;
        }
        if idle.closed {
            return Err(closed());
        }
        idle.connections.pop().ok_or(StoreError::Busy)
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Comes back to the pool however the read ends, a panic included.
struct Borrowed<'a> {
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut idle = self.readers.idle();
        if !idle.closed {
            idle.connections.extend(self.connection.take());
            if idle.waiting > 0 {
                self.readers.returned.notify_one();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn readers(folder: &tempfile::TempDir) -> Readers {
        let path = connection::create_file(&folder.path().join("a.db")).unwrap();
        Readers::open(&path, 1, Duration::from_millis(1)).unwrap()
    }

    #[test]
    fn a_read_that_finds_no_free_connection_is_answered_busy() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(&folder);
        let inner = readers.read(|_| Ok(readers.read(|_| Ok(())))).unwrap();
        assert!(matches!(inner, Err(StoreError::Busy)));
        readers.read(|_| Ok(())).unwrap();
    }

    #[test]
    fn a_connection_comes_back_from_a_read_that_panicked() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(&folder);
        let panicking = || readers.read(|_| -> Result<()> { panic!("a defect") });
        assert!(catch_unwind(AssertUnwindSafe(panicking)).is_err());
        readers.read(|_| Ok(())).unwrap();
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let written =
            readers(&folder).read(|connection| Ok(connection.execute("CREATE TABLE a (b)", [])?));
        assert!(written.is_err());
    }
}
