//! The writer: groups what waits, says so when too much waits, and keeps failures apart.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinSet;
use vouchlink::domain::api_key::{ApiKey, Scope};
use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::link::Filter;
use vouchlink::domain::random::SystemRandom;
use vouchlink::store::sqlite::{Options, SqliteStore};
use vouchlink::store::{Keys, Links, Store, StoreError};

use super::Place;
use super::contract::samples::{ParseLine, T0, context, new_link};

/// Another program's write, which keeps ours waiting until it is dropped.
struct Held(rusqlite::Connection);

impl Held {
    fn by_another(place: &Place) -> Self {
        let connection = place.raw();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn let_go(self) {
        self.0.execute_batch("COMMIT").unwrap();
    }
}

async fn create(store: &SqliteStore, user: usize) -> Result<(), StoreError> {
    store.create_link(new_link(&user.to_string(), T0), context(T0)).await.map(drop)
}

/// Queues all writes while another program holds the file, and lets go once they wait: `join!`
/// polls the first future before the second, and a write is queued when it is polled.
async fn all_waiting<F>(place: &Place, writes: Vec<F>) -> Vec<Result<(), StoreError>>
where
    F: Future<Output = Result<(), StoreError>>,
{
    // More than that, and the runtime's budget makes some of them wait before they are queued.
    assert!(writes.len() <= 100);
    let held = Held::by_another(place);
    let (results, ()) = tokio::join!(join_all(writes), async { held.let_go() });
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_wait_share_a_commit() {
    let place = Place::new();
    let store = place.open();
    let before = store.write_stats();
    let writes = (0..100).map(|user| create(&store, user)).collect();
    assert!(all_waiting(&place, writes).await.iter().all(Result::is_ok));
    let after = store.write_stats();
    assert_eq!((after.commits - before.commits, after.writes - before.writes), (1, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_too_many_is_answered_busy_at_once() {
    let place = Place::new();
    let store = Arc::new(place.open_with(Options { queue: 1, ..Options::default() }).unwrap());
    let held = Held::by_another(&place);
    let mut tasks = JoinSet::new();
    for user in 0..5 {
        let store = store.clone();
        tasks.spawn(async move { create(&store, user).await });
    }
    // One may be with the writer, one waits; while nothing moves, the others are turned away.
    for _ in 0..3 {
        let answer = tasks.join_next().await.unwrap().unwrap();
        assert!(matches!(answer, Err(StoreError::Busy)), "{answer:?}");
    }
    held.let_go();
    let rest = tasks.join_all().await;
    assert!(rest.iter().any(Result::is_ok), "{rest:?}");
    store.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_does_not_disturb_its_group() {
    let place = Place::new();
    let store = place.open();
    let scopes = vec![Scope::LinksRead];
    let key = ApiKey::draw("crm".parse_line(), scopes, T0, &SystemRandom).unwrap().0;
    let detail = serde_json::json!({});
    let (actor, action) = (Actor::Operator, Action::ApiKeyCreated);
    let entry = Entry { at: T0, actor, action, link: None, customer: None, detail };
    store.insert_key(key.clone(), entry.clone()).await.unwrap();

    let before = store.write_stats();
    let writes = (0..40)
        .map(|number| -> Pin<Box<dyn Future<Output = _>>> {
            if number % 2 == 0 {
                Box::pin(create(&store, number))
            } else {
                Box::pin(store.insert_key(key.clone(), entry.clone()))
            }
        })
        .collect();
    for (number, result) in all_waiting(&place, writes).await.iter().enumerate() {
        assert_eq!(result.is_ok(), number % 2 == 0, "{number}: {result:?}");
    }
    assert_eq!(store.write_stats().commits - before.commits, 1);
    let links = store.list_links(&Filter::default(), None, 50).await.unwrap();
    assert_eq!(links.items.len(), 20);
    assert_eq!(store.list_keys().await.unwrap(), [key]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_too_long_for_another_program_is_told() {
    let place = Place::new();
    drop(place.open());
    let patience = Duration::from_millis(1);
    let store = place.open_with(Options { patience, ..Options::default() }).unwrap();
    let held = Held::by_another(&place);
    let refused = store.create_link(new_link("1", T0), context(T0)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    held.let_go();
    store.create_link(new_link("1", T0), context(T0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_finishes_what_waits() {
    let place = Place::new();
    let store = place.open();
    let writes = (0..51)
        .map(|number| -> Pin<Box<dyn Future<Output = _>>> {
            if number < 50 { Box::pin(create(&store, number)) } else { Box::pin(store.close()) }
        })
        .collect();
    let results = all_waiting(&place, writes).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let stored: u32 =
        place.raw().query_row("SELECT count(*) FROM links", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, 50);
}
