//! Time and randomness are arguments: what asks the system for them stands in one file each.

use super::tree::{File, sources, starts_with};

/// What must not be named, and the files that may.
struct Rule {
    what: &'static [&'static str],
    homes: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule { what: &["SystemTime"], homes: &["src/domain/clock.rs"] },
    Rule { what: &["UNIX_EPOCH"], homes: &["src/domain/clock.rs"] },
    // How long an attempt took, or a loop or a connection is to wait, is no point in time; a
    // monotonic clock measures it.
    Rule {
        what: &["Instant", "::", "now"],
        homes: &[
            "src/cli/progress.rs",
            "src/domain/clock.rs",
            "src/http/listener.rs",
            "src/webhook/client.rs",
            "src/webhook/crm/oauth.rs",
            "src/workers/deliver/",
            "src/workers/endpoints.rs",
        ],
    },
    Rule { what: &["Utc", "::", "now"], homes: &[] },
    Rule { what: &["Local", "::", "now"], homes: &[] },
    Rule { what: &["Timestamp", "::", "now"], homes: &[] },
    Rule { what: &["Zoned", "::", "now"], homes: &[] },
    Rule { what: &["now_v7"], homes: &[] },
    Rule { what: &["Uuid", "::", "new_v4"], homes: &[] },
    Rule { what: &["new_v7"], homes: &[] },
    Rule { what: &["OsRng"], homes: &[] },
    Rule { what: &["thread_rng"], homes: &[] },
    Rule { what: &["rand", "::"], homes: &[] },
    Rule { what: &["getrandom"], homes: &["src/domain/random.rs"] },
    // Only who wires the service chooses the real ones. A log line is of the moment it is written.
    Rule {
        what: &["SystemClock"],
        homes: &[
            "src/domain/clock.rs",
            "src/app/",
            "src/cli/",
            "src/main.rs",
            "src/telemetry/json.rs",
        ],
    },
    Rule {
        what: &["SystemRandom"],
        homes: &[
            "src/domain/random.rs",
            "src/config/mod.rs",
            "src/app/",
            "src/cli/",
            "src/main.rs",
        ],
    },
];

fn breaches(files: &[File]) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in files {
        let tokens = file.product_tokens();
        for rule in RULES {
            if rule.homes.iter().any(|home| file.path.starts_with(home)) {
                continue;
            }
            for (index, token) in tokens.iter().enumerate() {
                if starts_with(&tokens[index..], rule.what) {
                    breaches.push(format!("{}:{}: {}", file.path, token.line, rule.what.concat()));
                }
            }
        }
    }
    breaches
}

#[test]
fn time_and_randomness_are_asked_for_in_one_file_each() {
    assert_eq!(breaches(&sources()), Vec::<String>::new());
}

#[test]
fn asking_the_system_elsewhere_is_found() {
    for text in [
        "fn f() { let t = std::time::SystemTime::now(); }",
        "fn f() { tokio::time::Instant::now(); }",
        "fn f() { jiff::Timestamp::now(); }",
        "fn f() { Uuid::now_v7(); }",
        "fn f() { getrandom::fill(&mut bytes); }",
        "fn f(a: &A) { a.issue(&SystemClock) }",
    ] {
        assert_eq!(breaches(&[File::new("src/flows/issue.rs", text)]).len(), 1, "{text}");
    }
}

#[test]
fn the_homes_and_tests_may_ask() {
    for (path, text) in [
        ("src/domain/clock.rs", "fn f() { SystemTime::now(); }"),
        ("src/flows/issue.rs", "#[cfg(test)] mod tests { fn f() { SystemTime::now(); } }"),
        ("src/flows/issue.rs", "fn f(clock: &dyn Clock) { clock.now(); }"),
        ("src/flows/issue.rs", "// SystemTime::now would not do\nfn f() {}"),
    ] {
        assert_eq!(breaches(&[File::new(path, text)]), Vec::<String>::new(), "{text}");
    }
}
