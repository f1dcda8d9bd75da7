//! Documents show files as they are, and what they link to is there.

use std::collections::BTreeSet;

use super::tree::{File, files, root, text};

/// Where documents stand.
const DOCUMENTS: [&str; 3] = ["docs", "deploy", "README.md"];

/// The folder whose files are shown.
const SHOWN: &str = "docs/receivers";

fn documents() -> Vec<File> {
    let readme = File::new("README.md", &text("README.md"));
    let others = DOCUMENTS.iter().flat_map(|top| files(top, &[".md"]));
    others.chain([readme]).collect()
}

/// Files shown in a block of code below a line that only links to them: path and text.
fn shown(document: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let link =
            line.strip_prefix('[').and_then(|rest| rest.split_once("](")?.1.strip_suffix(')'));
        let Some(path) = link else { continue };
        let mut after = lines.clone();
        if after.next() == Some("") && after.next().is_some_and(|line| line.starts_with("```")) {
            let block = after.take_while(|line| *line != "```").map(|line| line.to_owned() + "\n");
            found.push((path, block.collect()));
        }
    }
    found
}

/// Targets of links within the repository, without fragments.
fn links(document: &str) -> impl Iterator<Item = &str> {
    let targets = document.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let paths = targets.filter_map(|(target, _)| target.split('#').next());
    paths.filter(|path| !path.is_empty() && !path.contains("://"))
}

/// The text without indentation, as lines.
fn flush(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).collect()
}

#[test]
fn the_receivers_are_shown_as_they_are() {
    let document = text("docs/webhooks.md");
    let mut paths = BTreeSet::new();
    for (path, block) in shown(&document) {
        if let Some(script) = path.strip_prefix("../") {
            // A part of a longer file.
            let (whole, part) = (text(script), flush(&block));
            let found = flush(&whole).windows(part.len()).any(|window| window == part);
            assert!(found && !part.is_empty(), "docs/webhooks.md shows another {path}");
            continue;
        }
        assert!(block == text(&format!("docs/{path}")), "docs/webhooks.md shows another {path}");
        paths.insert(format!("docs/{path}"));
    }
    let endings = [".js", ".py", ".java", ".go", ".php", ".sql"];
    let all: BTreeSet<String> = files(SHOWN, &endings).into_iter().map(|file| file.path).collect();
    assert!(!all.is_empty());
    assert_eq!(paths, all);
}

#[test]
fn a_block_below_its_link_is_found() {
    let document =
        "See [a](a.js).\n\n[a](a.js)\n\n```js\nx\n\ny\n```\n[b](b.js)\n\ntext\n```\nz\n```\n";
    assert_eq!(shown(document), [("a.js", "x\n\ny\n".to_owned())]);
}

#[test]
fn documents_link_to_what_is_there() {
    let mut count = 0;
    for document in documents() {
        let folder = root().join(&document.path).parent().unwrap().to_owned();
        for target in links(&document.text) {
            count += 1;
            assert!(folder.join(target).exists(), "{} links to {target}", document.path);
        }
    }
    assert!(count > 10, "{count}");
}
