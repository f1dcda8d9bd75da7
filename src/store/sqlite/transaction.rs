//! What a write works with: the open transaction and the randomness for new ids; and how a batch
//! gets past a row that cannot be read.

use std::ops::Deref;

use rusqlite::Connection;

use super::super::{Result, StoreError};
use crate::domain::id::Id;
use crate::domain::random::Random;

/// One write's part of the running transaction: its own savepoint.
pub(super) struct Tx<'a> {
    pub(super) connection: &'a Connection,
    pub(super) random: &'a dyn Random,
}

impl Tx<'_> {
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
            match work(id) {
                Ok(()) => done += 1,
                Err(StoreError::Corrupt(error)) => {
                    tracing::error!(what, %id, error, "skipped what cannot be read");
                    self.prepare_cached("-- undo_one\nROLLBACK TO one")?.execute([])?;
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
        self.connection
    }
}
