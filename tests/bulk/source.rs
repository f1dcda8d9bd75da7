//! A SQLite file as a source: whole, alone, and left as it was.

use vouchlink::store::Store;
use vouchlink::store::bulk::tables::TABLES;
use vouchlink::store::bulk::{BulkError, transfer};
use vouchlink::store::sqlite::bulk::{SqliteExport, SqliteImport};

use super::{CACHE, Nobody, import, open, path, seeded};
use crate::support::clock::ManualClock;

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_is_the_same_and_the_source_is_left_as_it_was() {
    let folder = seeded().await;
    let before = std::fs::read(path(&folder)).unwrap();
    let target = tempfile::tempdir().unwrap();
    let mut source = SqliteExport::open(&path(&folder)).unwrap();
    let moved = transfer(&mut source, import(&path(&target)), &mut Nobody).await.unwrap();
    assert_eq!(moved.len(), TABLES.len());
    drop(source);
    assert_eq!(std::fs::read(path(&folder)).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    super::seeding::agree(&open(&path(&target))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_server_has_open_is_refused_until_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(&path(&folder));
    let refused = SqliteExport::open(&path(&folder)).unwrap_err();
    assert!(matches!(refused, BulkError::InUse(_)), "{refused}");
    server.close().await.unwrap();
    let source = SqliteExport::open(&path(&folder)).unwrap();
    // And the other way round: nobody gets in while it is read.
    let connection = rusqlite::Connection::open(path(&folder)).unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    assert!(connection.query_row("SELECT count(*) FROM links", [], |_| Ok(())).is_err());
    drop(source);
    connection.query_row("SELECT count(*) FROM links", [], |_| Ok(())).unwrap();
}

/// What a killed server left in the log is part of the database.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_log_only_is_read_and_stays_there() {
    let folder = seeded().await;
    let copy = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(path(&folder)).unwrap();
    connection.execute("UPDATE customers SET username = 'renamed'", []).unwrap();
    for name in ["vouchlink.db", "vouchlink.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let log = std::fs::read(copy.path().join("vouchlink.db-wal")).unwrap();
    let target = tempfile::tempdir().unwrap();
    let mut source = SqliteExport::open(&path(&copy)).unwrap();
    transfer(&mut source, import(&path(&target)), &mut Nobody).await.unwrap();
    drop(source);
    assert_eq!(std::fs::read(copy.path().join("vouchlink.db-wal")).unwrap(), log);
    let renamed: i64 = rusqlite::Connection::open(path(&target))
        .unwrap()
        .query_row("SELECT count(*) FROM customers WHERE username = 'renamed'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(renamed, 300);
}

#[test]
fn a_file_that_is_missing_or_behind_or_of_a_newer_version_is_no_source() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder);
    assert!(matches!(SqliteExport::open(&file), Err(BulkError::Missing(_))));
    assert!(!file.exists());
    drop(open(&file));
    let raw = || rusqlite::Connection::open(&file).unwrap();
    let newest = "DELETE FROM migrations WHERE version = (SELECT max(version) FROM migrations)";
    raw().execute(newest, []).unwrap();
    let refused = SqliteExport::open(&file).unwrap_err();
    assert!(matches!(refused, BulkError::Behind { .. }), "{refused}");
    raw().execute("UPDATE migrations SET checksum = 'else' WHERE version = 2", []).unwrap();
    assert!(matches!(SqliteExport::open(&file), Err(BulkError::Open(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_holds_something_or_is_in_use_is_no_target() {
    let folder = seeded().await;
    let refused = SqliteImport::open(&path(&folder), CACHE, ManualClock::START).unwrap_err();
    let said = refused.to_string();
    assert!(matches!(refused, BulkError::NotEmpty(_)), "{said}");
    assert!(said.contains("customers: 300"), "{said}");
    let store = open(&path(&folder));
    let refused = SqliteImport::open(&path(&folder), CACHE, ManualClock::START).unwrap_err();
    assert!(matches!(refused, BulkError::InUse(_)), "{refused}");
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_given_up_leaves_an_empty_file() {
    let folder = tempfile::tempdir().unwrap();
    let source = seeded().await;
    let mut target = import(&path(&folder));
    let mut export = SqliteExport::open(&path(&source)).unwrap();
    let (out, batches) = tokio::sync::mpsc::channel(4);
    let table = &TABLES[0];
    let (exported, imported) = tokio::join!(
        vouchlink::store::bulk::Export::export(&mut export, table, out),
        target.import(table, batches)
    );
    exported.unwrap();
    imported.unwrap();
    drop(target);
    // It can be filled again, and has all its indexes.
    super::seed::fill(super::small_year(), import(&path(&folder)), &mut Nobody).await.unwrap();
    super::seeding::agree(&open(&path(&folder))).await;
}
