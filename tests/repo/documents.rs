//! Documents that must agree with the code: `.env.example`, the README's two commands, and what
//! continuous integration runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use vouchlink::config::variables::{Preset, SECTIONS, Variable, all};

use super::tree::{root, text};

/// The first shows the service, the second runs every test.
const COMMANDS: [&str; 2] = ["cargo run --release -- demo", "tests/run"];

const HEAD: &str = "\
# Vouchlink's configuration. Copy this file to .env and take the # off what you set; the process's
# environment stands above it. With nothing set the service runs on http://localhost:8080.
# Each variable can also be given as NAME_FILE: the file that holds it.
# What is shown is the default or, where that depends on others, an example; secrets have neither.
# A value with spaces, # or $ stands in 'single quotes'.
";

/// `.env.example` as the list of variables makes it.
fn example() -> String {
    let section = |(title, variables): &(&str, &[&Variable])| {
        let entries: String = variables.iter().map(|variable| entry(variable)).collect();
        format!("\n# ---- {title} ----\n{entries}")
    };
    HEAD.to_owned() + &SECTIONS.iter().map(section).collect::<String>()
}

fn entry(variable: &Variable) -> String {
    let line = |line: &&str| format!("# {}\n", line.trim().replace('`', ""));
    let doc: String = variable.doc.iter().map(line).collect();
    let name = variable.name;
    match variable.preset {
        Preset::Fixed(value) | Preset::Derived(value) => format!("\n{doc}#{name}={value}\n"),
        Preset::Secret(how) => format!("\n{doc}# ({how})\n#{name}=\n"),
    }
}

/// The first line in which two texts differ: its number, what is there and what should be.
fn difference(found: &str, expected: &str) -> Option<String> {
    let lines = found.lines().count().max(expected.lines().count());
    (0..lines).find_map(|index| {
        let (found, expected) = (found.lines().nth(index), expected.lines().nth(index));
        (found != expected).then(|| format!("line {}: {found:?} should be {expected:?}", index + 1))
    })
}

/// The commands that stand on a line of their own, in a block of code.
fn commands_in(readme: &str) -> Vec<&'static str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            found.extend(COMMANDS.into_iter().find(|command| line.trim() == *command));
        }
    }
    found
}

fn is_program(path: &str) -> bool {
    let mode = fs::metadata(root().join(path)).map_or(0, |meta| meta.permissions().mode());
    mode & 0o111 != 0 && text(path).starts_with("#!")
}

#[test]
fn the_example_shows_every_variable_with_its_default() {
    assert_eq!(difference(&text(".env.example"), &example()), None);
}

#[test]
fn a_variable_missing_from_the_example_is_found() {
    let without: Vec<String> =
        example().lines().filter(|line| *line != "#PORT=8080").map(str::to_owned).collect();
    let found = difference(&without.join("\n"), &example()).unwrap();
    assert!(found.contains("#PORT=8080"), "{found}");
}

#[test]
fn variables_are_named_once_and_meant_in_words() {
    let mut names: Vec<&str> = all().map(|variable| variable.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for variable in all() {
        assert!((1..=2).contains(&variable.doc.len()), "{}", variable.name);
    }
}

#[test]
fn the_readme_has_the_two_commands() {
    assert_eq!(commands_in(&text("README.md")), COMMANDS);
}

#[test]
fn a_command_that_is_only_mentioned_is_not_enough() {
    assert_eq!(commands_in("Run `tests/run`.\n"), Vec::<&str>::new());
    assert_eq!(commands_in("```sh\ntests/run\n```\n"), ["tests/run"]);
}

#[test]
fn continuous_integration_runs_what_the_readme_says() {
    assert!(is_program("tests/run"));
    assert!(is_program(".ci/run"));
    let calls = |line: &str| line.starts_with("exec ") && line.contains("/../tests/run");
    assert!(text(".ci/run").lines().any(calls));
    assert!(!is_program("README.md"));
}
