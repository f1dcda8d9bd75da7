//! Authenticator apps: offered, bound, and each of their codes taken once.

mod offers;
mod once;

use serde_json::json;
use vouchlink::domain::authenticator_app::{AuthenticatorApp, BINDING, RecoveryHash};
use vouchlink::domain::call::Guess;
use vouchlink::domain::ceremony::{Ceremony, Kind, Means, Refusal};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::customer::Standing;
use vouchlink::domain::endpoint::Sealed;
use vouchlink::domain::evidence::{CodeRecord, CodeUse, Record};
use vouchlink::domain::id::CredentialId;
use vouchlink::domain::link::{Enrolment, Link, Status};
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::totp::Step;
use vouchlink::domain::verdict::{Assurance, Method, Reason, Verdict, Verified};
use vouchlink::store::{AppChange, Begun, Changed, CodeSettlement, Created, Settled, Store};

use super::answers::settle;
use super::fresh;
use super::samples::{
    MAX_ATTEMPTS, T0, VERDICT_TTL, actions, at, begin, binding, bodies, ceremony, consume, context,
    create_as, credential, enrol, guess, new_link, not_verified, random, secret, standing_of,
};

/// A link that takes codes.
async fn create(store: &dyn Store, user_id: &str, enrolment: Enrolment, now: Timestamp) -> Link {
    let mut new = new_link(user_id, now);
    new.link.request.enrolment = enrolment;
    new.link.request.totp = true;
    create_as(store, new).await
}

/// One under which an app may be bound: the call code was given.
async fn create_binding(store: &dyn Store, user_id: &str, now: Timestamp) -> Link {
    let link = create(store, user_id, Enrolment::CallCode, now).await;
    guess(store, &link, Guess::Right, now).await;
    store.find_link(link.id).await.unwrap().unwrap()
}

fn asking(link: &Link, kind: Kind, now: Timestamp) -> Ceremony {
    Ceremony { means: Means::Totp, kind, ..ceremony(link, now) }
}

async fn try_to_begin(store: &dyn Store, link: &Link, ceremony: &Ceremony) -> Begun {
    let now = ceremony.created_at;
    store.begin_ceremony(ceremony.clone(), link, context(now)).await.unwrap()
}

/// Begins a ceremony with a code, and takes its answer.
async fn typed(store: &dyn Store, link: &Link, kind: Kind, now: Timestamp) -> (Ceremony, Link) {
    let ceremony = asking(link, kind, now);
    assert_eq!(try_to_begin(store, link, &ceremony).await, Begun::Begun);
    let subject = consume(store, &ceremony, now).await;
    (ceremony, subject.link)
}

fn app(link: &Link, step: u64, now: Timestamp) -> AuthenticatorApp {
    AuthenticatorApp {
        id: CredentialId::new(now, &SystemRandom).unwrap(),
        customer: link.customer,
        link: link.id,
        sealed: Some(Sealed(random::<60>().to_vec())),
        last_step: Step(step),
        tries: 0,
        tries_since: Timestamp::from_millis(0),
        created_at: now,
        last_used_at: None,
        revoked_at: None,
        recovery_codes_left: 10,
    }
}

/// `link` is as it was when its answer was consumed.
fn settling(link: &Link, ceremony: &Ceremony, change: AppChange, now: Timestamp) -> CodeSettlement {
    let (app, code, first_use) = match &change {
        AppChange::Bind(app, _) => (app.id, CodeUse::Step(app.last_step), true),
        AppChange::Step(app, step) => (*app, CodeUse::Step(*step), false),
        AppChange::Recovery(app, code) => (*app, CodeUse::Recovery(code.number), false),
    };
    CodeSettlement {
        ceremony: ceremony.id,
        link: Box::new(link.clone()),
        attempt: link.attempts,
        verified: Verified {
            method: code.method(),
            binding: BINDING,
            first_use,
            credential: app,
            verified_at: now,
            verified_until: now.plus(VERDICT_TTL),
        },
        record: CodeRecord {
            statement: ceremony.statement.clone(),
            nonce: ceremony.nonce,
            app,
            code,
            origin: "http://localhost:8080".to_owned(),
            rp_id: "localhost".to_owned(),
        },
        change,
    }
}

fn hashes() -> Vec<RecoveryHash> {
    (0..10).map(|_| RecoveryHash(random())).collect()
}

fn bind(app: &AuthenticatorApp) -> AppChange {
    AppChange::Bind(Box::new(app.clone()), hashes())
}

/// A customer with an app whose last step is 100.
async fn bound(store: &dyn Store, user_id: &str, now: Timestamp) -> (Link, AuthenticatorApp) {
    let link = create_binding(store, user_id, now).await;
    let (ceremony, link) = typed(store, &link, Kind::Register, now).await;
    let app = app(&link, 100, now);
    let settled = settling(&link, &ceremony, bind(&app), now);
    let settled = store.settle_code(settled, context(now)).await.unwrap();
    let Settled::Done(link) = settled else { panic!("{settled:?}") };
    (*link, app)
}

/// What comes of a change on a link of its own.
async fn use_app(
    store: &dyn Store,
    user_id: &str,
    change: AppChange,
    now: Timestamp,
) -> (Link, Settled) {
    let link = create(store, user_id, Enrolment::Open, now).await;
    let (ceremony, link) = typed(store, &link, Kind::Authenticate, now).await;
    let settled = settling(&link, &ceremony, change, now);
    (link, store.settle_code(settled, context(now)).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_code_binds_the_app_and_writes_all_that_belongs_to_it() {
    let store = fresh().await;
    let (link, app) = bound(&**store, "1", T0).await;
    assert_eq!(link.state.status(), Status::Verified);
    let verified = link.state.verdict().and_then(Verdict::verified).unwrap();
    assert_eq!(verified.method, Method::Totp);
    assert_eq!(verified.assurance(), Assurance::new(1).unwrap());
    let expected = Standing::Verified { link: link.id, verified: verified.clone(), lapsed: false };
    assert_eq!(standing_of(&**store, "1").await, Some(expected));
    assert_eq!(store.find_app(link.customer).await.unwrap(), Some(app.clone()));
    assert_eq!(store.list_apps(link.customer).await.unwrap(), std::slice::from_ref(&app));
    assert_eq!(store.unused_codes(app.id).await.unwrap().len(), 10);
    assert_eq!(
        actions(&**store, link.id).await,
        [
            "link.created",
            "link.opened",
            "call_code.accepted",
            "authenticator_app.bound",
            "link.verified"
        ]
    );
    let record = store.read_evidence(link.id, context(at(1))).await.unwrap().unwrap();
    let Record::Code(record) = record else { panic!("{record:?}") };
    assert_eq!((record.app, record.code), (app.id, CodeUse::Step(Step(100))));
    let told = bodies(&**store, at(1)).await;
    assert_eq!((&told[0]["data"]["method"], told.len()), (&json!("totp"), 1));
    // No passkey came of it.
    assert!(store.list_credentials(link.customer).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremony_with_a_code_begins_only_on_links_that_take_them() {
    let store = fresh().await;
    let plain = create_as(&**store, new_link("1", T0)).await;
    for kind in [Kind::Register, Kind::Authenticate] {
        let begun = try_to_begin(&**store, &plain, &asking(&plain, kind, T0)).await;
        assert_eq!(begun, Begun::LinkClosed, "{kind}");
    }
    for enrolment in [Enrolment::Replace, Enrolment::Open] {
        let link = create(&**store, "2", enrolment, T0).await;
        let register = asking(&link, Kind::Register, T0);
        assert_eq!(try_to_begin(&**store, &link, &register).await, Begun::LinkClosed);
        let authenticate = asking(&link, Kind::Authenticate, T0);
        let begun = try_to_begin(&**store, &link, &authenticate).await;
        assert_eq!(begun == Begun::Begun, enrolment == Enrolment::Open, "{enrolment}");
    }
    // And one with a passkey is of its link's kind, whether codes are taken or not.
    let link = create(&**store, "3", Enrolment::Open, T0).await;
    let other = Ceremony { kind: Kind::Authenticate, ..ceremony(&link, T0) };
    assert_eq!(try_to_begin(&**store, &link, &other).await, Begun::LinkClosed);
    // The call code is owed for a code as well.
    let link = create(&**store, "4", Enrolment::CallCode, T0).await;
    for kind in [Kind::Register, Kind::Authenticate] {
        let begun = try_to_begin(&**store, &link, &asking(&link, kind, T0)).await;
        assert_eq!(begun, Begun::LinkClosed, "{kind}");
    }
    // Who has a passkey binds no app, though staff ask for the code.
    enrol(&**store, "5", T0).await;
    let link = create(&**store, "5", Enrolment::CallCode, at(1)).await;
    let register = asking(&link, Kind::Register, at(1));
    assert_eq!(try_to_begin(&**store, &link, &register).await, Begun::LinkClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_joins_neither_another_one_nor_a_passkey() {
    let store = fresh().await;
    let (_, _) = bound(&**store, "1", T0).await;
    let link = create_binding(&**store, "1", at(1)).await;
    let (ceremony, link) = typed(&**store, &link, Kind::Register, at(1)).await;
    let second = settling(&link, &ceremony, bind(&app(&link, 100, at(1))), at(1));
    let settled = store.settle_code(second, context(at(1))).await.unwrap();
    assert!(matches!(settled, Settled::Refused(Refusal::CustomerChanged, _)), "{settled:?}");

    // One that another customer's link would bind, or a link that binds none.
    let link = create_binding(&**store, "2", T0).await;
    let other = create_binding(&**store, "3", T0).await;
    let (ceremony, link) = typed(&**store, &link, Kind::Register, T0).await;
    let foreign = settling(&link, &ceremony, bind(&app(&other, 100, T0)), at(1));
    let settled = store.settle_code(foreign, context(at(1))).await.unwrap();
    assert!(matches!(settled, Settled::Refused(Refusal::CustomerChanged, _)), "{settled:?}");
    let open = create(&**store, "4", Enrolment::Open, T0).await;
    let (ceremony, open) = typed(&**store, &open, Kind::Authenticate, T0).await;
    let sneaked = settling(&open, &ceremony, bind(&app(&open, 100, T0)), at(1));
    let settled = store.settle_code(sneaked, context(at(1))).await.unwrap();
    assert!(matches!(settled, Settled::Refused(Refusal::WrongCeremony, _)), "{settled:?}");
    assert!(store.find_app(open.customer).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_code_counts_and_the_last_one_ends_the_link() {
    let store = fresh().await;
    let (_, app) = bound(&**store, "1", T0).await;
    let link = create(&**store, "1", Enrolment::Open, at(1)).await;
    for attempt in 1..=MAX_ATTEMPTS {
        let (ceremony, link) = typed(&**store, &link, Kind::Authenticate, at(1)).await;
        assert_eq!(link.attempts, attempt);
        let change = AppChange::Step(app.id, Step(100));
        let settled = settling(&link, &ceremony, change, at(1));
        let settled = store.settle_code(settled, context(at(1))).await.unwrap();
        let Settled::Refused(_, link) = settled else { panic!("{settled:?}") };
        let failed = link.state.status() == Status::Failed;
        assert_eq!(failed, attempt == MAX_ATTEMPTS);
    }
    assert!(matches!(standing_of(&**store, "1").await, Some(Standing::Refused(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_on_a_link_that_ended_or_was_reissued_changes_nothing() {
    let store = fresh().await;
    let (_, app) = bound(&**store, "1", T0).await;
    let change = || AppChange::Step(app.id, Step(101));
    let link = create(&**store, "1", Enrolment::Open, at(1)).await;
    let (ceremony, link) = typed(&**store, &link, Kind::Authenticate, at(1)).await;
    let expires_at = at(600);
    let reissued = store.reissue_link(link.id, secret(), expires_at, context(at(1))).await.unwrap();
    assert!(matches!(reissued, Changed::Done(_)));
    let settled = settling(&link, &ceremony, change(), at(2));
    let settled = store.settle_code(settled, context(at(2))).await.unwrap();
    assert!(matches!(settled, Settled::LinkClosed(_)), "{settled:?}");

    let link = create(&**store, "1", Enrolment::Open, at(3)).await;
    let (ceremony, link) = typed(&**store, &link, Kind::Authenticate, at(3)).await;
    let ended = not_verified(Reason::NotMe, at(3));
    store.end_link(link.id, ended, context(at(3))).await.unwrap();
    let settled = settling(&link, &ceremony, change(), at(4));
    let settled = store.settle_code(settled, context(at(4))).await.unwrap();
    assert!(matches!(settled, Settled::LinkClosed(_)), "{settled:?}");
    assert_eq!(store.find_app(link.customer).await.unwrap(), Some(app));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_app_forgets_its_secret_and_takes_its_verdict_along() {
    let store = fresh().await;
    let (link, app) = bound(&**store, "1", T0).await;
    let code = store.unused_codes(app.id).await.unwrap()[0];
    let (other, _) = bound(&**store, "2", T0).await;
    assert!(!store.revoke_app(other.customer, app.id, context(at(1))).await.unwrap());
    assert!(store.revoke_app(link.customer, app.id, context(at(1))).await.unwrap());
    assert!(!store.revoke_app(link.customer, app.id, context(at(1))).await.unwrap());
    assert_eq!(store.find_app(link.customer).await.unwrap(), None);
    let [known] = &store.list_apps(link.customer).await.unwrap()[..] else { panic!() };
    assert_eq!((&known.sealed, known.revoked_at), (&None, Some(at(1))));
    let standing = standing_of(&**store, "1").await;
    assert!(matches!(standing, Some(Standing::Verified { lapsed: true, .. })), "{standing:?}");
    assert!(!store.count_try(app.id, context(at(2))).await.unwrap());
    for change in [AppChange::Step(app.id, Step(200)), AppChange::Recovery(app.id, code)] {
        let (_, settled) = use_app(&**store, "1", change, at(2)).await;
        assert!(matches!(settled, Settled::Refused(Refusal::CodeUsed, _)), "{settled:?}");
    }
    // A verification by other means rests on nothing of it.
    let (_, again) = bound(&**store, "1", at(3)).await;
    let link = create_as(&**store, new_link("1", at(4))).await;
    let ceremony = begin(&**store, &link, at(4)).await;
    settle(&**store, &ceremony, binding(credential(&link, at(4))), at(4)).await;
    assert!(store.revoke_app(link.customer, again.id, context(at(5))).await.unwrap());
    let standing = standing_of(&**store, "1").await;
    assert!(matches!(standing, Some(Standing::Verified { lapsed: false, .. })), "{standing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_in_place_of_all_others_revokes_the_app() {
    let store = fresh().await;
    let (link, _) = bound(&**store, "1", T0).await;
    let mut new = new_link("1", at(1));
    new.link.request.enrolment = Enrolment::Replace;
    let replacing = create_as(&**store, new).await;
    let ceremony = begin(&**store, &replacing, at(1)).await;
    let key = binding(credential(&replacing, at(1)));
    let settled = settle(&**store, &ceremony, key, at(1)).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
    assert_eq!(store.find_app(link.customer).await.unwrap(), None);
    let done = actions(&**store, replacing.id).await;
    assert_eq!(
        done,
        [
            "link.created",
            "link.opened",
            "credential.bound",
            "authenticator_app.revoked",
            "link.verified"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_counts_as_what_exists_where_codes_are_taken() {
    let store = fresh().await;
    bound(&**store, "1", T0).await;
    let mut new = new_link("1", at(1));
    new.link.request.enrolment = Enrolment::Existing;
    let refused = store.create_link(new.clone(), context(at(1))).await.unwrap();
    assert_eq!(refused, Created::NoCredential);
    new.link.request.totp = true;
    let made = store.create_link(new, context(at(1))).await.unwrap();
    let Created::New(link, _) = made else { panic!("{made:?}") };
    assert_eq!(link.kind, Kind::Authenticate);
    let mut new = new_link("nobody", at(1));
    new.link.request.enrolment = Enrolment::Existing;
    new.link.request.totp = true;
    let refused = store.create_link(new, context(at(1))).await.unwrap();
    assert_eq!(refused, Created::NoCredential);
}
