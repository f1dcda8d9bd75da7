//! Listing links.

use vouchlink::domain::audit::Actor;
use vouchlink::domain::id::LinkId;
use vouchlink::domain::link::{Filter, Link, Status};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{DeliveryFilter, Store};

use super::addressees::{add_endpoint, endpoint};
use super::fresh;
use super::samples::{
    ParseLine, at, context, create, create_as, enrol, new_link, not_verified, user,
};

#[tokio::test(flavor = "multi_thread")]
async fn links_are_listed_newest_first_page_by_page() {
    let store = fresh().await;
    assert_eq!(list(&**store, &Filter::default()).await, vec![]);
    let mut ids = Vec::new();
    for second in 0..5 {
        ids.insert(0, create(&**store, &format!("{second}"), at(second)).await.id);
    }
    let all = Filter::default();
    let first = store.list_links(&all, None, 2).await.unwrap();
    assert_eq!(ids_of(&first.items), ids[..2]);
    assert_eq!(first.next, Some(ids[1]));
    let second = store.list_links(&all, first.next, 2).await.unwrap();
    assert_eq!(ids_of(&second.items), ids[2..4]);
    let last = store.list_links(&all, second.next, 2).await.unwrap();
    assert_eq!((ids_of(&last.items), last.next), (ids[4..].to_vec(), None));
    // A page that is full is not therefore followed by another.
    let whole = store.list_links(&all, None, 5).await.unwrap();
    assert_eq!((ids_of(&whole.items), whole.next), (ids, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_that_is_given_must_match() {
    let store = fresh().await;
    let maker = Actor::ApiKey("key_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap());
    let made = |user: &str, second, maker, reference: Option<&str>| {
        let mut new = new_link(user, at(second));
        new.link.request.created_by = maker;
        new.link.request.reference = reference.map(ParseLine::parse_line);
        new
    };
    let a = create_as(&**store, made("1", 0, maker, Some("case"))).await.id;
    let b = create_as(&**store, made("1", 1, Actor::Operator, Some("case"))).await.id;
    let c = create_as(&**store, made("2", 2, maker, Some("case"))).await.id;
    let d = create_as(&**store, made("3", 3, maker, None)).await.id;
    let revoked = not_verified(Reason::Revoked, at(4));
    store.end_link(d, revoked, context(at(4))).await.unwrap();

    let of_user = |id: &str| Filter { user_id: Some(user(id)), ..Filter::default() };
    let by_maker = Filter { created_by: Some(maker.to_string()), ..Filter::default() };
    let reference = Some("case".parse_line());
    let revoked = Filter { status: Some(Status::Revoked), ..Filter::default() };
    assert_eq!(list(&**store, &of_user("1")).await, [b, a]);
    assert_eq!(list(&**store, &of_user("nobody")).await, vec![]);
    assert_eq!(list(&**store, &by_maker).await, [d, c, a]);
    assert_eq!(list(&**store, &revoked).await, [d, a]);
    let case = Filter { reference: reference.clone(), ..Filter::default() };
    assert_eq!(list(&**store, &case).await, [c, b, a]);

    let pending = Some(Status::Pending);
    let both = Filter { reference: reference.clone(), ..by_maker.clone() };
    assert_eq!(list(&**store, &both).await, [c, a]);
    assert_eq!(list(&**store, &Filter { status: pending, ..by_maker.clone() }).await, [c]);
    assert_eq!(list(&**store, &Filter { status: pending, ..of_user("1") }).await, [b]);
    let created_by = by_maker.created_by;
    let three = Filter { reference: reference.clone(), created_by, ..of_user("1") };
    assert_eq!(list(&**store, &three).await, [a]);
    assert_eq!(list(&**store, &Filter { status: pending, ..three }).await, vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_shows_the_newest_entries_oldest_first() {
    let store = fresh().await;
    let (link, _) = enrol(&**store, "1", at(0)).await;
    let before = store.link_timeline(link.id).await.unwrap();
    assert_eq!(before.len(), 4);
    for second in 1..=199 {
        store.read_evidence(link.id, context(at(second))).await.unwrap();
    }
    let timeline = store.link_timeline(link.id).await.unwrap();
    let last = timeline.iter().skip(1).map(|entry| entry.at);
    assert_eq!(timeline.len(), 200);
    assert_eq!(timeline[0], before[3]);
    assert!(last.eq((1..=199).map(at)));
}

async fn list(store: &dyn Store, filter: &Filter) -> Vec<LinkId> {
    ids_of(&store.list_links(filter, None, 50).await.unwrap().items)
}

fn ids_of(links: &[Link]) -> Vec<LinkId> {
    links.iter().map(|link| link.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_deliveries_are_listed_by_their_events_page_by_page() {
    let store = fresh().await;
    add_endpoint(&**store, &endpoint(1, &["verification.revoked"])).await;
    // The clocks of two instances need not agree: a later event may say that it was earlier.
    for second in [0, 5, 3, 8] {
        let link = create(&**store, "1", at(second)).await;
        create(&**store, "2", at(second)).await;
        let revoked = not_verified(Reason::Revoked, at(second));
        store.end_link(link.id, revoked, context(at(second))).await.unwrap();
    }
    let filter = DeliveryFilter { user_id: Some(user("1")), ..DeliveryFilter::default() };
    let whole = store.list_deliveries(&filter, None, 200).await.unwrap();
    assert_eq!(whole.next, None);
    let times: Vec<_> = whole.items.iter().map(|line| line.at).collect();
    let expected = [8, 8, 3, 3, 5, 5, 0, 0].map(at);
    assert_eq!(times, expected, "of two endpoints each, the newest event first");
    for size in 1..4 {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.list_deliveries(&filter, after, size).await.unwrap();
            found.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, whole.items, "{size} a page");
    }
    let until = DeliveryFilter { until: Some(at(5)), ..filter };
    let found = store.list_deliveries(&until, None, 200).await.unwrap();
    let times: Vec<_> = found.items.iter().map(|line| line.at).collect();
    assert_eq!(times, [3, 3, 0, 0].map(at));
}
