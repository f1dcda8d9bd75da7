//! Two instances on one database: each hears what the other changed.

use std::time::Duration;

use vouchlink::domain::link::Link;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::Watch;
use vouchlink::store::postgres::{Options, PostgresStore};
use vouchlink::store::{Endpoints, Links, Store};

use super::contract::samples::{T0, at, begin, built_in, context, create, not_verified};
use crate::support::postgres::{self, Place};

/// Nothing takes so long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);

async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let happened = tokio::time::timeout(PATIENCE, happens).await;
    happened.unwrap_or_else(|_| panic!("{what} did not happen"))
}

/// The sessions that tell and hear.
async fn listeners(database: &tokio_postgres::Client) -> Vec<i32> {
    let sql = "SELECT pid FROM pg_stat_activity
               WHERE datname = current_database() AND application_name LIKE '% listener'";
    database.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Two instances that hear each other.
async fn pair(place: &Place) -> (PostgresStore, PostgresStore) {
    let (one, other) = (place.open().await, place.open().await);
    one.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    introduce(&one, &other).await;
    (one, other)
}

/// Whoever begins to listen looks at everything, once. Of two things heard from each other, one at
/// least was told, which nobody does before that.
async fn introduce(one: &PostgresStore, other: &PostgresStore) {
    for (from, to) in [(one, other), (other, one), (one, other), (other, one)] {
        let being_heard = async {
            loop {
                let link = create(from, "0", T0).await;
                let mut watch = to.changes().watch(link.id);
                begin(from, &link, T0).await;
                // Nobody may listen yet.
                let heard = tokio::time::timeout(Duration::from_secs(1), watch.changed()).await;
                if heard.is_ok() {
                    return;
                }
            }
        };
        soon("being heard", being_heard).await;
    }
}

async fn revoke(store: &PostgresStore, link: &Link) {
    let revoked = not_verified(Reason::Revoked, at(1));
    store.end_link(link.id, revoked, context(at(1))).await.unwrap();
}

/// Nothing has been announced since the last time.
fn silent(watch: &mut Watch) -> bool {
    let changed = std::pin::pin!(watch.changed());
    changed.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_instance_changed_is_announced_at_the_other() {
    let place = Place::new().await;
    let (one, other) = pair(&place).await;
    let mut bell = other.changes().queued();
    let link = create(&one, "1", T0).await;
    let unchanged = create(&one, "2", T0).await;
    let mut watch = other.changes().watch(link.id);
    let mut unchanged = other.changes().watch(unchanged.id);
    begin(&one, &link, T0).await;
    soon("opening", watch.changed()).await;
    revoke(&one, &link).await;
    soon("the end", watch.changed()).await;
    // It is there to be read, and there is something to deliver.
    let read = other.find_link(link.id).await.unwrap().unwrap();
    assert!(read.state.verdict().is_some());
    soon("the bell", bell.rung()).await;
    assert!(silent(&mut unchanged));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_does_not_hear_itself_twice() {
    let place = Place::new().await;
    let (one, other) = pair(&place).await;
    let link = create(&one, "1", T0).await;
    let (mut here, mut there) = (one.changes().watch(link.id), other.changes().watch(link.id));
    begin(&one, &link, T0).await;
    soon("the announcement here", here.changed()).await;
    soon("the announcement there", there.changed()).await;
    // What the other says comes after what the server gave back of the first.
    let second = create(&one, "2", T0).await;
    let mut of_second = one.changes().watch(second.id);
    begin(&other, &second, T0).await;
    soon("the answer", of_second.changed()).await;
    assert!(silent(&mut here));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_connection_looks_at_everything_and_listens_again() {
    let place = Place::new().await;
    let (one, other) = pair(&place).await;
    let database = place.raw().await;
    let link = create(&one, "1", T0).await;
    let mut watch = other.changes().watch(link.id);
    for pid in listeners(&database).await {
        database.execute("SELECT pg_terminate_backend($1, 10000)", &[&pid]).await.unwrap();
    }
    soon("the new connection", watch.changed()).await;
    introduce(&one, &other).await;
    begin(&one, &link, T0).await;
    soon("the announcement", watch.changed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_instance_tells_what_it_changed_last() {
    let place = Place::new().await;
    let (one, other) = pair(&place).await;
    let link = create(&one, "1", T0).await;
    let mut watch = other.changes().watch(link.id);
    revoke(&one, &link).await;
    one.close().await.unwrap();
    soon("the last word", watch.changed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_in_another_schema_hears_nothing() {
    let place = Place::new().await;
    let (one, other) = pair(&place).await;
    place.raw().await.batch_execute("CREATE SCHEMA elsewhere").await.unwrap();
    let url = format!("{}?options=-c%20search_path%3Delsewhere", place.url());
    let open = || async { postgres::open(&postgres::server(&url), Options::default()).await };
    let (stranger, neighbour) = (open().await.unwrap(), open().await.unwrap());
    introduce(&stranger, &neighbour).await;
    let link = create(&one, "1", T0).await;
    let (mut watch, mut unheard) =
        (other.changes().watch(link.id), stranger.changes().watch(link.id));
    begin(&one, &link, T0).await;
    soon("the announcement", watch.changed()).await;
    // The server tells in the order it was told.
    introduce(&stranger, &neighbour).await;
    assert!(silent(&mut unheard));
}
