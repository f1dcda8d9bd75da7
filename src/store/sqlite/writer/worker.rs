//! The writer's thread: takes what waits in the queue, runs it in one transaction, commits, answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread;

use rusqlite::Connection;

use super::super::super::Changes;
use super::super::statements::Statements;
use super::super::transaction::Tx;
use super::Counters;
use super::fold::Folder;
use super::job::Job;
use crate::domain::id::LinkId;
use crate::domain::random::Random;

/// Writes in one commit at most; more wait for the next, so that the first is not kept waiting.
const GROUP: usize = 256;

/// What lives on the writer's thread.
pub(super) struct Worker {
    pub(super) connection: Connection,
    pub(super) folder: Option<Folder>,
    pub(super) random: Arc<dyn Random>,
    pub(super) queue: Receiver<Box<dyn Job>>,
    pub(super) counters: Arc<Counters>,
    pub(super) changes: Changes,
}

impl Worker {
    pub(super) fn run(mut self) {
        let mut folding = self.folder.take();
        let statements = Statements::new(&self.connection);
        // Ends when every sender is gone and the queue is empty.
        while let Ok(first) = self.queue.recv() {
            let mut group = vec![first];
            let outcome = self.commit(&statements, &mut group);
            if let (Some(folding), Ok(_)) = (&mut folding, &outcome) {
                folding.committed(group.len() as u64);
            }
            if let Err(error) = &outcome {
                tracing::error!(%error, writes = group.len(), "a group of writes was lost");
                self.roll_back(&statements);
            }
            let lost = match outcome {
                Ok(changed) => {
                    self.changes.announce(changed);
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            for job in group {
                job.answer(lost.as_deref());
            }
        }
        statements.close();
        if let Some(folding) = folding {
            folding.stop();
        }
        let folded = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = folded {
            // Nothing is lost: the next opening reads the log.
            tracing::warn!(%error, "the log was not folded into the database");
        }
    }

    /// Runs the group, which takes in whatever else waits, in one transaction. Which links it
    /// changed.
    fn commit<'a>(
        &'a self,
        statements: &'a Statements<'a>,
        group: &mut Vec<Box<dyn Job>>,
    ) -> rusqlite::Result<Vec<LinkId>> {
        if let Err(error) = execute(statements, "BEGIN IMMEDIATE") {
            // Another process holds the file. Whoever waits has waited long enough.
            group.extend(self.queue.try_iter().take(GROUP));
            return Err(error);
        }
        let (mut done, mut apart, mut waited) = (0, false, false);
        let mut changed = Vec::new();
        while let Some(job) = group.get_mut(done) {
            if apart {
                changed.extend(self.run_apart(statements, job.as_mut())?);
            } else if let Some(links) = self.run_one(statements, job.as_mut())
                && !self.connection.is_autocommit()
            {
                changed.extend(links);
            } else {
                // What ends the transaction under a write (a full disk, say) may not look like a
                // failure of the write.
                self.roll_back(statements);
                execute(statements, "BEGIN IMMEDIATE")?;
                (done, apart) = (0, true);
                changed.clear();
                continue;
            }
            done += 1;
            if done == group.len() && done < GROUP {
                group.extend(self.queue.try_recv().ok());
            }
            if done == group.len() && done > 1 && !waited {
                // There is a burst: who is about to write gets in too, before the disk is synced.
                waited = true;
                thread::yield_now();
                group.extend(self.queue.try_recv().ok());
            }
        }
        execute(statements, "COMMIT")?;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.writes.fetch_add(done as u64, Ordering::Relaxed);
        Ok(changed)
    }

    /// Runs one write in its savepoint. Which links it changed, if its changes stay.
    fn run_apart<'a>(
        &'a self,
        statements: &'a Statements<'a>,
        job: &mut dyn Job,
    ) -> rusqlite::Result<Vec<LinkId>> {
        execute(statements, "SAVEPOINT job")?;
        let changed = self.run_one(statements, job);
        if changed.is_none() {
            // Fails if the error was of the kind that ends the whole transaction (disk full,
            // out of memory): then the group is lost.
            execute(statements, "ROLLBACK TO job")?;
        }
        execute(statements, "RELEASE job")?;
        Ok(changed.unwrap_or_default())
    }

    /// Runs one write. Which links it changed; `None` if its changes must not stay.
    fn run_one<'a>(
        &'a self,
        statements: &'a Statements<'a>,
        job: &mut dyn Job,
    ) -> Option<Vec<LinkId>> {
        let tx = Tx::new(statements, &*self.random);
        let keep = catch_unwind(AssertUnwindSafe(|| job.run(&tx))).unwrap_or_else(|_| {
            tracing::error!("a write panicked and is rolled back");
            false
        });
        keep.then(|| tx.into_changed())
    }

    fn roll_back(&self, statements: &Statements<'_>) {
        if !self.connection.is_autocommit()
            && let Err(error) = execute(statements, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction was not rolled back");
        }
    }
}

fn execute(statements: &Statements<'_>, statement: &'static str) -> rusqlite::Result<()> {
    statements.get(statement)?.execute([]).map(drop)
}
