//! Answers that were refused, by the check or by the store.

use std::sync::Arc;

use serde_json::json;
use vouchlink::domain::ceremony::{Ceremony, Refusal};
use vouchlink::domain::credential::KeyUse;
use vouchlink::domain::customer::{Refused, Standing};
use vouchlink::domain::link::{Enrolment, Link, State, Status};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Check, Checked, KeyChange, RefusedAnswer, Settled, Store, Subject};

use super::answers::{conclude, refused, settle};
use super::fresh;
use super::samples::{
    MAX_ATTEMPTS, T0, actions, answered, at, begin, binding, bodies, context, create, create_as,
    create_replacing, credential, enrol, enrol_with, key_use, new_link, not_verified, standing_of,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_answer_leaves_the_link_open_until_the_last_attempt() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    for attempt in 1..=MAX_ATTEMPTS {
        let ceremony = begin(&**store, &link, at(1)).await;
        let wrong: Check = Arc::new(|_, _| Ok(Checked::Wrong(refused(Refusal::SignatureInvalid))));
        let settled = conclude(&**store, &ceremony, wrong, at(2)).await;
        let Ok(Settled::Refused(Refusal::SignatureInvalid, now_is)) = settled else {
            panic!("{settled:?}")
        };
        assert_eq!(now_is.attempts, attempt);
        assert_eq!(store.find_link(link.id).await.unwrap(), Some((*now_is).clone()));
        assert_eq!(now_is.state.verdict().is_some(), attempt == MAX_ATTEMPTS);
    }

    let ended = store.find_link(link.id).await.unwrap().unwrap();
    let verdict = not_verified(Reason::TooManyAttempts, at(2));
    assert_eq!(ended.state, State::Ended { opened_at: Some(at(1)), verdict });
    let refused = Refused { link: link.id, at: at(2) };
    assert_eq!(standing_of(&**store, "1").await, Some(Standing::Refused(refused)));
    let timeline = store.link_timeline(link.id).await.unwrap();
    assert_eq!(timeline[2].action, "attempt.refused");
    assert_eq!(timeline[2].detail["reason"], "signature_invalid");
    assert_eq!(timeline[2].detail["detail"], json!({ "flags": "UP" }));
    assert_eq!(timeline.last().unwrap().action, "link.failed");
    let [failed] = &bodies(&**store, at(2)).await[..] else { panic!("not one webhook") };
    assert_eq!(failed["type"], "verification.failed");
    assert_eq!(failed["data"]["reason"], "too_many_attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_attempt_may_be_right() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    for _ in 1..MAX_ATTEMPTS {
        let ceremony = begin(&**store, &link, at(1)).await;
        let wrong: Check = Arc::new(|_, _| Ok(Checked::Wrong(refused(Refusal::Malformed))));
        conclude(&**store, &ceremony, wrong, at(1)).await.unwrap();
    }
    let ceremony = begin(&**store, &link, at(2)).await;
    let key = binding(credential(&link, at(2)));
    let settled = settle(&**store, &ceremony, key, at(2)).await;
    let Settled::Done(verified) = settled else { panic!("{settled:?}") };
    assert_eq!((verified.state.status(), verified.attempts), (Status::Verified, MAX_ATTEMPTS));
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(*verified));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_comes_late_does_not_touch_the_end() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let (ceremony, subject) = answered(&**store, &link, at(1)).await;
    let revoked = not_verified(Reason::Revoked, at(1));
    store.end_link(link.id, revoked, context(at(1))).await.unwrap();
    let before = store.find_link(link.id).await.unwrap().unwrap();
    assert_eq!(refuse(&**store, &ceremony, &subject, Refusal::Malformed).await, before);
    assert_eq!(actions(&**store, link.id).await.last().unwrap(), "attempt.refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_comes_late_does_not_end_the_last_attempt() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let mut attempts = Vec::new();
    for _ in 0..MAX_ATTEMPTS {
        attempts.push(answered(&**store, &link, at(1)).await);
    }
    let (last, at_last) = attempts.pop().unwrap();
    for (earlier, subject) in &attempts {
        let now_is = refuse(&**store, earlier, subject, Refusal::CodeWrong).await;
        assert_eq!(now_is.state.verdict(), None);
    }
    let now_is = refuse(&**store, &last, &at_last, Refusal::CodeWrong).await;
    assert_eq!(now_is.state.status(), Status::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_attempts_are_used_up_has_failed_when_its_time_is_over() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let untried = create(&**store, "2", T0).await;
    for _ in 0..MAX_ATTEMPTS {
        answered(&**store, &link, at(1)).await;
    }
    let late = link.expires_at;
    assert_eq!(store.expire_links(9, context(late)).await.unwrap(), 2);
    let ended = store.find_link(link.id).await.unwrap().unwrap();
    assert_eq!(ended.state.verdict(), Some(&not_verified(Reason::TooManyAttempts, late)));
    let standing = standing_of(&**store, "1").await.unwrap();
    assert!(matches!(standing, Standing::Refused(_)));
    let ended = store.find_link(untried.id).await.unwrap().unwrap();
    assert_eq!(ended.state.verdict(), Some(&not_verified(Reason::Expired, late)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_does_not_rise_casts_suspicion_on_the_key() {
    let store = fresh().await;
    let (_, key) = enrol_with(&**store, "1", T0, |key| key.key.sign_count = 7).await;
    for (second, count) in [(1, 7), (2, 0)] {
        let link = create(&**store, "1", at(second)).await;
        let link = assert_refused(
            &**store,
            &link,
            KeyChange::Use(key_use(&key, count)),
            Refusal::CloneSuspected,
        )
        .await;
        assert!(matches!(link.state, State::Opened { .. }));
        assert_eq!(
            actions(&**store, link.id).await[2..],
            ["credential.suspected", "attempt.refused"]
        );
    }
    let keys = store.list_credentials(key.customer).await.unwrap();
    assert_eq!(keys[0].key.sign_count, 7);
    // The first time counts.
    assert_eq!(keys[0].suspected_at, Some(at(60)));
    assert_eq!(keys[0].last_used_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspected_copy_on_the_last_attempt_fails_the_link() {
    let store = fresh().await;
    let (_, key) = enrol_with(&**store, "1", T0, |key| key.key.sign_count = 7).await;
    let link = create(&**store, "1", at(1)).await;
    for _ in 1..MAX_ATTEMPTS {
        answered(&**store, &link, at(1)).await;
    }
    let used = KeyChange::Use(key_use(&key, 3));
    let link = assert_refused(&**store, &link, used, Refusal::CloneSuspected).await;
    assert_eq!(link.state.verdict(), Some(&not_verified(Reason::CloneSuspected, at(60))));
    assert_eq!(store.find_link(link.id).await.unwrap().as_ref(), Some(&link));
    let standing = standing_of(&**store, "1").await.unwrap();
    assert!(matches!(standing, Standing::Refused(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_backup_eligibility_changed_is_not_the_key() {
    let store = fresh().await;
    let (_, key) = enrol(&**store, "1", T0).await;
    let link = create(&**store, "1", at(1)).await;
    let used = KeyUse { backup_eligible: false, ..key_use(&key, 5) };
    assert_refused(&**store, &link, KeyChange::Use(used), Refusal::PasskeyChanged).await;
    assert_eq!(store.list_credentials(key.customer).await.unwrap(), vec![key]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_active_key_of_this_customer_signs() {
    let store = fresh().await;
    let (_, key) = enrol(&**store, "1", T0).await;
    let (_, other) = enrol(&**store, "2", T0).await;
    let link = create(&**store, "1", at(1)).await;
    let foreign = KeyChange::Use(key_use(&other, 5));
    assert_refused(&**store, &link, foreign, Refusal::CredentialUnknown).await;
    let mut unknown = key_use(&key, 5);
    unknown.credential = vouchlink::domain::id::CredentialId::from_bytes([9; 16]);
    assert_refused(&**store, &link, KeyChange::Use(unknown), Refusal::CredentialUnknown).await;

    store.revoke_credential(key.customer, key.id, context(at(1))).await.unwrap();
    let used = KeyChange::Use(key_use(&key, 5));
    assert_refused(&**store, &link, used, Refusal::CredentialUnknown).await;
    assert_eq!(store.list_credentials(other.customer).await.unwrap(), vec![other]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticators_id_is_bound_once_for_ever() {
    let store = fresh().await;
    let (_, key) = enrol(&**store, "1", T0).await;
    store.revoke_credential(key.customer, key.id, context(at(1))).await.unwrap();
    for user_id in ["1", "2"] {
        let link = create_replacing(&**store, user_id, at(1)).await;
        let mut same = credential(&link, at(1));
        same.key.id = key.key.id.clone();
        assert_refused(&**store, &link, binding(same), Refusal::CredentialInUse).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_key_needs_a_link_that_replaces_or_one_that_another_key_asked_for() {
    let store = fresh().await;
    let (_, key) = enrol(&**store, "1", T0).await;
    let mut new = new_link("1", at(1));
    new.link.request.enrolment = Enrolment::Add;
    let link = create_as(&**store, new).await;
    let second = binding(credential(&link, at(1)));
    assert_refused(&**store, &link, second, Refusal::CustomerChanged).await;
    let mut foreign = credential(&link, at(1));
    foreign.customer = vouchlink::domain::id::CustomerId::from_bytes([9; 16]);
    assert_refused(&**store, &link, binding(foreign), Refusal::CustomerChanged).await;
    assert_eq!(store.list_credentials(key.customer).await.unwrap(), vec![key]);
}

/// Answers a link with what the store must refuse, 60 seconds in.
async fn assert_refused(store: &dyn Store, link: &Link, key: KeyChange, refusal: Refusal) -> Link {
    let ceremony = begin(store, link, at(60)).await;
    let before = store.find_link(link.id).await.unwrap().unwrap();
    match settle(store, &ceremony, key, at(60)).await {
        Settled::Refused(reason, now_is) => {
            assert_eq!(reason, refusal);
            assert_eq!(now_is.attempts, before.attempts + 1);
            let timeline = store.link_timeline(link.id).await.unwrap();
            let recorded = timeline.iter().rev().find(|entry| entry.action == "attempt.refused");
            assert_eq!(recorded.unwrap().detail["reason"], refusal.as_str());
            assert_eq!(store.read_evidence(link.id, context(at(60))).await.unwrap(), None);
            *now_is
        }
        other => panic!("not refused, but {other:?}"),
    }
}

async fn refuse(
    store: &dyn Store,
    ceremony: &Ceremony,
    subject: &Subject,
    refusal: Refusal,
) -> Link {
    let refused = RefusedAnswer {
        ceremony: ceremony.id,
        link: ceremony.link,
        attempt: subject.link.attempts,
        refused: refused(refusal),
    };
    store.refuse_attempt(refused, context(at(2))).await.unwrap()
}
