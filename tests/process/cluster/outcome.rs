//! What came of it: what callers were told, what the streams showed, what the database holds, and
//! what the CRM received.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::task::JoinHandle;
use vouchlink::domain::id::{EventId, LinkId};

use super::customer::{Customer, Ending, Instances, id};
use super::{A, B, C, Cluster, D, PATIENCE, token, until};
use crate::support::app::accept_as_a_crm_does;
use crate::support::events::Events;
use crate::support::receiver::{Received, Receiver};

/// What everybody was told so far.
#[derive(Default)]
pub(super) struct Told {
    endings: Mutex<Vec<Ending>>,
    /// The last state that C told of each link.
    followed: Mutex<Vec<JoinHandle<(String, Value)>>>,
    pub(super) over: AtomicBool,
}

impl Told {
    pub(super) fn add(&self, ending: Ending) {
        self.endings.lock().unwrap().push(ending);
    }

    fn count(&self) -> usize {
        self.endings.lock().unwrap().len()
    }

    /// Until there are so many more endings than now.
    pub(super) async fn more(&self, endings: usize) {
        let enough = self.count() + endings;
        until("enough load", || async { self.count() >= enough }).await;
    }
}

/// Link after link until it is over; each is followed at C.
pub(super) async fn serve(mut customer: Customer, told: Arc<Told>) {
    while !told.over.load(Ordering::SeqCst) {
        let (link, _) = customer.order().await;
        let following = tokio::spawn(follow(Arc::clone(&customer.instances), id(&link).to_owned()));
        told.followed.lock().unwrap().push(following);
        let ending = customer.end(&link).await;
        let replaces = ending.status == "verified" && customer.id.ends_with('3');
        told.add(ending);
        if replaces {
            // An open link gives way to the next.
            let (open, _) = customer.order().await;
            let (next, instance) = customer.order().await;
            let (link, status) = (id(&open).to_owned(), "revoked".to_owned());
            told.add(Ending { link, status, instance });
            told.add(customer.confirm(&next, 0).await);
        }
    }
}

async fn follow(instances: Arc<Instances>, link: String) -> (String, Value) {
    let mut stream = Events::open_when_there_is_room(|| instances.events(C, &link)).await;
    let mut last = Value::Null;
    while let Some((kind, _, data)) = stream.event().await {
        match kind.as_str() {
            "status" => last = data,
            "end" => return (link, last),
            other => panic!("{other}"),
        }
    }
    panic!("the stream of {link} ended before the link, at {last}");
}

/// What the CRM received of one instance or all, in order.
#[derive(Default)]
pub(super) struct Arrived(Vec<(String, Value)>);

impl Arrived {
    fn take(&mut self, received: &Received) -> String {
        accept_as_a_crm_does(received);
        let event = received.header("webhook-id").to_owned();
        self.0.push((event.clone(), serde_json::from_slice(&received.body).unwrap()));
        event
    }

    /// Holds this instance's next attempt; its event once it is held.
    pub(super) async fn hold(&mut self, crm: &Receiver, instance: usize) -> String {
        let from = format!("Bearer {}", token(instance));
        crm.hold(Some(&from));
        loop {
            let received = crm.next_within(PATIENCE).await;
            let event = self.take(&received);
            if received.held && received.header("authorization") == from {
                return event;
            }
        }
    }

    /// Everything else that came.
    pub(super) fn take_the_rest(&mut self, crm: &Receiver) {
        while let Some(received) = crm.try_next() {
            self.take(&received);
        }
    }
}

/// PostgreSQL's text of a UUID, as its 16 bytes.
pub(super) fn bytes(uuid: &str) -> [u8; 16] {
    u128::from_str_radix(&uuid.replace('-', ""), 16).unwrap().to_be_bytes()
}

pub(super) fn event_id(uuid: &str) -> String {
    EventId::from_bytes(bytes(uuid)).to_string()
}

/// C told how each link ended, wherever that was.
pub(super) async fn check_streams(told: &Told) {
    let endings = told.endings.lock().unwrap().clone();
    let followed = std::mem::take(&mut *told.followed.lock().unwrap());
    let seen: HashMap<String, Value> =
        join_all(followed).await.into_iter().map(|followed| followed.unwrap()).collect();
    let mut by_instance: BTreeMap<usize, usize> = BTreeMap::new();
    for ending in endings.iter().filter(|ending| seen.contains_key(&ending.link)) {
        let last = &seen[&ending.link];
        assert_eq!(last["status"], ending.status.as_str(), "{ending:?}");
        assert_eq!(last["verdict"]["verified"], ending.status == "verified");
        *by_instance.entry(ending.instance).or_default() += 1;
    }
    for instance in [A, B, C, D] {
        assert!(by_instance.get(&instance).is_some_and(|ended| *ended > 0), "{by_instance:?}");
    }
}

/// What was answered is there, once.
pub(super) async fn check_database(cluster: &Cluster, told: &Told) {
    let links: HashMap<String, String> = cluster
        .rows("SELECT id, status FROM links")
        .await
        .into_iter()
        .map(|row| (LinkId::from_bytes(bytes(&row[0])).to_string(), row[1].clone()))
        .collect();
    for ending in told.endings.lock().unwrap().iter() {
        assert_eq!(links.get(&ending.link), Some(&ending.status), "{ending:?}");
    }
    let ended = "status NOT IN ('pending', 'opened')";
    for (what, sql) in [
        ("an open link", format!("SELECT count(*) FROM links WHERE NOT ({ended})")),
        ("an ended link without its one verdict", format!("SELECT count(*) FROM links l WHERE {ended} AND (SELECT count(*) FROM verdicts v WHERE v.link = l.id) <> 1")),
        ("an ended link without its one event", format!("SELECT count(*) FROM links l WHERE {ended} AND (SELECT count(*) FROM events e WHERE e.link = l.id AND e.type LIKE 'verification.%' AND e.type <> 'verification.opened') <> 1")),
        ("an event that says something else", format!("SELECT count(*) FROM links l WHERE {ended} AND NOT EXISTS (SELECT 1 FROM events e WHERE e.link = l.id AND e.type = 'verification.' || l.status)")),
        ("a verdict's event without its one delivery", "SELECT count(*) FROM events e WHERE e.type LIKE 'verification.%' AND e.type <> 'verification.opened' AND (SELECT count(*) FROM deliveries d WHERE d.event = e.id) <> 1".to_owned()),
        ("a delivery without its one attempt", "SELECT count(*) FROM deliveries d WHERE status <> 'superseded' AND d.attempts <> 1 OR d.attempts <> (SELECT count(*) FROM attempts a WHERE a.delivery = d.id)".to_owned()),
        ("a verified link without evidence", "SELECT count(*) FROM links l WHERE status = 'verified' AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.link = l.id)".to_owned()),
        ("a gap in a customer's events", "SELECT count(*) FROM (SELECT customer FROM events GROUP BY customer HAVING count(*) <> max(sequence) OR min(sequence) <> 1) gaps".to_owned()),
        ("a customer with two passkeys", "SELECT count(*) FROM (SELECT customer FROM credentials GROUP BY customer HAVING count(*) > 1) doubled".to_owned()),
        ("too many attempts", "SELECT count(*) FROM links WHERE attempts > 5".to_owned()),
    ] {
        assert_eq!(cluster.count(&sql).await, 0, "{what}");
    }
}

/// The CRM got every event that was not superseded, each customer's in order, and none twice but those that a dead or a
/// frozen instance was about.
pub(super) async fn check_arrivals(
    cluster: &Cluster,
    arrived: &Arrived,
    orphans: &HashSet<String>,
) {
    let mut times: HashMap<&str, usize> = HashMap::new();
    let mut last: HashMap<&str, u64> = HashMap::new();
    for (event, body) in &arrived.0 {
        let times = times.entry(event).or_default();
        *times += 1;
        if *times == 1 {
            let sequence = body["data"]["sequence"].as_u64().unwrap();
            let before = last.insert(body["user_id"].as_str().unwrap(), sequence);
            assert!(before < Some(sequence), "{body} after {before:?}");
        } else {
            assert!(orphans.contains(event), "twice: {body}");
        }
    }
    let queued: HashSet<String> = cluster
        .rows("SELECT event FROM deliveries WHERE status <> 'superseded'")
        .await
        .into_iter()
        .map(|row| event_id(&row[0]))
        .collect();
    let received: HashSet<String> = times.keys().map(|event| (*event).to_owned()).collect();
    let missing: Vec<_> = queued.difference(&received).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
