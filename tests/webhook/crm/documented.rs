//! `docs/crm.md` is true: its examples can be used as they stand, and it names every fact, every
//! kind and every remedy that a CRM's answer leads to.

use vouchlink::domain::crm::{DataCentre, Fact};

use super::*;

const PAGE: &str = include_str!("../../../docs/crm.md");
const GUIDES: [&str; 6] = [
    include_str!("../../../deploy/freshdesk/README.md"),
    include_str!("../../../deploy/hubspot/README.md"),
    include_str!("../../../deploy/pipedrive/README.md"),
    include_str!("../../../deploy/salesforce/README.md"),
    include_str!("../../../deploy/zendesk/README.md"),
    include_str!("../../../deploy/zoho/README.md"),
];

#[test]
fn every_example_can_be_used_as_it_stands() {
    let mut kinds = Vec::new();
    let pages = GUIDES.iter().chain([&PAGE]);
    for block in pages.flat_map(|page| page.split("```json\n").skip(1)) {
        let text = block.split("\n```").next().unwrap();
        let example: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let kind = Kind::parse(example["kind"].as_str().unwrap()).unwrap();
        let part = |name: &str| example.get(name).map(object).unwrap_or_default();
        let connection = Connection::parse(kind, &part("settings"), &part("credentials"));
        let connection = connection.unwrap_or_else(|wrong| panic!("{wrong:?}: {text}"));
        if let Some(url) = example.get("url") {
            let url = EndpointUrl::parse(url.as_str().unwrap()).unwrap();
            assert_eq!(connection.check_url(&url), Ok(()));
        }
        kinds.push(kind);
    }
    let others = Kind::ALL.iter().filter(|kind| **kind != Kind::Standard);
    assert!(others.clone().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn every_word_is_explained() {
    let facts = Fact::ALL.iter().map(|fact| fact.as_str());
    let kinds = Kind::ALL.iter().map(|kind| kind.as_str());
    let centres = DataCentre::ALL.iter().map(|centre| centre.as_str());
    // Those of receivers that staff are given the URL of are explained where they are.
    let elsewhere = [Remedy::CheckTls, Remedy::FollowRedirect, Remedy::Enable];
    let remedies = Remedy::ALL.iter().filter(|remedy| !elsewhere.contains(remedy));
    let words = facts.chain(kinds).chain(centres).chain(remedies.map(|remedy| remedy.as_str()));
    let missing: Vec<_> = words.filter(|word| !PAGE.contains(&format!("`{word}`"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Whoever only reads the guide makes every field that is written, and gates as the page says.
#[test]
fn every_guide_names_the_fields_and_the_rule() {
    for guide in GUIDES {
        let title = guide.lines().next().unwrap();
        for words in ["alone", "api/verification/status", "max_age_seconds", "## Endpoint settings"]
        {
            let said = guide.contains(words) || guide.contains("ask_gate.dg");
            assert!(said, "{title}: {words}");
        }
        for block in guide.split("```json\n").skip(1) {
            let text = block.split("\n```").next().unwrap();
            let example: Value = serde_json::from_str(text).unwrap();
            let fields = example.pointer("/settings/fields").map(object).unwrap_or_default();
            // Pipedrive's have no names of their own.
            let named = fields.keys().filter(|field| field.len() != 40);
            let missing: Vec<_> =
                named.filter(|field| !guide.contains(&format!("| `{field}` |"))).collect();
            assert_eq!(missing, Vec::<&String>::new(), "{title}");
            let missing: Vec<_> = fields
                .values()
                .filter(|fact| !guide.contains(&format!("`{}`", fact.as_str().unwrap())))
                .collect();
            assert!(missing.is_empty() || title != "# Pipedrive", "{title}: {missing:?}");
        }
    }
}
