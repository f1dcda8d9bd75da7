//! Answers to ceremonies, as the check finds them, and what they come to.

use std::sync::Arc;

use serde_json::json;
use vouchlink::domain::ceremony::{Ceremony, Refusal, Refused};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::evidence::{Evidence, Proof};
use vouchlink::domain::verdict::{Binding, Method, Verified};
use vouchlink::store::{
    Answered, Check, Checked, Consumed, KeyChange, NotLive, Settled, Settlement, Store,
};

use super::samples::{ANSWER, VERDICT_TTL, context};

/// Why this answer is not checked, whichever way it comes.
pub(crate) async fn not_live(
    store: &dyn Store,
    ceremony: &Ceremony,
    body: &[u8],
    now: Timestamp,
) -> NotLive {
    not_taken(store, Answered::new(ceremony.id, ceremony.link, body), now).await
}

pub(crate) async fn not_taken(store: &dyn Store, answered: Answered, now: Timestamp) -> NotLive {
    let check: Check = Arc::new(|_, _| panic!("it is checked"));
    let why = store.answer_ceremony(answered, check, context(now)).await.unwrap().unwrap_err();
    let consumed = store.consume_ceremony(answered, context(now)).await.unwrap();
    assert_eq!(consumed, Consumed::NotLive(why.clone()));
    why
}

pub(crate) fn settlement(ceremony: &Ceremony, key: KeyChange, now: Timestamp) -> Settlement {
    let (credential, first_use) = match &key {
        KeyChange::Bind(credential) => (credential.id, true),
        KeyChange::Use(used) => (used.credential, false),
    };
    Settlement {
        verified: Verified {
            method: Method::Passkey,
            binding: Binding::Link,
            first_use,
            credential,
            verified_at: now,
            verified_until: now.plus(VERDICT_TTL),
        },
        evidence: evidence(ceremony, first_use),
        key,
        detail: json!({ "flags": "UP,UV" }),
    }
}

pub(crate) fn refused(refusal: Refusal) -> Refused {
    Refused { refusal, suspect: None, detail: json!({ "flags": "UP" }) }
}

/// A check that finds every answer right.
pub(crate) fn right(settlement: Settlement) -> Check {
    Arc::new(move |_, _| Ok(Checked::Right(Box::new(settlement.clone()))))
}

fn evidence(ceremony: &Ceremony, registration: bool) -> Evidence {
    Evidence {
        statement: ceremony.statement.clone(),
        nonce: ceremony.nonce,
        client_data_json: b"{}".to_vec(),
        proof: if registration {
            Proof::Attestation {
                attestation_object: b"attestation".to_vec(),
                authenticator_data: b"data".to_vec(),
            }
        } else {
            Proof::Assertion {
                authenticator_data: b"data".to_vec(),
                signature: b"signature".to_vec(),
            }
        },
        public_key: b"key".to_vec(),
        credential_id: b"id".to_vec(),
        origin: "http://localhost:8080".to_owned(),
        rp_id: "localhost".to_owned(),
        binding: Binding::Link,
    }
}

/// Sends an answer that the check finds right.
pub(crate) async fn settle(
    store: &dyn Store,
    ceremony: &Ceremony,
    key: KeyChange,
    now: Timestamp,
) -> Settled {
    conclude(store, ceremony, right(settlement(ceremony, key, now)), now).await.unwrap()
}

pub(crate) async fn conclude(
    store: &dyn Store,
    ceremony: &Ceremony,
    check: Check,
    now: Timestamp,
) -> Result<Settled, NotLive> {
    let answered = Answered::new(ceremony.id, ceremony.link, ANSWER);
    store.answer_ceremony(answered, check, context(now)).await.unwrap()
}
