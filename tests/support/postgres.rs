//! A database of its own for each test, on the server that `TEST_POSTGRES_URL` names; `tests/run`
//! starts one. Each is a copy of one that was migrated once, and is dropped with its test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};
use vouchlink::config::postgres::Postgres;
use vouchlink::config::{Config, DataFolder, Database, Source};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::digest::sha256;
use vouchlink::domain::encoding::hex;
use vouchlink::domain::random::SystemRandom;
use vouchlink::store::postgres::{OpenError, Options, PostgresStore};

use crate::repo::tree::files;

const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);

/// A database for one test.
pub(crate) struct Place {
    pub(crate) name: String,
}

impl Place {
    /// Up to date and without a row.
    pub(crate) async fn new() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(template).await;
        let place = Self { name: unused_name() };
        let create = format!("CREATE DATABASE {} TEMPLATE {template}", place.name);
        admin().await.batch_execute(&create).await.unwrap();
        place
    }

    /// Without a table.
    pub(crate) async fn empty() -> Self {
        Self::made_with("TEMPLATE template0").await
    }

    pub(crate) async fn made_with(options: &str) -> Self {
        let place = Self { name: unused_name() };
        let create = format!("CREATE DATABASE {} {options}", place.name);
        admin().await.batch_execute(&create).await.unwrap();
        place
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.name)
    }

    pub(crate) fn server(&self) -> Postgres {
        server(&self.url())
    }

    pub(crate) async fn open(&self) -> PostgresStore {
        self.try_open().await.unwrap()
    }

    /// Patient, as twenty calls at once share few connections, and the machine with other tests.
    pub(crate) async fn try_open(&self) -> Result<PostgresStore, OpenError> {
        let patience = Duration::from_secs(20);
        open(&self.server(), Options { patience, ..Options::default() }).await
    }

    /// As another program would.
    pub(crate) async fn raw(&self) -> Client {
        connect(&self.url()).await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // The test's own runtime may be the one that is going down.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async { admin().await.batch_execute(&drop).await })
        })
        .join();
        if !std::thread::panicking() {
            dropped.unwrap().unwrap();
        }
    }
}

pub(crate) async fn open(server: &Postgres, options: Options) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(server, options, Arc::new(SystemRandom), NOW).await
}

/// What the configuration makes of a URL; with few connections, as many tests run at once.
pub(crate) fn server(url: &str) -> Postgres {
    let source: Source = [("DATABASE_URL", url), ("DATABASE_POOL", "6")].into_iter().collect();
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::look_only(folder.path(), &SystemRandom);
    match Config::from_env(&source, &data).unwrap().database {
        Database::Postgres(server) => *server,
        Database::Sqlite(_) => panic!("not PostgreSQL: {url}"),
    }
}

/// The test server's own database.
pub(crate) async fn admin() -> Client {
    connect(&test_url()).await
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    // Ends with the client, or when the test ends the session under it.
    tokio::spawn(connection);
    client
}

/// As `postgres://postgres@127.0.0.1:5432/postgres`: somebody who may create databases.
pub(crate) fn test_url() -> String {
    std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL is not set: these tests need a PostgreSQL server that may be written \
         to; run them with tests/run, which starts one",
    )
}

/// A database on the test server.
fn url_of(name: &str) -> String {
    let url = test_url();
    let (server, _) = url.rsplit_once('/').expect("a URL with a database's name at its end");
    format!("{server}/{name}")
}

/// No other test has it, of no other run either.
fn unused_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("vouchlink_test_{}_{number}", std::process::id())
}

/// A migrated database to copy, made once for these migrations.
async fn template() -> String {
    let texts: Vec<String> = files("migrations/postgres", &[".sql"])
        .into_iter()
        .map(|file| format!("{}\0{}", file.path, file.text))
        .collect();
    let checksum = hex(&sha256(&[texts.concat().as_bytes()]));
    let name = format!("vouchlink_template_{}", checksum.get(..16).unwrap());
    let admin = admin().await;
    // Other processes may be about the same.
    admin.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let present = "SELECT 1 FROM pg_database WHERE datname = $1";
    if admin.query_opt(present, &[&name]).await.unwrap().is_none() {
        let making = unused_name();
        admin.batch_execute(&format!("CREATE DATABASE {making} TEMPLATE template0")).await.unwrap();
        drop(open(&server(&url_of(&making)), Options::default()).await.unwrap());
        let sessions = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
                        WHERE datname = $1";
        admin.query(sessions, &[&making]).await.unwrap();
        admin.batch_execute(&format!("ALTER DATABASE {making} RENAME TO {name}")).await.unwrap();
    }
    name
}
