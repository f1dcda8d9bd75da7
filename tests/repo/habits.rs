//! How files are named, how long they are, and what the product's code does not say.

use std::fs;

use super::tree::{File, IGNORED, files, root, sources, starts_with};

/// A longer file has two reasons to change.
const LINES_MAX: usize = 400;

/// Names that say nothing about what is inside.
const DRAWERS: &[&str] =
    &["common", "helper", "helpers", "manager", "misc", "types", "util", "utils"];

/// What may stand at the repository's top.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".env.example",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "clippy.toml",
    "deny.toml",
    "deploy",
    "docs",
    "migrations",
    "openapi.json",
    "rustfmt.toml",
    "src",
    "static",
    "templates",
    "tests",
];

/// What panics, as tokens.
const PANICS: &[&[&str]] = &[
    &[".", "unwrap", "("],
    &[".", "expect", "("],
    &[".", "unwrap_err", "("],
    &[".", "expect_err", "("],
    &["panic", "!"],
    &["unreachable", "!"],
    &["todo", "!"],
    &["unimplemented", "!"],
];

/// What silences a lint or a test: exceptions are written as `#[expect(..., reason)]`, and a test
/// that does not run is none.
const SILENCERS: &[&[&str]] =
    &[&["#", "[", "allow", "("], &["#", "!", "[", "allow", "("], &["#", "[", "ignore"]];

fn all_files() -> Vec<File> {
    let endings = [".rs", ".js", ".css", ".html", ".sql"];
    ["src", "tests", "templates", "static", "migrations", "benches", "deploy"]
        .iter()
        .flat_map(|top| files(top, &endings))
        .collect()
}

fn too_long(files: &[File]) -> Vec<String> {
    let lines = |file: &File| file.text.lines().count();
    let long = files.iter().filter(|file| lines(file) > LINES_MAX);
    long.map(|file| format!("{}: {} lines", file.path, lines(file))).collect()
}

/// Files and folders with a name that says nothing.
fn drawers(files: &[File]) -> Vec<String> {
    let is_drawer = |part: &str| DRAWERS.contains(&part.split('.').next().unwrap_or_default());
    let found = files.iter().filter(|file| file.path.split('/').any(is_drawer));
    found.map(|file| file.path.clone()).collect()
}

fn panics(files: &[File]) -> Vec<String> {
    let product = |file: &File| file.product_tokens();
    files.iter().flat_map(|file| found(file, &product(file), PANICS)).collect()
}

fn silencers(files: &[File]) -> Vec<String> {
    files.iter().flat_map(|file| found(file, &file.tokens(), SILENCERS)).collect()
}

fn found(file: &File, tokens: &[super::lexer::Token], patterns: &[&[&str]]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        for pattern in patterns.iter().filter(|pattern| starts_with(&tokens[index..], pattern)) {
            found.push(format!("{}:{}: {}", file.path, token.line, pattern.concat()));
        }
    }
    found
}

fn strangers(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let known = |name: &str| TOP.contains(&name) || IGNORED.contains(&name);
    names.into_iter().filter(|name| !known(name)).collect()
}

#[test]
fn files_stay_within_four_hundred_lines() {
    assert_eq!(too_long(&all_files()), Vec::<String>::new());
}

#[test]
fn a_file_of_more_lines_is_found() {
    assert_eq!(too_long(&[File::new("src/a.rs", &"\n".repeat(400))]), Vec::<String>::new());
    assert_eq!(too_long(&[File::new("src/a.rs", &"\n".repeat(401))]), ["src/a.rs: 401 lines"]);
}

#[test]
fn names_say_what_is_inside() {
    assert_eq!(drawers(&all_files()), Vec::<String>::new());
}

#[test]
fn a_drawer_is_found_as_a_file_and_as_a_folder() {
    for path in
        ["src/http/utils.rs", "src/common/mod.rs", "tests/support/helpers.rs", "static/util.js"]
    {
        assert_eq!(drawers(&[File::new(path, "")]), [path]);
    }
    assert_eq!(drawers(&[File::new("src/domain/event_types.rs", "")]), Vec::<String>::new());
}

#[test]
fn the_product_does_not_panic() {
    assert_eq!(panics(&sources()), Vec::<String>::new());
}

#[test]
fn a_panic_is_found_outside_of_tests_only() {
    for text in ["fn f() { x.unwrap() }", "fn f() { x.expect(\"y\") }", "fn f() { unreachable!() }"]
    {
        assert_eq!(panics(&[File::new("src/a.rs", text)]).len(), 1, "{text}");
        let test = format!("#[cfg(test)]\nmod tests {{ {text} }}");
        assert_eq!(panics(&[File::new("src/a.rs", &test)]), Vec::<String>::new(), "{text}");
    }
    for fine in [
        "fn f() { x.unwrap_or(1) }",
        "#[expect(dead_code, reason = \"y\")] fn f() {}",
        "// x.unwrap()",
    ] {
        assert_eq!(panics(&[File::new("src/a.rs", fine)]), Vec::<String>::new(), "{fine}");
    }
}

#[test]
fn no_lint_and_no_test_is_silenced() {
    let rust: Vec<File> =
        ["src", "tests", "benches"].iter().flat_map(|top| files(top, &[".rs"])).collect();
    assert_eq!(silencers(&rust), Vec::<String>::new());
}

#[test]
fn a_silenced_lint_or_test_is_found() {
    for text in [
        "#[allow(dead_code)] fn f() {}",
        "#![allow(unused)]",
        "#[test] #[ignore = \"slow\"] fn f() {}",
    ] {
        assert_eq!(silencers(&[File::new("tests/a.rs", text)]).len(), 1, "{text}");
    }
}

#[test]
fn only_known_names_stand_at_the_top() {
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(strangers(names.map(|name| name.into_string().unwrap())), Vec::<String>::new());
}

#[test]
fn a_stranger_at_the_top_is_found() {
    assert_eq!(strangers(["src", "target", "scripts"].map(str::to_owned)), ["scripts"]);
}
