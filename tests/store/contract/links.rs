//! Making, finding, changing and ending links.

use serde_json::json;
use vouchlink::domain::audit::Actor;
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::id::LinkId;
use vouchlink::domain::link::{
    CallInitiator, CodeHash, CrmRecord, Enrolment, IfOpen, Link, State, Status,
};
use vouchlink::domain::verdict::{Reason, Verdict};
use vouchlink::store::{Changed, Context, Created, Idempotency, NotLive};

use super::answers::not_live;
use super::fresh;
use super::samples::{
    ANSWER, LINK_TTL, ParseLine, T0, actions, at, begin, context, create, create_as,
    create_replacing, enrol, new_link, not_verified, secret, user,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_reads_back_as_it_was_made() {
    let store = fresh().await;
    let mut new = new_link("12345", T0);
    new.link.request.created_by = Actor::ApiKey("key_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap());
    new.link.request.statement = Some("Change my address".parse_line());
    new.link.request.call_initiator = Some(CallInitiator::Company);
    new.link.request.locale = Some("he".parse_line());
    new.link.request.reference = Some("case-8841".parse_line());
    new.link.request.crm =
        Some(CrmRecord { module: "Contacts".parse_line(), record_id: "77".parse_line() });
    new.link.request.metadata.insert("tier".to_owned(), json!({ "name": "gold", "n": [1, null] }));
    new.link.request.return_url = Some("https://example.com/back".to_owned());
    let made = create_as(&**store, new.clone()).await;

    assert_eq!(made, new.link);
    assert_eq!(store.find_link(made.id).await.unwrap().as_ref(), Some(&made));
    let found = store.find_link_by_code(made.secret.code_hash).await.unwrap();
    assert_eq!(found.as_ref(), Some(&made));

    let plain = create(&**store, "2", T0).await;
    assert_eq!(store.find_link(plain.id).await.unwrap(), Some(plain));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_nobody_made_is_not_found() {
    let store = fresh().await;
    let id = LinkId::from_bytes([9; 16]);
    assert_eq!(store.find_link(id).await.unwrap(), None);
    assert_eq!(store.find_link_by_code(CodeHash([9; 32])).await.unwrap(), None);
    assert_eq!(store.link_timeline(id).await.unwrap(), vec![]);
    assert_eq!(store.ceremony_subject(id).await.unwrap(), None);
    assert_eq!(store.read_evidence(id, context(T0)).await.unwrap(), None);
    let revoked = not_verified(Reason::Revoked, T0);
    assert_eq!(store.end_link(id, revoked, context(T0)).await.unwrap(), Changed::NotFound);
    let reissued = store.reissue_link(id, secret(), at(900), context(T0)).await.unwrap();
    assert_eq!(reissued, Changed::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_made_once_and_takes_the_newest_name() {
    let store = fresh().await;
    let first = new_link("1", T0);
    let made = create_as(&**store, first.clone()).await;
    let mut second = new_link("1", at(1));
    second.link.username = "Noa Levi".parse_line();
    let again = create_as(&**store, second).await;

    assert_eq!(again.customer, made.customer);
    let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
    assert_eq!(customer.id, made.customer);
    assert_eq!(customer.handle, first.new_handle);
    assert_eq!(customer.username.as_str(), "Noa Levi");
    assert_eq!(customer.created_at, T0);
    // The older link says what it said.
    let older = store.find_link(made.id).await.unwrap().unwrap();
    assert_eq!(older.username.as_str(), "noa");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kind_of_a_link_follows_from_the_customers_passkeys() {
    let store = fresh().await;
    let with = |enrolment, second| {
        let mut new = new_link("1", at(second));
        new.link.request.enrolment = enrolment;
        new
    };
    let refused = store.create_link(with(Enrolment::Existing, 0), context(T0)).await.unwrap();
    assert_eq!(refused, Created::NoCredential);
    assert_eq!(store.find_customer(&user("1")).await.unwrap(), None);
    assert_eq!(create_as(&**store, with(Enrolment::Open, 1)).await.kind, Kind::Register);
    assert_eq!(create_as(&**store, with(Enrolment::Replace, 2)).await.kind, Kind::Register);

    let (_, credential) = enrol(&**store, "1", at(3)).await;
    assert_eq!(create_as(&**store, with(Enrolment::Open, 4)).await.kind, Kind::Authenticate);
    assert_eq!(create_as(&**store, with(Enrolment::Existing, 5)).await.kind, Kind::Authenticate);
    assert_eq!(create_as(&**store, with(Enrolment::Replace, 6)).await.kind, Kind::Register);

    let revoked = store.revoke_credential(credential.customer, credential.id, context(at(7)));
    assert!(revoked.await.unwrap());
    let refused = store.create_link(with(Enrolment::Existing, 8), context(at(8))).await.unwrap();
    assert_eq!(refused, Created::NoCredential);
    assert_eq!(create_as(&**store, with(Enrolment::Open, 9)).await.kind, Kind::Register);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_link_supersedes_the_open_one() {
    let store = fresh().await;
    let older = create(&**store, "1", T0).await;
    let made = store.create_link(new_link("1", at(1)), context(at(1))).await.unwrap();
    let Created::New(newer, Some(Status::Revoked)) = made else { panic!("{made:?}") };
    let superseded = not_verified(Reason::Superseded, at(1));
    assert_eq!(ended(&store.find_link(older.id).await.unwrap().unwrap()), &superseded);
    assert_eq!(store.find_link(newer.id).await.unwrap().unwrap().state, State::Pending);
    assert_eq!(actions(&**store, older.id).await, ["link.created", "link.revoked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_link_can_stand_in_the_way_until_its_time_is_over() {
    let store = fresh().await;
    let older = create(&**store, "1", T0).await;
    let refusing = |now| {
        let mut new = new_link("1", now);
        new.if_open = IfOpen::Refuse;
        new
    };
    let refused = store.create_link(refusing(at(1)), context(at(1))).await.unwrap();
    assert_eq!(refused, Created::OpenLink(older.id));
    assert_eq!(store.find_link(older.id).await.unwrap().as_ref(), Some(&older));

    let late = older.expires_at;
    let made = store.create_link(refusing(late), context(late)).await.unwrap();
    assert!(matches!(made, Created::New(_, Some(Status::Expired))), "{made:?}");
    let expired = not_verified(Reason::Expired, older.expires_at);
    assert_eq!(ended(&store.find_link(older.id).await.unwrap().unwrap()), &expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_makes_no_second_link() {
    let store = fresh().await;
    let keyed = |body: u8, now| {
        let mut new = new_link("1", now);
        new.idempotency = Some(Idempotency { key: "k".to_owned(), body: [body; 32] });
        new
    };
    let link = create_as(&**store, keyed(1, T0)).await;
    let last_moment = at(24 * 60 * 60 - 1);
    let again = store.create_link(keyed(1, last_moment), context(last_moment)).await.unwrap();
    assert_eq!(again, Created::Repeated(link.clone()));
    let other = store.create_link(keyed(2, at(1)), context(at(1))).await.unwrap();
    assert_eq!(other, Created::IdempotencyMismatch);

    // Another caller's key is another key.
    let stranger = Context { actor: Actor::System, ..context(at(2)) };
    let new = store.create_link(keyed(2, at(2)), stranger).await.unwrap();
    assert!(matches!(new, Created::New(..)));

    // And a day later it is forgotten.
    let later = at(24 * 60 * 60);
    let new = store.create_link(keyed(2, later), context(later)).await.unwrap();
    assert!(matches!(new, Created::New(..)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reissued_link_is_reached_by_its_new_secret_only() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let begun = begin(&**store, &link, at(1)).await;
    let (new, expires_at) = (secret(), at(2).plus(LINK_TTL));
    let reissued = store.reissue_link(link.id, new.clone(), expires_at, context(at(2))).await;
    let Changed::Done(reissued) = reissued.unwrap() else { panic!("not reissued") };

    assert_eq!((&reissued.secret, reissued.expires_at), (&new, expires_at));
    // The old code leads to the link, which no longer has it.
    for code in [link.secret.code_hash, new.code_hash] {
        let found = store.find_link_by_code(code).await.unwrap();
        assert_eq!(found.as_ref(), Some(&reissued));
    }
    assert_eq!(not_live(&**store, &begun, ANSWER, at(3)).await, NotLive::Used);
    let old = super::samples::ceremony(&link, at(3));
    let begun = store.begin_ceremony(old, &link, context(at(3))).await;
    assert_eq!(begun.unwrap(), vouchlink::store::Begun::LinkClosed);
    begin(&**store, &reissued, at(3)).await;
    assert_eq!(actions(&**store, link.id).await, ["link.created", "link.opened", "link.reissued"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_once() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let declined = not_verified(Reason::NotMe, at(1));
    let first = store.end_link(link.id, declined.clone(), context(at(1))).await.unwrap();
    let Changed::Done(first) = first else { panic!("not ended") };
    assert_eq!(ended(&first), &declined);
    assert_eq!(first.state.status(), Status::Declined);

    let revoked = not_verified(Reason::Revoked, at(2));
    let second = store.end_link(link.id, revoked, context(at(2))).await.unwrap();
    assert_eq!(second, Changed::Ended(first.clone()));
    let reissued = store.reissue_link(link.id, secret(), at(900), context(at(3))).await.unwrap();
    assert_eq!(reissued, Changed::Ended(first.clone()));
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(first));
    assert_eq!(actions(&**store, link.id).await, ["link.created", "link.declined"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_past_its_time_has_expired_whoever_asks_first() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let late = link.expires_at;
    let declined = not_verified(Reason::NotMe, late);
    let changed = store.end_link(link.id, declined, context(late)).await.unwrap();
    let Changed::Ended(expired) = changed else { panic!("{changed:?}") };
    assert_eq!(ended(&expired), &not_verified(Reason::Expired, late));

    let other = create(&**store, "2", T0).await;
    let changed = store.reissue_link(other.id, secret(), at(9999), context(late)).await.unwrap();
    let Changed::Ended(expired) = changed else { panic!("{changed:?}") };
    assert_eq!(ended(&expired), &not_verified(Reason::Expired, late));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_expire_in_batches_when_their_time_is_over() {
    let store = fresh().await;
    let mut links = Vec::new();
    for second in 0..3 {
        links.push(create(&**store, &format!("{second}"), at(second)).await);
    }
    begin(&**store, &links[0], at(5)).await;
    let just_before =
        context(vouchlink::domain::clock::Timestamp::from_millis(links[0].expires_at.millis() - 1));
    assert_eq!(store.expire_links(10, just_before).await.unwrap(), 0);
    let now = context(links[1].expires_at);
    assert_eq!(store.expire_links(1, now).await.unwrap(), 1);
    assert_eq!(store.expire_links(10, now).await.unwrap(), 1);
    assert_eq!(store.expire_links(10, now).await.unwrap(), 0);

    let first = store.find_link(links[0].id).await.unwrap().unwrap();
    assert_eq!(first.state.opened_at(), Some(at(5)));
    assert_eq!(ended(&first), &not_verified(Reason::Expired, now.now));
    assert_eq!(store.find_link(links[2].id).await.unwrap().as_ref(), Some(&links[2]));
    assert_eq!(actions(&**store, links[1].id).await, ["link.created", "link.expired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacing_link_leaves_the_keys_alone_until_it_succeeds() {
    let store = fresh().await;
    let (_, credential) = enrol(&**store, "1", T0).await;
    let link = create_replacing(&**store, "1", at(1)).await;
    let subject = store.ceremony_subject(link.id).await.unwrap().unwrap();
    assert_eq!(subject.credentials, vec![credential]);
}

fn ended(link: &Link) -> &Verdict {
    link.state.verdict().expect("the link has ended")
}
