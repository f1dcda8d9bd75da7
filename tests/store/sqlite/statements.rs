//! Every statement of the engine, found in its sources, uses an index.

use super::super::sources::{self, Statement};
use super::Place;

const ENGINE: &str = "sqlite";

/// Tables that stay small, and the statements that may read them whole.
const SMALL: &[(&str, &str)] = &[
    ("list_keys", "api_keys"),
    ("find_bootstrap_key", "api_keys"),
    // A link's and a customer's are few; of the others a bounded number is looked at.
    ("list_deliveries", "d"),
    ("list_deliveries_of_customer", "-"),
    ("list_deliveries_of_link", "-"),
    ("link_mails", "-"),
    ("whom_to_notify", "-"),
    ("list_contacts", "-"),
    ("mails_waiting", "subquery"),
    ("list_undelivered", "p"),
    ("newest_failures", "d"),
    ("newest_failures", "subquery"),
    ("count_undelivered", "subquery"),
    // What is open at one time.
    ("list_open_links", "links_open_by_maker"),
    ("asking_endpoints", "endpoints"),
    ("count_endpoints", "endpoints"),
    ("list_alerts", "alerts"),
    ("list_endpoints", "endpoints"),
    ("endpoint_keys", "endpoint_keys"),
];

#[test]
fn every_statement_searches_an_index() {
    let place = Place::new();
    drop(place.open());
    let connection = place.raw();
    let mut bad = Vec::new();
    for statement in sources::statements(ENGINE) {
        let name = &statement.name;
        for step in plan(&connection, &statement) {
            let scans = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            let sorts = step.contains("TEMP B-TREE");
            let small = SMALL
                .iter()
                .any(|(statement, table)| statement == name && (sorts || step.contains(table)));
            if (scans || sorts) && !small {
                bad.push(format!("{name}: {step}"));
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// However much waits behind a receiver that is down: looking for due deliveries reads those it
/// finds, and no row or table besides.
#[test]
fn looking_for_due_deliveries_is_one_search_of_their_own_index() {
    let place = Place::new();
    drop(place.open());
    for (name, range) in [
        ("due_deliveries", "endpoint=? AND due_at<?"),
        ("next_delivery_due", "endpoint=? AND due_at>?"),
    ] {
        let statements = sources::statements(ENGINE);
        let found = statements.iter().find(|statement| statement.name == name).unwrap();
        let search = format!("SEARCH deliveries USING COVERING INDEX deliveries_due ({range})");
        let plan = plan(&place.raw(), found);
        let of_deliveries: Vec<_> =
            plan.iter().filter(|step| step.contains("deliveries")).collect();
        assert_eq!(of_deliveries, [&search], "{name}");
    }
}

#[test]
fn a_statement_that_scans_would_be_noticed() {
    let place = Place::new();
    drop(place.open());
    let plan: String = place
        .raw()
        .query_row("EXPLAIN QUERY PLAN SELECT id FROM links WHERE kid = 'a'", [], |row| row.get(3))
        .unwrap();
    assert_eq!(plan, "SCAN links");
}

#[test]
fn statements_have_names_of_their_own() {
    let mut names: Vec<_> =
        sources::statements(ENGINE).into_iter().map(|statement| statement.name).collect();
    assert!(names.len() > 50, "found only {names:?}");
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Only the files that open, migrate and commit run statements that are not cached and named, and
/// one keeps those of the others.
#[test]
fn every_query_is_cached_and_named() {
    let apart = [
        "bulk/export.rs",
        "bulk/import.rs",
        "connection.rs",
        "migrate.rs",
        "sqlite/statements.rs",
        "writer/worker.rs",
    ];
    for (path, source) in sources::of(ENGINE) {
        if apart.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        for call in [".prepare(", ".execute_batch(", "connection.execute(", "tx.execute("] {
            assert!(!source.contains(call), "{} uses {call}", path.display());
        }
        for after in source.split("prepare_cached(").skip(1) {
            let argument = after.trim_start();
            assert!(argument.starts_with("\"-- "), "{}: {argument:.40}", path.display());
        }
    }
}

/// The steps that SQLite takes.
fn plan(connection: &rusqlite::Connection, Statement { name, sql }: &Statement) -> Vec<String> {
    let mut explain = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let count = explain.parameter_count();
    explain
        .query_map(rusqlite::params_from_iter(vec![1; count]), |row| row.get(3))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}
