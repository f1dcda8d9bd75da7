//! Beginning ceremonies and taking their answers.

use vouchlink::domain::binding::Way;
use vouchlink::domain::ceremony::{CHALLENGE_TTL, Ceremony, Kind, Means, Wish};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::id::{CeremonyId, LinkId};
use vouchlink::domain::link::{Link, State};
use vouchlink::domain::statement::Statement;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Answered, Begun, Consumed, Context, NotLive, Settled, Store};

use super::answers::{not_live, not_taken, settle};
use super::fresh;
use super::samples::{
    ANSWER, MAX_ATTEMPTS, T0, actions, answered, at, begin, binding, ceremony, consume, context,
    create, create_asking, credential, enrol, not_verified, user,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_with_its_first_ceremony() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    begin(&**store, &link, at(1)).await;
    begin(&**store, &link, at(2)).await;
    let opened = store.find_link(link.id).await.unwrap().unwrap();
    assert_eq!(opened.state, State::Opened { at: at(1) });
    assert_eq!(opened.attempts, 0);
    assert_eq!(actions(&**store, link.id).await, ["link.created", "link.opened"]);
    // Nobody asks to be told: no event.
    assert_eq!(store.find_customer(&user("1")).await.unwrap().unwrap().sequence, 0);
    assert_eq!(store.link_deliveries(link.id).await.unwrap(), vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_is_the_link_with_its_customers_active_keys() {
    let store = fresh().await;
    let (_, credential) = enrol(&**store, "1", T0).await;
    enrol(&**store, "2", T0).await;
    let link = create(&**store, "1", at(1)).await;
    let subject = store.ceremony_subject(link.id).await.unwrap().unwrap();
    assert_eq!(subject.link, link);
    let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
    assert_eq!(subject.handle, customer.handle);
    assert_eq!(subject.credentials, vec![credential.clone()]);

    let revoked = store.revoke_credential(link.customer, credential.id, context(at(2)));
    assert!(revoked.await.unwrap());
    let subject = store.ceremony_subject(link.id).await.unwrap().unwrap();
    assert_eq!(subject.credentials, vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremony_begins_only_on_an_open_link() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;

    let begun = |ceremony: Ceremony, link: &Link, now| {
        let (store, link) = (store.clone(), link.clone());
        async move { store.begin_ceremony(ceremony, &link, context(now)).await.unwrap() }
    };
    let mut stale = link.clone();
    stale.secret.jti = [0; 16];
    assert_eq!(begun(ceremony(&link, at(1)), &stale, at(1)).await, Begun::LinkClosed);
    let late = link.expires_at;
    assert_eq!(begun(ceremony(&link, late), &link, late).await, Begun::LinkClosed);
    let mut wrong = ceremony(&link, at(1));
    wrong.kind = Kind::Authenticate;
    assert_eq!(begun(wrong, &link, at(1)).await, Begun::LinkClosed);
    assert_eq!(store.find_link(link.id).await.unwrap().as_ref(), Some(&link));

    let revoked = not_verified(Reason::Revoked, at(1));
    store.end_link(link.id, revoked, context(at(1))).await.unwrap();
    assert_eq!(begun(ceremony(&link, at(2)), &link, at(2)).await, Begun::LinkClosed);
    let mut unknown = ceremony(&link, at(2));
    unknown.link = LinkId::from_bytes([9; 16]);
    assert_eq!(begun(unknown, &link, at(2)).await, Begun::LinkClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ceremony_begins_after_the_last_attempt() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    for _ in 0..MAX_ATTEMPTS {
        answered(&**store, &link, at(1)).await;
    }
    let one_more = ceremony(&link, at(1));
    let begun = store.begin_ceremony(one_more, &link, context(at(1)));
    assert_eq!(begun.await.unwrap(), Begun::LinkClosed);
}

/// An instance that was told of fewer attempts than the one that began the ceremony.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_taken_after_the_last_attempt() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    answered(&**store, &link, at(1)).await;
    let ceremony = begin(&**store, &link, at(2)).await;
    let answered = Answered::new(ceremony.id, link.id, ANSWER);
    let strict = Context { max_attempts: 1, ..context(at(3)) };
    let consumed = store.consume_ceremony(answered, strict).await.unwrap();
    let closed = matches!(&consumed, Consumed::NotLive(NotLive::LinkClosed(_)));
    assert!(closed, "{consumed:?}");
    assert_eq!(store.find_link(link.id).await.unwrap().unwrap().attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_live_once() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, at(1)).await;
    let subject = consume(&**store, &ceremony, at(2)).await;
    assert_eq!(subject.link, store.find_link(link.id).await.unwrap().unwrap());
    assert_eq!(subject.link.attempts, 1);
    assert_eq!(subject.credentials, vec![]);

    assert_eq!(not_live(&**store, &ceremony, ANSWER, at(3)).await, NotLive::Used);
    assert_eq!(not_live(&**store, &ceremony, b"other", at(3)).await, NotLive::Used);
    assert_eq!(store.find_link(link.id).await.unwrap().unwrap().attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_challenge_is_live() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let older = begin(&**store, &link, at(1)).await;
    let newer = begin(&**store, &link, at(2)).await;
    assert_eq!(not_live(&**store, &older, ANSWER, at(3)).await, NotLive::Used);
    consume(&**store, &newer, at(3)).await;
    assert_eq!(not_live(&**store, &older, ANSWER, at(3)).await, NotLive::Used);
    // As any other answer, one to a replaced challenge learns that the link has ended.
    let revoked = not_verified(Reason::Revoked, at(4));
    store.end_link(link.id, revoked, context(at(4))).await.unwrap();
    assert_closed(&**store, &older, ANSWER, at(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_runs_out_before_its_link() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, T0).await;
    let late = T0.plus(CHALLENGE_TTL);
    assert_eq!(not_live(&**store, &ceremony, ANSWER, late).await, NotLive::Expired);
    assert_eq!(store.find_link(link.id).await.unwrap().unwrap().attempts, 0);
    let in_time = Timestamp::from_millis(late.millis() - 1);
    consume(&**store, &ceremony, in_time).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_of_another_link_is_not_live() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let other = create(&**store, "2", T0).await;
    let ceremony = begin(&**store, &link, T0).await;
    let answered = Answered::new(ceremony.id, other.id, ANSWER);
    assert_eq!(not_taken(&**store, answered, T0).await, NotLive::Used);
    let answered = Answered::new(CeremonyId::from_bytes([9; 16]), link.id, ANSWER);
    assert_eq!(not_taken(&**store, answered, T0).await, NotLive::Used);
    let answered = Answered::new(ceremony.id, LinkId::from_bytes([9; 16]), ANSWER);
    assert_eq!(not_taken(&**store, answered, T0).await, NotLive::Unknown);
    consume(&**store, &ceremony, T0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_link_that_ended_learns_how_it_stands() {
    let store = fresh().await;
    let revoked = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &revoked, T0).await;
    let verdict = not_verified(Reason::Revoked, at(1));
    store.end_link(revoked.id, verdict, context(at(1))).await.unwrap();
    assert_closed(&**store, &ceremony, ANSWER, at(2)).await;

    // Past its time, though no worker came by.
    let overdue = create(&**store, "2", T0).await;
    begin(&**store, &overdue, T0).await;
    let now = overdue.expires_at;
    let ceremony = begin(&**store, &overdue, Timestamp::from_millis(now.millis() - 1)).await;
    let closed = assert_closed(&**store, &ceremony, ANSWER, now).await;
    assert_eq!(closed.state.verdict(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_that_verified_a_link_may_come_again() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let failed = begin(&**store, &link, at(1)).await;
    let ceremony = begin(&**store, &link, at(2)).await;
    let bound = settle(&**store, &ceremony, binding(credential(&link, at(2))), at(2)).await;
    let Settled::Done(verified) = bound else { panic!("{bound:?}") };

    let late = verified.expires_at.plus(CHALLENGE_TTL);
    let again = not_live(&**store, &ceremony, ANSWER, late).await;
    assert_eq!(again, NotLive::Repeated(verified));
    assert_closed(&**store, &ceremony, b"other", at(3)).await;
    assert_closed(&**store, &failed, ANSWER, at(3)).await;
}

async fn assert_closed(
    store: &dyn Store,
    ceremony: &Ceremony,
    body: &[u8],
    now: Timestamp,
) -> Link {
    match not_live(store, ceremony, body, now).await {
        NotLive::LinkClosed(link) => {
            assert_eq!(store.find_link(ceremony.link).await.unwrap(), Some((*link).clone()));
            *link
        }
        other => panic!("the link is not closed, but {other:?}"),
    }
}

/// What a customer who says nothing wants to begin on `link`.
fn wish(link: &Link, now: Timestamp) -> Wish {
    let Ceremony { id, kind, means, nonce, .. } = ceremony(link, now);
    let (jti, rp_id) = (link.secret.jti, "localhost".to_owned());
    Wish { id, link: link.id, jti, way: Way::HandedOut, means, kind, nonce, rp_id, at: now }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wished_begins_if_nothing_is_in_its_way() {
    let store = fresh().await;
    let (_, credential) = enrol(&**store, "1", T0).await;
    let link = create(&**store, "1", at(1)).await;
    let wished = async |wish: Wish| {
        let now = wish.at;
        store.begin_wished(wish, context(now)).await.unwrap()
    };
    let good = wish(&link, at(2));
    for wrong in [
        Wish { link: LinkId::from_bytes([9; 16]), ..good.clone() },
        Wish { jti: [0; 16], ..good.clone() },
        Wish { kind: Kind::Register, ..good.clone() },
        Wish { means: Means::Totp, ..good.clone() },
        Wish { at: link.expires_at, ..good.clone() },
    ] {
        assert_eq!(wished(wrong).await, None);
    }
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(link.clone()));

    let (begun, subject) = *wished(good.clone()).await.unwrap();
    assert_eq!((begun.id, begun.kind, begun.nonce), (good.id, good.kind, good.nonce));
    assert_eq!(begun.statement, Statement::of(&link, "localhost").unwrap());
    assert_eq!((begun.created_at, begun.expires_at), (at(2), at(2).plus(CHALLENGE_TTL)));
    assert_eq!((&subject.link, subject.credentials), (&link, vec![credential.clone()]));
    let opened = store.find_link(link.id).await.unwrap().unwrap();
    assert_eq!(opened.state, State::Opened { at: at(2) });
    assert_eq!(consume(&**store, &begun, at(3)).await.link.attempts, 1);

    let revoked = store.revoke_credential(link.customer, credential.id, context(at(4)));
    assert!(revoked.await.unwrap());
    assert_eq!(wished(wish(&opened, at(5))).await, None, "no passkey is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_be_said_first_is_in_the_way() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    assert_eq!(store.begin_wished(wish(&link, at(1)), context(at(1))).await.unwrap(), None);
}
