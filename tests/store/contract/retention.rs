//! Retention: what goes, and what stays however old it is.

use serde_json::json;
use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::customer::Standing;
use vouchlink::domain::delivery::{Class, Next};
use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::id::LinkId;
use vouchlink::domain::link::{Filter, Link};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Changed, KeyChange, Purged, Settled, Step, Store};

use super::answers::settle;
use super::fresh;
use super::replays::{self, NOBODY, fail, step};
use super::samples::{
    T0, VERDICT_TTL, actions, at, attempt, begin, bodies, built_in, context, create, enrol,
    key_use, lease, not_verified, secret, standing_of, user,
};

/// Whatever ended before is old enough to go.
const CUTOFF: u64 = 100_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ended_long_ago_goes_with_all_that_belongs_to_it() {
    let store = fresh().await;
    let (old, key) = enrol(&**store, "1", T0).await;
    let renewed = verify(&**store, "1", &key, at(CUTOFF)).await;
    bodies(&**store, at(CUTOFF)).await;

    assert_eq!(purge(&**store).await, 1);
    assert_eq!(store.find_link(old.id).await.unwrap(), None);
    assert_eq!(store.find_link_by_code(old.secret.code_hash).await.unwrap(), None);
    assert_eq!(store.read_evidence(old.id, context(at(CUTOFF))).await.unwrap(), None);
    assert_eq!(store.link_deliveries(old.id).await.unwrap(), vec![]);
    assert_eq!(listed(&**store, "1").await, [renewed.id]);

    // The audit, the customer and the passkey remain, and the passkey goes on verifying.
    assert_eq!(actions(&**store, old.id).await.len(), 4);
    let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
    assert_eq!((customer.id, customer.created_at), (old.customer, T0));
    assert_eq!(store.list_credentials(old.customer).await.unwrap().len(), 1);
    verify(&**store, "1", &key, at(CUTOFF + 1)).await;
    let [told] = &bodies(&**store, at(CUTOFF + 1)).await[..] else { panic!("not one body") };
    assert_eq!(told["verified"], true);
    assert_eq!(purge(&**store).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_link_stays() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    assert_eq!(purge(&**store).await, 0);
    // Its age is counted from its end.
    let reissued = store.reissue_link(link.id, secret(), at(CUTOFF + 9), context(at(1))).await;
    assert!(matches!(reissued.unwrap(), Changed::Done(_)));
    end(&**store, &link, Reason::Revoked, at(CUTOFF)).await;
    bodies(&**store, at(CUTOFF)).await;
    assert_eq!(purge(&**store).await, 0);
    let later = at(CUTOFF + 1);
    assert_eq!(store.purge_links(later, None, 9).await.unwrap().deleted, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_a_customers_standing_rests_on_stays() {
    let store = fresh().await;
    let (verified, _) = enrol(&**store, "1", T0).await;
    let declined = create(&**store, "2", T0).await;
    end(&**store, &declined, Reason::NotMe, T0).await;
    let before = [standing(&**store, "1").await, standing(&**store, "2").await];
    bodies(&**store, T0).await;

    assert_eq!(purge(&**store).await, 0);
    assert_eq!([standing(&**store, "1").await, standing(&**store, "2").await], before);
    assert!(store.find_link(declined.id).await.unwrap().is_some());
    assert!(store.read_evidence(verified.id, context(at(CUTOFF))).await.unwrap().is_some());
    // And can still lapse, with a webhook that tells of it.
    let late = T0.plus(VERDICT_TTL);
    assert_eq!(store.lapse_verdicts(9, context(late)).await.unwrap(), 1);
    assert_eq!(bodies(&**store, late).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_to_be_delivered_stays_with_its_link() {
    let store = fresh().await;
    for user in ["1", "2"] {
        end(&**store, &create(&**store, user, T0).await, Reason::Revoked, T0).await;
    }
    assert_eq!(purge(&**store).await, 0);
    let [held, failed] = &lease(&**store, T0).await[..] else { panic!("not two") };
    assert_eq!(purge(&**store).await, 0);
    for (leased, next) in [(held, Next::Held), (failed, Next::RetryAt(at(2 * CUTOFF)))] {
        let attempt = attempt(1, Class::Unavailable, T0);
        assert!(store.record_attempt(leased, attempt, next, T0).await.unwrap());
    }
    // What is held waits for nobody any more.
    assert_eq!(purge(&**store).await, 1);
    bodies(&**store, at(2 * CUTOFF)).await;
    assert_eq!(purge(&**store).await, 1);
    store.set_built_in_endpoint(Some(built_in()), at(2 * CUTOFF)).await.unwrap();
    assert_eq!(store.next_delivery_due(BUILT_IN).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_purged_while_a_replay_runs() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    end(&**store, &link, Reason::Revoked, T0).await;
    let (enrolled, key) = enrol(&**store, "2", T0).await;
    assert!(store.revoke_credential(enrolled.customer, key.id, context(T0)).await.unwrap());
    loop {
        let due = lease(&**store, T0).await;
        for leased in &due {
            fail(&**store, leased, Next::Exhausted).await;
        }
        if due.is_empty() {
            break;
        }
    }
    replays::begin(&**store, NOBODY, false, at(10)).await;
    let purge = async || {
        let (links, events) = (
            store.purge_links(at(100_000), None, 9).await.unwrap(),
            store.purge_events(at(100_000), None, 9).await.unwrap(),
        );
        (links.deleted, events.deleted)
    };
    assert_eq!(purge().await, (0, 0));
    for second in 10.. {
        if step(&**store, at(second)).await == Step::Idle {
            break;
        }
    }
    assert_eq!(bodies(&**store, at(50)).await.len(), 3);
    assert_eq!(purge().await, (1, 1), "the revoked link, and what was said of the passkey");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_no_link_go_by_their_age() {
    let store = fresh().await;
    let (link, key) = enrol(&**store, "1", T0).await;
    assert!(store.revoke_credential(link.customer, key.id, context(at(1))).await.unwrap());
    bodies(&**store, at(1)).await;
    let purged = async |cutoff| store.purge_events(cutoff, None, 99).await.unwrap();
    assert_eq!(purged(at(1)).await, Purged { deleted: 0, next: None });
    assert_eq!(purged(at(2)).await.deleted, 1);
    assert_eq!(purged(at(CUTOFF)).await.deleted, 0);
    // Those of links are left to their links.
    let told = store.link_deliveries(link.id).await.unwrap();
    assert_eq!(told.len(), 2, "verified, and lapsed with its passkey");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_goes_batch_by_batch_and_can_be_taken_up_anywhere() {
    let store = fresh().await;
    let mut links = Vec::new();
    for second in 0..7 {
        let link = create(&**store, &second.to_string(), at(second)).await;
        // The fourth stays: somebody said "not me".
        let reason = if second == 3 { Reason::NotMe } else { Reason::Revoked };
        end(&**store, &link, reason, at(second)).await;
        links.push(link.id);
    }
    bodies(&**store, at(9)).await;
    let batch = async |after, limit| store.purge_links(at(CUTOFF), after, limit).await.unwrap();
    assert_eq!(batch(None, 3).await, Purged { deleted: 3, next: Some(links[2]) });
    assert_eq!(batch(Some(links[2]), 2).await, Purged { deleted: 1, next: Some(links[4]) });
    // Interrupted; begun again.
    assert_eq!(batch(None, 2).await, Purged { deleted: 1, next: Some(links[5]) });
    assert_eq!(batch(Some(links[5]), 2).await, Purged { deleted: 1, next: None });
    assert_eq!(batch(None, 9).await, Purged { deleted: 0, next: None });
    assert!(store.find_link(links[3]).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_and_ended_while_others_are_purged() {
    let store = fresh().await;
    for user in 0..40 {
        let link = create(&**store, &user.to_string(), T0).await;
        end(&**store, &link, Reason::Revoked, T0).await;
    }
    bodies(&**store, T0).await;
    let making = async {
        let mut made = Vec::new();
        for user in 0..40 {
            let user = user.to_string();
            let link = create(&**store, &user, at(CUTOFF)).await;
            end(&**store, &link, Reason::Revoked, at(CUTOFF)).await;
            made.push(create(&**store, &user, at(CUTOFF)).await.id);
        }
        made
    };
    let (made, purged) = tokio::join!(making, purge_by(&**store, 5));
    assert_eq!(purged, 40);
    for id in made {
        assert!(store.find_link(id).await.unwrap().is_some());
    }
    assert_eq!(bodies(&**store, at(CUTOFF)).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_purges_at_once_delete_each_link_once() {
    let store = fresh().await;
    for user in 0..40 {
        let link = create(&**store, &user.to_string(), T0).await;
        end(&**store, &link, Reason::Revoked, T0).await;
    }
    bodies(&**store, T0).await;
    let (one, other) = tokio::join!(purge_by(&**store, 7), purge_by(&**store, 5));
    assert_eq!(one + other, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_can_be_put_on_record() {
    let store = fresh().await;
    let link = LinkId::from_bytes([1; 16]);
    // Real ones name no link; only those of a link can be read back here.
    let (actor, action) = (Actor::System, Action::RecordsPurged);
    let detail = json!({ "links": 3 });
    let entry =
        Entry { at: T0, actor, action, link: Some(link), customer: None, detail: detail.clone() };
    store.record_purge(Entry { link: None, ..entry.clone() }).await.unwrap();
    store.record_purge(entry).await.unwrap();
    let [entry] = &store.link_timeline(link).await.unwrap()[..] else { panic!("not one entry") };
    assert_eq!((entry.action.as_str(), &entry.detail), ("records.purged", &detail));
}

/// Verifies a customer again, by a passkey they have.
async fn verify(
    store: &dyn Store,
    user_id: &str,
    key: &vouchlink::domain::credential::Credential,
    now: Timestamp,
) -> Link {
    let link = create(store, user_id, now).await;
    let ceremony = begin(store, &link, now).await;
    match settle(store, &ceremony, KeyChange::Use(key_use(key, 0)), now).await {
        Settled::Done(link) => *link,
        other => panic!("not verified, but {other:?}"),
    }
}

async fn end(store: &dyn Store, link: &Link, reason: Reason, now: Timestamp) {
    let ended = store.end_link(link.id, not_verified(reason, now), context(now)).await.unwrap();
    assert!(matches!(ended, Changed::Done(_)), "{ended:?}");
}

async fn standing(store: &dyn Store, user_id: &str) -> Standing {
    standing_of(store, user_id).await.unwrap()
}

async fn listed(store: &dyn Store, user_id: &str) -> Vec<LinkId> {
    let filter = Filter { user_id: Some(user(user_id)), ..Filter::default() };
    let page = store.list_links(&filter, None, 50).await.unwrap();
    page.items.into_iter().map(|link| link.id).collect()
}

async fn purge(store: &dyn Store) -> usize {
    purge_by(store, 50).await
}

/// Purges all links that ended before the cutoff; how many.
async fn purge_by(store: &dyn Store, limit: u32) -> usize {
    let (mut deleted, mut after) = (0, None);
    loop {
        let purged = store.purge_links(at(CUTOFF), after, limit).await.unwrap();
        deleted += purged.deleted;
        after = purged.next;
        if after.is_none() {
            return deleted;
        }
    }
}
