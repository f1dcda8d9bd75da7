//! Migrations: numbered without gaps, and the same for every engine.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::files;

/// What is wrong with the paths `migrations/ENGINE/NNNN_name.sql`.
fn disorder(paths: &[&str]) -> Vec<String> {
    let mut engines: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in paths {
        match path.split('/').collect::<Vec<_>>()[..] {
            ["migrations", engine, name] if is_name(name) => {
                engines.entry(engine).or_default().insert(name);
            }
            _ => wrong.push(format!("{path} is not named migrations/ENGINE/NNNN_name.sql")),
        }
    }
    for (engine, names) in &engines {
        for (name, expected) in names.iter().zip(1..) {
            if !name.starts_with(&format!("{expected:04}_")) {
                wrong.push(format!("{engine}: {name} stands where {expected:04} belongs"));
            }
        }
    }
    for (one, other) in engines.iter().zip(engines.iter().skip(1)) {
        for name in one.1.symmetric_difference(other.1) {
            wrong.push(format!("{name} is only in one of {} and {}", one.0, other.0));
        }
    }
    wrong
}

fn is_name(name: &str) -> bool {
    let Some((number, rest)) = name.split_once('_') else { return false };
    let word = rest.strip_suffix(".sql").unwrap_or_default();
    number.len() == 4
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[test]
fn migrations_are_numbered_without_gaps_and_alike_for_every_engine() {
    let found = files("migrations", &[""]);
    let paths: Vec<&str> = found.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(disorder(&paths), Vec::<String>::new());
}

#[test]
fn gaps_doubles_strange_names_and_missing_twins_are_found() {
    for paths in [
        &["migrations/sqlite/0002_a.sql"][..],
        &["migrations/sqlite/0001_a.sql", "migrations/sqlite/0003_b.sql"],
        &["migrations/sqlite/0001_a.sql", "migrations/sqlite/0001_b.sql"],
        &["migrations/sqlite/1_a.sql"],
        &["migrations/sqlite/0001_A.sql"],
        &["migrations/sqlite/0001_a.txt"],
        &["migrations/0001_a.sql"],
        &[
            "migrations/sqlite/0001_a.sql",
            "migrations/postgres/0001_b.sql",
            "migrations/postgres/0002_a.sql",
        ],
    ] {
        assert!(!disorder(paths).is_empty(), "{paths:?}");
    }
}

#[test]
fn a_complete_row_for_each_engine_is_fine() {
    let paths = [
        "migrations/sqlite/0001_a.sql",
        "migrations/sqlite/0002_b_c.sql",
        "migrations/postgres/0001_a.sql",
        "migrations/postgres/0002_b_c.sql",
    ];
    assert_eq!(disorder(&paths), Vec::<String>::new());
}
