//! What goes wrong inside the engine, and what it means to a caller of the store.

use std::error::Error as _;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::super::StoreError;
use crate::domain::random::NoEntropy;

/// Why a piece of work came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// It met another transaction and may be done again from its start.
    Again(String),
    Store(StoreError),
}

/// What the engine's own functions come to.
pub(super) type Done<T> = Result<T, Failure>;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NoEntropy> for Failure {
    fn from(error: NoEntropy) -> Self {
        Self::Store(error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = text(&error);
        let Some(code) = error.code() else { return unavailable(text).into() };
        if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
            return Self::Again(text);
        }
        if *code == SqlState::LOCK_NOT_AVAILABLE {
            return StoreError::Busy.into();
        }
        let constraint = error.as_db_error().and_then(DbError::constraint);
        if *code == SqlState::UNIQUE_VIOLATION && constraint == Some("links_by_door") {
            return StoreError::Taken.into();
        }
        // A guard of the schema that our own guards did not come before, or a damaged page.
        let broken = code.code().starts_with("23")
            || [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code);
        if broken { StoreError::Corrupt(text).into() } else { unavailable(text).into() }
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Timeout(TimeoutType::Wait) => StoreError::Busy.into(),
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                unavailable("the database server does not answer").into()
            }
            PoolError::Backend(error) => error.into(),
            PoolError::Closed => closed().into(),
            error @ (PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => {
                unavailable(error.to_string()).into()
            }
        }
    }
}

/// In words for a log: the server's message and its code, never its DETAIL, which quotes rows.
pub(super) fn text(error: &Error) -> String {
    if let Some(db) = error.as_db_error() {
        return of_server(db);
    }
    // What it says of a column, a parameter or a socket names no value.
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn of_server(error: &DbError) -> String {
    let code = error.code().code();
    match error.constraint() {
        Some(constraint) => format!("{} ({code}, {constraint})", error.message()),
        None => format!("{} ({code})", error.message()),
    }
}

/// A row does not read as what was written.
pub(super) fn unreadable(error: &Error) -> Failure {
    StoreError::Corrupt(text(error)).into()
}

pub(super) fn corrupt(what: impl Into<String>) -> Failure {
    StoreError::Corrupt(what.into()).into()
}

/// A row that another one promised is not there.
pub(super) fn missing(what: &str) -> Failure {
    corrupt(format!("{what} is missing"))
}

/// JSON that could not be written; it is made of plain values, so this does not happen.
pub(super) fn unwritable(error: &serde_json::Error) -> Failure {
    corrupt(error.to_string())
}

pub(super) fn unavailable(why: impl Into<String>) -> StoreError {
    StoreError::Unavailable(why.into())
}

pub(super) fn closed() -> StoreError {
    unavailable("it is closed")
}
