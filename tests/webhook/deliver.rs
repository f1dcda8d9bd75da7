//! One attempt from lease to record: what each kind of answer makes of a delivery.

use std::sync::Arc;
use std::time::Duration;

use vouchlink::config;
use vouchlink::domain::clock::{Clock, Timestamp};
use vouchlink::domain::delivery::{Class, Leased, Next, Schedule};
use vouchlink::domain::endpoint::{BUILT_IN, EndpointUrl, Kind};
use vouchlink::domain::random::{NoEntropy, Random};
use vouchlink::domain::secret::Secret;
use vouchlink::flows::deliver::{self, Deliver};
use vouchlink::metrics::Metrics;
use vouchlink::store::{Deliveries, LeaseRequest};
use vouchlink::webhook::client::{Client, Limits};
use vouchlink::webhook::guard::Guard;
use vouchlink::webhook::send::{Destination, Sender};
use vouchlink::webhook::sign::{Received, SigningKey};

use crate::support::deliveries::MemoryDeliveries;
use crate::support::receiver::{Answer, Receiver};

const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);
const KEY: &str = "thirty-two characters of a key...";

/// Stands still.
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// Without entropy the jitter is 0.5, which leaves the schedule as it is.
struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}

/// A deliverer with its destination.
struct Sending {
    deliver: Deliver,
    destination: Destination,
}

impl Sending {
    async fn deliver_one(&self, leased: Leased) {
        let tried = self.deliver.attempt(leased, &self.destination).await;
        self.deliver.record(tried).await;
    }
}

fn deliverer(store: &Arc<MemoryDeliveries>, url: &str) -> Sending {
    let webhook = config::Webhook {
        kind: Kind::Standard,
        url: EndpointUrl::parse(url).unwrap(),
        secret: Secret::from(KEY),
        token: None,
    };
    let destination =
        Destination { timeout: Duration::from_secs(1), ..deliver::built_in(&webhook).unwrap() };
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    let store: Arc<MemoryDeliveries> = Arc::clone(store);
    let deliver = Deliver {
        store,
        sender: Sender::new(Client::new(Guard::new(allow), Limits::default()).unwrap()),
        schedule: Schedule::new([0, 2].map(Duration::from_secs).to_vec()).unwrap(),
        clock: Arc::new(StoppedClock),
        random: Arc::new(NoRandom),
        metrics: Arc::new(Metrics::new(&[])),
    };
    Sending { deliver, destination }
}

async fn lease(store: &MemoryDeliveries) -> Leased {
    let ttl = Duration::from_secs(60);
    let request = LeaseRequest { endpoint: BUILT_IN, limit: 1, ttl };
    store.lease_deliveries(request, NOW).await.unwrap().remove(0)
}

/// What one attempt against a receiver that answers so makes of a delivery.
async fn outcome(answer: Answer) -> (Class, Option<u16>, Next) {
    let (receiver, store) = (Receiver::start().await, Arc::new(MemoryDeliveries::default()));
    receiver.script([answer]);
    store.insert(1, NOW);
    deliverer(&store, &receiver.url("/hook")).deliver_one(lease(&store).await).await;
    let (_, attempt, next) = store.outcomes(1).await.remove(0);
    assert_eq!((attempt.number, attempt.started_at), (1, NOW));
    (attempt.class, attempt.http_status, next)
}

fn retry_in(seconds: i64) -> Next {
    Next::RetryAt(Timestamp::from_millis(NOW.millis() + seconds * 1000))
}

#[tokio::test]
async fn an_answer_decides_what_becomes_of_the_delivery() {
    for (answer, class, status, next) in [
        (Answer::status(200), Class::Success, Some(200), Next::Delivered),
        (Answer::status(204), Class::Success, Some(204), Next::Delivered),
        (Answer::status(500), Class::Unavailable, Some(500), retry_in(2)),
        (Answer::status(503), Class::Unavailable, Some(503), retry_in(30)),
        (Answer::status(429), Class::Unavailable, Some(429), retry_in(30)),
        (
            Answer::with_header(429, "retry-after", "90"),
            Class::Unavailable,
            Some(429),
            retry_in(90),
        ),
        (
            Answer::with_header(429, "retry-after", "Sat, 21 Nov 2026 10:02:00 GMT"),
            Class::Unavailable,
            Some(429),
            retry_in(120),
        ),
        (Answer::status(400), Class::Config, Some(400), retry_in(300)),
        (Answer::status(410), Class::Gone, Some(410), Next::Held),
        (Answer::with_header(302, "location", "/"), Class::Redirect, Some(302), retry_in(2)),
        (Answer::Silence, Class::Timeout, None, retry_in(2)),
        (Answer::Reset, Class::Protocol, None, retry_in(2)),
    ] {
        assert_eq!(outcome(answer.clone()).await, (class, status, next), "{answer:?}");
    }
}

#[tokio::test]
async fn an_address_that_must_not_be_reached_holds_the_delivery() {
    let store = Arc::new(MemoryDeliveries::default());
    store.insert(1, NOW);
    deliverer(&store, "http://169.254.169.254/hook").deliver_one(lease(&store).await).await;
    let (_, attempt, next) = store.outcomes(1).await.remove(0);
    assert_eq!((attempt.class, next), (Class::SsrfBlocked, Next::Held));
}

#[tokio::test]
async fn the_body_is_signed_as_it_is_sent() {
    let (receiver, store) = (Receiver::start().await, Arc::new(MemoryDeliveries::default()));
    store.insert(1, NOW);
    let leased = lease(&store).await;
    deliverer(&store, &receiver.url("/hook")).deliver_one(leased.clone()).await;

    let request = receiver.next().await;
    assert_eq!(request.body, leased.body.as_bytes());
    assert_eq!(request.header("webhook-id"), leased.event.to_string());
    let headers = Received {
        id: request.header("webhook-id"),
        timestamp: request.header("webhook-timestamp"),
        signature: request.header("webhook-signature"),
    };
    assert_eq!(SigningKey::new(KEY.into()).verify(headers, &request.body, NOW), Ok(()));
}

#[tokio::test]
async fn the_last_attempt_exhausts_the_delivery() {
    let (receiver, store) = (Receiver::start().await, Arc::new(MemoryDeliveries::default()));
    receiver.script([Answer::status(500)]);
    store.insert(1, NOW);
    let leased = Leased { attempts: 1, ..lease(&store).await };
    deliverer(&store, &receiver.url("/hook")).deliver_one(leased).await;
    let (_, attempt, next) = store.outcomes(1).await.remove(0);
    assert_eq!((attempt.number, next), (2, Next::Exhausted));
}

#[tokio::test]
async fn a_lost_lease_changes_nothing() {
    let (receiver, store) = (Receiver::start().await, Arc::new(MemoryDeliveries::default()));
    store.insert(1, NOW);
    let leased = lease(&store).await;
    store.steal_leases();
    deliverer(&store, &receiver.url("/hook")).deliver_one(leased).await;
    receiver.next().await;
    assert_eq!(store.outcomes_so_far(), 0);
}

#[tokio::test]
async fn a_busy_store_is_asked_again_to_record() {
    let (receiver, store) = (Receiver::start().await, Arc::new(MemoryDeliveries::default()));
    store.insert(1, NOW);
    let leased = lease(&store).await;
    store.fail(2);
    deliverer(&store, &receiver.url("/hook")).deliver_one(leased).await;
    assert_eq!(store.outcomes_so_far(), 1);
    receiver.next().await;
    receiver.assert_nothing_unread();
}
