//! Ending a link by a ceremony that succeeded.

use std::sync::Arc;

use vouchlink::domain::credential::KeyUse;
use vouchlink::domain::customer::Standing;
use vouchlink::domain::evidence::Record;
use vouchlink::domain::link::State;
use vouchlink::domain::random::NoEntropy;
use vouchlink::domain::verdict::{Reason, Verdict};
use vouchlink::store::{Answered, Check, KeyChange, NotLive, Settled, StoreError};

use super::answers::{conclude, not_live, right, settle, settlement};
use super::fresh;
use super::samples::{
    ANSWER, T0, actions, at, begin, binding, context, create, create_replacing, credential, enrol,
    enrol_with, key_use, not_verified, secret, standing_of, user,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_writes_all_that_belongs_to_it() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, at(1)).await;
    let credential = credential(&link, at(2));
    let settlement = settlement(&ceremony, binding(credential.clone()), at(2));
    let settled = conclude(&**store, &ceremony, right(settlement.clone()), at(2)).await.unwrap();
    let Settled::Done(link) = settled else { panic!("{settled:?}") };

    assert_eq!(
        link.state,
        State::Ended {
            opened_at: Some(at(1)),
            verdict: Verdict::Verified(settlement.verified.clone())
        }
    );
    assert_eq!(store.find_link(link.id).await.unwrap().as_ref(), Some(&*link));
    assert_eq!(store.list_credentials(link.customer).await.unwrap(), vec![credential]);
    let standing =
        Standing::Verified { link: link.id, verified: settlement.verified.clone(), lapsed: false };
    assert_eq!(standing_of(&**store, "1").await.as_ref(), Some(&standing));
    let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
    // Bound, verified.
    assert_eq!((customer.standing, customer.sequence), (standing, 2));
    assert_eq!(
        actions(&**store, link.id).await,
        ["link.created", "link.opened", "credential.bound", "link.verified"]
    );
    let timeline = store.link_timeline(link.id).await.unwrap();
    assert_eq!(timeline.last().unwrap().detail, settlement.detail);

    let evidence = store.read_evidence(link.id, context(at(3))).await.unwrap();
    assert_eq!(evidence, Some(Record::Passkey(settlement.evidence)));
    assert_eq!(actions(&**store, link.id).await.last().unwrap(), "evidence.read");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authentication_advances_the_key() {
    let store = fresh().await;
    let (_, credential) =
        enrol_with(&**store, "1", T0, |credential| credential.key.sign_count = 7).await;
    let link = create(&**store, "1", at(1)).await;
    let ceremony = begin(&**store, &link, at(2)).await;
    let used = KeyUse { backup_state: true, ..key_use(&credential, 8) };
    let settlement = settlement(&ceremony, KeyChange::Use(used), at(3));
    let settled = conclude(&**store, &ceremony, right(settlement.clone()), at(3)).await.unwrap();
    assert!(matches!(settled, Settled::Done(_)));

    let [key] = &store.list_credentials(link.customer).await.unwrap()[..] else {
        panic!("not one key")
    };
    assert_eq!((key.key.sign_count, key.key.backup_state), (8, true));
    assert_eq!(key.last_used_at, Some(at(3)));
    assert_eq!(
        actions(&**store, link.id).await,
        ["link.created", "link.opened", "credential.backup_changed", "link.verified"]
    );
    let evidence = store.read_evidence(link.id, context(at(4))).await.unwrap();
    assert_eq!(evidence, Some(Record::Passkey(settlement.evidence)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_count_can_be_used_again_and_again() {
    let store = fresh().await;
    let (_, credential) = enrol(&**store, "1", T0).await;
    for second in 1..4 {
        let link = create(&**store, "1", at(second)).await;
        let ceremony = begin(&**store, &link, at(second)).await;
        let used = KeyChange::Use(key_use(&credential, 0));
        let settled = settle(&**store, &ceremony, used, at(second)).await;
        assert!(matches!(settled, Settled::Done(_)));
        assert_eq!(
            actions(&**store, link.id).await,
            ["link.created", "link.opened", "link.verified"]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacing_key_revokes_all_others() {
    let store = fresh().await;
    let (_, lost) = enrol(&**store, "1", T0).await;
    let (_, stranger) = enrol(&**store, "2", T0).await;
    let link = create_replacing(&**store, "1", at(1)).await;
    let ceremony = begin(&**store, &link, at(1)).await;
    let new = credential(&link, at(2));
    let settled = settle(&**store, &ceremony, binding(new.clone()), at(2)).await;
    assert!(matches!(settled, Settled::Done(_)));

    let keys = store.list_credentials(link.customer).await.unwrap();
    let states: Vec<_> = keys.iter().map(|key| (key.id, key.revoked_at)).collect();
    assert_eq!(states, [(lost.id, Some(at(2))), (new.id, None)]);
    let others = store.list_credentials(stranger.customer).await.unwrap();
    assert_eq!(others[0].revoked_at, None);
    assert_eq!(
        actions(&**store, link.id).await[2..],
        ["credential.revoked", "credential.bound", "link.verified"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ended_meanwhile_cannot_be_settled() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, at(1)).await;
    let revoked = not_verified(Reason::Revoked, at(2));
    store.end_link(link.id, revoked, context(at(2))).await.unwrap();
    let ended = store.find_link(link.id).await.unwrap().unwrap();

    let closed = not_live(&**store, &ceremony, ANSWER, at(3)).await;
    assert_eq!(closed, NotLive::LinkClosed(Box::new(ended)));
    assert_eq!(store.list_credentials(link.customer).await.unwrap(), vec![]);
    assert_eq!(standing_of(&**store, "1").await, Some(Standing::Never));
    assert_eq!(store.read_evidence(link.id, context(at(3))).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_reissued_meanwhile_cannot_be_settled() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, at(1)).await;
    store.reissue_link(link.id, secret(), at(900), context(at(2))).await.unwrap();
    let reissued = store.find_link(link.id).await.unwrap().unwrap();

    assert_eq!(not_live(&**store, &ceremony, ANSWER, at(3)).await, NotLive::Used);
    assert_eq!(store.list_credentials(link.customer).await.unwrap(), vec![]);
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(reissued));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_checked_leaves_its_challenge_live() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, at(1)).await;
    let before = store.find_link(link.id).await.unwrap();
    let broken: [Check; 2] = [
        Arc::new(|_, _| Err(StoreError::NoEntropy(NoEntropy))),
        Arc::new(|_, _| panic!("a defect")),
    ];
    for check in broken {
        let answered = Answered::new(ceremony.id, link.id, ANSWER);
        assert!(store.answer_ceremony(answered, check, context(at(2))).await.is_err());
        assert_eq!(store.find_link(link.id).await.unwrap(), before);
    }
    let settled = settle(&**store, &ceremony, binding(credential(&link, at(3))), at(3)).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_ceremony_verifies_a_link() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", T0).await;
    let other = create(&**store, "2", T0).await;
    let verified = link.state.verdict().unwrap().clone();
    assert!(store.end_link(other.id, verified, context(at(1))).await.is_err());
    assert_eq!(store.find_link(other.id).await.unwrap(), Some(other));
}
