//! Filling an empty file in one transaction. With a rollback journal in place of the write-ahead
//! log this costs almost nothing: pages that the file did not have before are not journaled, and
//! nothing is synced before the commit. Nobody else can have the file open meanwhile.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::mpsc::{Receiver, Sender};

use super::super::super::StoreError;
use super::super::super::bulk::{Batch, BulkError, Counts, Export, Import, Result, Table, Value};
use super::super::{connection, migrate};
use super::{Lent, alone, export};
use crate::domain::clock::Timestamp;

/// A file that is filled.
#[derive(Debug)]
pub struct SqliteImport {
    connection: Lent,
    /// Names and statements of the indexes that the load goes without: made at once they are sorted
    /// once, instead of being written all over with every row.
    indexes: Vec<String>,
}

impl SqliteImport {
    /// Opens a file, creates it if it is not there and brings it up to date; it must be empty and in
    /// nobody's use. `cache_kib` is what SQLite may keep in memory; keys that come in no order
    /// want much of it. Blocks for as long as the migrations take.
    ///
    /// # Errors
    /// [`BulkError::NotEmpty`], [`BulkError::InUse`], [`BulkError::Open`].
    pub fn open(path: &Path, cache_kib: u32, now: Timestamp) -> Result<Self> {
        let path = connection::create_file(path)?;
        let mut connection = connection::open_whole(&path, Duration::ZERO)?;
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
        // Indexes are sorted in files.
        connection.pragma_update(None, "temp_store", "FILE")?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection
            .pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
            .map_err(alone(&path))?;
        migrate::migrate(&mut connection, migrate::ALL, now)?;
        connection.execute_batch("BEGIN EXCLUSIVE").map_err(alone(&path))?;
        let counts = export::count(&connection)?;
        if !counts.is_empty() {
            return Err(BulkError::NotEmpty(counts));
        }
        let indexes = take_indexes_off(&connection)?;
        Ok(Self { connection: Lent(Some(connection)), indexes })
    }
}

/// Those that a constraint made have no statement, and stay.
fn take_indexes_off(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")?;
    let indexes = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let indexes = indexes.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX \"{name}\""))?;
    }
    Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
}

#[async_trait]
impl Export for SqliteImport {
    async fn count(&mut self) -> Result<Counts> {
        self.connection.run(export::count).await
    }

    async fn export(&mut self, table: &'static Table, batches: Sender<Batch>) -> Result<()> {
        self.connection.run(move |connection| export::export(connection, table, &batches)).await
    }
}

#[async_trait]
impl Import for SqliteImport {
    async fn import(&mut self, table: &'static Table, batches: Receiver<Batch>) -> Result<()> {
        self.connection.run(move |connection| insert(connection, table, batches)).await
    }

    async fn seal(&mut self) -> Result<()> {
        let indexes = std::mem::take(&mut self.indexes);
        self.connection
            .run(move |connection| {
                for index in indexes {
                    connection.execute_batch(&index)?;
                }
                check_references(connection)
            })
            .await
    }

    async fn commit(mut self: Box<Self>) -> Result<()> {
        self.connection
            .run(|connection| {
                connection.execute_batch("COMMIT")?;
                // As the server will have it.
                connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
                Ok(())
            })
            .await
    }
}

fn insert(
    connection: &Connection,
    table: &'static Table,
    mut batches: Receiver<Batch>,
) -> Result<()> {
    let Table { name, .. } = *table;
    let (columns, places) = (table.column_list(), vec!["?"; table.columns.len()].join(", "));
    let sql = format!("-- import_{name}\nINSERT INTO {name} ({columns}) VALUES ({places})");
    let mut statement = connection.prepare(&sql)?;
    while let Some(batch) = batches.blocking_recv() {
        for row in batch.rows() {
            for (value, place) in row.values().zip(1..) {
                match value {
                    Value::Null => statement.raw_bind_parameter(place, rusqlite::types::Null)?,
                    Value::Integer(number) => statement.raw_bind_parameter(place, number)?,
                    Value::Bool(truth) => statement.raw_bind_parameter(place, truth)?,
                    Value::Bytes(bytes) => statement.raw_bind_parameter(place, bytes)?,
                    Value::Text(text) => statement.raw_bind_parameter(place, text)?,
                }
            }
            statement.raw_execute()?;
        }
    }
    Ok(())
}

/// The one check that was off while rows came in.
fn check_references(connection: &Connection) -> Result<()> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let mut dangling = statement.query([])?;
    match dangling.next()? {
        None => Ok(()),
        Some(row) => {
            let table: String = row.get(0)?;
            let what = format!("a row of {table} refers to one that is not there");
            Err(StoreError::Corrupt(what).into())
        }
    }
}
