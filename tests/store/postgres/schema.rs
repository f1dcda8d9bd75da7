//! The schema agrees with the domain and with SQLite's, and guards what is written once.

use std::collections::BTreeSet;

use vouchlink::store::Endpoints;

use super::super::words;
use super::contract::samples::{T0, built_in, create_asking, enrol};
use crate::repo::tree::files;
use crate::support::postgres::Place;

/// Table, column, whether it may be NULL; in order.
type Column = (String, String, bool);

/// Rows of the one can be copied into the other.
#[tokio::test]
async fn tables_and_columns_are_sqlites_in_the_same_order() {
    let lite = rusqlite::Connection::open_in_memory().unwrap();
    for file in files("migrations/sqlite", &[".sql"]) {
        lite.execute_batch(&file.text).unwrap();
    }
    let mut statement = lite
        .prepare(
            "SELECT t.name, c.name, c.\"notnull\" = 0 AND c.pk = 0, c.type
             FROM sqlite_schema t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid",
        )
        .unwrap();
    let theirs: Vec<(Column, String)> = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();

    let place = Place::new().await;
    let rows = place
        .raw()
        .await
        .query(
            "SELECT table_name::text COLLATE \"C\", column_name::text, is_nullable = 'YES',
                    data_type::text
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name <> 'migrations'
             ORDER BY 1, ordinal_position",
            &[],
        )
        .await
        .unwrap();
    let ours: Vec<(Column, String)> =
        rows.iter().map(|row| ((row.get(0), row.get(1), row.get(2)), row.get(3))).collect();
    let names = |columns: &[(Column, String)]| -> Vec<Column> {
        columns.iter().map(|(column, _)| column.clone()).collect()
    };
    assert_eq!(names(&ours), names(&theirs));
    for ((column, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        let fits = match theirs.as_str() {
            "BLOB" => ["uuid", "bytea"].contains(&ours.as_str()),
            "INTEGER" => ["bigint", "boolean"].contains(&ours.as_str()),
            "TEXT" => ours == "text",
            _ => false,
        };
        assert!(fits, "{column:?}: {theirs} there, {ours} here");
    }
}

/// A word the domain learns needs a migration that lets it into its column.
#[tokio::test]
async fn columns_know_exactly_the_words_of_the_domain() {
    let place = Place::new().await;
    let client = place.raw().await;
    let constraints = client
        .query(
            "SELECT c.conrelid::regclass::text, a.attname::text, pg_get_constraintdef(c.oid)
             FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
             WHERE c.contype = 'c'",
            &[],
        )
        .await
        .unwrap();
    let checked = |table: &str, column: &str| -> BTreeSet<String> {
        let of = |row: &&tokio_postgres::Row| {
            row.get::<_, &str>(0) == table && row.get::<_, &str>(1) == column
        };
        let lists = constraints.iter().filter(of).map(|row| row.get::<_, &str>(2));
        // Words stand in quotes: every second part.
        let words = |text: &str| -> BTreeSet<String> {
            text.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
        };
        lists.map(words).max_by_key(BTreeSet::len).unwrap_or_default()
    };
    for (table, column, words) in words::columns() {
        assert_eq!(checked(table, column), words, "{table}.{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_once_cannot_be_changed() {
    let place = Place::new().await;
    let store = place.open().await;
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    enrol(&store, "1", T0).await;
    let raw = place.raw().await;
    for statement in [
        "UPDATE verdicts SET reason = 'expired'",
        "UPDATE evidence SET rp_id = 'elsewhere'",
        "UPDATE events SET body = '{}'",
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ] {
        let error = raw.batch_execute(statement).await.unwrap_err();
        let message = error.as_db_error().unwrap().message();
        assert!(message.contains("never"), "{statement}: {message}");
    }
}

/// Whatever the code above it does.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_verified_who_owes_a_call_code() {
    let place = Place::new().await;
    let store = place.open().await;
    create_asking(&store, "1", T0).await;
    let raw = place.raw().await;
    raw.execute("UPDATE links SET status = 'opened', opened_at = 1", &[]).await.unwrap();
    for statement in [
        "UPDATE links SET status = 'verified'",
        "UPDATE links SET call_code_until = NULL",
        "UPDATE links SET call_code_tries = 4",
    ] {
        let error = raw.execute(statement, &[]).await.unwrap_err();
        let message = error.as_db_error().unwrap().message();
        assert!(message.contains("check constraint"), "{statement}: {message}");
    }
    let given = "UPDATE links SET call_code_given_at = 1, status = 'verified'";
    raw.execute(given, &[]).await.unwrap();
}

/// A copy of another database brings its own numbers.
#[tokio::test]
async fn an_audit_entry_may_bring_its_number() {
    let place = Place::new().await;
    let entry = "INSERT INTO audit VALUES (42, 0, 'system', 'link.created', NULL, NULL, '{}')";
    assert_eq!(place.raw().await.execute(entry, &[]).await.unwrap(), 1);
}

/// Retention will delete links that are long over; nothing of them may be left dangling.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_goes_with_everything_that_was_written_for_it() {
    let place = Place::new().await;
    let store = place.open().await;
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    enrol(&store, "1", T0).await;
    let raw = place.raw().await;
    assert_eq!(raw.execute("DELETE FROM links", &[]).await.unwrap(), 1);
    for table in ["ceremonies", "verdicts", "evidence", "deliveries"] {
        let count = raw.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap();
        assert_eq!(count.get::<_, i64>(0), 0, "{table}");
    }
    let audited = raw.query_one("SELECT count(*) FROM audit", &[]).await.unwrap();
    assert_eq!(audited.get::<_, i64>(0), 4);
}
