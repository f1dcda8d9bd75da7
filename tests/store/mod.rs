//! The store, engine by engine.

mod postgres;
mod sources;
mod sqlite;
mod words;

/// One suite for both: what one engine's run holds, the other's holds too.
#[test]
fn both_engines_run_the_same_contract() {
    let listed = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let contract = |engine: &str| -> Vec<String> {
        let prefix = format!("store::{engine}::contract::");
        listed.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
    };
    let (sqlite, postgres) = (contract("sqlite"), contract("postgres"));
    assert!(sqlite.len() > 60, "{sqlite:?}");
    assert_eq!(sqlite, postgres);
}
