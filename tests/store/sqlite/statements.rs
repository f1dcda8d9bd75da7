//! Every statement of the engine, found in its sources, uses an index.

use std::fs;
use std::path::{Path, PathBuf};

use super::Place;

/// Tables that stay small, and the statements that may read them whole.
const SMALL: &[(&str, &str)] = &[
    ("list_keys", "api_keys"),
    ("find_bootstrap_key", "api_keys"),
    ("active_endpoints", "endpoints"),
];

/// `-- name`, and the text with it.
struct Statement {
    name: String,
    sql: String,
}

#[test]
fn every_statement_searches_an_index() {
    let place = Place::new();
    drop(place.open());
    let connection = place.raw();
    let mut bad = Vec::new();
    for Statement { name, sql } in statements() {
        let mut explain = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let count = explain.parameter_count();
        let steps: Vec<String> = explain
            .query_map(rusqlite::params_from_iter(vec![1; count]), |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for step in steps {
            let scans = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            let sorts = step.contains("TEMP B-TREE");
            let small = SMALL
                .iter()
                .any(|(statement, table)| *statement == name && (sorts || step.contains(table)));
            if (scans || sorts) && !small {
                bad.push(format!("{name}: {step}"));
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
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
    let mut names: Vec<_> = statements().into_iter().map(|statement| statement.name).collect();
    assert!(names.len() > 50, "found only {names:?}");
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Only the files that open, migrate and commit run statements that are not cached and named.
#[test]
fn every_query_is_cached_and_named() {
    let apart = ["connection.rs", "migrate.rs", "writer/mod.rs"];
    for (path, source) in sources() {
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

fn statements() -> Vec<Statement> {
    let mut statements = Vec::new();
    for (_, source) in sources() {
        for after in source.split("\"-- ").skip(1) {
            let text = after.split('"').next().unwrap().replace("\\n", "\n");
            let (name, _) = text.split_once('\n').expect("a name, and a statement below it");
            let sql = format!("\n-- {text}");
            statements.push(Statement { name: name.trim().to_owned(), sql });
        }
    }
    statements
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sqlite")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let source = fs::read_to_string(&path).unwrap();
                // Tests come last in a file, and may ask what they like.
                let (code, _) = source.split_once("#[cfg(test)]").unwrap_or((&source, ""));
                found.push((path, code.to_owned()));
            }
        }
    }
    found
}
