//! The description of the tables is what the schemas are.

use std::collections::BTreeMap;

use vouchlink::store::bulk::tables::{Kind, TABLES};

use super::{open, path};
use crate::support::postgres::Place;

/// A column's name, type and whether it may be NULL.
type Columns = Vec<(String, String, bool)>;

/// As the description has them, types in an engine's words.
fn described(word: impl Fn(Kind) -> &'static str) -> BTreeMap<String, Columns> {
    let columns = |columns: &[vouchlink::store::bulk::tables::Column]| {
        columns
            .iter()
            .map(|column| (column.name.to_owned(), word(column.kind).to_owned(), column.nullable))
            .collect()
    };
    TABLES.iter().map(|table| (table.name.to_owned(), columns(table.columns))).collect()
}

#[test]
fn the_description_is_the_schema_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&path(&folder)));
    let connection = rusqlite::Connection::open(path(&folder)).unwrap();
    let mut found = BTreeMap::new();
    for name in texts(&connection, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
        if name == "migrations" || name.starts_with("sqlite_") {
            continue;
        }
        let mut statement = connection
            .prepare("SELECT name, type, \"notnull\" = 0 AND pk = 0 FROM pragma_table_info(?1)")
            .unwrap();
        let columns = statement
            .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .collect::<Result<Columns, _>>()
            .unwrap();
        found.insert(name, columns);
    }
    let word = |kind| match kind {
        Kind::Id | Kind::Bytes => "BLOB",
        Kind::Integer | Kind::Bool => "INTEGER",
        Kind::Text => "TEXT",
    };
    assert_eq!(found, described(word));
}

/// What SQLite does not tell apart by type, its checks do.
#[test]
fn columns_that_hold_truths_say_so() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&path(&folder)));
    let connection = rusqlite::Connection::open(path(&folder)).unwrap();
    for table in TABLES {
        let sql = format!("SELECT sql FROM sqlite_schema WHERE name = '{}'", table.name);
        let sql = texts(&connection, &sql).remove(0);
        for column in table.columns {
            let checked = sql.contains(&format!("CHECK ({} IN (0, 1))", column.name));
            assert_eq!(checked, column.kind == Kind::Bool, "{}.{}", table.name, column.name);
        }
    }
}

#[test]
fn keys_tell_rows_apart_and_references_come_after_what_they_name() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&path(&folder)));
    let connection = rusqlite::Connection::open(path(&folder)).unwrap();
    let mut before = Vec::new();
    for table in TABLES {
        let name = table.name;
        let unique = texts(
            &connection,
            &format!(
                "SELECT group_concat(info.name) FROM pragma_index_list('{name}') list,
                        pragma_index_info(list.name) info
                 WHERE list.\"unique\" AND NOT list.partial GROUP BY list.name"
            ),
        );
        let key = table.key.join(",");
        // The number of a row that is its key has no index of its own.
        assert!(unique.contains(&key) || (name, key.as_str()) == ("audit", "id"), "{name}");
        let named =
            texts(&connection, &format!("SELECT \"table\" FROM pragma_foreign_key_list('{name}')"));
        assert!(named.iter().all(|named| before.contains(named)), "{name} refers to {named:?}");
        before.push(name.to_owned());
    }
}

fn texts(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_the_schema_of_postgresql() {
    let place = Place::new().await;
    let rows = place
        .raw()
        .await
        .query(
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES'
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name <> 'migrations'
             ORDER BY table_name, ordinal_position",
            &[],
        )
        .await
        .unwrap();
    let mut found: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows {
        let column = (row.get(1), row.get(2), row.get(3));
        found.entry(row.get(0)).or_default().push(column);
    }
    let word = |kind| match kind {
        Kind::Id => "uuid",
        Kind::Bytes => "bytea",
        Kind::Integer => "bigint",
        Kind::Bool => "boolean",
        Kind::Text => "text",
    };
    assert_eq!(found, described(word));
}
