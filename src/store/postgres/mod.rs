//! The PostgreSQL engine, the only place that names tokio-postgres. Several instances of the
//! service may share one database: nothing that a second one would need lives in a process.
//! One file or folder per noun, as in [`super::sqlite`]; SQL stands beside its call and begins
//! with `-- name`.
//!
//! # Races, and why none is lost
//!
//! Transactions run at READ COMMITTED: each statement sees what was committed when it began. What
//! is decided is decided under a lock, by statements that were sent after it was taken.
//!
//! - **Everything about a customer** (create, begin, consume, settle, refuse, reissue, end, expire,
//!   lapse, revoke a passkey) first locks the customer's row (`FOR NO KEY UPDATE`), and reads
//!   link, ceremony and credentials after that. So two instances that settle, revoke or answer the
//!   same link run one after the other, the second on what the first left; events get their numbers
//!   without gaps and commit in the order of their numbers. Every guard is in the `WHERE` of the
//!   write as well, which must touch one row.
//! - **A first link**: who inserts the customer second waits, inserts nothing, and begins again.
//! - **An idempotency key** used for two customers at once: the upsert takes only the place of one
//!   that is out of date; who comes second begins again and finds the first.
//! - **A passkey bound by two customers at once**: the same, by `credential_id`'s uniqueness.
//! - **Leases**: `FOR UPDATE SKIP LOCKED`, so that no two workers take one delivery or wait for each
//!   other. Held deliveries return under a lock of the endpoint's row that leasing shares, so that
//!   none slips behind newer news that is just being taken.
//! - **Sweeps** lock the customers of what is due with `SKIP LOCKED`: instances share the work.
//! - **The bootstrap key** is set under a lock of the table of keys: instances that start together
//!   change it once.
//!
//! - **How an endpoint fares** is written under its row's lock, which comes before any customer's,
//!   as for whoever disables or removes it. A success locks it only where it had been failing, in a
//!   transaction of its own. Who queues an event does not lock it: what was queued in the moment in
//!   which it was disabled stays pending, and waits like what is held, for only active ones lease.
//! - **A probe** is leased under the same lock, so that instances send one together.
//!
//! Locks are taken in one order, endpoint, customer, link, credential, delivery, so nothing waits in
//! a circle; should it yet, the server ends one of them and it is done again.
//!
//! # Round trips
//!
//! A question is one; writes wait for the next question or the commit and share it.
//!
//! | call | round trips |
//! |---|---|
//! | the gate, a key, a customer, a link | 1, without a transaction |
//! | `ceremony_subject`, `link_deliveries` | 1, with its snapshot |
//! | begin, consume, refuse, end, reissue | 3: lock and read, write, commit |
//! | answer | 3 for a known passkey, 4 for a new one |
//! | create | 3, and one more to load a link that makes way |
//! | lease | 2; `record_attempt` 2, or 4 for a failure |
//! | expire, lapse | 2 for the batch, 2 or 3 for each |

mod alerts;
mod announce;
mod audit;
mod authenticator_apps;
pub mod bulk;
mod ceremonies;
mod columns;
mod connection;
mod credentials;
mod customers;
mod deliveries;
mod endpoints;
mod events;
mod evidence;
mod failure;
mod idempotency;
mod keys;
mod links;
mod mails;
mod migrate;
mod query;
mod replays;
mod retention;
mod tls;
mod transaction;
mod verdicts;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Client, Pool, Timeouts};
use tokio::sync::RwLock;

use self::announce::Announcer;
use self::columns::read;
use self::failure::{Done, Failure, unavailable};
use self::query::Query;
use self::transaction::{BoxFuture, Tx};
use super::migration::Misfit;
use super::{Changes, Result, Store, StoreError};
use crate::config::postgres::Postgres;
use crate::domain::clock::Timestamp;
use crate::domain::random::{self, NoEntropy, Random};

/// How the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for a free connection; then the answer is `Busy`.
    pub patience: Duration,
    /// Calls that may wait for one; one more is answered `Busy` at once.
    pub waiting: usize,
    /// How long one transaction may take in all; then its connection is given up. The server ends
    /// a statement, and a wait for a lock, before that.
    pub limit: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let limit = Duration::from_secs(20);
        Self { patience: Duration::from_secs(2), waiting: 1024, limit }
    }
}

/// Why a database could not be opened. No text holds the password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database server cannot be used: {0}")]
    Server(String),
    #[error("the file of trusted certificates {path} cannot be used: {why}")]
    Roots { path: PathBuf, why: String },
    #[error("the system's trusted certificates cannot be used: {0}")]
    SystemRoots(rustls::Error),
    #[error("the database's encoding is {0}, not UTF8: create it anew with ENCODING 'UTF8'")]
    Encoding(String),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error(transparent)]
    Misfit(#[from] Misfit),
    #[error("migration {version} ({name}) failed: {why}")]
    Migration { version: u32, name: &'static str, why: String },
}

/// A store in one PostgreSQL database.
pub struct PostgresStore {
    engine: Arc<Engine>,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("pool", &self.engine.pool.status()).finish()
    }
}

/// A change: what it does with its transaction and its input. It may be done more than once.
type Work<I, T> = for<'t> fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Done<T>>;

/// How often work that met another transaction is done again.
const TRIES: u32 = 5;

impl PostgresStore {
    /// Opens the database and brings it up to date.
    ///
    /// # Errors
    /// [`OpenError`] as its texts say.
    pub async fn open(
        server: &Postgres,
        options: Options,
        random: Arc<dyn Random>,
        now: Timestamp,
    ) -> std::result::Result<Self, OpenError> {
        let connector = tls::Connector::new(&server.tls)?;
        let settings = connection::settings(server);
        migrate::run(&settings, connector.clone(), migrate::ALL, now).await?;
        let announcer = Announcer::start(settings.clone(), connector.clone(), &*random)?;
        let pool = connection::pool(server, settings, connector)?;
        let timeouts = Timeouts {
            wait: Some(options.patience),
            create: Some(connection::patience(server)),
            recycle: Some(options.patience),
        };
        let engine = Engine { pool, timeouts, options, random, announcer, open: RwLock::new(()) };
        Ok(Self { engine: Arc::new(engine) })
    }

    /// Runs `work` in a transaction of its own; answered after its commit. It is done even if the
    /// caller stops waiting.
    async fn write<I, T>(&self, input: I, work: Work<I, T>) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.to_the_end(move |engine| async move { engine.write(&input, work).await }).await
    }

    /// Runs one statement that changes something, without a transaction around it.
    async fn write_at_once<T: Send + 'static>(&self, query: Query<T>) -> Result<T> {
        self.to_the_end(move |engine| async move { engine.read(query).await }).await
    }

    async fn to_the_end<T, F>(
        &self,
        work: impl FnOnce(Arc<Engine>) -> F + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send,
    {
        let engine = Arc::clone(&self.engine);
        let task = tokio::spawn(async move {
            // Kept to the end: who closes the store waits for it.
            let _open = engine.open.read().await;
            work(Arc::clone(&engine)).await
        });
        task.await.unwrap_or_else(|_| Err(unavailable("the write broke down")))
    }

    /// A look-up of one statement.
    async fn read<T>(&self, query: Query<T>) -> Result<T> {
        self.engine.read(query).await
    }

    /// Two look-ups that see the same state, in one round trip.
    async fn read_both<A, B>(&self, a: Query<A>, b: Query<B>) -> Result<(A, B)> {
        let snapshot = self.engine.lend(Tx::snapshot);
        self.engine
            .in_time(async {
                let mut tx = snapshot.await?;
                let end = Query::silent("-- end_snapshot\nCOMMIT", Vec::new());
                let (a, b, ()) = tx.ask3(a, b, end).await?;
                tx.done();
                Ok((a, b))
            })
            .await
    }

    /// Look-ups that depend on each other and see the same state.
    async fn snapshot<I: Sync, T>(&self, input: &I, work: Work<I, T>) -> Result<T> {
        self.engine
            .in_time(async {
                let mut tx = self.engine.lend(Tx::snapshot).await?;
                let found = work(&mut tx, input).await?;
                tx.commit().await?;
                Ok(found)
            })
            .await
    }
}

struct Engine {
    pool: Pool,
    timeouts: Timeouts,
    options: Options,
    random: Arc<dyn Random>,
    announcer: Announcer,
    /// Held by every write while it runs.
    open: RwLock<()>,
}

impl Engine {
    async fn lend(&self, start: fn(Client, Arc<dyn Random>) -> Tx) -> Done<Tx> {
        if self.pool.status().waiting >= self.options.waiting {
            return Err(StoreError::Busy.into());
        }
        let object = self.pool.timeout_get(&self.timeouts).await?;
        Ok(start(object, Arc::clone(&self.random)))
    }

    async fn read<T>(&self, query: Query<T>) -> Result<T> {
        self.in_time(async {
            let mut tx = self.lend(Tx::plain).await?;
            let found = tx.ask(query).await?;
            tx.done();
            Ok(found)
        })
        .await
    }

    async fn write<I, T>(&self, input: &I, work: Work<I, T>) -> Result<T> {
        self.in_time(async {
            let mut tries = 1;
            loop {
                match self.attempt(input, work).await {
                    Err(Failure::Again(why)) if tries < TRIES => {
                        tracing::debug!(why, tries, "a transaction is done again");
                        tokio::time::sleep(self.pause(tries)?).await;
                        tries += 1;
                    }
                    other => return other,
                }
            }
        })
        .await
    }

    async fn attempt<I, T>(&self, input: &I, work: Work<I, T>) -> Done<T> {
        let mut tx = self.lend(Tx::begin).await?;
        match work(&mut tx, input).await {
            Ok(value) => {
                self.announcer.announce(tx.commit().await?);
                Ok(value)
            }
            // The server or the way to it is not well: a new connection may find a better one.
            Err(failure @ Failure::Store(StoreError::Unavailable(_))) => Err(failure),
            Err(failure) => {
                tx.roll_back().await;
                Err(failure)
            }
        }
    }

    /// A little longer each time, and never the same for two that met.
    fn pause(&self, tries: u32) -> Done<Duration> {
        let [byte] = random::bytes::<1>(&*self.random)?;
        Ok(Duration::from_millis(u64::from(byte) % 16 + 1) * tries)
    }

    /// Ends what takes too long, whatever it hangs on.
    async fn in_time<T>(&self, work: impl Future<Output = Done<T>>) -> Result<T> {
        match tokio::time::timeout(self.options.limit, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Failure::Store(error))) => Err(error),
            Ok(Err(Failure::Again(why))) => {
                tracing::warn!(why, "a transaction met others too often");
                Err(StoreError::Busy)
            }
            Err(_) => Err(unavailable("the database server does not answer")),
        }
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn ready(&self) -> Result<()> {
        let query = Query::optional(
            "-- ready\nSELECT current_setting('transaction_read_only')",
            Vec::new(),
            |row| read::<String>(row, 0),
        );
        match self.read(query).await? {
            Some(read_only) if read_only == "off" => Ok(()),
            _ => Err(unavailable("the database server takes no writes")),
        }
    }

    async fn close(&self) -> Result<()> {
        // Once every write that runs has ended; later ones find the pool closed.
        let _ended = self.engine.open.write().await;
        self.engine.pool.close();
        self.engine.announcer.close().await;
        Ok(())
    }

    fn changes(&self) -> &Changes {
        self.engine.announcer.changes()
    }

    fn grouped_writes(&self) -> Option<(u64, u64)> {
        None
    }
}
