//! Nothing we say claims a check of the body: user verification may be a PIN, and the device alone
//! knows which it was.

use super::tree::{File, files, text};

/// Where customers, staff and integrators read what we say.
const PLACES: &[(&str, &[&str])] = &[
    ("templates", &[".html", ".ftl", ".txt"]),
    ("static", &[".js", ".css", ".svg"]),
    ("docs", &[".md"]),
    ("deploy", &[".md", ".dg", ".cls"]),
    ("src", &[".rs"]),
];
const WHOLE: &[&str] = &["README.md", "CHANGELOG.md", ".env.example", "openapi.json"];

/// What claims it, in our languages and in small letters; whatever stands for a part of the body
/// that a device looks at is named nowhere either, or only beside the PIN.
const CLAIMS: &[&str] =
    &["biometr", "biométr", "phishing-proof", "ביומטר", "بيومتر", "बायोमेट्रिक", "生体認証"];

/// The sentences that may say such a word: each denies it.
const DENIALS: &[&str] = &[
    "no selfie, no raw biometrics: only a signature",
    "nothing here claims a biometric check",
    "- **A biometric check.** User verification may be a PIN or a password",
];

/// The claims in a text, with what stands around them.
fn claims(file: &File) -> Vec<String> {
    // What tests say, nobody reads; they come last in a file.
    let text = match file.text.split_once("#[cfg(test)]") {
        Some((product, _)) if file.path.starts_with("src/") => product,
        Some(_) | None => &file.text,
    };
    let mut plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for denial in DENIALS {
        plain = plain.replace(denial, "");
    }
    let plain = plain.to_lowercase();
    CLAIMS
        .iter()
        .filter_map(|claim| {
            let at = plain.find(claim)?;
            let around: String = plain.get(at..)?.chars().take(60).collect();
            Some(format!("{}: {around}", file.path))
        })
        .collect()
}

fn all() -> Vec<File> {
    let found = PLACES.iter().flat_map(|(top, endings)| files(top, endings));
    found.chain(WHOLE.iter().map(|path| File::new(path, &text(path)))).collect()
}

#[test]
fn no_text_claims_a_biometric_check() {
    let all = all();
    assert!(all.len() > 100, "the texts were not found");
    let found: Vec<String> = all.iter().flat_map(claims).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_denial_is_still_said() {
    let all = all();
    let plain = |file: &File| file.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for denial in DENIALS {
        assert!(all.iter().any(|file| plain(file).contains(denial)), "nobody says: {denial}");
    }
}

#[test]
fn a_claim_is_found_wherever_its_line_breaks() {
    for text in [
        "<p>It is phishing-proof.</p>",
        "Biometrics checked",
        "DATOS BIOMÉTRICOS",
        "nothing here claims a biometric check, but this: biometric login",
    ] {
        assert_eq!(claims(&File::new("a.html", text)).len(), 1, "{text}");
    }
    assert!(claims(&File::new("a.md", "nothing here claims a\nbiometric check.")).is_empty());
}
