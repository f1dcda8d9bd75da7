//! What SQLite's errors mean to a caller of the store.

use rusqlite::{Error, ErrorCode};

use super::super::{Result, StoreError};

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => Self::Corrupt(error.to_string()),
            Error::SqliteFailure(failure, _)
                if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
            {
                Self::Corrupt(error.to_string())
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Holds a guarded statement to the one row it must touch; the transaction looked before, so
/// anything else is a defect and rolls everything back.
pub(super) fn exactly_one(statement: &str, touched: usize) -> Result<()> {
    if touched == 1 {
        Ok(())
    } else {
        Err(StoreError::Corrupt(format!("{statement} touched {touched} rows instead of one")))
    }
}

/// A row that another one promised is not there.
pub(super) fn missing(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is missing"))
}

/// JSON that could not be written; it is made of plain values, so this does not happen.
pub(super) fn unwritable(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}
