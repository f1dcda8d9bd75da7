//! The move from SQLite to PostgreSQL and back: everything or nothing, and the service goes on.

use std::process::{Child, Output, Stdio};

use tokio_postgres::Client;
use vouchlink::config::Database;
use vouchlink::store::bulk::tables::TABLES;
use vouchlink::store::bulk::{BulkError, transfer};
use vouchlink::store::postgres::bulk::{PostgresExport, PostgresImport};
use vouchlink::store::sqlite::bulk::SqliteExport;

use super::{Nobody, import, open, path, seeded, seeding};
use crate::process::server::{program, run};
use crate::support::app::TestApp;
use crate::support::clock::ManualClock;
use crate::support::postgres::Place;

const NOW: vouchlink::domain::clock::Timestamp = ManualClock::START;

fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(both).unwrap()
}

/// The command's arguments.
fn arguments(folder: &tempfile::TempDir, place: &Place) -> [String; 5] {
    let from = format!("sqlite:{}", path(folder).display());
    ["migrate".to_owned(), "--from".to_owned(), from, "--to".to_owned(), place.url()]
}

fn command(folder: &tempfile::TempDir, place: &Place) -> Output {
    let arguments = arguments(folder, place);
    run(folder.path(), &arguments.each_ref().map(String::as_str))
}

async fn rows(client: &Client) -> i64 {
    let mut rows = 0;
    for table in TABLES {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        rows += client.query_one(&sql, &[]).await.unwrap().get::<_, i64>(0);
    }
    rows
}

/// Constraints and indexes, as the catalogue writes them.
async fn schema(client: &Client) -> Vec<String> {
    let sql = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
               FROM pg_constraint WHERE connamespace = 'public'::regnamespace
               UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_arrives_whole_goes_on_and_comes_back_the_same() {
    let folder = seeded().await;
    let place = Place::empty().await;
    let moved = command(&folder, &place);
    assert!(moved.status.success(), "{}", text(&moved));
    let said = text(&moved);
    for word in ["JWT_SECRET", "data/jwt-secret", "RP_ID", ".moved"] {
        assert!(said.contains(word), "{word} in {said}");
    }
    let untouched = Place::new().await;
    assert_eq!(schema(&place.raw().await).await, schema(&untouched.raw().await).await);

    let back = tempfile::tempdir().unwrap();
    let mut source = PostgresExport::open(&place.server()).await.unwrap();
    let there = transfer(&mut source, import(&path(&back)), &mut Nobody).await.unwrap();
    drop(source);
    let copy = tempfile::tempdir().unwrap();
    let mut source = SqliteExport::open(&path(&folder)).unwrap();
    let here = transfer(&mut source, import(&path(&copy)), &mut Nobody).await.unwrap();
    assert_eq!(there, here);
    seeding::agree(&open(&path(&back))).await;

    let server = Box::new(place.server());
    let app = TestApp::start_with(|config| {
        config.database = Database::Postgres(server);
        config.webhook = None;
    })
    .await;
    let mut device = seeding::device(7);
    let link = app.link("c-0000007").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
    assert_eq!(app.gate("c-0000007").await["verified"], true);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_reads_on_postgresql_what_it_read_on_sqlite() {
    let place = Place::empty().await;
    let target = PostgresImport::open(&place.server(), NOW).await.unwrap();
    crate::support::seed::fill(super::small_year(), Box::new(target), &mut Nobody).await.unwrap();
    seeding::agree(&place.open().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_was_bound_on_sqlite_verifies_on_postgresql() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let folder = app.stop().await;
    let place = Place::empty().await;
    let moved = command(&folder, &place);
    assert!(moved.status.success(), "{}", text(&moved));

    let server = Box::new(place.server());
    let app = TestApp::start_with(|config| config.database = Database::Postgres(server)).await;
    assert_eq!(app.gate("12345").await["verified"], true);
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
    let event = app.webhook().await;
    assert_eq!(
        (&event["type"], &event["verified"]),
        (&"verification.verified".into(), &true.into())
    );
    let shown = app.shown(&link).await;
    assert_eq!(shown["timeline"].as_array().unwrap().len(), 3, "the audit goes on counting");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_with_rows_is_refused_with_their_number() {
    let folder = seeded().await;
    let place = Place::new().await;
    let row = "INSERT INTO endpoints VALUES ('00000000-0000-0000-0000-000000000000', true)";
    place.raw().await.batch_execute(row).await.unwrap();
    let refused = command(&folder, &place);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("not empty (endpoints: 1)"), "{}", text(&refused));
    assert_eq!(rows(&place.raw().await).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_on_the_source_is_refused_and_the_target_left_alone() {
    let folder = seeded().await;
    let place = Place::empty().await;
    let server = open(&path(&folder));
    let refused = command(&folder, &place);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("stop the server"), "{}", text(&refused));
    drop(server);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    let tables: i64 = place.raw().await.query_one(tables, &[]).await.unwrap().get(0);
    assert_eq!(tables, 0);
}

#[test]
fn a_wrong_url_is_wrong_use_and_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [
        ("mysql://me:hush@db/x", "sqlite:a.db"),
        ("sqlite:a.db", "postgres://me:hush@db/x?sslmode=maybe"),
        ("sqlite:a.db", "sqlite:a.db"),
    ] {
        let refused = run(folder.path(), &["migrate", "--from", from, "--to", to]);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
        assert!(!text(&refused).contains("hush"));
    }
    assert_eq!(run(folder.path(), &["migrate", "--to", "sqlite:a.db"]).status.code(), Some(2));
    let missing =
        ["migrate", "--from", "sqlite:none.db", "--to", "postgres://me:hush@127.0.0.1:1/x"];
    let refused = run(folder.path(), &missing);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("no database at none.db"), "{}", text(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_changes_on_its_way_is_noticed_and_nothing_is_kept() {
    let folder = seeded().await;
    let place = Place::new().await;
    let raw = place.raw().await;
    raw.batch_execute(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN NEW.took_ms := NEW.took_ms + (NEW.number = 2)::int; RETURN NEW; END $$;
         CREATE TRIGGER spoil BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION spoil();",
    )
    .await
    .unwrap();
    let mut source = SqliteExport::open(&path(&folder)).unwrap();
    let target = PostgresImport::open(&place.server(), NOW).await.unwrap();
    let error = transfer(&mut source, Box::new(target), &mut Nobody).await.unwrap_err();
    assert!(matches!(error, BulkError::Mismatch { table: "attempts", .. }), "{error}");
    assert_eq!(rows(&raw).await, 0);
    raw.batch_execute("DROP TRIGGER spoil ON attempts").await.unwrap();
    let target = PostgresImport::open(&place.server(), NOW).await.unwrap();
    transfer(&mut source, Box::new(target), &mut Nobody).await.unwrap();
}

/// Ends a move in its middle: the command, or the server's side of it.
type Interrupt = fn(&mut Child, i32) -> String;

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_interrupted_leaves_nothing_and_can_be_run_again() {
    let folder = seeded().await;
    let interrupts: [Interrupt; 3] = [
        |command, _| {
            command.kill().unwrap();
            String::new()
        },
        |command, _| {
            let pid = command.id().to_string();
            let told = std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
            assert!(told.success());
            String::new()
        },
        |_, session| format!("SELECT pg_terminate_backend({session}, 10000)"),
    ];
    for interrupt in interrupts {
        let place = Place::new().await;
        let raw = place.raw().await;
        // The last table's rows wait for a lock that is held here.
        raw.batch_execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN PERFORM pg_advisory_lock(4242); RETURN NEW; END $$;
             CREATE TRIGGER wait BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION wait();
             SELECT pg_advisory_lock(4242);",
        )
        .await
        .unwrap();
        let mut moving = program(folder.path())
            .args(arguments(&folder, &place))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let session = waiting(&raw).await;
        let sql = interrupt(&mut moving, session);
        raw.batch_execute(&sql).await.unwrap();
        assert!(!moving.wait().unwrap().success());
        raw.batch_execute("SELECT pg_advisory_unlock(4242)").await.unwrap();
        // Waits until the server has noticed.
        assert_eq!(rows(&raw).await, 0);
        raw.batch_execute("DROP TRIGGER wait ON audit").await.unwrap();
        let again = command(&folder, &place);
        assert!(again.status.success(), "{}", text(&again));
    }
}

/// The session that waits for the lock, once there is one.
async fn waiting(raw: &Client) -> i32 {
    let waiting = "SELECT pid FROM pg_locks
                   WHERE locktype = 'advisory' AND objid = 4242 AND NOT granted
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    loop {
        if let Some(row) = raw.query_opt(waiting, &[]).await.unwrap() {
            return row.get(0);
        }
        tokio::task::yield_now().await;
    }
}
