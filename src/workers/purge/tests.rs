use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::super::{Stopper, stopper};
use super::*;
use crate::store::StoreError;

const DAY: Duration = Duration::from_secs(86_400);
const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);
const NEVER: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(1);

/// Moves a day with every purge that is recorded.
#[derive(Debug)]
struct Days(Mutex<Timestamp>);

impl Clock for Days {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// What a batch is to come to: how many it deletes, and the number of the row it ends at.
type Batch = store::Result<(usize, Option<u8>)>;

/// A store that answers from a list and, at its end, stops the worker.
struct Script {
    batches: Mutex<VecDeque<Batch>>,
    /// What was asked: of which table, up to when, after which row.
    asked: Mutex<Vec<(&'static str, Timestamp, Option<u8>)>>,
    recorded: Mutex<Vec<Entry>>,
    clock: Arc<Days>,
    stopper: Mutex<Option<Stopper>>,
}

impl Script {
    fn next(&self, table: &'static str, cutoff: Timestamp, after: Option<u8>) -> Batch {
        self.asked.lock().unwrap().push((table, cutoff, after));
        let mut batches = self.batches.lock().unwrap();
        let batch = batches.pop_front().unwrap_or(Ok((0, None)));
        if batches.is_empty() {
            self.stopper.lock().unwrap().take();
        }
        batch
    }
}

#[async_trait]
impl Retention for Script {
    async fn purge_links(
        &self,
        cutoff: Timestamp,
        after: Option<LinkId>,
        _limit: u32,
    ) -> store::Result<Purged<LinkId>> {
        let after = after.map(|id| id.as_bytes()[0]);
        let (deleted, next) = self.next("links", cutoff, after)?;
        Ok(Purged { deleted, next: next.map(|row| LinkId::from_bytes([row; 16])) })
    }

    async fn purge_events(
        &self,
        cutoff: Timestamp,
        after: Option<EventId>,
        _limit: u32,
    ) -> store::Result<Purged<EventId>> {
        let after = after.map(|id| id.as_bytes()[0]);
        let (deleted, next) = self.next("events", cutoff, after)?;
        Ok(Purged { deleted, next: next.map(|row| EventId::from_bytes([row; 16])) })
    }

    async fn purge_alerts(&self, cutoff: Timestamp) -> store::Result<usize> {
        Ok(self.next("alerts", cutoff, None)?.0)
    }

    async fn record_purge(&self, entry: Entry) -> store::Result<()> {
        self.recorded.lock().unwrap().push(entry);
        let mut now = self.clock.0.lock().unwrap();
        *now = now.plus(DAY);
        Ok(())
    }
}

/// Runs the worker through these batches. What it asked, and how many links, events and alerts it
/// put on record, purge by purge.
async fn run_through(
    pause: Duration,
    batches: Vec<Batch>,
) -> (Vec<(&'static str, Timestamp, Option<u8>)>, Vec<(u64, u64, u64)>) {
    let (stopper, stop) = stopper();
    let clock = Arc::new(Days(Mutex::new(START)));
    let script = Arc::new(Script {
        batches: Mutex::new(batches.into()),
        asked: Mutex::default(),
        recorded: Mutex::default(),
        clock: Arc::clone(&clock),
        stopper: Mutex::new(Some(stopper)),
    });
    let rhythm = Rhythm { batch: SOON, purge: pause };
    run_at(rhythm, Arc::<Script>::clone(&script), clock, DAY * 7, stop).await;
    let asked = script.asked.lock().unwrap().clone();
    let counts = script.recorded.lock().unwrap().iter().map(counts).collect();
    (asked, counts)
}

fn counts(entry: &Entry) -> (u64, u64, u64) {
    assert_eq!((entry.actor, entry.action), (Actor::System, Action::RecordsPurged));
    assert_eq!((entry.link, entry.customer), (None, None));
    let of = |what: &str| entry.detail[what].as_u64().unwrap();
    (of("links"), of("events"), of("alerts"))
}

fn kept_since(days: u32) -> Timestamp {
    START.plus(DAY * days).minus(DAY * 7)
}

#[tokio::test]
async fn each_batch_begins_where_the_one_before_ended_and_the_whole_is_recorded_once() {
    let batches = vec![
        Ok((50, Some(3))),
        Ok((0, Some(5))),
        Ok((2, None)),
        Ok((9, Some(8))),
        Ok((1, None)),
        Ok((3, None)),
    ];
    let (asked, recorded) = run_through(NEVER, batches).await;
    let cutoff = kept_since(0);
    assert_eq!(
        asked,
        [
            ("links", cutoff, None),
            ("links", cutoff, Some(3)),
            ("links", cutoff, Some(5)),
            ("events", cutoff, None),
            ("events", cutoff, Some(8)),
            ("alerts", cutoff, None),
        ]
    );
    assert_eq!(recorded, [(52, 10, 3)]);
}

#[tokio::test]
async fn a_batch_that_fails_is_tried_again() {
    let failure = || Err(StoreError::Busy);
    let batches =
        vec![Ok((1, Some(3))), failure(), failure(), Ok((1, None)), failure(), Ok((0, None))];
    let (asked, recorded) = run_through(NEVER, batches).await;
    let places: Vec<_> = asked.into_iter().map(|(table, _, after)| (table, after)).collect();
    let links = |after| ("links", after);
    let expected = [
        links(None),
        links(Some(3)),
        links(Some(3)),
        links(Some(3)),
        ("events", None),
        ("events", None),
    ];
    assert_eq!(places, expected);
    assert_eq!(recorded, [(2, 0, 0)]);
}

#[tokio::test]
async fn one_that_is_stopped_on_its_way_is_recorded_as_far_as_it_came() {
    let (asked, recorded) = run_through(NEVER, vec![Ok((4, Some(3)))]).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(recorded, [(4, 0, 0)]);
}

#[tokio::test]
async fn one_that_deleted_nothing_is_not_recorded() {
    let (_, recorded) = run_through(NEVER, vec![Ok((0, None)), Ok((0, None))]).await;
    assert_eq!(recorded, []);
}

#[tokio::test]
async fn the_next_one_starts_over_with_what_grew_old_meanwhile() {
    let batches = [1, 0, 0, 2, 0].map(|deleted| Ok((deleted, None))).into();
    let (asked, recorded) = run_through(SOON, batches).await;
    let links = asked.iter().filter(|(table, ..)| *table == "links");
    let links: Vec<_> = links.map(|(_, cutoff, after)| (*cutoff, *after)).collect();
    assert_eq!(links, [(kept_since(0), None), (kept_since(1), None)]);
    assert_eq!(recorded, [(1, 0, 0), (2, 0, 0)]);
}
