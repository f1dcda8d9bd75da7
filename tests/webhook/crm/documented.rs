//! `docs/crm.md` is true: its examples can be used as they stand, and it names every fact, every
//! kind and every remedy that a CRM's answer leads to.

use vouchlink::domain::crm::{DataCentre, Fact};

use super::*;

const PAGE: &str = include_str!("../../../docs/crm.md");

#[test]
fn every_example_can_be_used_as_it_stands() {
    let mut kinds = Vec::new();
    for block in PAGE.split("```json\n").skip(1) {
        let text = block.split("\n```").next().unwrap();
        let example: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let kind = Kind::parse(example["kind"].as_str().unwrap()).unwrap();
        let credentials = example.get("credentials").map(object).unwrap_or_default();
        let connection =
            Connection::parse(kind, &object(&example["settings"]), &credentials).unwrap();
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
