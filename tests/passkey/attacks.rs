//! The attack table against the verifier itself.

use std::collections::HashSet;

use vouchlink::domain::ceremony::Kind;

use super::oracle;
use super::party::Party;
use crate::support::attacks::{self, Attack};

#[test]
fn every_attack_is_refused_for_its_own_reason_and_its_honest_twin_is_not() {
    let mut wrong = Vec::new();
    for attack in attacks::all() {
        if let Some(outcome) = surprise(&attack) {
            wrong.push(format!("{} / {}: {outcome}", attack.kind, attack.name));
        }
    }
    assert!(wrong.is_empty(), "{} attacks:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_large_and_its_names_are_unique() {
    let attacks = attacks::all();
    let names: HashSet<_> = attacks.iter().map(|attack| (attack.kind, attack.name)).collect();
    assert_eq!(names.len(), attacks.len());
    assert!(attacks.len() >= 130, "{} attacks", attacks.len());
}

/// What came out, unless it is what is pinned.
fn surprise(attack: &Attack) -> Option<String> {
    let mut party = Party::new();
    let mut authenticator = attack.authenticator();
    party.enrol(&mut authenticator);
    if attack.kind == Kind::Authenticate {
        party.verify(&mut authenticator);
    }
    let (challenge, options) = party.options(attack.kind);
    let json = attack.make(&mut authenticator, &options, &party.origin);
    let refused = match attack.kind {
        Kind::Register => party.check_registration(&json, &challenge).err(),
        Kind::Authenticate => oracle::check(&party, json.as_bytes(), &challenge).err(),
    };
    match refused {
        Some(refused) if refused.refusal == attack.expected => None,
        Some(refused) => Some(format!("{} instead of {}", refused.refusal, attack.expected)),
        None => Some(format!("accepted instead of {}", attack.expected)),
    }
}
