use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::ceremony::TIMEOUT;
use crate::domain::clock::Timestamp;
use crate::domain::statement::{Nonce, Statement};

const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);

fn tokens(secrets: &[&str]) -> Tokens {
    let settings = Settings {
        secrets: secrets.iter().map(|secret| Secret::from(*secret)).collect(),
        link_ttl: Duration::from_secs(900),
        link_ttl_max: Duration::from_secs(86_400),
    };
    Tokens::new(&settings, "localhost")
}

fn ceremony() -> Ceremony {
    Ceremony {
        id: CeremonyId::from_bytes([1; 16]),
        link: LinkId::from_bytes([2; 16]),
        means: Means::Passkey,
        kind: Kind::Authenticate,
        nonce: Nonce([3; 32]),
        statement: Statement::from_stored("{}".to_owned()),
        created_at: NOW,
        expires_at: NOW.plus(TIMEOUT),
    }
}

const OLD: &str = "an old secret of more than thirty-two bytes";
const NEW: &str = "a new secret of more than thirty-two bytes!";

#[test]
fn a_token_outlives_the_rotation_of_its_secret_but_not_its_removal() {
    let token = tokens(&[OLD]).sign_challenge(&ceremony(), Way::HandedOut).unwrap();
    let claims = tokens(&[NEW, OLD]).read_challenge(&token).unwrap();
    assert_eq!(claims.ceremony, ceremony().id);
    assert_eq!(claims.link, ceremony().link);
    assert_eq!(claims.kind, Kind::Authenticate);
    assert_eq!(claims.way, Way::HandedOut);
    assert_eq!(tokens(&[NEW]).read_challenge(&token), Err(Forged));
}

#[test]
fn a_challenge_token_is_no_link_token_and_serves_one_relying_party() {
    let token = tokens(&[OLD]).sign_challenge(&ceremony(), Way::HandedOut).unwrap();
    assert_eq!(tokens(&[OLD]).read_link(&token), Err(Forged));
    let mut other = tokens(&[OLD]);
    other.rp_id = "example.org".to_owned();
    assert_eq!(other.read_challenge(&token), Err(Forged));
}

#[test]
fn a_session_token_is_no_other_and_no_other_is_one() {
    let tokens = tokens(&[OLD]);
    let session = SessionClaims {
        link: LinkId::from_bytes([2; 16]),
        credential: CredentialId::from_bytes([3; 16]),
        expires_at: NOW,
    };
    let token = tokens.sign_session(&session).unwrap();
    assert_eq!(tokens.read_session(&token), Ok(session));
    assert_eq!(tokens.read_link(&token), Err(Forged));
    assert_eq!(tokens.read_challenge(&token), Err(Forged));
    let challenge = tokens.sign_challenge(&ceremony(), Way::HandedOut).unwrap();
    assert_eq!(tokens.read_session(&challenge), Err(Forged));
    let other = Tokens { rp_id: "example.org".to_owned(), ..tokens };
    assert_eq!(other.read_session(&token), Err(Forged));
}

#[test]
fn a_doors_code_is_found_again_after_its_secret_is_rotated_and_never_stored_plainly() {
    let (old, both) = (tokens(&[OLD]), tokens(&[NEW, OLD]));
    let (link, jti, kid) = (LinkId::from_bytes([2; 16]), [7; 16], old.signing_kid());
    let code = old.door_code(kid, link, &jti).unwrap();
    let hash = old.door_hash(kid, code).unwrap();
    assert_eq!(both.door_hashes(code).len(), 2);
    assert!(both.door_hashes(code).contains(&hash));
    assert!(!tokens(&[NEW]).door_hashes(code).contains(&hash));
    assert_ne!(old.door_code(kid, link, &[8; 16]).unwrap(), code);
    assert_eq!(tokens(&[NEW]).door_code(kid, link, &jti), Err(SecretGone));
}

#[test]
fn how_a_page_was_come_to_is_signed_into_the_ceremonys_token() {
    let tokens = tokens(&[OLD]);
    for way in [Way::HandedOut, Way::Mailed] {
        let token = tokens.sign_challenge(&ceremony(), way).unwrap();
        assert_eq!(tokens.read_challenge(&token).unwrap().way, way);
    }
}

#[test]
fn a_token_without_signature_or_of_another_algorithm_is_forged() {
    let token = tokens(&[OLD]).sign_challenge(&ceremony(), Way::HandedOut).unwrap();
    let [_, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let kid = tokens(&[OLD]).signing_kid().to_owned();
    for alg in ["none", "HS384", "RS256", "ES256"] {
        let header = base64url(format!(r#"{{"alg":"{alg}","kid":"{kid}"}}"#).as_bytes());
        for signature in ["", signature] {
            let forged = format!("{header}.{payload}.{signature}");
            assert_eq!(tokens(&[OLD]).read_challenge(&forged), Err(Forged), "{alg}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_is_a_token(text in ".{0,200}") {
        prop_assert_eq!(tokens(&[OLD]).read_link(&text), Err(Forged));
    }

    #[test]
    fn no_changed_character_leaves_a_token_good(at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_.-]") {
        let token = tokens(&[OLD]).sign_challenge(&ceremony(), Way::HandedOut).unwrap();
        let at = at.index(token.len());
        let (head, tail) = token.split_at(at);
        prop_assume!(!tail.starts_with(&with));
        let changed: String = [head, with.as_str()].concat() + tail.strip_prefix(|_| true).unwrap();
        prop_assert_eq!(tokens(&[OLD]).read_challenge(&changed), Err(Forged));
    }
}
