//! Customers, links and ceremonies to test with, and the steps every test takes.

use std::time::Duration;

use serde_json::Value;
use vouchlink::domain::audit::Actor;
use vouchlink::domain::call::{Guess, Outcome, Said};
use vouchlink::domain::ceremony::{CHALLENGE_TTL, Ceremony, Kind, Means};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::credential::{Attachment, Credential, KeyUse, NewKey, Transports};
use vouchlink::domain::customer::{Standing, UserHandle, UserId};
use vouchlink::domain::delivery::{Attempt, Class, Leased, Next, Trigger};
use vouchlink::domain::door::{Door, DoorHash};
use vouchlink::domain::endpoint::{BUILT_IN, Kind as EndpointKind};
use vouchlink::domain::id::{CeremonyId, CredentialId, CustomerId, EndpointId, LinkId};
use vouchlink::domain::link::{
    CodeHash, Enrolment, Handover, IfOpen, Link, LinkSecret, Request, State,
};
use vouchlink::domain::random::{Random, SystemRandom, bytes};
use vouchlink::domain::remedy::Remedy;
use vouchlink::domain::statement::{Nonce, Statement};
use vouchlink::domain::verdict::{Assurance, Binding, Reason, Verdict};
use vouchlink::store::{
    Answered, Begun, BuiltIn, Consumed, Context, Created, KeyChange, LeaseRequest, Listened,
    NewLink, Settled, Store, Subject,
};

use super::answers::settle;

pub(crate) const T0: Timestamp = Timestamp::from_millis(1_795_255_200_000);
pub(crate) const LINK_TTL: Duration = Duration::from_secs(900);
pub(crate) const VERDICT_TTL: Duration = Duration::from_secs(3600);
pub(crate) const MAX_ATTEMPTS: u32 = 3;
/// The waiting period of new passkeys.
pub(crate) const SEASONING: Duration = Duration::from_secs(100_000);
/// The body of every answer that is not said to be another.
pub(crate) const ANSWER: &[u8] = b"answer";

/// Some seconds after the start of the test.
pub(crate) fn at(seconds: u64) -> Timestamp {
    T0.plus(Duration::from_secs(seconds))
}

pub(crate) fn context(now: Timestamp) -> Context {
    let gate_min_assurance = Assurance::LOWEST;
    let (actor, max_attempts, seasoning) = (Actor::Customer, MAX_ATTEMPTS, SEASONING);
    Context { now, actor, gate_min_assurance, max_attempts, seasoning }
}

pub(crate) fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    bytes(&SystemRandom as &dyn Random).unwrap()
}

pub(crate) fn secret() -> LinkSecret {
    LinkSecret {
        jti: random(),
        code_hash: CodeHash::of(&random()),
        kid: "kid1".to_owned(),
        door: Some(Door { hash: DoorHash(random()), until: at(600) }),
    }
}

pub(crate) fn new_link(user_id: &str, now: Timestamp) -> NewLink {
    let link = Link {
        id: LinkId::new(now, &SystemRandom).unwrap(),
        customer: CustomerId::new(now, &SystemRandom).unwrap(),
        user_id: user(user_id),
        username: "noa".parse_line(),
        kind: Kind::Register,
        request: Request {
            requester: "Acme Support".parse_line(),
            created_by: Actor::Operator,
            statement: None,
            call_initiator: None,
            enrolment: Enrolment::Open,
            totp: false,
            locale: None,
            reference: None,
            crm: None,
            metadata: serde_json::Map::new(),
            return_url: None,
        },
        secret: secret(),
        handover: Handover::default(),
        state: State::Pending,
        attempts: 0,
        created_at: now,
        expires_at: now.plus(LINK_TTL),
    };
    NewLink {
        link,
        new_handle: UserHandle(random()),
        if_open: IfOpen::Supersede,
        idempotency: None,
        mail: None,
    }
}

/// Reads a text as a line, which tests know to be one.
pub(crate) trait ParseLine {
    fn parse_line<const MAX: usize>(&self) -> vouchlink::domain::text::Line<MAX>;
}

impl ParseLine for str {
    fn parse_line<const MAX: usize>(&self) -> vouchlink::domain::text::Line<MAX> {
        vouchlink::domain::text::Line::parse(self).unwrap()
    }
}

pub(crate) async fn create_as(store: &dyn Store, new: NewLink) -> Link {
    let now = new.link.created_at;
    match store.create_link(new, context(now)).await.unwrap() {
        Created::New(link, _) => link,
        other => panic!("no new link, but {other:?}"),
    }
}

pub(crate) async fn create(store: &dyn Store, user_id: &str, now: Timestamp) -> Link {
    create_as(store, new_link(user_id, now)).await
}

/// A link that replaces the customer's passkeys.
pub(crate) async fn create_replacing(store: &dyn Store, user_id: &str, now: Timestamp) -> Link {
    let mut new = new_link(user_id, now);
    new.link.request.enrolment = Enrolment::Replace;
    create_as(store, new).await
}

/// A link that asks for the code that the agent reads out, if the customer has no passkey.
pub(crate) async fn create_asking(store: &dyn Store, user_id: &str, now: Timestamp) -> Link {
    let mut new = new_link(user_id, now);
    new.link.request.enrolment = Enrolment::CallCode;
    create_as(store, new).await
}

pub(crate) async fn hear(store: &dyn Store, link: &Link, said: Said, now: Timestamp) -> Listened {
    store.hear_customer(link.id, link.secret.jti, said, context(now)).await.unwrap()
}

/// What comes of a code that was typed.
pub(crate) async fn guess(store: &dyn Store, link: &Link, guess: Guess, now: Timestamp) -> Outcome {
    let said = Said { code: Some(guess), answer: None };
    match hear(store, link, said, now).await {
        Listened::Heard(outcome, _) => outcome,
        Listened::LinkClosed => panic!("the link is closed"),
    }
}

pub(crate) fn ceremony(link: &Link, now: Timestamp) -> Ceremony {
    Ceremony {
        means: Means::Passkey,
        id: CeremonyId::new(now, &SystemRandom).unwrap(),
        link: link.id,
        kind: link.kind,
        nonce: Nonce(random()),
        statement: Statement::of(link, "localhost").unwrap(),
        created_at: now,
        expires_at: now.plus(CHALLENGE_TTL),
    }
}

pub(crate) async fn begin(store: &dyn Store, link: &Link, now: Timestamp) -> Ceremony {
    let ceremony = ceremony(link, now);
    let begun = store.begin_ceremony(ceremony.clone(), link, context(now)).await;
    assert_eq!(begun.unwrap(), Begun::Begun);
    ceremony
}

pub(crate) async fn consume(store: &dyn Store, ceremony: &Ceremony, now: Timestamp) -> Subject {
    let answered = Answered::new(ceremony.id, ceremony.link, ANSWER);
    match store.consume_ceremony(answered, context(now)).await.unwrap() {
        Consumed::Live(live) => {
            assert_eq!(live.0, *ceremony);
            live.1
        }
        Consumed::NotLive(why) => panic!("the challenge is not live, but {why:?}"),
    }
}

/// Begins a ceremony and takes its answer, which nobody checks.
pub(crate) async fn answered(
    store: &dyn Store,
    link: &Link,
    now: Timestamp,
) -> (Ceremony, Subject) {
    let ceremony = begin(store, link, now).await;
    let subject = consume(store, &ceremony, now).await;
    (ceremony, subject)
}

pub(crate) fn credential(link: &Link, now: Timestamp) -> Credential {
    Credential {
        id: CredentialId::new(now, &SystemRandom).unwrap(),
        customer: link.customer,
        key: NewKey {
            id: random::<16>().to_vec(),
            public_key: random::<77>().to_vec(),
            sign_count: 0,
            backup_eligible: true,
            backup_state: false,
            transports: Transports::from_client(&["internal".to_owned(), "hybrid".to_owned()]),
            attachment: Some(Attachment::Platform),
            aaguid: random(),
            fmt: "none".to_owned(),
            discoverable: Some(true),
        },
        binding: Binding::Link,
        link: link.id,
        created_at: now,
        last_used_at: None,
        revoked_at: None,
        suspected_at: None,
        added_by: link.handover.authorised_by,
    }
}

/// As `credential` is, but for the counter.
pub(crate) fn key_use(credential: &Credential, sign_count: u32) -> KeyUse {
    KeyUse {
        credential: credential.id,
        sign_count,
        backup_eligible: credential.key.backup_eligible,
        backup_state: credential.key.backup_state,
        attachment: credential.key.attachment,
    }
}

pub(crate) fn binding(credential: Credential) -> KeyChange {
    KeyChange::Bind(Box::new(credential))
}

/// Takes a customer from nothing to a first verification; the link and the new key.
pub(crate) async fn enrol(store: &dyn Store, user_id: &str, now: Timestamp) -> (Link, Credential) {
    enrol_with(store, user_id, now, |_| {}).await
}

/// The same with a key that is unlike the others.
pub(crate) async fn enrol_with(
    store: &dyn Store,
    user_id: &str,
    now: Timestamp,
    change: impl FnOnce(&mut Credential),
) -> (Link, Credential) {
    let link = create(store, user_id, now).await;
    let ceremony = begin(store, &link, now).await;
    let mut credential = credential(&link, now);
    change(&mut credential);
    match settle(store, &ceremony, binding(credential.clone()), now).await {
        Settled::Done(link) => (*link, credential),
        other => panic!("not enrolled, but {other:?}"),
    }
}

/// Where a customer stands, if anybody has heard of them.
pub(crate) async fn standing_of(store: &dyn Store, user_id: &str) -> Option<Standing> {
    store.standing(&user(user_id)).await.unwrap().map(|footing| footing.standing)
}

pub(crate) fn not_verified(reason: Reason, decided_at: Timestamp) -> Verdict {
    Verdict::NotVerified { reason, decided_at }
}

/// What the audit says of a link, in order.
pub(crate) async fn actions(store: &dyn Store, link: LinkId) -> Vec<String> {
    let timeline = store.link_timeline(link).await.unwrap();
    timeline.into_iter().map(|entry| entry.action).collect()
}

/// Leases everything due.
pub(crate) async fn lease(store: &dyn Store, now: Timestamp) -> Vec<Leased> {
    lease_of(store, BUILT_IN, now).await
}

/// The same of another endpoint.
pub(crate) async fn lease_of(
    store: &dyn Store,
    endpoint: EndpointId,
    now: Timestamp,
) -> Vec<Leased> {
    let request = LeaseRequest { endpoint, limit: 100, ttl: Duration::from_secs(60) };
    store.lease_deliveries(request, now).await.unwrap()
}

/// Delivers all webhooks due; their bodies in the order of their customers' sequence.
pub(crate) async fn bodies(store: &dyn Store, now: Timestamp) -> Vec<Value> {
    let mut bodies: Vec<Value> = Vec::new();
    loop {
        let due = lease(store, now).await;
        if due.is_empty() {
            break;
        }
        for leased in due {
            bodies.push(serde_json::from_str(&leased.body).unwrap());
            deliver(store, &leased, now).await;
        }
    }
    bodies.sort_by_key(|body| body["data"]["sequence"].as_u64());
    bodies
}

pub(crate) async fn deliver(store: &dyn Store, leased: &Leased, now: Timestamp) {
    let arrived = attempt(leased.attempts + 1, Class::Success, now);
    assert!(store.record_attempt(leased, arrived, Next::Delivered, now).await.unwrap());
}

pub(crate) fn attempt(number: u32, class: Class, now: Timestamp) -> Attempt {
    Attempt {
        number,
        started_at: now,
        took: Duration::from_millis(120),
        class,
        http_status: None,
        remote_addr: None,
        retry_after: None,
        answer: String::new(),
        remedy: Remedy::of(class),
        trigger: Trigger::Auto,
    }
}

/// What the environment says of its endpoint.
pub(crate) fn built_in() -> BuiltIn {
    BuiltIn { kind: EndpointKind::Standard, shown_url: "https://crm.example.com/hook".to_owned() }
}
