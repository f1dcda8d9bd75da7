//! Opening the file: who may read it, and the settings every connection runs with.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::OpenError;

/// More than the engine has statements, so that each is prepared once per connection.
const STATEMENTS: usize = 128;

/// POSIX drops all of a process's locks on a file when *any* descriptor of it is closed. Whoever
/// creates the file must have closed it before anybody here may open it as a database.
static CREATING: Mutex<()> = Mutex::new(());

/// Makes sure that the file and its folder exist; what is made belongs to the owner alone. SQLite
/// gives its side files the mode of the main one. The answer is absolute, which SQLite cannot take
/// for a `file:` URI or for `:memory:`.
pub(super) fn create_file(path: &Path) -> Result<PathBuf, OpenError> {
    let failed = |source| OpenError::File { path: path.to_owned(), source };
    let path = std::path::absolute(path).map_err(failed)?;
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);

    let _creating = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
    match options.open(&path) {
        Ok(_closed_at_once) => Ok(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(path),
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn open_writer(path: &Path, patience: Duration) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
    write_ahead(&connection, patience)?;
    // A verdict that was answered survives a power cut: every commit reaches the disk.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // In KiB when negative.
    connection.pragma_update(None, "cache_size", -8192)?;
    // In pages. The log is folded beside the writer; should that not keep up, or never come to the
    // log's end because writes go on and on, the writer does the rest at 64 MiB.
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    Ok(connection)
}

/// To fold the log with.
pub(super) fn open_folding(path: &Path, patience: Duration) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Turns the write-ahead log on. While another process does the same to a new file, SQLite answers
/// busy at once instead of waiting as it does elsewhere, so the waiting is done here.
fn write_ahead(connection: &Connection, patience: Duration) -> Result<(), OpenError> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        let mode: rusqlite::Result<String> =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(OpenError::NoWal),
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && waited < patience =>
            {
                thread::sleep(PAUSE);
                waited += PAUSE;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

pub(super) fn open_reader(path: &Path, patience: Duration) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, patience)?;
    connection.pragma_update(None, "cache_size", -2048)?;
    Ok(connection)
}

/// For reading or filling the whole file; whoever asks chooses the settings.
pub(super) fn open_whole(path: &Path, patience: Duration) -> Result<Connection, OpenError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)
}

/// Without memory-mapping: the mapped pages would count as ours, and a failing disk would be a
/// signal that ends the process instead of an error.
fn open(path: &Path, access: OpenFlags, patience: Duration) -> Result<Connection, OpenError> {
    // Each connection is used by one thread at a time, which the borrow checker sees to.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans depend on the statement alone, never on the values bound to it. Otherwise SQLite
    // would plan many of them again with every use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_cached_statement_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = create_file(&folder.path().join("a.db")).unwrap();
        let connection = open_writer(&path, Duration::from_secs(1)).unwrap();
        connection.execute_batch("CREATE TABLE a (b INTEGER) STRICT").unwrap();
        let sql = "SELECT b FROM a WHERE b = ?1 LIMIT ?2";
        for value in 0..5 {
            let mut statement = connection.prepare_cached(sql).unwrap();
            assert!(!statement.exists([value, value + 1]).unwrap());
        }
        let statement = connection.prepare_cached(sql).unwrap();
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
