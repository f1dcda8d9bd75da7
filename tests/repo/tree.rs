//! The files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::lexer::{Token, tokens};

/// What stands in a working copy and is not part of the repository (`.gitignore`).
pub(crate) const IGNORED: &[&str] = &[".git", "target", "data", ".env"];

/// A file: its path from the repository's top, with `/`, and its text.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The Rust tokens, tests included.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        tokens(&self.text)
    }

    /// The Rust tokens that end in the product: without items under `#[cfg(test)]`, and nothing of
    /// files that are test modules as a whole.
    pub(crate) fn product_tokens(&self) -> Vec<Token> {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return Vec::new();
        }
        without_tests(&self.tokens())
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of the file at `path`, which must be there.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text files under the folder `top` whose names end in one of `endings`; none if there is
/// no such folder.
pub(crate) fn files(top: &str, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    walk(&root().join(top), &mut |path| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(File { text: fs::read_to_string(path).unwrap(), path: name });
        }
    });
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The sources of the product.
pub(crate) fn sources() -> Vec<File> {
    let sources = files("src", &[".rs"]);
    assert!(sources.len() > 10, "the sources were not found");
    sources
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

/// Leaves out each item that `#[cfg(test)]` (alone or first in `all(...)`) stands before.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        let test = ["#", "[", "cfg", "(", "test"];
        let test_of_all = ["#", "[", "cfg", "(", "all", "(", "test"];
        if starts_with(rest, &test) || starts_with(rest, &test_of_all) {
            rest = after_item(rest);
        } else {
            kept.push(first.clone());
            rest = after;
        }
    }
    kept
}

pub(crate) fn starts_with(tokens: &[Token], texts: &[&str]) -> bool {
    tokens.len() >= texts.len() && tokens.iter().zip(texts).all(|(token, text)| token.text == *text)
}

/// What follows an item and its attributes: it ends with its block or a semicolon. A field, a
/// variant or an arm ends with a comma as well.
fn after_item(mut tokens: &[Token]) -> &[Token] {
    while starts_with(tokens, &["#"]) {
        tokens = &tokens[end(tokens, &[]).unwrap_or(tokens.len())..];
    }
    let is_item = tokens.first().is_some_and(|first| ITEMS.contains(&first.text.as_str()));
    let ends: &[&str] = if is_item { &[";"] } else { &[";", ","] };
    let Some(end) = end(tokens, ends) else { return &[] };
    let rest = &tokens[end..];
    // `use a::{b, c};`
    if starts_with(rest, &[";"]) || starts_with(rest, &[","]) { &rest[1..] } else { rest }
}

/// What items begin with.
const ITEMS: &[&str] = &[
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "let",
    "macro_rules",
    "mod",
    "pub",
    "static",
    "struct",
    "trait",
    "type",
    "unsafe",
    "use",
];

/// The index behind the first of `ends` outside of brackets, or behind the first block there. With
/// no `ends`: behind the first brackets of any kind, as of an attribute.
fn end(tokens: &[Token], ends: &[&str]) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        let text = token.text.as_str();
        match text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && (text == "}" || ends.is_empty()) {
                    return Some(index + 1);
                }
            }
            _ if depth == 0 && ends.contains(&text) => return Some(index + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(text: &str) -> String {
        let texts: Vec<String> =
            File::new("src/a.rs", text).product_tokens().into_iter().map(|t| t.text).collect();
        texts.join(" ")
    }

    #[test]
    fn test_modules_are_no_part_of_the_product() {
        assert_eq!(
            product("fn a() {} #[cfg(test)] mod tests { fn b() {} } fn c() {}"),
            "fn a ( ) { } fn c ( ) { }"
        );
        assert_eq!(product("#[cfg(test)] #[path = \"x.rs\"] mod tests; use a;"), "use a ;");
        assert_eq!(product("#[cfg(all(test, unix))] use x::{y, z}; use a;"), "use a ;");
        assert_eq!(product("#[cfg(test)] #[x] fn f<A, B>(a: [A; 2]) { b } use a;"), "use a ;");
        assert_eq!(product("S { #[cfg(test)] a: f(b, c), d }"), "S { d }");
        assert_eq!(product("#[cfg(not(test))] use a;"), "# [ cfg ( not ( test ) ) ] use a ;");
    }
}
