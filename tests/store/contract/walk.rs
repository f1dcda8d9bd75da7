//! Deliveries in every order of things that may happen to them, drawn at random from fixed seeds.

use std::collections::BTreeMap;
use std::time::Duration;

use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Class, DeliveryStatus, Leased, Next};
use vouchlink::domain::endpoint::{BUILT_IN, EndpointStatus};
use vouchlink::domain::id::{CustomerId, DeliveryId, LinkId};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{DeliverySummary, LeaseRequest, Store};

use super::addressees::set_status;
use super::fresh;
use super::samples::{T0, attempt, built_in, context, create, lease, not_verified};

const USERS: u64 = 3;
const STEPS: u32 = 120;

/// What was done so far, and the randomness of what comes.
struct Walk<'a> {
    store: &'a dyn Store,
    seed: u64,
    now: Timestamp,
    links: Vec<LinkId>,
    /// Leases that were given out and not settled; some have run out.
    leased: Vec<Leased>,
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_a_customers_oldest_unfinished_delivery_is_the_one_to_take() {
    for seed in 1..=4 {
        let store = fresh().await;
        let mut walk = Walk { store: &**store, seed, now: T0, links: vec![], leased: vec![] };
        for _ in 0..STEPS {
            walk.step().await;
            walk.check_due().await;
        }
        walk.finish().await;
    }
}

impl Walk<'_> {
    async fn step(&mut self) {
        match self.draw(12) {
            0..=2 => self.happen().await,
            3..=5 => self.lease().await,
            9 => self.set_status().await,
            6..=10 if !self.leased.is_empty() => self.record().await,
            6..=10 => self.now = self.now.plus(Duration::from_secs(self.draw(90))),
            _ => assert!(
                !self.store.set_built_in_endpoint(Some(built_in()), self.now).await.unwrap()
            ),
        }
    }

    /// One more delivery to a customer.
    async fn happen(&mut self) {
        let user = self.draw(USERS).to_string();
        let link = create(self.store, &user, self.now).await;
        // Of some the customer says that it was not them, which makes older news needless.
        let reason = if self.draw(3) == 0 { Reason::NotMe } else { Reason::Revoked };
        let verdict = not_verified(reason, self.now);
        self.store.end_link(link.id, verdict, context(self.now)).await.unwrap();
        self.links.push(link.id);
    }

    /// Staff pause or resume the endpoint, or it is disabled. What was held then returns when the
    /// environment declares the endpoint again.
    async fn set_status(&mut self) {
        let status = match self.draw(4) {
            0 => EndpointStatus::Disabled,
            1 => EndpointStatus::Paused,
            _ => EndpointStatus::Active,
        };
        set_status(self.store, BUILT_IN, status, self.now).await;
    }

    async fn is_active(&self) -> bool {
        let found = self.store.find_endpoint(BUILT_IN).await.unwrap().unwrap();
        found.status == EndpointStatus::Active
    }

    async fn lease(&mut self) {
        let mut due: Vec<(Timestamp, DeliveryId)> = self
            .heads()
            .await
            .values()
            .filter_map(|head| Some((head.due_at?, head.id)))
            .filter(|(due_at, _)| *due_at <= self.now)
            .collect();
        if !self.is_active().await {
            due.clear();
        }
        let limit = 1 + self.draw(USERS);
        let ttl = Duration::from_secs(60);
        let request =
            LeaseRequest { endpoint: BUILT_IN, limit: u32::try_from(limit).unwrap(), ttl };
        let leased = self.store.lease_deliveries(request, self.now).await.unwrap();
        let expected = due.len().min(usize::try_from(limit).unwrap());
        assert_eq!(leased.len(), expected, "of {due:?} due at {}", self.now);
        // The longest due, and heads only.
        due.sort();
        let last = expected.checked_sub(1).map(|last| due[last].0);
        for leased in &leased {
            let found = due.iter().find(|(_, id)| *id == leased.id);
            assert!(found.is_some_and(|(due_at, _)| Some(*due_at) <= last), "{leased:?}");
        }
        self.leased.extend(leased);
    }

    async fn record(&mut self) {
        let count = u64::try_from(self.leased.len()).unwrap();
        let index = usize::try_from(self.draw(count)).unwrap();
        let leased = self.leased.remove(index);
        let next = match self.draw(6) {
            0 | 1 => Next::Delivered,
            2 => Next::Exhausted,
            3 => Next::Held,
            _ => Next::RetryAt(self.now.plus(Duration::from_secs(self.draw(1000)))),
        };
        // Of a class that leaves the endpoint as it is.
        let attempt = attempt(leased.attempts + 1, Class::Rejected, self.now);
        // A lease that was taken over settles nothing; the leases that did are looked at anew.
        self.store.record_attempt(&leased, attempt, next, self.now).await.unwrap();
    }

    /// The store calls for the earliest of what may be taken, no sooner and no later.
    async fn check_due(&self) {
        let heads = self.heads().await;
        let earliest = heads.values().filter_map(|head| head.due_at).min();
        let earliest = if self.is_active().await { earliest } else { None };
        assert_eq!(self.store.next_delivery_due(BUILT_IN).await.unwrap(), earliest);
    }

    /// Once the receiver is well, everything arrives but what was given up or overtaken.
    async fn finish(mut self) {
        while !self.is_active().await {
            self.set_status().await;
        }
        self.store.set_built_in_endpoint(Some(built_in()), self.now).await.unwrap();
        while let Some(due) = self.store.next_delivery_due(BUILT_IN).await.unwrap() {
            self.now = self.now.max(due);
            let leased = lease(self.store, self.now).await;
            assert!(!leased.is_empty(), "what is due cannot be leased");
            for leased in leased {
                let arrived = attempt(leased.attempts + 1, Class::Success, self.now);
                let recorded =
                    self.store.record_attempt(&leased, arrived, Next::Delivered, self.now);
                assert!(recorded.await.unwrap());
            }
        }
        let all = self.deliveries().await;
        assert_eq!(all.len(), self.links.len());
        for delivery in &all {
            let overtaken = || {
                let (customer, sequence) = (delivery.event.customer, delivery.event.sequence);
                all.iter().any(|other| {
                    other.event.customer == customer
                        && other.event.sequence > sequence
                        && other.status != DeliveryStatus::Held
                })
            };
            match delivery.status {
                DeliveryStatus::Delivered | DeliveryStatus::Exhausted => {}
                DeliveryStatus::Held | DeliveryStatus::Superseded => {
                    assert!(overtaken(), "{delivery:?}");
                }
                DeliveryStatus::Cancelled => panic!("nobody called it off: {delivery:?}"),
                DeliveryStatus::Pending | DeliveryStatus::InFlight | DeliveryStatus::Retrying => {
                    panic!("still on its way: {delivery:?}")
                }
            }
        }
    }

    /// Each customer's oldest unfinished delivery.
    async fn heads(&self) -> BTreeMap<CustomerId, DeliverySummary> {
        let mut heads = BTreeMap::new();
        let mut all = self.deliveries().await;
        all.retain(|delivery| delivery.due_at.is_some());
        all.sort_by_key(|delivery| std::cmp::Reverse(delivery.event.sequence));
        heads.extend(all.into_iter().map(|delivery| (delivery.event.customer.unwrap(), delivery)));
        heads
    }

    async fn deliveries(&self) -> Vec<DeliverySummary> {
        let mut all = Vec::new();
        for link in &self.links {
            all.extend(self.store.link_deliveries(*link).await.unwrap());
        }
        all
    }

    /// Uniform enough, and the same on every machine (Knuth's MMIX generator).
    fn draw(&mut self, below: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }
}
