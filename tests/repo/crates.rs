//! One home per foreign crate: "which file does this" has one answer.

use std::collections::BTreeSet;

use super::tree::{File, sources, starts_with, text};

/// Where a crate may be named: paths of files, or of folders with `/` at the end.
const HOMES: &[(&str, &[&str])] = &[
    ("askama", &["src/http/", "src/mail/alert.rs", "src/mail/letter.rs"]),
    (
        "async_trait",
        &["src/store/", "src/passkey/", "src/webhook/", "src/flows/", "src/workers/", "src/http/"],
    ),
    ("base64", &["src/domain/encoding.rs"]),
    // The buffer of tokio-postgres's traits.
    ("bytes", &["src/store/postgres/columns.rs", "src/store/postgres/bulk/import.rs"]),
    ("clap", &["src/cli/", "src/main.rs"]),
    ("deadpool_postgres", &["src/store/postgres/"]),
    ("dotenvy", &["src/config/source.rs"]),
    ("fluent_bundle", &["src/words/"]),
    ("getrandom", &["src/domain/random.rs"]),
    ("governor", &["src/http/limits.rs", "src/workers/pace.rs"]),
    ("httpdate", &["src/webhook/"]),
    ("ipnet", &["src/config/", "src/webhook/", "src/http/"]),
    ("jiff", &["src/domain/clock.rs"]),
    ("jsonwebtoken", &["src/token.rs"]),
    ("lettre", &["src/mail/"]),
    ("mimalloc", &["src/main.rs"]),
    ("poem", &["src/http/"]),
    ("poem_openapi", &["src/http/"]),
    ("prometheus_client", &["src/metrics.rs"]),
    ("qrcode", &["src/http/", "src/cli/"]),
    ("reqwest", &["src/webhook/client.rs"]),
    // SHA-256 and HMAC, encryption at rest, signatures of passkeys, the HMAC-SHA-1 of authenticator
    // apps.
    (
        "ring",
        &["src/domain/digest.rs", "src/domain/totp.rs", "src/passkey/signature.rs", "src/seal.rs"],
    ),
    ("rusqlite", &["src/store/sqlite/"]),
    ("rustls", &["src/webhook/client.rs", "src/store/postgres/"]),
    ("rustls_platform_verifier", &["src/store/postgres/tls.rs"]),
    ("secrecy", &["src/domain/secret.rs"]),
    ("serde", &["src/"]),
    ("serde_json", &["src/"]),
    // The error type of jsonwebtoken's signer traits.
    ("signature", &["src/token.rs"]),
    ("subtle", &["src/domain/digest.rs", "src/domain/secret.rs"]),
    ("thiserror", &["src/"]),
    // The domain and the configuration are without async.
    (
        "tokio",
        &[
            "src/store/",
            "src/webhook/",
            "src/mail/",
            "src/flows/",
            "src/http/",
            "src/workers/",
            "src/app/",
            "src/cli/",
            "src/main.rs",
        ],
    ),
    ("tokio_postgres", &["src/store/postgres/"]),
    ("tokio_rustls", &["src/store/postgres/tls.rs"]),
    // What is not the domain may report.
    (
        "tracing",
        &[
            "src/store/",
            "src/passkey/",
            "src/webhook/",
            "src/flows/",
            "src/http/",
            "src/workers/",
            "src/app/",
            "src/cli/",
            "src/telemetry/",
        ],
    ),
    ("tracing_subscriber", &["src/telemetry/"]),
    ("unic_langid", &["src/words/"]),
    ("url", &["src/domain/", "src/config/", "src/passkey/", "src/webhook/", "src/http/"]),
    ("uuid", &["src/domain/id.rs", "src/passkey/"]),
    ("webauthn_rs", &["src/passkey/"]),
    ("webauthn_rs_proto", &["src/passkey/"]),
];

/// Crates named outside of their homes, in the product's own code.
fn strays(homes: &[(&str, &[&str])], files: &[File]) -> Vec<String> {
    let mut strays = Vec::new();
    for file in files {
        for (name, line) in crates_named(file) {
            let Some((_, homes)) = homes.iter().find(|(known, _)| *known == name) else { continue };
            let at_home = homes.iter().any(|home| match home.strip_suffix('/') {
                Some(_) => file.path.starts_with(home),
                None => file.path == *home,
            });
            if !at_home {
                strays.push(format!("{}:{line}: names {name}", file.path));
            }
        }
    }
    strays
}

/// First names of paths (`name::`) and what `use name;` brings in. Modules of ours come after
/// `crate::`, `self::` or `super::`, or as a child of the file's own module; the latter are left
/// out where the file declares them.
fn crates_named(file: &File) -> Vec<(String, usize)> {
    let tokens = file.product_tokens();
    let child =
        |name: &str| tokens.windows(2).any(|pair| pair[0].text == "mod" && pair[1].text == name);
    let mut named = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).map_or("", |before| tokens[before].text.as_str());
        // `::name` begins a path unless the sign follows a name or a closing `>`.
        let continues = before == "::"
            && index.checked_sub(2).is_some_and(|i| {
                let text = &tokens[i].text;
                text == ">"
                    || text.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
                        && text != "use"
                        && text != "as"
                        && text != "return"
            });
        let heads_path = starts_with(&tokens[index + 1..], &["::"]) && !continues;
        let used_whole = before == "use"
            && tokens.get(index + 1).is_some_and(|next| matches!(next.text.as_str(), ";" | "as"));
        if (heads_path || used_whole) && !child(&token.text) {
            named.push((token.text.clone(), token.line));
        }
    }
    named
}

/// The names under `[dependencies]`, as code writes them.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section =
        manifest.split("\n[dependencies]\n").nth(1).expect("the manifest has dependencies");
    let section = section.split("\n[").next().unwrap_or_default();
    let name = |line: &str| Some(line.split_once('=')?.0.trim().replace('-', "_"));
    section.lines().filter(|line| !line.starts_with('#')).filter_map(name).collect()
}

#[test]
fn foreign_crates_are_named_in_their_homes_only() {
    assert_eq!(strays(HOMES, &sources()), Vec::<String>::new());
}

#[test]
fn every_dependency_has_a_home_and_every_home_a_dependency() {
    let housed: BTreeSet<String> = HOMES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(dependencies(&text("Cargo.toml")), housed);
}

#[test]
fn a_crate_away_from_home_is_found() {
    let homes: &[(&str, &[&str])] =
        &[("rusqlite", &["src/store/sqlite/"]), ("clap", &["src/main.rs"])];
    for text in [
        "use rusqlite::Connection;",
        "fn f() -> rusqlite::Result<()> { todo }",
        "fn f() -> ::rusqlite::Result<()> {}",
        "use rusqlite as sql;",
        "#[derive(clap::Parser)] struct A;",
        "fn f() { x = <rusqlite::Row as T>::f(); }",
    ] {
        assert_eq!(strays(homes, &[File::new("src/flows/issue.rs", text)]).len(), 1, "{text}");
        assert_eq!(strays(homes, &[File::new("src/store/sqlite.rs", text)]).len(), 1, "{text}");
    }
}

#[test]
fn a_crate_at_home_and_modules_of_the_same_name_are_fine() {
    let homes: &[(&str, &[&str])] = &[("rusqlite", &["src/store/sqlite/"]), ("passkey", &[])];
    for (path, text) in [
        ("src/store/sqlite/links.rs", "use rusqlite::Connection;"),
        ("src/flows/verify.rs", "use crate::passkey::Checked; // passkey::x"),
        ("src/flows/verify.rs", "#[cfg(test)] mod tests { use passkey::Client; }"),
        ("src/lib.rs", "pub mod passkey; pub use passkey::Checked;"),
    ] {
        assert_eq!(strays(homes, &[File::new(path, text)]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn dependencies_are_read_from_their_own_section() {
    let manifest = "[package]\nname = \"x\"\n\n[dependencies]\na-b = \"1\"\n# c = 1\nd = { version = \"2\" }\n\n[dev-dependencies]\ne = \"1\"\n";
    assert_eq!(dependencies(manifest), BTreeSet::from(["a_b".to_owned(), "d".to_owned()]));
}
