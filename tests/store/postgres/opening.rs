//! Opening: new databases, old ones, and those that are not ours.

use vouchlink::store::postgres::{OpenError, Options};
use vouchlink::store::{Links, Misfit};

use super::contract::samples::{T0, create};
use crate::support::postgres::{Place, open, server};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_a_stop_without_a_close() {
    let place = Place::new().await;
    let store = place.open().await;
    let link = create(&store, "1", T0).await;
    drop(store);
    let store = place.open().await;
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(link));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_instances_may_open_a_new_database_at_once() {
    let place = Place::empty().await;
    let server = place.server();
    let mut opening = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let server = server.clone();
        opening.spawn(async move { open(&server, Options::default()).await });
    }
    for opened in opening.join_all().await {
        opened.unwrap();
    }
    let applied =
        place.raw().await.query_one("SELECT count(*) FROM migrations", &[]).await.unwrap();
    let files = crate::repo::tree::files("migrations/postgres", &[".sql"]).len();
    assert_eq!(usize::try_from(applied.get::<_, i64>(0)).unwrap(), files);
}

#[tokio::test]
async fn a_migration_that_was_edited_is_refused() {
    let place = Place::new().await;
    let edited = "UPDATE migrations SET checksum = 'else' WHERE version = 2";
    assert_eq!(place.raw().await.execute(edited, &[]).await.unwrap(), 1);
    let refused = place.try_open().await.unwrap_err();
    assert!(
        matches!(&refused, OpenError::Misfit(Misfit::Changed { version: 2, name }) if name == "0002_ceremonies_and_verdicts"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let place = Place::new().await;
    let newer = "INSERT INTO migrations VALUES (9999, '9999_from_the_future', 'x', 0)";
    place.raw().await.execute(newer, &[]).await.unwrap();
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Misfit(Misfit::Newer { version: 9999, .. })), "{refused}");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_of_itself() {
    let place = Place::empty().await;
    let raw = place.raw().await;
    raw.batch_execute("CREATE TABLE ceremonies (theirs text)").await.unwrap();
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Migration { version: 2, .. }), "{refused}");
    raw.batch_execute("DROP TABLE ceremonies").await.unwrap();
    place.open().await;
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused() {
    let place =
        Place::made_with("TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'").await;
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(&refused, OpenError::Encoding(name) if name == "LATIN1"), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let nobody = server("postgres://me:hush-hush@127.0.0.1:1/x?connect_timeout=2");
    let refused = open(&nobody, Options::default()).await.unwrap_err();
    let text = format!("{refused} {refused:?}");
    assert!(matches!(refused, OpenError::Server(_)), "{text}");
    assert!(text.contains("connect") && !text.contains("hush"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_live_in_the_schema_that_the_search_path_names() {
    let place = Place::empty().await;
    let raw = place.raw().await;
    raw.batch_execute("CREATE SCHEMA vouch; CREATE TABLE migrations (theirs text)").await.unwrap();
    let url = format!("{}?options=-csearch_path%3Dvouch", place.url());
    let store = open(&server(&url), Options::default()).await.unwrap();
    create(&store, "1", T0).await;
    let count = raw.query_one("SELECT count(*) FROM vouch.links", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 1);
}
