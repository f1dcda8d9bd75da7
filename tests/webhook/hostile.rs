//! Receivers that behave as badly as they can, beside one that behaves well, all at once.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use serde_json::json;
use vouchlink::config::DataKeys;
use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::clock::Clock;
use vouchlink::domain::delivery::{Class, DeliveryStatus};
use vouchlink::domain::endpoint::{
    BodyMode, CustomHeaders, DisabledReason, Endpoint, EndpointStatus, EndpointUrl, Events, Health,
    Kind,
};
use vouchlink::domain::id::{EndpointId, LinkId};
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::secret::Secret;
use vouchlink::domain::text::Line;
use vouchlink::flows::destinations::{Secrets, keep_key};
use vouchlink::seal::Seal;

use crate::support::app::TestApp;
use crate::support::receiver::{Answer, Receiver};

/// `HOSTILE_VERDICTS=100` measures more than there is time for in every run.
fn verdicts() -> usize {
    std::env::var("HOSTILE_VERDICTS").map_or(8, |count| count.parse().unwrap())
}

/// Of one attempt.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(20);

/// A receiver, what becomes of a first attempt there, and when the next one is due.
struct Case {
    name: &'static str,
    url: String,
    status: DeliveryStatus,
    class: Class,
    /// Seconds from now, at least and at most.
    due: Option<(u64, u64)>,
}

/// Keeps the receivers of the cases alive.
async fn cases() -> (Vec<Case>, Vec<Receiver>) {
    use DeliveryStatus::{Delivered, Held, Retrying};
    let many = "x-many: y\r\n".repeat(65);
    let huge = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "y".repeat(1_000_000));
    let with = Answer::with_header;
    let soon = Some((1, 3));
    let scripted = [
        ("500", Answer::status(500), Retrying, Class::Unavailable, soon),
        ("400", Answer::status(400), Retrying, Class::Config, Some((300, 300))),
        ("410", Answer::status(410), Held, Class::Gone, None),
        (
            "429 in seconds",
            with(429, "retry-after", "90"),
            Retrying,
            Class::Unavailable,
            Some((90, 90)),
        ),
        (
            "429 by date",
            with(429, "retry-after", "Sat, 21 Nov 2026 10:02:00 GMT"),
            Retrying,
            Class::Unavailable,
            Some((100, 120)),
        ),
        ("redirect", with(302, "location", "http://127.0.0.1:1/"), Retrying, Class::Redirect, soon),
        (
            "slow drip",
            Answer::Drip("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"),
            Retrying,
            Class::Timeout,
            soon,
        ),
        ("silence", Answer::Silence, Retrying, Class::Timeout, soon),
        // As much as is wanted of it was read: the status counts.
        ("endless body", Answer::Endless, Delivered, Class::Success, None),
        ("reset", Answer::Reset, Retrying, Class::Protocol, soon),
        (
            "many headers",
            Answer::Bytes(format!("HTTP/1.1 200 OK\r\n{many}\r\n").into_bytes()),
            Retrying,
            Class::Protocol,
            soon,
        ),
        ("huge header", Answer::Bytes(huge.into_bytes()), Retrying, Class::Protocol, soon),
        (
            "endless headers",
            Answer::Flood("HTTP/1.1 200 OK\r\n", "x-more: y\r\n"),
            Retrying,
            Class::Protocol,
            soon,
        ),
    ];
    let (mut cases, mut receivers) = (Vec::new(), Vec::new());
    for (name, answer, status, class, due) in scripted {
        let receiver = Receiver::start().await;
        receiver.script(std::iter::repeat_n(answer, 4 * verdicts()));
        cases.push(Case { name, url: receiver.url("/hook"), status, class, due });
        receivers.push(receiver);
    }
    // Speaks HTTP where TLS is expected.
    let plain = Receiver::start().await;
    let url = plain.url("/hook").replace("http://", "https://");
    cases.push(Case { name: "bad TLS", url, status: Retrying, class: Class::Tls, due: soon });
    receivers.push(plain);
    let url = "http://nobody.invalid/hook".to_owned();
    cases.push(Case { name: "no such name", url, status: Retrying, class: Class::Dns, due: soon });
    let url = "http://10.0.0.1/hook".to_owned();
    let (status, class) = (Held, Class::SsrfBlocked);
    cases.push(Case { name: "private address", url, status, class, due: None });
    (cases, receivers)
}

/// Of staff's own, for one kind of verdict.
pub(super) fn endpoint(number: u8, url: &str, app: &TestApp) -> Endpoint {
    let id = EndpointId::from_bytes([number; 16]);
    let now = app.clock.now();
    let seal = Seal::new(&DataKeys(vec![Secret::from(crate::support::app::DATA_KEY)]));
    let secrets = Secrets {
        url: Some(EndpointUrl::parse(url).unwrap()),
        headers: CustomHeaders::default(),
        credentials: serde_json::Map::new(),
    };
    let key = Secret::from("thirty-two characters of a key...");
    Endpoint {
        id,
        name: Line::parse(&format!("Receiver {number}")).unwrap(),
        kind: Kind::Standard,
        shown_url: String::new(),
        body_mode: BodyMode::Standard,
        events: Events::parse(["verification.declined"]).unwrap(),
        timeout: TIMEOUT,
        rate: None,
        concurrency: None,
        settings: serde_json::Map::new(),
        sealed: Some(secrets.seal(&seal, id, &SystemRandom).unwrap()),
        keys: vec![keep_key(&key, id, &seal, &SystemRandom, now).unwrap()],
        status: EndpointStatus::Active,
        disabled: None,
        health: Health::default(),
        created_at: now,
        revision: 0,
    }
}

pub(super) async fn add(app: &TestApp, endpoint: Endpoint) {
    let entry = Entry {
        at: app.clock.now(),
        actor: Actor::Operator,
        action: Action::EndpointCreated,
        link: None,
        customer: None,
        detail: json!({}),
    };
    app.services.store.insert_endpoint(endpoint, entry, None).await.unwrap().unwrap();
}

/// A verdict; its link.
pub(super) async fn decline(app: &TestApp, user: &str) -> LinkId {
    let link = app.link(user).await;
    let body = json!({ "token": link["token"], "reason": "not_me" });
    app.post_from_page("/api/ceremony/decline", body.to_string()).await.expect(200);
    link["id"].as_str().unwrap().parse().unwrap()
}

/// How long it takes from a customer's answer until the news has arrived at all of these.
async fn arrivals(app: &TestApp, users: &str, healthy: [&Receiver; 2]) -> (Vec<LinkId>, Figures) {
    let (mut links, mut begun) = (Vec::new(), BTreeMap::new());
    for user in 0..verdicts() {
        let at = Instant::now();
        let link = decline(app, &format!("{users}{user}")).await;
        begun.insert(link.to_string(), at);
        links.push(link);
    }
    let mut took = Vec::new();
    for _ in 0..verdicts() {
        for receiver in healthy {
            let received = receiver.next_within(Duration::from_secs(30)).await;
            let body: serde_json::Value = serde_json::from_slice(&received.body).unwrap();
            let link = body["data"]["link_id"].as_str().unwrap();
            took.push(received.at.saturating_duration_since(begun[link]));
        }
    }
    took.sort_unstable();
    (links, Figures(took))
}

/// In order, the shortest first.
struct Figures(Vec<Duration>);

impl Figures {
    fn at(&self, percent: usize) -> Duration {
        self.0[(self.0.len() - 1) * percent / 100]
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:?}, p99 {:?} of {}", self.at(50), self.at(99), self.0.len())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hostile_receiver_ends_as_it_must_and_holds_up_nobody() {
    let app = TestApp::start().await;
    let (cases, receivers) = cases().await;
    let well = Receiver::start().await;
    let first = u8::try_from(cases.len()).unwrap() + 1;
    add(&app, endpoint(first, &well.url("/hook"), &app)).await;
    let (_, alone) = arrivals(&app, "alone-", [&well, &app.crm]).await;
    for (number, case) in (1..).zip(&cases) {
        add(&app, endpoint(number, &case.url, &app)).await;
    }

    let began = Instant::now();
    // Everybody's news has arrived at the healthy ones while others still wait for their deadline.
    let (links, beside) = arrivals(&app, "", [&well, &app.crm]).await;
    println!("arrival at two healthy endpoints: alone {alone}; beside {} hostile ones {beside}", {
        cases.len()
    });
    assert!(beside.at(50) < TIMEOUT, "they waited for a hostile one's deadline: {beside}");
    let slow = receivers.iter().filter(|receiver| receiver.most_at_once() > 0).count();
    assert!(slow > 0, "nobody was slow");

    // Every first attempt ends, however it is held up: with four at once, two deadlines.
    let mut found: BTreeMap<(EndpointId, LinkId), _> = BTreeMap::new();
    let all = async {
        for link in &links {
            loop {
                let deliveries = app.services.store.link_deliveries(*link).await.unwrap();
                // What is held for an endpoint that said 410 was not tried at all.
                let done = deliveries.iter().all(|delivery| {
                    !delivery.attempts.is_empty() || delivery.status == DeliveryStatus::Held
                });
                if done {
                    found.extend(
                        deliveries.into_iter().map(|found| ((found.endpoint, *link), found)),
                    );
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let rounds = u32::try_from(verdicts()).unwrap().div_ceil(3);
    tokio::time::timeout(TIMEOUT * rounds + SLACK, all).await.expect("somebody is held up");
    assert!(began.elapsed() < TIMEOUT * rounds + SLACK * 2);

    let now = app.clock.now();
    for (number, case) in (1..).zip(&cases) {
        let id = EndpointId::from_bytes([number; 16]);
        for link in &links {
            let delivery = &found[&(id, *link)];
            assert_eq!(delivery.status, case.status, "{}", case.name);
            let due = delivery.due_at.map(|due| due.since(now).as_secs());
            let as_expected = match (due, case.due) {
                (None, None) => true,
                (Some(due), Some((least, most))) => (least..=most).contains(&due),
                _ => false,
            };
            assert!(as_expected, "{}: due in {due:?} s", case.name);
            for attempt in &delivery.attempts {
                assert_eq!(attempt.class, case.class, "{}: {}", case.name, attempt.answer);
                assert!(attempt.answer.len() <= 4096, "{}", case.name);
            }
        }
        let endpoint = app.services.store.find_endpoint(id).await.unwrap().unwrap();
        let disabled = (case.class == Class::Gone).then_some(DisabledReason::Gone);
        assert_eq!(endpoint.disabled, disabled, "{}", case.name);
    }
    for id in [EndpointId::from_bytes([first; 16]), vouchlink::domain::endpoint::BUILT_IN] {
        assert!(links.iter().all(|link| found[&(id, *link)].status == DeliveryStatus::Delivered));
    }
    // A redirect is answered by no further request, and a success is not sent again.
    well.assert_nothing_unread();
    app.crm.assert_nothing_unread();
    app.stop().await;
}
