//! What a write works with: the open transaction, the randomness for new ids and a list of what it
//! changed; and how a batch gets past a row that cannot be read.

use std::cell::RefCell;
use std::ops::Deref;

use rusqlite::Connection;

use super::super::{Result, StoreError};
use super::statements::Statements;
use crate::domain::id::{Id, LinkId};
use crate::domain::random::Random;

/// One write's part of the running transaction.
pub(super) struct Tx<'a> {
    pub(super) statements: &'a Statements<'a>,
    pub(super) random: &'a dyn Random,
    /// Links that are no longer as they were, to be announced after the commit.
    changed: RefCell<Vec<LinkId>>,
}

impl<'a> Tx<'a> {
    pub(super) const fn new(statements: &'a Statements<'a>, random: &'a dyn Random) -> Self {
        Self { statements, random, changed: RefCell::new(Vec::new()) }
    }

    /// Notes that what staff see of this link has changed.
    pub(super) fn note_changed(&self, link: LinkId) {
        self.changed.borrow_mut().push(link);
    }

    pub(super) fn into_changed(self) -> Vec<LinkId> {
        self.changed.into_inner()
    }

    /// Does `work` for each; how many it was done for. One that is `Corrupt` is logged, leaves
    /// nothing of its work and does not keep the others waiting for ever.
    pub(super) fn each_readable<E>(
        &self,
        what: &'static str,
        ids: &[Id<E>],
        mut work: impl FnMut(&Id<E>) -> Result<()>,
    ) -> Result<usize>
    where
        Id<E>: std::fmt::Display,
    {
        let mut done = 0;
        for id in ids {
            self.prepare_cached("-- begin_one\nSAVEPOINT one")?.execute([])?;
            let noted = self.changed.borrow().len();
            match work(id) {
                Ok(()) => done += 1,
                Err(StoreError::Corrupt(error)) => {
                    tracing::error!(what, %id, error, "skipped what cannot be read");
                    self.prepare_cached("-- undo_one\nROLLBACK TO one")?.execute([])?;
                    self.changed.borrow_mut().truncate(noted);
                }
                Err(error) => return Err(error),
            }
            self.prepare_cached("-- end_one\nRELEASE one")?.execute([])?;
        }
        Ok(done)
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.statements.connection()
    }
}
