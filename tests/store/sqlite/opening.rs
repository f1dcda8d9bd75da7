//! Opening: new files, old files, files that are not ours.

use std::thread;

use vouchlink::store::sqlite::OpenError;
use vouchlink::store::{Links, Misfit, Store};

use super::Place;
use super::contract::samples::{T0, create};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_a_stop_without_a_close() {
    let place = Place::new();
    let store = place.open();
    let link = create(&store, "1", T0).await;
    drop(store);
    let store = place.open();
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(link));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_leaves_one_file_with_everything_in_it() {
    let place = Place::new();
    let store = place.open();
    let link = create(&store, "1", T0).await;
    store.close().await.unwrap();
    let names: Vec<_> = std::fs::read_dir(place.file().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["vouchlink.db"]);
    assert_eq!(place.open().find_link(link.id).await.unwrap(), Some(link));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_files_belong_to_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let store = place.open();
    create(&store, "1", T0).await;
    let folder = place.file().parent().unwrap().to_owned();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
        files += 1;
    }
    // The database, its log, and the log's index.
    assert_eq!(files, 3);
}

#[test]
fn a_migration_that_was_edited_is_refused() {
    let place = Place::new();
    drop(place.open());
    let edited = "UPDATE migrations SET checksum = 'else' WHERE version = 2";
    assert_eq!(place.raw().execute(edited, []).unwrap(), 1);
    let refused = place.try_open().unwrap_err();
    assert!(
        matches!(&refused, OpenError::Misfit(Misfit::Changed { version: 2, name }) if name == "0002_ceremonies_and_verdicts"),
        "{refused}"
    );
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let place = Place::new();
    drop(place.open());
    let newer = "INSERT INTO migrations VALUES (9999, '9999_from_the_future', 'x', 0)";
    place.raw().execute(newer, []).unwrap();
    let refused = place.try_open().unwrap_err();
    assert!(matches!(refused, OpenError::Misfit(Misfit::Newer { version: 9999, .. })), "{refused}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let place = Place::new();
    std::fs::create_dir_all(place.file().parent().unwrap()).unwrap();
    std::fs::write(place.file(), "once upon a time, ".repeat(100)).unwrap();
    assert!(matches!(place.try_open().unwrap_err(), OpenError::Engine(_)));
}

#[test]
fn a_place_where_no_file_can_be_is_refused() {
    let place = Place::new();
    std::fs::write(place.file().parent().unwrap(), "a file, not a folder").unwrap();
    assert!(matches!(place.try_open().unwrap_err(), OpenError::File { .. }));
}

#[test]
fn many_may_open_a_new_database_at_once() {
    for _ in 0..5 {
        let place = Place::new();
        thread::scope(|scope| {
            let all: Vec<_> = (0..6).map(|_| scope.spawn(|| place.try_open())).collect();
            for opened in all {
                opened.join().unwrap().unwrap();
            }
        });
        let applied: u32 =
            place.raw().query_row("SELECT count(*) FROM migrations", [], |row| row.get(0)).unwrap();
        let written = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
        let written = std::fs::read_dir(written).unwrap().count();
        assert_eq!(usize::try_from(applied), Ok(written));
    }
}
