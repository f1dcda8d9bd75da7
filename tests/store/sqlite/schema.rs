//! The schema agrees with the domain and guards what is written once.

use std::collections::BTreeSet;

use super::super::words;
use super::Place;
use super::contract::samples::{
    T0, answered, at, begin, bodies, built_in, create, create_asking, enrol,
};

/// A word the domain learns needs a migration that lets it into its column.
#[test]
fn columns_know_exactly_the_words_of_the_domain() {
    let place = Place::new();
    drop(place.open());
    for (table, column, words) in words::columns() {
        assert_eq!(checked(&place, table, column), words, "{table}.{column}");
    }
}

/// The words that a column's `CHECK` allows.
fn checked(place: &Place, table: &str, column: &str) -> BTreeSet<String> {
    let sql: String = place
        .raw()
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            [table],
            |row| row.get(0),
        )
        .unwrap();
    let listed = format!("CHECK ({column} IN (");
    let compared = format!("CHECK ({column} = ");
    let after = sql.split_once(&listed).or_else(|| sql.split_once(&compared));
    let (_, after) = after.unwrap_or_else(|| panic!("{table}.{column}"));
    let (words, _) = after.split_once(')').unwrap();
    words.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

/// SQLite builds and drops a table for a longer list with every row it checks: three microseconds.
#[tokio::test(flavor = "multi_thread")]
async fn no_check_lists_more_than_two_words() {
    let place = Place::new();
    let _store = place.open();
    let raw = place.raw();
    let mut tables = raw.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables = tables.query_map([], |row| row.get(0)).unwrap();
    for sql in tables.map(Result::<String, _>::unwrap) {
        for list in sql.split(" IN (").skip(1) {
            let (words, _) = list.split_once(')').unwrap();
            assert!(words.split(',').count() <= 2, "{words}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_once_cannot_be_changed() {
    let place = Place::new();
    let store = place.open();
    vouchlink::store::Endpoints::set_built_in_endpoint(&store, Some(built_in()), T0).await.unwrap();
    enrol(&store, "1", T0).await;
    let raw = place.raw();
    for statement in [
        "UPDATE verdicts SET reason = 'expired'",
        "UPDATE evidence SET rp_id = 'elsewhere'",
        "UPDATE events SET body = '{}'",
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
    ] {
        let error = raw.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("never"), "{statement}: {error}");
    }
}

/// Whatever the code above it does.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_verified_who_owes_a_call_code() {
    let place = Place::new();
    let store = place.open();
    create_asking(&store, "1", T0).await;
    let raw = place.raw();
    raw.execute("UPDATE links SET status = 'opened', opened_at = 1", []).unwrap();
    for statement in [
        "UPDATE links SET status = 'verified'",
        "UPDATE links SET call_code_until = NULL",
        "UPDATE links SET call_code_tries = 4",
    ] {
        let error = raw.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("CHECK"), "{statement}: {error}");
    }
    raw.execute("UPDATE links SET call_code_given_at = 1, status = 'verified'", []).unwrap();
}

/// A customer who begins again and again, or somebody who lets their page do so.
#[tokio::test(flavor = "multi_thread")]
async fn ceremonies_without_an_answer_do_not_pile_up() {
    let place = Place::new();
    let store = place.open();
    let link = create(&store, "1", T0).await;
    answered(&store, &link, T0).await;
    for second in 0..5 {
        begin(&store, &link, at(second)).await;
    }
    let count = "SELECT count(*) FROM ceremonies";
    let rows: i64 = place.raw().query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 2);
}

/// A row that goes takes those along that refer to it; without an index each of these would be
/// looked for in the whole table.
#[test]
fn whatever_can_be_deleted_is_found_by_what_refers_to_it() {
    // Endpoints are never deleted.
    const NEVER: &[(&str, &str)] = &[("deliveries", "endpoint")];
    let place = Place::new();
    drop(place.open());
    let raw = place.raw();
    let references = "SELECT t.name, k.\"from\"
                      FROM sqlite_schema t, pragma_foreign_key_list(t.name) k
                      WHERE t.type = 'table'";
    let mut statement = raw.prepare(references).unwrap();
    let references: Vec<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(references.len() > 10, "{references:?}");
    for (table, column) in references {
        let find = format!("EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = ?1");
        let plan: String = raw.query_row(&find, [1], |row| row.get(3)).unwrap();
        let indexed = plan.starts_with("SEARCH");
        let never = NEVER.contains(&(table.as_str(), column.as_str()));
        assert_ne!(indexed, never, "{table}.{column}: {plan}");
    }
}

/// Retention deletes links that are long over; nothing of them may be left dangling.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_goes_with_everything_that_was_written_for_it() {
    let place = Place::new();
    let store = place.open();
    vouchlink::store::Endpoints::set_built_in_endpoint(&store, Some(built_in()), T0).await.unwrap();
    let (link, _) = enrol(&store, "1", T0).await;
    let raw = place.raw();
    let former = "INSERT INTO former_codes VALUES (zeroblob(32), ?1)";
    raw.execute(former, [link.id.as_bytes()]).unwrap();
    assert_eq!(bodies(&store, at(1)).await.len(), 1);
    let deleted = raw.execute("DELETE FROM links WHERE id = ?1", [link.id.as_bytes()]).unwrap();
    assert_eq!(deleted, 1);
    for table in
        ["links", "former_codes", "ceremonies", "verdicts", "evidence", "deliveries", "attempts"]
    {
        let left: i64 =
            raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "{table}");
    }
    let audited: i64 = raw.query_row("SELECT count(*) FROM audit", [], |row| row.get(0)).unwrap();
    assert_eq!(audited, 4);
    // The customer is still verified, by a link that only the audit remembers.
    let standing = vouchlink::store::Customers::standing(&store, &link.user_id).await.unwrap();
    assert!(
        standing.is_some_and(|footing| footing.standing != vouchlink::domain::customer::Standing::Never)
    );
}
