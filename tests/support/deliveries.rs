//! Deliveries in memory, as far as the delivery worker needs them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::{Notify, Semaphore};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::{Attempt, Lease, Leased, Next, Trigger};
use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::event::EventType;
use vouchlink::domain::id::{DeliveryId, EndpointId, EventId, LinkId};
use vouchlink::store::{
    Arrival, Arrivals, Deliveries, DeliverySummary, LeaseRequest, Result, StoreError,
};

#[derive(Default)]
pub(crate) struct MemoryDeliveries {
    state: Mutex<State>,
    recording: Notify,
    recorded: Notify,
    looked: Notify,
    leased: Notify,
    took: Notify,
    gate: Gate,
}

/// Lets records through: all of them, or as many as were let.
struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(Semaphore::MAX_PERMITS))
    }
}

#[derive(Default)]
struct State {
    waiting: BTreeMap<DeliveryId, Waiting>,
    /// What was recorded, in order.
    outcomes: Vec<(DeliveryId, Attempt, Next)>,
    leases: u8,
    /// How often somebody asked for leases, and what is due next.
    asked: (u32, u32),
    failures: u32,
    /// How many records were begun.
    records: usize,
    /// How often somebody asked for new ones.
    asked_for_new: usize,
    /// Who took new ones, the last at the end.
    takers: Vec<Taker>,
}

struct Taker {
    places: mpsc::Sender<Arrival>,
    ttl: Duration,
    /// How many were due just then.
    due: usize,
}

struct Waiting {
    due: Timestamp,
    /// An older one of the same customer, which goes out before.
    behind: Option<DeliveryId>,
    attempts: u32,
    lease: Option<Lease>,
}

impl MemoryDeliveries {
    pub(crate) fn insert(&self, number: u8, due: Timestamp) -> DeliveryId {
        self.insert_behind(None, number, due)
    }

    pub(crate) fn insert_behind(
        &self,
        behind: Option<DeliveryId>,
        number: u8,
        due: Timestamp,
    ) -> DeliveryId {
        let id = DeliveryId::from_bytes([number; 16]);
        let waiting = Waiting { due, behind, attempts: 0, lease: None };
        self.state.lock().unwrap().waiting.insert(id, waiting);
        id
    }

    /// Lets the next calls fail.
    pub(crate) fn fail(&self, calls: u32) {
        self.state.lock().unwrap().failures = calls;
    }

    /// Records come back only when they are let.
    pub(crate) fn hold_records(&self) {
        self.gate.0.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// So many records come back.
    pub(crate) fn let_records(&self, count: usize) {
        self.gate.0.add_permits(count);
    }

    /// Takes every lease away, as if it had run out and another instance had come by.
    pub(crate) fn steal_leases(&self) {
        for waiting in self.state.lock().unwrap().waiting.values_mut() {
            waiting.lease = Some(Lease([255; 16]));
        }
    }

    /// The outcomes once there are `count` of them; waits up to 10 s.
    pub(crate) async fn outcomes(&self, count: usize) -> Vec<(DeliveryId, Attempt, Next)> {
        until(&self.recorded, "too few outcomes", || {
            let outcomes = self.state.lock().unwrap().outcomes.clone();
            (outcomes.len() >= count).then_some(outcomes)
        })
        .await
    }

    /// Returns once so many records were begun; waits up to 10 s.
    pub(crate) async fn records(&self, count: usize) {
        let enough = || (self.state.lock().unwrap().records >= count).then_some(());
        until(&self.recording, "nobody records", enough).await;
    }

    /// How often leases were asked for, once somebody has looked so often what is due; waits up to
    /// 10 s.
    pub(crate) async fn leases_asked(&self, looks: u32) -> u32 {
        until(&self.looked, "nobody looks", || {
            let (leases, so_far) = self.state.lock().unwrap().asked;
            (so_far >= looks).then_some(leases)
        })
        .await
    }

    /// Returns once so many are under lease; waits up to 10 s.
    pub(crate) async fn under_lease(&self, count: usize) {
        let enough = || (self.leased() >= count).then_some(());
        until(&self.leased, "nobody leases them", enough).await;
    }

    /// Returns once somebody took new ones so many times; waits up to 10 s.
    pub(crate) async fn taken(&self, times: usize) {
        let enough = || (self.times_taken() >= times).then_some(());
        until(&self.took, "nobody takes new ones", enough).await;
    }

    pub(crate) fn times_asked_for_new(&self) -> usize {
        self.state.lock().unwrap().asked_for_new
    }

    pub(crate) fn times_taken(&self) -> usize {
        self.state.lock().unwrap().takers.len()
    }

    /// How many were due when new ones were taken last.
    pub(crate) fn due_when_taken(&self) -> usize {
        self.state.lock().unwrap().takers.last().unwrap().due
    }

    /// How long new ones are leased.
    pub(crate) fn ttl(&self) -> Duration {
        self.state.lock().unwrap().takers.last().unwrap().ttl
    }

    fn places(&self) -> mpsc::Sender<Arrival> {
        self.state.lock().unwrap().takers.last().unwrap().places.clone()
    }

    /// Returns once new ones are no longer taken; waits up to 10 s.
    pub(crate) async fn closed(&self) {
        let places = self.places();
        let closed = places.closed();
        tokio::time::timeout(Duration::from_secs(10), closed).await.expect("they are still taken");
    }

    /// A place for a new one, as a transaction keeps it; waits up to 10 s, also for the next taker.
    pub(crate) async fn place(&self) -> OwnedPermit<Arrival> {
        let place = async {
            loop {
                let took = self.took.notified();
                if let Ok(place) = self.places().reserve_owned().await {
                    return place;
                }
                took.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), place).await.expect("there is no place")
    }

    /// Whether a new one would come leased.
    pub(crate) fn has_place(&self) -> bool {
        self.places().try_reserve().is_ok()
    }

    /// A new one, leased at this time, for whoever takes it.
    pub(crate) async fn arrive(&self, number: u8, at: Timestamp) {
        self.arrive_at(self.place().await, number, at);
    }

    pub(crate) fn arrive_at(&self, place: OwnedPermit<Arrival>, number: u8, at: Timestamp) {
        let due = at.plus(self.ttl());
        let id = self.insert(number, due);
        let mut state = self.state.lock().unwrap();
        let leased = state.lease(id, due);
        place.send((leased, at));
    }

    /// How many are leased now.
    pub(crate) fn leased(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.waiting.values().filter(|waiting| waiting.lease.is_some()).count()
    }

    pub(crate) fn outcomes_so_far(&self) -> usize {
        self.state.lock().unwrap().outcomes.len()
    }
}

/// What `look` finds once it does, which may be whenever something changed; waits up to 10 s.
async fn until<T>(changed: &Notify, trouble: &str, look: impl Fn() -> Option<T>) -> T {
    let found = async {
        loop {
            let change = changed.notified();
            if let Some(found) = look() {
                return found;
            }
            change.await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), found).await.expect(trouble)
}

impl State {
    /// What waits for nothing older.
    fn heads(&self) -> Vec<DeliveryId> {
        let behind = |waiting: &Waiting| {
            waiting.behind.is_some_and(|former| self.waiting.contains_key(&former))
        };
        let heads = self.waiting.iter().filter(|(_, waiting)| !behind(waiting));
        heads.map(|(id, _)| *id).collect()
    }

    fn lease(&mut self, id: DeliveryId, until: Timestamp) -> Leased {
        self.leases += 1;
        let lease = Lease([self.leases; 16]);
        let waiting = self.waiting.get_mut(&id).unwrap();
        waiting.due = until;
        waiting.lease = Some(lease);
        Leased {
            id,
            event: EventId::from_bytes(*id.as_bytes()),
            schedule_from: 0,
            trigger: Trigger::Auto,
            kind: EventType::Verified,
            endpoint: BUILT_IN,
            attempts: waiting.attempts,
            body: format!(r#"{{"delivery":"{id}"}}"#),
            lease,
        }
    }

    fn check(&mut self) -> Result<()> {
        match self.failures.checked_sub(1) {
            None => Ok(()),
            Some(left) => {
                self.failures = left;
                Err(StoreError::Busy)
            }
        }
    }
}

#[async_trait]
impl Deliveries for MemoryDeliveries {
    async fn lease_deliveries(&self, request: LeaseRequest, now: Timestamp) -> Result<Vec<Leased>> {
        assert_eq!(request.endpoint, BUILT_IN);
        let mut state = self.state.lock().unwrap();
        state.asked.0 += 1;
        state.check()?;
        let state = &mut *state;
        let mut leased = Vec::new();
        for id in state.heads() {
            let due = state.waiting[&id].due;
            if due <= now && leased.len() < usize::try_from(request.limit).unwrap() {
                leased.push(state.lease(id, now.plus(request.ttl)));
            }
        }
        self.leased.notify_waiters();
        Ok(leased)
    }

    fn lease_new(&self, request: LeaseRequest) -> Option<Arrivals> {
        let LeaseRequest { endpoint, limit, ttl } = request;
        assert_eq!(endpoint, BUILT_IN);
        let (places, arrivals) = mpsc::channel(usize::try_from(limit).unwrap());
        let mut state = self.state.lock().unwrap();
        state.asked_for_new += 1;
        if state.takers.last().is_some_and(|taker| !taker.places.is_closed()) {
            return None;
        }
        let due = state.waiting.values().filter(|waiting| waiting.lease.is_none()).count();
        state.takers.push(Taker { places, ttl, due });
        self.took.notify_waiters();
        Some(arrivals)
    }

    async fn record_attempt(
        &self,
        leased: &Leased,
        attempt: Attempt,
        next: Next,
        _now: Timestamp,
    ) -> Result<bool> {
        self.state.lock().unwrap().records += 1;
        self.recording.notify_waiters();
        self.gate.0.acquire().await.unwrap().forget();
        let mut state = self.state.lock().unwrap();
        state.check()?;
        let Some(waiting) = state.waiting.get_mut(&leased.id) else { return Ok(false) };
        if waiting.lease != Some(leased.lease) {
            return Ok(false);
        }
        waiting.attempts = attempt.number;
        waiting.lease = None;
        match next {
            Next::RetryAt(due) => waiting.due = due,
            Next::Delivered | Next::Exhausted | Next::Held => {
                state.waiting.remove(&leased.id);
            }
        }
        state.outcomes.push((leased.id, attempt, next));
        self.recorded.notify_waiters();
        Ok(true)
    }

    async fn next_delivery_due(&self, endpoint: EndpointId) -> Result<Option<Timestamp>> {
        assert_eq!(endpoint, BUILT_IN);
        let mut state = self.state.lock().unwrap();
        state.asked.1 += 1;
        self.looked.notify_waiters();
        Ok(state.heads().iter().map(|id| state.waiting[id].due).min())
    }

    async fn link_deliveries(&self, _link: LinkId) -> Result<Vec<DeliverySummary>> {
        Ok(vec![])
    }
}
