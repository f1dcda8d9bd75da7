//! What is announced, and when: every change of a link, once it can be read, and nothing else.

use std::pin::pin;
use std::task::{Context as TaskContext, Waker};

use vouchlink::domain::ceremony::Refusal;
use vouchlink::domain::id::LinkId;
use vouchlink::domain::link::{Link, Status};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Changed, RefusedAnswer, Store, Watch};

use super::answers::{not_live, refused, settle};
use super::fresh;
use super::samples::{
    ANSWER, LINK_TTL, MAX_ATTEMPTS, T0, answered, at, begin, binding, consume, context, create,
    credential, new_link, not_verified, secret,
};

fn heard(watch: &mut Watch) -> bool {
    let changed = pin!(watch.changed());
    changed.poll(&mut TaskContext::from_waker(Waker::noop())).is_ready()
}

/// A link that is watched.
struct Watched<'s> {
    store: &'s dyn Store,
    id: LinkId,
    watch: Watch,
}

impl<'s> Watched<'s> {
    fn new(store: &'s dyn Store, link: &Link) -> Self {
        Self { store, id: link.id, watch: store.changes().watch(link.id) }
    }

    /// The link as whoever was told reads it.
    #[track_caller]
    fn told(&mut self) -> impl Future<Output = Link> {
        assert!(heard(&mut self.watch), "not announced");
        assert!(!heard(&mut self.watch), "announced twice");
        let found = self.store.find_link(self.id);
        async { found.await.unwrap().unwrap() }
    }

    #[track_caller]
    fn not_told(&mut self) {
        assert!(!heard(&mut self.watch), "announced");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_a_link_is_told_of_every_step_of_its_life() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let mut watched = Watched::new(&**store, &link);
    let begun = begin(&**store, &link, at(1)).await;
    assert_eq!(watched.told().await.state.status(), Status::Opened);
    begin(&**store, &link, at(1)).await;
    watched.not_told();
    let newest = begin(&**store, &link, at(1)).await;
    consume(&**store, &newest, at(1)).await;
    assert_eq!(watched.told().await.attempts, 1);
    not_live(&**store, &begun, ANSWER, at(1)).await;
    watched.not_told();
    let last = begin(&**store, &link, at(1)).await;
    watched.not_told();
    settle(&**store, &last, binding(credential(&link, at(1))), at(2)).await;
    assert_eq!(watched.told().await.state.status(), Status::Verified);
    not_live(&**store, &last, b"other", at(3)).await;
    watched.not_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_and_a_reissue_are_told() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let mut watched = Watched::new(&**store, &link);
    let expires_at = at(1000);
    store.reissue_link(link.id, secret(), expires_at, context(at(1))).await.unwrap();
    assert_eq!(watched.told().await.expires_at, expires_at);
    let next = create(&**store, "1", at(2)).await;
    assert_eq!(watched.told().await.state.status(), Status::Revoked);

    let mut watched = Watched::new(&**store, &next);
    let declined = not_verified(Reason::NotMe, at(3));
    store.end_link(next.id, declined.clone(), context(at(3))).await.unwrap();
    assert_eq!(watched.told().await.state.status(), Status::Declined);
    let again = store.end_link(next.id, declined, context(at(4))).await.unwrap();
    assert!(matches!(again, Changed::Ended(_)));
    watched.not_told();

    let overdue = create(&**store, "1", at(5)).await;
    let other = create(&**store, "2", at(6)).await;
    let mut watched = [&overdue, &other].map(|link| Watched::new(&**store, link));
    store.expire_links(10, context(at(5).plus(LINK_TTL))).await.unwrap();
    assert_eq!(watched[0].told().await.state.status(), Status::Expired);
    watched[1].not_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_refusal_is_told_and_what_was_refused_by_the_store_is_not() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let mut watched = Watched::new(&**store, &link);
    let mut wrong_secret = link.clone();
    wrong_secret.secret = secret();
    let ceremony = super::samples::ceremony(&wrong_secret, at(1));
    store.begin_ceremony(ceremony, &wrong_secret, context(at(1))).await.unwrap();
    store.create_link(new_link("2", at(1)), context(at(1))).await.unwrap();
    watched.not_told();
    for attempt in 1..=MAX_ATTEMPTS {
        let (ceremony, _) = answered(&**store, &link, at(1)).await;
        assert_eq!(watched.told().await.attempts, attempt);
        let refused = RefusedAnswer {
            ceremony: ceremony.id,
            link: link.id,
            attempt,
            refused: refused(Refusal::SignatureInvalid),
        };
        store.refuse_attempt(refused, context(at(2))).await.unwrap();
        if attempt < MAX_ATTEMPTS {
            watched.not_told();
        }
    }
    assert_eq!(watched.told().await.state.status(), Status::Failed);
}
