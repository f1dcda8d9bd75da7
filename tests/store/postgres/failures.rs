//! A server that goes away, a pool that is full, a caller who stops waiting: what is answered, and
//! that the store finds back by itself.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Client;
use vouchlink::domain::link::{Filter, Link, Status};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::postgres::{Options, PostgresStore};
use vouchlink::store::{Changed, Links, Store, StoreError};

use super::contract::samples::{T0, context, create, new_link, not_verified};
use crate::support::postgres::{Place, open, server};
use crate::support::proxy::Proxy;

/// Another program's lock on all customers, which keeps writes waiting until it is let go.
struct Held(Client);

impl Held {
    async fn by_another(place: &Place) -> Self {
        let client = place.raw().await;
        client.batch_execute("BEGIN; SELECT 1 FROM customers FOR UPDATE").await.unwrap();
        Self(client)
    }

    async fn let_go(self) {
        self.0.batch_execute("COMMIT").await.unwrap();
    }
}

/// Waits until so many of the store's sessions wait for a lock.
async fn until_waiting(place: &Place, count: i64) {
    let raw = place.raw().await;
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                   AND datname = current_database() AND application_name = 'vouchlink'";
    let asking = async {
        while raw.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("nobody waits");
}

/// Ends all sessions of the store; their number.
async fn terminate(place: &Place) -> usize {
    let all = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'vouchlink'";
    place.raw().await.query(all, &[]).await.unwrap().len()
}

async fn revoke(store: &PostgresStore, link: &Link) -> Result<Changed, StoreError> {
    store.end_link(link.id, not_verified(Reason::Revoked, T0), context(T0)).await
}

fn is_unavailable<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

/// Asks until the store has found back; everything before that is `Unavailable`.
async fn recovers(store: &PostgresStore) {
    for _ in 0..20 {
        match store.ready().await {
            Ok(()) => return,
            error => assert!(is_unavailable(&error), "{error:?}"),
        }
    }
    panic!("the store does not recover");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_in_the_middle_changes_nothing_and_the_next_one_works() {
    let place = Place::new().await;
    let store = Arc::new(place.open().await);
    let link = create(&*store, "1", T0).await;
    let held = Held::by_another(&place).await;
    let writing = tokio::spawn({
        let (store, link) = (Arc::clone(&store), link.clone());
        async move { revoke(&store, &link).await }
    });
    until_waiting(&place, 1).await;
    assert!(terminate(&place).await >= 1);
    let ended = writing.await.unwrap();
    assert!(is_unavailable(&ended), "{ended:?}");
    held.let_go().await;
    recovers(&store).await;
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(link.clone()));
    assert!(matches!(revoke(&store, &link).await.unwrap(), Changed::Done(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_ended_while_idle_are_replaced() {
    let place = Place::new().await;
    let store = place.open().await;
    tokio::join!(create(&store, "1", T0), create(&store, "2", T0), create(&store, "3", T0));
    assert!(terminate(&place).await >= 2);
    recovers(&store).await;
    create(&store, "4", T0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_no_free_connection_is_answered_busy() {
    let place = Place::new().await;
    let mut server = place.server();
    server.pool = 2;
    let patience = Duration::from_millis(50);
    let options = Options { patience, ..Options::default() };
    let store = Arc::new(open(&server, options).await.unwrap());
    let link = create(&*store, "1", T0).await;
    let held = Held::by_another(&place).await;
    let writing = |store: Arc<PostgresStore>, link: Link| {
        tokio::spawn(async move { revoke(&store, &link).await })
    };
    let writes =
        [writing(Arc::clone(&store), link.clone()), writing(Arc::clone(&store), link.clone())];
    until_waiting(&place, 2).await;
    let busy = store.find_link(link.id).await;
    assert!(matches!(busy, Err(StoreError::Busy)), "{busy:?}");
    held.let_go().await;
    for write in writes {
        write.await.unwrap().unwrap();
    }
    store.ready().await.unwrap();

    // And where nobody may wait, the answer comes at once.
    let options = Options { waiting: 0, ..Options::default() };
    let store = open(&server, options).await.unwrap();
    assert!(matches!(store.ready().await, Err(StoreError::Busy)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_unavailable_until_it_can() {
    let place = Place::new().await;
    let proxy = Proxy::start(&place.server().hosts[0]).await;
    let mut server = place.server();
    server.hosts[0].port = proxy.port;
    let store = open(&server, Options::default()).await.unwrap();
    let link = create(&store, "1", T0).await;
    proxy.cut();
    for _ in 0..3 {
        let written = store.create_link(new_link("2", T0), context(T0)).await;
        assert!(is_unavailable(&written), "{written:?}");
        let read = store.find_link(link.id).await;
        assert!(is_unavailable(&read), "{read:?}");
    }
    proxy.mend();
    recovers(&store).await;
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(link));
    create(&store, "2", T0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_is_not_waited_for() {
    let place = Place::new().await;
    let proxy = Proxy::start(&place.server().hosts[0]).await;
    let mut server = place.server();
    server.hosts[0].port = proxy.port;
    // Longer than a server that speaks ever takes, on a busy machine too.
    let options = Options { limit: Duration::from_secs(3), ..Options::default() };
    let store = open(&server, options).await.unwrap();
    store.ready().await.unwrap();
    proxy.hold();
    let (read, written) =
        tokio::join!(store.ready(), store.create_link(new_link("2", T0), context(T0)),);
    assert!(is_unavailable(&read), "{read:?}");
    assert!(is_unavailable(&written), "{written:?}");
    proxy.mend();
    recovers(&store).await;
    create(&store, "2", T0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_done_even_if_its_caller_stops_waiting() {
    let place = Place::new().await;
    let store = Arc::new(place.open().await);
    let link = create(&*store, "1", T0).await;
    let held = Held::by_another(&place).await;
    let writing = tokio::spawn({
        let (store, link) = (Arc::clone(&store), link.clone());
        async move { revoke(&store, &link).await }
    });
    until_waiting(&place, 1).await;
    writing.abort();
    assert!(writing.await.unwrap_err().is_cancelled());
    held.let_go().await;
    // Waits for what is under way.
    store.close().await.unwrap();
    let ended = place.open().await.find_link(link.id).await.unwrap().unwrap();
    assert_eq!(ended.state.status(), Status::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_given_up_leaves_no_connection_in_a_strange_state() {
    let place = Place::new().await;
    let mut server = place.server();
    server.pool = 2;
    let store = open(&server, Options::default()).await.unwrap();
    let link = create(&store, "1", T0).await;
    for _ in 0..20 {
        // Polled once, so that it is under way, and dropped.
        let filter = Filter::default();
        let reading = store.list_links(&filter, None, 5);
        let _ = tokio::time::timeout(Duration::ZERO, reading).await;
    }
    let open_transactions = "SELECT count(*) FROM pg_stat_activity
                             WHERE datname = current_database() AND application_name = 'vouchlink'
                               AND state LIKE 'idle in transaction%'";
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(link));
    create(&store, "2", T0).await;
    store.close().await.unwrap();
    let raw = place.raw().await;
    while raw.query_one(open_transactions, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_is_unavailable() {
    let place = Place::new().await;
    let store = place.open().await;
    let link = create(&store, "1", T0).await;
    let raw = place.raw().await;
    let switch = |state: &str| {
        format!("ALTER DATABASE {} SET default_transaction_read_only = {state}", place.name)
    };
    raw.batch_execute(&switch("on")).await.unwrap();
    terminate(&place).await;
    for _ in 0..3 {
        let written = revoke(&store, &link).await;
        assert!(is_unavailable(&written), "{written:?}");
    }
    raw.batch_execute(&format!("SET default_transaction_read_only = off; {}", switch("off")))
        .await
        .unwrap();
    recovers(&store).await;
    revoke(&store, &link).await.unwrap();
}

#[tokio::test]
async fn a_server_without_a_free_session_is_unavailable() {
    let place = Place::new().await;
    let raw = place.raw().await;
    raw.batch_execute(&format!(
        "CREATE ROLE {0}_few LOGIN CONNECTION LIMIT 2; GRANT ALL ON SCHEMA public TO {0}_few;
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {0}_few",
        place.name
    ))
    .await
    .unwrap();
    let url = place.url().replace("postgres@", &format!("{}_few@", place.name));
    let store = open(&server(&url), Options::default()).await.unwrap();
    // The session that opened it may still be on its way out.
    let ready = async {
        while store.ready().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ready).await.expect("no session comes free");
    // One is the pool's by now and one may be the listener's: three at once are too many.
    let results = tokio::join!(store.ready(), store.ready(), store.ready());
    let results = [results.0, results.1, results.2];
    assert!(results.iter().any(Result::is_ok), "{results:?}");
    assert!(results.iter().any(is_unavailable), "{results:?}");
    store.ready().await.unwrap();
    store.close().await.unwrap();
    raw.batch_execute(&format!("DROP OWNED BY {0}_few; DROP ROLE {0}_few", place.name))
        .await
        .unwrap();
}
