//! Bringing a database up to date: one transaction per migration.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::super::migration::{Applied, Migration, Misfit, migrations, missing};
use super::OpenError;
use crate::domain::clock::Timestamp;

/// The first three had their checks of words written with `IN`, which is slower and means the same.
pub(super) const ALL: &[Migration] = migrations! { "sqlite":
    1 "0001_customers_and_links"
        formerly "d77ae2a4cfeeb9f356acd8a19a9d6542ae924817f1501c7429bc87f518011978",
    2 "0002_ceremonies_and_verdicts"
        formerly "62b374218192f16e9f7feff9dccfaa536aade5a4fe494677b1bc6ae1360ed03d",
    3 "0003_events_and_deliveries"
        formerly "f339b44473eadc8a95764c574e3a1dd0673220532d5df2853b56fbfed65c63d4",
    4 "0004_keys_and_audit",
    5 "0005_parked_deliveries",
    6 "0006_links_by_maker_and_status",
    7 "0007_endpoints",
    8 "0008_calls_and_contacts",
    9 "0009_repeats",
    10 "0010_authenticator_apps",
    11 "0011_alerts",
    12 "0012_ended_links",
};

/// Applies what is missing. Several processes may do so at once: each step is decided on under
/// the write lock.
pub(super) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
    now: Timestamp,
) -> Result<(), OpenError> {
    let applied = applied(connection)?;
    for migration in missing(&applied, migrations)? {
        apply(connection, migration, now)?;
    }
    Ok(())
}

/// How many of our migrations a database has that is not to be changed.
pub(super) fn applied_of_ours(connection: &Connection) -> Result<usize, OpenError> {
    if !is_prepared(connection)? {
        return Ok(0);
    }
    let applied = read_applied(connection)?;
    missing(&applied, ALL)?;
    Ok(applied.len())
}

fn is_prepared(connection: &Connection) -> Result<bool, OpenError> {
    let present = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'";
    Ok(connection.query_row(present, [], |_| Ok(())).optional()?.is_some())
}

fn applied(connection: &mut Connection) -> Result<Vec<Applied>, OpenError> {
    if !is_prepared(connection)? {
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
    read_applied(connection)
}

fn read_applied(connection: &Connection) -> Result<Vec<Applied>, OpenError> {
    let mut statement =
        connection.prepare("SELECT version, name, checksum FROM migrations ORDER BY version")?;
    let rows = statement.query_map([], |row| {
        Ok(Applied { version: row.get(0)?, name: row.get(1)?, checksum: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn apply(
    connection: &mut Connection,
    migration: &Migration,
    now: Timestamp,
) -> Result<(), OpenError> {
    let Migration { version, name, sql, .. } = *migration;
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
        Some(checksum) if migration.is(&checksum) => return Ok(()),
        Some(_) => return Err(Misfit::Changed { version, name: name.to_owned() }.into()),
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(5);
    const ONE: Migration =
        Migration { version: 1, name: "0001_a", sql: "CREATE TABLE a (x)", former: None };
    const TWO: Migration =
        Migration { version: 2, name: "0002_b", sql: "CREATE TABLE b (x)", former: None };

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
    fn deliveries_that_waited_for_older_ones_are_parked() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &ALL[..4], NOW).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        let insert =
            "INSERT INTO deliveries (id, event, endpoint, customer, sequence, status, due_at)
                      VALUES (randomblob(16), zeroblob(16), zeroblob(16), ?1, ?2, ?3, ?4)";
        for (customer, sequence, status, due_at) in [
            (1, 1, "delivered", None),
            (1, 2, "retrying", Some(9000)),
            (1, 3, "pending", Some(100)),
            (1, 4, "pending", Some(200)),
            (2, 1, "held", None),
            (2, 5, "pending", Some(300)),
        ] {
            connection.execute(insert, ([customer; 16], sequence, status, due_at)).unwrap();
        }
        migrate(&mut connection, ALL, NOW).unwrap();
        let mut statement = connection
            .prepare("SELECT due_at FROM deliveries WHERE parked = 1 ORDER BY 1")
            .unwrap();
        let parked: Vec<i64> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(parked, [100, 200]);
    }

    #[test]
    fn migrations_are_numbered_without_gaps_and_named_by_their_number() {
        for (migration, number) in ALL.iter().zip(1..) {
            assert_eq!(migration.version, number);
            assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
        }
    }
}
