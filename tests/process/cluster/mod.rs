//! Several instances on one PostgreSQL database, and no balancer: each request goes to any of
//! them.

mod customer;
mod frozen;
mod once;
mod outcome;

use std::path::PathBuf;
use std::time::Duration;

use super::server::{Server, free_port};
use crate::support::app::WEBHOOK_SECRET;
use crate::support::postgres::Place;
use crate::support::receiver::Receiver;

/// Serve and work.
const A: usize = 0;
const B: usize = 1;
/// Serves only: what is settled elsewhere and delivered elsewhere is seen here.
const C: usize = 2;
/// In the place of the one that was killed.
const D: usize = 3;
/// Nothing takes so long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(45);

/// The database, the CRM and where instances live.
struct Cluster {
    place: Place,
    database: tokio_postgres::Client,
    crm: Receiver,
    folder: tempfile::TempDir,
    ports: Vec<u16>,
}

impl Cluster {
    async fn new(instances: usize) -> Self {
        let place = Place::new().await;
        let database = place.raw().await;
        let crm = Receiver::start().await;
        let folder = tempfile::tempdir().unwrap();
        let ports = (0..instances).map(|_| free_port()).collect();
        Self { place, database, crm, folder, ports }
    }

    fn urls(&self) -> Vec<String> {
        self.ports.iter().map(|port| format!("http://localhost:{port}")).collect()
    }

    fn log(&self, instance: usize) -> PathBuf {
        self.folder.path().join(format!("{instance}.log"))
    }

    /// Each tells the CRM who it is.
    fn start(&self, instance: usize, arguments: &[&str]) -> Server {
        let origin = &self.urls()[0];
        let database = format!("{}?application_name=instance-{instance}", self.place.url());
        let hook = self.crm.url("/hook");
        let token = token(instance);
        let environment = [
            ("ORIGIN", origin.as_str()),
            ("DATABASE_URL", database.as_str()),
            ("DATABASE_POOL", "8"),
            ("JWT_SECRET", "the same in every instance, and long enough"),
            ("CRM_WEBHOOK_URL", hook.as_str()),
            ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("CRM_WEBHOOK_TOKEN", token.as_str()),
            ("WEBHOOK_RATE", "0"),
            ("MAX_ATTEMPTS", "5"),
            ("LOG", "warn,vouchlink::flows::deliver=debug"),
        ];
        let folder = self.folder.path().join(instance.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let log = self.log(instance);
        Server::start_as(arguments, &folder, self.ports[instance], &environment, Some(&log))
    }

    /// The rows of a question, each value as text.
    async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let messages = self.database.simple_query(sql).await.unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let value = |row: &tokio_postgres::SimpleQueryRow, at| row.get(at).unwrap_or("").to_owned();
        rows.map(|row| (0..row.len()).map(|at| value(row, at)).collect()).collect()
    }

    async fn count(&self, sql: &str) -> usize {
        self.rows(sql).await[0][0].parse().unwrap()
    }

    /// Deliveries under a lease: delivery, event and lease.
    async fn leased(&self) -> Vec<Vec<String>> {
        let sql = "SELECT id, event, lease FROM deliveries WHERE status = 'in_flight' ORDER BY id";
        self.rows(sql).await
    }
}

fn token(instance: usize) -> String {
    format!("from-instance-{instance}-of-the-cluster")
}

/// Waits until `done` says so.
async fn until<F: Future<Output = bool>>(what: &str, mut done: impl FnMut() -> F) {
    // Looking without a pause would take the processor from those who are waited for.
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    let looking = async {
        while !done().await {
            pause.tick().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "never {what}");
}
