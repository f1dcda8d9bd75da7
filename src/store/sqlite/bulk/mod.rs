//! Whole SQLite files: reading one that nobody else has open, and filling an empty one.

mod export;
mod import;

use std::path::Path;

use rusqlite::{Connection, ErrorCode};
use tokio::task::spawn_blocking;

pub use self::export::SqliteExport;
pub use self::import::SqliteImport;
use super::super::StoreError;
use super::super::bulk::{BulkError, Result};
use super::OpenError;

impl From<OpenError> for BulkError {
    fn from(error: OpenError) -> Self {
        Self::Open(error.to_string())
    }
}

impl From<rusqlite::Error> for BulkError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A connection that is lent to one thread that may block after another.
#[derive(Debug)]
struct Lent(Option<Connection>);

impl Lent {
    /// Runs `work` on a thread that may block. If the caller stops waiting the connection is gone,
    /// and with it whatever it had not committed.
    async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = self.0.take().ok_or_else(gone)?;
        let done = spawn_blocking(move || {
            let done = work(&connection);
            (connection, done)
        });
        let (connection, done) = done.await.map_err(|_| gone())?;
        self.0 = Some(connection);
        done
    }
}

fn gone() -> BulkError {
    BulkError::Store(StoreError::Unavailable("the connection broke down".to_owned()))
}

/// For the statements that keep others out: whether somebody was in already.
fn alone(path: &Path) -> impl Fn(rusqlite::Error) -> BulkError {
    |error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => BulkError::InUse(named(path)),
        _ => error.into(),
    }
}

fn named(path: &Path) -> String {
    path.display().to_string()
}
