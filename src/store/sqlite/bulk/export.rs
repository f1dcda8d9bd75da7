//! Reading a whole file, with everybody else kept out, and without changing a byte of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use tokio::sync::mpsc::Sender;

use super::super::super::bulk::tables::{Kind, TABLES, TextOrder};
use super::super::super::bulk::{Batch, BulkError, Counts, Export, Result, Table, Unfit, Value};
use super::super::{connection, migrate};
use super::{Lent, alone, named};

/// A file that is read as a whole.
#[derive(Debug)]
pub struct SqliteExport {
    connection: Lent,
}

/// A command beside us is done in less.
const PATIENCE: Duration = Duration::from_millis(500);

impl SqliteExport {
    /// Opens a file that must exist, be up to date and be in nobody's use; nobody can open it until
    /// this is dropped. Blocks for a moment.
    ///
    /// # Errors
    /// [`BulkError::Missing`], [`BulkError::InUse`], [`BulkError::Behind`], [`BulkError::Open`].
    pub fn open(path: &Path) -> Result<Self> {
        if !path.is_file() {
            return Err(BulkError::Missing(named(path)));
        }
        let connection = connection::open_whole(path, PATIENCE)?;
        // What a process that died left in the log is read from there, and stays there.
        let logged = std::fs::metadata(log(path)).is_ok_and(|log| log.len() > 0);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, logged)?;
        // In WAL mode the first read fails while anybody else has the file open; in the other modes
        // of a file that was restored from a backup, the lock that a writer takes does.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.execute_batch("BEGIN EXCLUSIVE").map_err(alone(path))?;
        connection.pragma_update(None, "query_only", true)?;
        let found = migrate::applied_of_ours(&connection)?;
        if found < migrate::ALL.len() {
            return Err(BulkError::Behind { found, needed: migrate::ALL.len() });
        }
        Ok(Self { connection: Lent(Some(connection)) })
    }
}

fn log(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

#[async_trait]
impl Export for SqliteExport {
    async fn count(&mut self) -> Result<Counts> {
        self.connection.run(count).await
    }

    async fn export(&mut self, table: &'static Table, batches: Sender<Batch>) -> Result<()> {
        self.connection.run(move |connection| export(connection, table, &batches)).await
    }
}

pub(super) fn count(connection: &Connection) -> Result<Counts> {
    let mut counts = Counts::new();
    for table in TABLES {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        if rows > 0 {
            counts.insert(table.name, rows.unsigned_abs());
        }
    }
    Ok(counts)
}

pub(super) fn export(
    connection: &Connection,
    table: &'static Table,
    batches: &Sender<Batch>,
) -> Result<()> {
    let mut statement = connection.prepare(&table.select(TextOrder::Natural))?;
    let mut rows = statement.raw_query();
    let mut batch = Batch::new(table);
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(table.columns.len());
        for (index, column) in table.columns.iter().enumerate() {
            let unfit = Unfit { table: table.name, column: column.name };
            values.push(value(row.get_ref(index)?, column.kind).ok_or(unfit)?);
        }
        batch.push(&values)?;
        if batch.is_full()
            && batches.blocking_send(std::mem::replace(&mut batch, Batch::new(table))).is_err()
        {
            return Ok(());
        }
    }
    if !batch.is_empty() {
        // Nobody takes it: there is nothing left to send either.
        let _ = batches.blocking_send(batch);
    }
    Ok(())
}

fn value(value: ValueRef<'_>, kind: Kind) -> Option<Value<'_>> {
    match (value, kind) {
        (ValueRef::Null, _) => Some(Value::Null),
        (ValueRef::Integer(0), Kind::Bool) => Some(Value::Bool(false)),
        (ValueRef::Integer(1), Kind::Bool) => Some(Value::Bool(true)),
        (ValueRef::Integer(number), Kind::Integer) => Some(Value::Integer(number)),
        (ValueRef::Blob(bytes), Kind::Id | Kind::Bytes) => Some(Value::Bytes(bytes)),
        (ValueRef::Text(text), Kind::Text) => std::str::from_utf8(text).ok().map(Value::Text),
        _ => None,
    }
}
