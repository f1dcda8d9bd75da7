//! What a write works with: the open transaction, the randomness for new ids and a list of what is
//! said after its commit; and how a batch gets past a row that cannot be read.

use std::cell::RefCell;
use std::ops::Deref;

use rusqlite::Connection;

use super::super::{Result, StoreError};
use super::statements::Statements;
use super::takers::{Kept, Place, Takers};
use crate::domain::id::{EndpointId, Id, LinkId};
use crate::domain::random::Random;

/// One write's part of the running transaction.
pub(super) struct Tx<'a> {
    pub(super) statements: &'a Statements<'a>,
    pub(super) random: &'a dyn Random,
    takers: &'a Takers,
    noted: RefCell<Noted>,
}

/// What is said after the commit.
#[derive(Default)]
pub(super) struct Noted {
    /// Links that are no longer as they were.
    pub(super) changed: Vec<LinkId>,
    /// New deliveries for those who take them.
    pub(super) kept: Vec<Kept>,
}

impl Noted {
    pub(super) fn add(&mut self, more: Self) {
        self.changed.extend(more.changed);
        self.kept.extend(more.kept);
    }
}

impl<'a> Tx<'a> {
    pub(super) fn new(
        statements: &'a Statements<'a>,
        random: &'a dyn Random,
        takers: &'a Takers,
    ) -> Self {
        Self { statements, random, takers, noted: RefCell::default() }
    }

    /// Notes that what staff see of this link has changed.
    pub(super) fn note_changed(&self, link: LinkId) {
        self.noted.borrow_mut().changed.push(link);
    }

    /// A place for a new delivery with a worker that takes them.
    pub(super) fn place(&self, endpoint: EndpointId) -> Option<Place> {
        self.takers.place(endpoint)
    }

    /// Hands it over after the commit.
    pub(super) fn keep(&self, kept: Kept) {
        self.noted.borrow_mut().kept.push(kept);
    }

    pub(super) fn into_noted(self) -> Noted {
        self.noted.into_inner()
    }

    fn noted_so_far(&self) -> (usize, usize) {
        let noted = self.noted.borrow();
        (noted.changed.len(), noted.kept.len())
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
            let (changed, kept) = self.noted_so_far();
            match work(id) {
                Ok(()) => done += 1,
                Err(StoreError::Corrupt(error)) => {
                    tracing::error!(what, %id, error, "skipped what cannot be read");
                    self.prepare_cached("-- undo_one\nROLLBACK TO one")?.execute([])?;
                    let mut noted = self.noted.borrow_mut();
                    noted.changed.truncate(changed);
                    noted.kept.truncate(kept);
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
