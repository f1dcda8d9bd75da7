//! Bringing a database up to date: forward only, one transaction per migration, and only if
//! what was applied before is what this program knows.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::OpenError;
use crate::domain::clock::Timestamp;
use crate::domain::digest::sha256;
use crate::domain::encoding::hex;

/// One step, named as its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Migration {
    version: u32,
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal,)*) => {
        &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
        },)*]
    };
}

/// In order. A file that was released is never edited: databases know its checksum.
pub(super) const ALL: &[Migration] = migrations! {
    1 "0001_customers_and_links",
    2 "0002_ceremonies_and_verdicts",
    3 "0003_events_and_deliveries",
    4 "0004_keys_and_audit",
};

struct Applied {
    version: u32,
    name: String,
    checksum: String,
}

/// Applies what is missing. Several processes may do so at once: each step is decided on under
/// the write lock.
pub(super) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
    now: Timestamp,
) -> Result<(), OpenError> {
    let applied = applied(connection)?;
    check(&applied, migrations)?;
    for migration in migrations.iter().skip(applied.len()) {
        apply(connection, migration, now)?;
    }
    Ok(())
}

fn applied(connection: &mut Connection) -> Result<Vec<Applied>, OpenError> {
    let present = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'";
    if connection.query_row(present, [], |_| Ok(())).optional()?.is_none() {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(
            "CREATE TABLE IF NOT EXISTS migrations (
                 version     INTEGER NOT NULL PRIMARY KEY,
                 name        TEXT    NOT NULL,
                 -- SHA-256 of the file, in hexadecimal.
                 checksum    TEXT    NOT NULL,
                 applied_at  INTEGER NOT NULL
             ) STRICT",
        )?;
        tx.commit()?;
    }
    let mut statement =
        connection.prepare("SELECT version, name, checksum FROM migrations ORDER BY version")?;
    let rows = statement.query_map([], |row| {
        Ok(Applied { version: row.get(0)?, name: row.get(1)?, checksum: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether the database's history is the beginning of ours.
fn check(applied: &[Applied], migrations: &[Migration]) -> Result<(), OpenError> {
    let mut ours = migrations.iter();
    for theirs in applied {
        let Applied { version, name, checksum } = theirs;
        let Some(known) = ours.next() else {
            return Err(OpenError::Newer { version: *version, name: name.clone() });
        };
        if known.version != *version || known.checksum() != *checksum {
            return Err(OpenError::MigrationChanged { version: *version, name: name.clone() });
        }
    }
    Ok(())
}

fn apply(
    connection: &mut Connection,
    migration: &Migration,
    now: Timestamp,
) -> Result<(), OpenError> {
    let Migration { version, name, sql } = *migration;
    let failed = |source| OpenError::Migration { version, name, source };
    let tx =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let present: Option<String> = tx
        .query_row("SELECT checksum FROM migrations WHERE version = ?1", [version], |row| {
            row.get(0)
        })
        .optional()
        .map_err(failed)?;
    match present {
        // Another process was faster.
        Some(checksum) if checksum == migration.checksum() => return Ok(()),
        Some(_) => return Err(OpenError::MigrationChanged { version, name: name.to_owned() }),
        None => {}
    }
    tx.execute_batch(sql).map_err(failed)?;
    tx.execute(
        "INSERT INTO migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
        (version, name, migration.checksum(), now.millis()),
    )
    .map_err(failed)?;
    tx.commit().map_err(failed)
}

impl Migration {
    fn checksum(&self) -> String {
        hex(&sha256(&[self.sql.as_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(5);
    const ONE: Migration = Migration { version: 1, name: "0001_a", sql: "CREATE TABLE a (x)" };
    const TWO: Migration = Migration { version: 2, name: "0002_b", sql: "CREATE TABLE b (x)" };

    #[test]
    fn only_what_is_missing_is_applied() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[ONE], NOW).unwrap();
        migrate(&mut connection, &[ONE, TWO], Timestamp::from_millis(9)).unwrap();
        migrate(&mut connection, &[ONE, TWO], Timestamp::from_millis(10)).unwrap();
        let mut statement = connection.prepare("SELECT applied_at FROM migrations").unwrap();
        let times: Vec<i64> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(times, [5, 9]);
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing_of_itself() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = Migration { sql: "CREATE TABLE b (x); CREATE TABLE a (x)", ..TWO };
        let error = migrate(&mut connection, &[ONE, broken], NOW).unwrap_err();
        assert!(matches!(error, OpenError::Migration { version: 2, .. }), "{error}");
        migrate(&mut connection, &[ONE, TWO], NOW).unwrap();
    }

    #[test]
    fn migrations_are_numbered_without_gaps_and_named_by_their_number() {
        for (migration, number) in ALL.iter().zip(1..) {
            assert_eq!(migration.version, number);
            assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
        }
    }
}
