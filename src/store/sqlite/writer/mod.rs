//! The only writer: a thread that takes all writes waiting in its queue into one
//! `BEGIN IMMEDIATE ... COMMIT`, so that a burst pays for few syncs of the disk. None is answered
//! before the commit returned; what changed is announced between the two, and new deliveries go to
//! those who take them. One that fails takes only its own changes back: then the group is done over,
//! each write in its own savepoint. Savepoints for all, always, would copy every page that a write
//! touches for the few that fail.

mod fold;
mod job;
mod worker;

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use self::fold::Folder;
use self::job::{Job, Write};
use self::worker::Worker;
use super::super::{Changes, Result, StoreError};
use super::failure::closed;
use super::takers::Takers;
use super::transaction::{Noted, Tx};
use crate::domain::random::Random;

/// What the writer did since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteStats {
    /// Transactions committed.
    pub commits: u64,
    /// Writes in them.
    pub writes: u64,
}

#[derive(Default)]
struct Counters {
    commits: AtomicU64,
    writes: AtomicU64,
}

/// Who hears of a commit.
#[derive(Default)]
pub(super) struct After {
    pub(super) changes: Changes,
    pub(super) takers: Takers,
}

impl After {
    fn say(&self, noted: Noted) {
        self.changes.announce(noted.changed);
        for kept in noted.kept {
            kept.hand_over();
        }
    }
}

/// The way to the writer's thread. Dropping it lets the thread finish what waits and end.
pub(super) struct Writer {
    /// `None` once closed.
    queue: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counters: Arc<Counters>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl Writer {
    /// With another connection to fold the log, for a database that has one.
    pub(super) fn start(
        connection: Connection,
        folding: Option<Connection>,
        random: Arc<dyn Random>,
        queue: usize,
        after: After,
    ) -> io::Result<Self> {
        let (sender, queue) = sync_channel(queue);
        let counters = Arc::new(Counters::default());
        let folder = folding.map(Folder::start).transpose()?;
        let counted = Arc::clone(&counters);
        let worker = Worker { connection, folder, random, queue, counters: counted, after };
        let thread =
            thread::Builder::new().name("store-writer".to_owned()).spawn(move || worker.run())?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), counters })
    }

    /// Queues `work` and waits for its commit. It is done even if the caller stops waiting, and may
    /// be done again after its first changes were rolled back.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(Write::new(work, reply)))?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.as_ref().ok_or_else(closed)?.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(closed()),
        }
    }

    /// Takes no more writes, and returns once the waiting ones are done and the log is folded
    /// into the database.
    pub(super) async fn close(&self) -> Result<()> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        match tokio::task::spawn_blocking(move || thread.join()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable("the writer broke down".to_owned())),
        }
    }

    pub(super) fn stats(&self) -> WriteStats {
        WriteStats {
            commits: self.counters.commits.load(Ordering::Relaxed),
            writes: self.counters.writes.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use tokio::join;

    use super::*;
    use crate::domain::id::LinkId;
    use crate::domain::random::SystemRandom;
    use crate::store::Watch;

    /// A writer on a table of numbers that must be different.
    fn writer() -> Writer {
        writer_to(Changes::default())
    }

    fn writer_to(changes: Changes) -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE numbers (number INTEGER UNIQUE) STRICT;
                 CREATE TABLE children (parent INTEGER REFERENCES numbers (number)
                                        DEFERRABLE INITIALLY DEFERRED) STRICT;",
            )
            .unwrap();
        let after = After { changes, ..After::default() };
        Writer::start(connection, None, Arc::new(SystemRandom), 16, after).unwrap()
    }

    async fn insert(writer: &Writer, number: i64) -> Result<()> {
        writer
            .write(move |tx| Ok(tx.execute("INSERT INTO numbers VALUES (?1)", [number])?))
            .await?;
        Ok(())
    }

    async fn numbers(writer: &Writer) -> Vec<i64> {
        let read = |tx: &Tx<'_>| {
            let mut statement = tx.prepare("SELECT number FROM numbers ORDER BY number")?;
            let numbers = statement.query_map([], |row| row.get(0))?;
            Ok(numbers.collect::<rusqlite::Result<_>>()?)
        };
        writer.write(read).await.unwrap()
    }

    /// Keeps the writer busy until it is told to go on, so that what follows becomes one group.
    fn hold(writer: &Writer) -> (impl Future<Output = Result<()>>, oneshot::Sender<()>) {
        let (go_on, told) = oneshot::channel::<()>();
        let told = Mutex::new(Some(told));
        let waiting = writer.write(move |_| {
            // Not when the group is done over.
            if let Some(told) = told.lock().unwrap().take() {
                told.blocking_recv().unwrap();
            }
            Ok(())
        });
        (waiting, go_on)
    }

    #[tokio::test]
    async fn a_failed_or_panicking_write_takes_only_its_own_changes_back() {
        let writer = writer();
        insert(&writer, 1).await.unwrap();
        let (held, go_on) = hold(&writer);
        let panicking = writer.write(|tx| -> Result<()> {
            tx.execute("INSERT INTO numbers VALUES (7)", [])?;
            panic!("a defect");
        });
        let failing = writer.write(|tx| {
            tx.execute("INSERT INTO numbers VALUES (8)", [])?;
            Ok(tx.execute("INSERT INTO numbers VALUES (1)", [])?)
        });
        let (two, three) = (insert(&writer, 2), insert(&writer, 3));
        let (held, two, panicked, failed, three, ()) =
            join!(held, two, panicking, failing, three, async { go_on.send(()).unwrap() });
        assert!(held.is_ok() && two.is_ok() && three.is_ok());
        assert!(matches!(panicked, Err(StoreError::Unavailable(_))));
        assert!(failed.is_err());
        assert_eq!(numbers(&writer).await, [1, 2, 3]);
        assert_eq!(writer.stats(), WriteStats { commits: 3, writes: 7 });
    }

    #[tokio::test]
    async fn nobody_is_told_that_a_write_is_done_if_the_commit_failed() {
        // The one is found out by the commit; the other ends the transaction under the group.
        let orphan = |tx: &Tx<'_>| Ok(tx.execute("INSERT INTO children VALUES (99)", [])?);
        let ending = |tx: &Tx<'_>| Ok(tx.execute_batch("ROLLBACK").map(|()| 0)?);
        let spoilers: [fn(&Tx<'_>) -> Result<usize>; 2] = [orphan, ending];
        for spoil in spoilers {
            let writer = writer();
            let (held, go_on) = hold(&writer);
            let (one, two) = (insert(&writer, 1), insert(&writer, 2));
            let (held, one, spoiler, two, ()) =
                join!(held, one, writer.write(spoil), two, async { go_on.send(()).unwrap() });
            for lost in [held, one, spoiler.map(drop)] {
                assert!(matches!(lost, Err(StoreError::Unavailable(_))));
            }
            // And the next group is well again.
            insert(&writer, 3).await.unwrap();
            // The write behind the spoiler may be in either group, but is where it was told to be.
            let expected = if two.is_ok() { &[2, 3][..] } else { &[3] };
            assert_eq!(numbers(&writer).await, expected);
        }
    }

    /// Which of three watched links were announced since the last time.
    fn heard(watches: &mut [Watch; 3]) -> [bool; 3] {
        watches.each_mut().map(|watch| {
            let changed = pin!(watch.changed());
            changed.poll(&mut Context::from_waker(Waker::noop())).is_ready()
        })
    }

    #[tokio::test]
    async fn what_changed_is_announced_after_the_commit_and_not_if_it_was_taken_back() {
        let changes = Changes::default();
        let writer = writer_to(changes.clone());
        let links = [1, 2, 3].map(|byte| LinkId::from_bytes([byte; 16]));
        let mut watches = links.map(|link| changes.watch(link));
        let (noted, (at_work, go_on)) = (oneshot::channel(), oneshot::channel::<()>());
        let once = Mutex::new(Some((noted.0, go_on)));
        let open = writer.write(move |tx| {
            tx.note_changed(links[0]);
            // Not when the group is done over.
            if let Some((noted, go_on)) = once.lock().unwrap().take() {
                noted.send(()).unwrap();
                go_on.blocking_recv().unwrap();
            }
            Ok(())
        });
        let failing = writer.write(move |tx| {
            tx.note_changed(links[1]);
            Ok(tx.execute("INSERT INTO nothing VALUES (1)", [])?)
        });
        let while_open = async {
            noted.1.await.unwrap();
            let early = heard(&mut watches);
            at_work.send(()).unwrap();
            early
        };
        let (open, failed, early) = join!(open, failing, while_open);
        assert_eq!((open.is_ok(), failed.is_err(), early), (true, true, [false; 3]));
        assert_eq!(heard(&mut watches), [true, false, false]);

        let lost = writer.write(move |tx| {
            tx.note_changed(links[2]);
            Ok(tx.execute("INSERT INTO children VALUES (99)", [])?)
        });
        assert!(lost.await.is_err());
        assert_eq!(heard(&mut watches), [false; 3]);
    }

    #[tokio::test]
    async fn a_closed_writer_takes_nothing_more() {
        let writer = writer();
        writer.close().await.unwrap();
        assert!(matches!(insert(&writer, 1).await, Err(StoreError::Unavailable(_))));
        writer.close().await.unwrap();
    }
}
