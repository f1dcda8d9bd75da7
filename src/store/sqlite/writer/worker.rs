//! The writer's thread: takes what waits in the queue, runs it in one transaction, commits, answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread;

use rusqlite::Connection;

use super::super::statements::Statements;
use super::super::transaction::{Noted, Tx};
use super::fold::Folder;
use super::job::Job;
use super::{After, Counters};
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
    pub(super) after: After,
}

impl Worker {
    pub(super) fn run(mut self) {
        let folding = self.folder.take();
        let statements = Statements::new(&self.connection);
        // Ends when every sender is gone and the queue is empty.
        while let Ok(first) = self.queue.recv() {
            let mut group = vec![first];
            let outcome = self.commit(&statements, &mut group);
            if let (Some(folding), Ok(_)) = (&folding, &outcome) {
                folding.committed(group.len() as u64);
            }
            if let Err(error) = &outcome {
                tracing::error!(%error, writes = group.len(), "a group of writes was lost");
                self.roll_back(&statements);
            }
            let lost = match outcome {
                Ok(noted) => {
                    self.after.say(noted);
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

    /// Runs the group, which takes in whatever else waits, in one transaction. What is to be said
    /// of it.
    fn commit<'a>(
        &'a self,
        statements: &'a Statements<'a>,
        group: &mut Vec<Box<dyn Job>>,
    ) -> rusqlite::Result<Noted> {
        if let Err(error) = execute(statements, "BEGIN IMMEDIATE") {
            // Another process holds the file. Whoever waits has waited long enough.
            group.extend(self.queue.try_iter().take(GROUP));
            return Err(error);
        }
        let (mut done, mut apart, mut waited) = (0, false, false);
        let mut noted = Noted::default();
        while let Some(job) = group.get_mut(done) {
            if apart {
                noted.add(self.run_apart(statements, job.as_mut())?);
            } else if let Some(more) = self.run_one(statements, job.as_mut())
                && !self.connection.is_autocommit()
            {
                noted.add(more);
            } else {
                // What ends the transaction under a write (a full disk, say) may not look like a
                // failure of the write.
                self.roll_back(statements);
                execute(statements, "BEGIN IMMEDIATE")?;
                (done, apart) = (0, true);
                noted = Noted::default();
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
        Ok(noted)
    }

    /// Runs one write in its savepoint. What is to be said of it, if its changes stay.
    fn run_apart<'a>(
        &'a self,
        statements: &'a Statements<'a>,
        job: &mut dyn Job,
    ) -> rusqlite::Result<Noted> {
        execute(statements, "SAVEPOINT job")?;
        let noted = self.run_one(statements, job);
        if noted.is_none() {
            // Fails if the error was of the kind that ends the whole transaction (disk full,
            // out of memory): then the group is lost.
            execute(statements, "ROLLBACK TO job")?;
        }
        execute(statements, "RELEASE job")?;
        Ok(noted.unwrap_or_default())
    }

    /// Runs one write. What is to be said of it; `None` if its changes must not stay.
    fn run_one<'a>(&'a self, statements: &'a Statements<'a>, job: &mut dyn Job) -> Option<Noted> {
        let tx = Tx::new(statements, &*self.random, &self.after.takers);
        let keep = catch_unwind(AssertUnwindSafe(|| job.run(&tx))).unwrap_or_else(|_| {
            tracing::error!("a write panicked and is rolled back");
            false
        });
        keep.then(|| tx.into_noted())
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
