//! The statements of an engine, found in its sources.

use std::fs;
use std::path::{Path, PathBuf};

/// `-- name`, and the text with it.
pub(super) struct Statement {
    pub(super) name: String,
    pub(super) sql: String,
}

pub(super) fn statements(engine: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (path, source) in of(engine) {
        // It writes into every table what it is given.
        if path.ends_with("bulk/import.rs") {
            continue;
        }
        for after in source.split("\"-- ").skip(1) {
            let text = after.split('"').next().unwrap().replace("\\n", "\n");
            let (name, _) = text.split_once('\n').expect("a name, and a statement below it");
            let sql = format!("\n-- {text}");
            statements.push(Statement { name: name.trim().to_owned(), sql });
        }
    }
    statements
}

/// Path and code of an engine's files, without their tests. What copies whole tables (`bulk`) stands
/// apart: its statements follow from the tables' description, and it is meant to read everything.
pub(super) fn of(engine: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store").join(engine)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((!path.ends_with("bulk")).then_some(path));
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
