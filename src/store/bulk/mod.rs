//! Everything at once: rows of all tables out of one engine and into another, or into an empty
//! database from elsewhere, fast and in bounded memory.
//!
//! Nothing here knows SQL's dialects: each engine has an [`Export`] and an [`Import`] in its folder.
//! An import is one transaction; what it leaves behind is either everything or nothing.

mod batch;
mod checksum;
mod table;
pub mod tables;
mod transfer;

use std::collections::BTreeMap;

use async_trait::async_trait;
use tokio::sync::mpsc::{Receiver, Sender};

pub use self::batch::{Batch, Row, Unfit, Value};
pub use self::checksum::{Checksum, Summing};
pub use self::tables::Table;
pub use self::transfer::{Moved, Observer, transfer};
use super::StoreError;

/// Batches on their way at once; with what is read and written around them, about 2 MiB.
pub const CHANNEL: usize = 4;

/// Rows by table.
pub type Counts = BTreeMap<&'static str, u64>;

/// Why rows could not be moved. The target is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    #[error("there is no database at {0}")]
    Missing(String),
    #[error("{0} is in use: stop the server, and whatever else has it open, first")]
    InUse(String),
    /// The source is never changed, so it is not brought up to date either.
    #[error(
        "the source is at migration {found} of {needed}: bring it up to date first, with \
         DATABASE_URL set to it: vouchlink migrate"
    )]
    Behind { found: usize, needed: usize },
    #[error("the target is not empty ({}): give an empty database", listed(.0))]
    NotEmpty(Counts),
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error(
        "what was written to {table} is not what was read ({written:?} instead of {read:?}): \
         nothing was kept"
    )]
    Mismatch { table: &'static str, read: Checksum, written: Checksum },
    /// The database cannot be opened or does not belong to this version.
    #[error("{0}")]
    Open(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn listed(counts: &Counts) -> String {
    let listed: Vec<String> =
        counts.iter().map(|(table, rows)| format!("{table}: {rows}")).collect();
    listed.join(", ")
}

pub type Result<T> = std::result::Result<T, BulkError>;

/// Reads a whole database as it is at one moment.
#[async_trait]
pub trait Export: Send {
    /// How many rows each table has, tables without any left out.
    async fn count(&mut self) -> Result<Counts>;

    /// Sends all rows of a table in the order of its key. Ends early, without an error, if nobody
    /// takes them any more.
    async fn export(&mut self, table: &'static Table, batches: Sender<Batch>) -> Result<()>;
}

/// Fills an empty database in one transaction, which is rolled back when this is dropped. What it
/// exports is what it has written.
#[async_trait]
pub trait Import: Export {
    /// Writes rows of one table; tables come in the order of [`tables::TABLES`].
    async fn import(&mut self, table: &'static Table, batches: Receiver<Batch>) -> Result<()>;

    /// After the last row: makes the indexes, counters and whatever else the load went without,
    /// and checks that no row refers to one that is not there.
    async fn seal(&mut self) -> Result<()>;

    /// Makes everything durable, and ready to be used.
    async fn commit(self: Box<Self>) -> Result<()>;
}
