//! Who may use whom: a module uses itself and what stands to its left, never its neighbours.

use super::lexer::Token;
use super::tree::{File, sources, starts_with};

/// The layers from left to right.
const LAYERS: &[&[&str]] = &[
    &["domain"],
    &["words"],
    &["config"],
    &["metrics"],
    &["store", "passkey", "token", "seal", "webhook", "mail"],
    &["flows"],
    &["http", "workers"],
    &["app"],
    &["cli"],
    &["main"],
];

/// Beside the layers: who wires and starts the service also sets up what it reports.
const TELEMETRY: &str = "telemetry";
const TELEMETRY_USERS: &[&str] = &["app", "cli", "main"];
const TELEMETRY_USES: &[&str] = &["domain", "config"];

fn rank(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn may_use(from: &str, to: &str) -> bool {
    if from == to {
        true
    } else if to == TELEMETRY {
        TELEMETRY_USERS.contains(&from)
    } else if from == TELEMETRY {
        TELEMETRY_USES.contains(&to)
    } else {
        matches!((rank(from), rank(to)), (Some(from), Some(to)) if to < from)
    }
}

/// The arrows that point the wrong way, tests within the sources included.
fn wrong_arrows(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        let module = top_module(&file.path);
        if module == "lib" {
            continue;
        }
        if rank(module).is_none() && module != TELEMETRY {
            wrong.push(format!("{}: {module} is no layer", file.path));
            continue;
        }
        for (used, line) in modules_used(file) {
            if !may_use(module, &used) {
                wrong.push(format!("{}:{line}: {module} uses {used}", file.path));
            }
        }
    }
    wrong
}

/// `src/store/sqlite/links.rs` belongs to `store`.
fn top_module(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    inside.split(['/', '.']).next().unwrap_or_default()
}

/// The modules at the crate's top that a file names: after `crate::`, after as many `super::` as
/// lead there and, in `main.rs`, after the library's name.
fn modules_used(file: &File) -> Vec<(String, usize)> {
    let tokens = file.tokens();
    let mut used = Vec::new();
    let mut inline = InlineModules::default();
    for (index, token) in tokens.iter().enumerate() {
        inline.pass(&tokens[index..]);
        let begins = index == 0 || tokens[index - 1].text != "::";
        let rest = &tokens[index..];
        let path = match token.text.as_str() {
            "crate" | "vouchlink" if begins && starts_with(&rest[1..], &["::"]) => &rest[2..],
            "super" if begins => match after_supers(rest, depth(&file.path) + inline.depth()) {
                Some(path) => path,
                None => continue,
            },
            _ => continue,
        };
        used.extend(heads(path));
    }
    used
}

/// How many `super::` lead from a file's own level to the crate's top.
fn depth(path: &str) -> usize {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let folders = inside.matches('/').count();
    if inside.ends_with("/mod.rs") { folders } else { folders + 1 }
}

/// How many `mod name { ... }` of the file one stands in.
#[derive(Default)]
struct InlineModules {
    braces: usize,
    /// The number of braces around each module's own.
    opened: Vec<usize>,
}

impl InlineModules {
    /// Steps over the first of the tokens.
    fn pass(&mut self, tokens: &[Token]) {
        match tokens.first().map(|token| token.text.as_str()) {
            Some("mod") if tokens.get(2).is_some_and(|token| token.text == "{") => {
                self.opened.push(self.braces);
            }
            Some("{") => self.braces += 1,
            Some("}") => {
                self.braces -= 1;
                if self.opened.last() == Some(&self.braces) {
                    self.opened.pop();
                }
            }
            _ => {}
        }
    }

    fn depth(&self) -> usize {
        self.opened.len()
    }
}

/// What follows a chain of `super::` that leads to the crate's top.
fn after_supers(mut tokens: &[Token], depth: usize) -> Option<&[Token]> {
    let mut climbed = 0;
    while starts_with(tokens, &["super", "::"]) {
        climbed += 1;
        tokens = &tokens[2..];
    }
    (climbed >= depth).then_some(tokens)
}

/// The first names of a path or of the paths within its braces.
fn heads(path: &[Token]) -> Vec<(String, usize)> {
    let Some((first, rest)) = path.split_first() else { return Vec::new() };
    if first.text != "{" {
        return vec![(first.text.clone(), first.line)];
    }
    let mut heads = Vec::new();
    let mut depth = 1;
    let mut expected = true;
    for token in rest {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => expected = true,
            _ if expected => {
                heads.push((token.text.clone(), token.line));
                expected = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

#[test]
fn every_module_uses_only_what_stands_to_its_left() {
    assert_eq!(wrong_arrows(&sources()), Vec::<String>::new());
}

#[test]
fn an_arrow_to_the_right_or_to_a_neighbour_is_found() {
    for (path, text) in [
        ("src/domain/link.rs", "use crate::store::Store;"),
        ("src/store/mod.rs", "fn f() { crate::passkey::check() }"),
        ("src/flows/issue.rs", "use crate::{domain::link::Link, http::problem::Problem};"),
        ("src/http/links.rs", "use crate::app::App;"),
        ("src/webhook/client.rs", "use super::super::token::Signer;"),
        ("src/webhook/mod.rs", "use super::token::Signer;"),
        ("src/flows/issue.rs", "use crate::telemetry::count;"),
        ("src/main.rs", "#[cfg(test)] mod tests { use crate::nowhere::X; }"),
        ("src/store/mod.rs", "mod tests { fn f() {} } use super::token::Signer;"),
        ("src/store/mod.rs", "mod tests { use super::super::token::Signer; }"),
        ("src/extra.rs", ""),
    ] {
        assert_eq!(wrong_arrows(&[File::new(path, text)]).len(), 1, "{path}: {text}");
    }
}

#[test]
fn arrows_to_the_left_are_fine() {
    for (path, text) in [
        (
            "src/store/sqlite/links.rs",
            "use super::super::Links; use super::row; use crate::domain::id;",
        ),
        ("src/flows/verify.rs", "use crate::{passkey::Checked, store::{Store, Links}};"),
        ("src/app.rs", "use crate::{http, telemetry, workers};"),
        ("src/main.rs", "fn main() { vouchlink::cli::run() }"),
        ("src/domain/link.rs", "//! Unlike crate::store, it has no SQL.\nuse super::id::LinkId;"),
        ("src/domain/text.rs", "mod tests { use super::*; use super::super::secret; }"),
        ("src/app.rs", "fn f() {} mod tests { use super::*; }"),
        ("src/webhook/mod.rs", "mod tests { use super::sign::sign; }"),
        ("src/lib.rs", "pub mod domain;"),
    ] {
        assert_eq!(wrong_arrows(&[File::new(path, text)]), Vec::<String>::new(), "{path}");
    }
}
