//! Folding the log back into the database, on a thread and a connection of its own. The writer would
//! do it between two commits, and while the pages of a large database go back to places all over the
//! file, everybody would wait.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

/// How many writes are folded at once: each leaves some four pages in the log.
const WRITES: u64 = 1000;

/// The writer's way to the thread; it ends with it.
pub(super) struct Folder {
    bell: SyncSender<()>,
    thread: JoinHandle<()>,
    waiting: u64,
}

impl Folder {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (bell, rung) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("store-folder".to_owned())
            .spawn(move || fold(&connection, &rung))?;
        Ok(Self { bell, thread, waiting: 0 })
    }

    /// After a commit of so many writes.
    pub(super) fn committed(&mut self, writes: u64) {
        self.waiting += writes;
        if self.waiting >= WRITES {
            self.waiting = 0;
            // Rung already, or the thread broke down: then the writer folds once the log is long.
            let _ = self.bell.try_send(());
        }
    }

    /// Returns once nothing is being folded any more.
    pub(super) fn stop(self) {
        drop(self.bell);
        if self.thread.join().is_err() {
            tracing::error!("the thread that folds the log broke down");
        }
    }
}

/// `PASSIVE`: as much as can be without waiting for anybody or keeping anybody waiting.
fn fold(connection: &Connection, rung: &Receiver<()>) {
    while rung.recv().is_ok() {
        let folded = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = folded {
            tracing::warn!(%error, "the log was not folded into the database");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, Instant};

    use super::super::super::connection;
    use super::*;

    #[test]
    fn what_was_written_goes_into_the_file_while_the_writer_does_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = connection::create_file(&folder.path().join("a.db")).unwrap();
        let patience = Duration::from_secs(5);
        let writer = connection::open_writer(&path, patience).unwrap();
        writer.execute_batch("CREATE TABLE a (b BLOB) STRICT").unwrap();
        let mut folding =
            Folder::start(connection::open_folding(&path, patience).unwrap()).unwrap();
        writer.execute("INSERT INTO a VALUES (zeroblob(1000000))", []).unwrap();
        let size = || fs::metadata(&path).unwrap().len();
        folding.committed(WRITES - 1);
        assert!(size() < 1_000_000);

        // In the middle of its next write.
        writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO a VALUES (x'00')").unwrap();
        folding.committed(1);
        let deadline = Instant::now() + Duration::from_secs(30);
        while size() < 1_000_000 {
            assert!(Instant::now() < deadline, "nothing is folded");
            thread::yield_now();
        }
        writer.execute_batch("COMMIT").unwrap();
        folding.stop();
    }
}
