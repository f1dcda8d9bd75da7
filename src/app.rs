//! Wiring: configuration -> store, tokens, passkeys, webhook client -> flows -> server and
//! workers; and the way back at shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config::{Config, Database};
use crate::domain::clock::{Clock, SystemClock, Timestamp};
use crate::domain::random::{Random, SystemRandom};
use crate::flows::Unavailable;
use crate::flows::customers::Customers;
use crate::flows::deliver::{self, Deliver};
use crate::flows::destinations::{Destinations, Unopened};
use crate::flows::endpoints::Endpoints;
use crate::flows::follow::Follow;
use crate::flows::gate::Gate;
use crate::flows::history::History;
use crate::flows::issue::{Issue, Lifetimes};
use crate::flows::keys::Keys;
use crate::flows::measure::Measure;
use crate::flows::replay::Replays;
use crate::flows::reseal::reseal;
use crate::flows::verify::Verify;
use crate::flows::wake::Wake;
use crate::http::{self, Demo, Limits, Services, Settling, StreamBounds, Streams};
use crate::metrics::Metrics;
use crate::passkey::{BadRelyingParty, Passkeys, SelfTestFailed};
use crate::seal::Seal;
use crate::store::postgres::{self, PostgresStore};
use crate::store::sqlite::{self, SqliteStore};
use crate::store::{BuiltIn, Store, StoreError};
use crate::token::Tokens;
use crate::webhook::client::{self, Client, SetupError};
use crate::webhook::guard::Guard;
use crate::webhook::send::Sender;
use crate::workers::{self, Stop};

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the database cannot be used")]
    Sqlite(#[from] sqlite::OpenError),
    #[error("the database cannot be used")]
    Postgres(#[from] postgres::OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    RelyingParty(#[from] BadRelyingParty),
    /// A library verifies otherwise than it did when this was built: nothing may be served.
    #[error("the passkey self-test failed; nothing is served")]
    SelfTest(#[from] SelfTestFailed),
    #[error(transparent)]
    Webhook(#[from] SetupError),
    #[error("CRM_WEBHOOK_URL cannot be sent to: {0}")]
    BuiltIn(#[from] Unopened),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("cannot listen on {address}: {source}; set PORT or HOST, or stop what listens there")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("a worker ended by itself, which is a defect; see the log")]
    Worker,
    #[error("the server stopped")]
    Server(#[from] std::io::Error),
}

/// Which part of the application a process runs. All parts share the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workers {
    /// HTTP and all workers.
    #[default]
    On,
    /// HTTP; deliveries, expiry, lapses and retention are left to other processes.
    Off,
    /// The workers; of HTTP only `/healthz`, `/readyz` and `/metrics`.
    Only,
}

/// An opened application: its store is up to date, its parts are checked, nothing runs yet.
pub struct App {
    pub config: Config,
    pub services: Services,
    /// What [`run`](Self::run) runs.
    pub workers: Workers,
    deliver: Arc<Deliver>,
    destinations: Arc<Destinations>,
    wake: Wake,
}

/// How long workers may finish what they hold when the server stops.
const DRAIN: Duration = Duration::from_secs(10);

impl App {
    /// Opens everything with the system's clock and randomness.
    ///
    /// # Errors
    /// [`StartError`] as its texts say.
    pub async fn open(config: Config) -> Result<Self, StartError> {
        Self::open_with(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await
    }

    /// Opens everything with this clock and this randomness.
    ///
    /// # Errors
    /// [`StartError`] as its texts say.
    pub async fn open_with(
        config: Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        Passkeys::self_test()?;
        let passkeys = Arc::new(Passkeys::new(&config.relying_party)?);
        let tokens = Arc::new(Tokens::new(&config.tokens, &config.relying_party.id));
        let store = open_store(&config.database, &clock, &random).await?;
        let wake = Wake::of(store.changes().clone());
        let metrics = Arc::new(Metrics::new(&http::routes()));
        let deliver = Arc::new(deliverer(&config, &store, &clock, &random, &metrics)?);
        let built_in = config.webhook.as_ref().map(deliver::built_in).transpose()?;
        let seal = Arc::new(Seal::new(&config.data_keys));
        let destinations = Arc::new(Destinations::new(seal, built_in, Arc::clone(&clock)));
        let keys = Keys {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
        };
        let services = Services {
            issue: Issue {
                store: Arc::clone(&store),
                tokens: Arc::clone(&tokens),
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
                deliveries: wake.clone(),
                metrics: Arc::clone(&metrics),
                verification: config.verification.clone(),
                lifetimes: Lifetimes::from(&config.tokens),
                origin: config.relying_party.origin.clone(),
            },
            verify: Verify {
                store: Arc::clone(&store),
                tokens,
                passkeys,
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
                deliveries: wake.clone(),
                metrics: Arc::clone(&metrics),
                verification: config.verification.clone(),
            },
            gate: Gate {
                store: Arc::clone(&store),
                clock: Arc::clone(&clock),
                min_assurance: config.verification.gate_min_assurance,
            },
            customers: Customers {
                store: Arc::clone(&store),
                clock: Arc::clone(&clock),
                deliveries: wake.clone(),
                verification: config.verification.clone(),
            },
            endpoints: Endpoints {
                store: Arc::clone(&store),
                destinations: Arc::clone(&destinations),
                sender: deliver.sender.clone(),
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
            },
            history: History { store: Arc::clone(&store), clock: Arc::clone(&clock) },
            replays: Replays {
                store: Arc::clone(&store),
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
                deliveries: wake.clone(),
                metrics: Arc::clone(&metrics),
            },
            follow: Follow {
                store: Arc::clone(&store),
                keys: keys.clone(),
                random: Arc::clone(&random),
                poll: Follow::POLL,
            },
            keys,
            measure: Measure { store: Arc::clone(&store), clock: Arc::clone(&clock), metrics },
            store,
            clock,
            random,
            limits: Limits::new(&config.http),
            settling: Settling::default(),
            streams: Streams::new(StreamBounds::default()),
        };
        Ok(Self { config, services, workers: Workers::On, deliver, destinations, wake })
    }

    /// Binds the configured address.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub fn listen(&self) -> Result<TcpListener, StartError> {
        let address = SocketAddr::new(self.config.http.host, self.config.http.port);
        bind(address).map_err(|source| StartError::Listen { address, source })
    }

    /// Serves and works, or does one of the two ([`workers`](Self::workers)), until `stop` resolves,
    /// then finishes what is under way and closes.
    ///
    /// # Errors
    /// [`StartError`] if the server or the store fails.
    pub async fn run(
        self,
        listener: TcpListener,
        demo: Option<Demo>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), StartError> {
        self.declare(self.services.clock.now()).await?;
        let (stopper, stop_workers) = workers::stopper();
        let mut workers = match self.workers {
            Workers::On | Workers::Only => self.start_workers(&stop_workers),
            Workers::Off => JoinSet::new(),
        };
        let (limits, mut stop_limits) = (self.services.limits.clone(), stop_workers);
        workers.spawn(async move { limits.keep_small(stop_limits.requested()).await });
        let app = match self.workers {
            Workers::On | Workers::Off => http::app(&self.services, &self.config, demo),
            Workers::Only => http::probes(&self.services, &self.config),
        };
        let crashed = AtomicBool::new(false);
        let stop = async {
            tokio::select! {
                () = stop => {}
                // Only a defect ends a worker before it is asked to. Better to stop and be
                // restarted than to answer 2xx and deliver nothing.
                _ = workers.join_next() => crashed.store(true, Ordering::SeqCst),
            }
            // They would go on for minutes; their clients come back to whoever serves then.
            self.services.streams.close();
        };
        let served = http::serve(app, listener, stop).await;
        // Requests first, answers whose customers are gone included, then what they left to the
        // workers, then the store.
        if timeout(DRAIN, self.services.settling.finished()).await.is_err() {
            tracing::warn!("answers to challenges were left unsettled");
        }
        stopper.stop();
        while workers.join_next().await.is_some() {}
        self.close().await?;
        if crashed.into_inner() {
            return Err(StartError::Worker);
        }
        Ok(served?)
    }

    /// Makes true in the store what the environment says exists. Only who serves does; other
    /// commands may run with another environment. Of several processes the last to start wins.
    async fn declare(&self, now: Timestamp) -> Result<(), StartError> {
        let Self { config, services, .. } = self;
        if self.workers != Workers::Only {
            let former = services.keys.set_bootstrap(config.bootstrap_api_key.as_ref()).await?;
            if former {
                tracing::warn!("the former BOOTSTRAP_API_KEY is revoked, for every process");
            }
        }
        // Who does not deliver may do without the CRM's secrets, which must not mean that nobody
        // delivers.
        if self.workers != Workers::Off || config.webhook.is_some() {
            let active = config.webhook.is_some();
            let built_in = config
                .webhook
                .as_ref()
                .map(|webhook| BuiltIn { kind: webhook.kind, shown_url: webhook.url.shown() });
            if deliver::switch(&*services.store, built_in, now).await? {
                tracing::warn!(active, "whether verdicts are sent has changed, for every process");
            }
        }
        let seal = &self.destinations.seal;
        let resealed = reseal(&*services.store, seal, &*services.random, now).await?;
        if resealed.endpoints > 0 {
            tracing::info!(endpoints = resealed.endpoints, "sealed anew with the first DATA_KEY");
        }
        Ok(())
    }

    /// Closes the store; for commands that do not [`run`](Self::run).
    ///
    /// # Errors
    /// [`StartError::Store`].
    pub async fn close(&self) -> Result<(), StartError> {
        Ok(self.services.store.close().await?)
    }

    /// Starts the loops beside the server: deliveries, replays, expiry, lapses, retention.
    fn start_workers(&self, stop: &Stop) -> JoinSet<()> {
        let Services { store, clock, .. } = &self.services;
        let verification = &self.config.verification;
        let mut workers = JoinSet::new();
        let supervisor = workers::endpoints::Supervisor {
            store: Arc::clone(store) as _,
            destinations: Arc::clone(&self.destinations),
            deliver: Arc::clone(&self.deliver),
            concurrency: self.config.delivery.concurrency,
            rate: self.config.delivery.rate,
            drain: DRAIN,
        };
        workers.spawn(supervisor.run(self.wake.clone(), stop.clone()));
        workers.spawn(workers::expire::run(
            Arc::clone(store),
            Arc::clone(clock),
            verification.clone(),
            self.wake.clone(),
            Arc::clone(&self.services.measure.metrics),
            stop.clone(),
        ));
        workers.spawn(workers::lapse::run(
            Arc::clone(store),
            Arc::clone(clock),
            verification.clone(),
            self.wake.clone(),
            stop.clone(),
        ));
        workers.spawn(workers::replay::run(self.services.replays.clone(), stop.clone()));
        if let Some(keep) = self.config.retention.0 {
            let (store, clock) = (Arc::clone(store) as _, Arc::clone(clock));
            workers.spawn(workers::purge::run(store, clock, keep, stop.clone()));
        }
        workers
    }
}

/// Connections inherit from the listener that an answer is sent at once, not held back for more.
fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

async fn open_store(
    database: &Database,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Arc<dyn Store>, StartError> {
    let (random, now) = (Arc::clone(random), clock.now());
    match database {
        Database::Sqlite(path) => {
            let options = sqlite::Options::default();
            Ok(Arc::new(SqliteStore::open(path, options, random, now)?))
        }
        Database::Postgres(server) => {
            let options = postgres::Options::default();
            Ok(Arc::new(PostgresStore::open(server, options, random, now).await?))
        }
    }
}

fn deliverer(
    config: &Config,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
    metrics: &Arc<Metrics>,
) -> Result<Deliver, StartError> {
    let guard = Guard::new(config.delivery.allow_cidrs.clone());
    let own = config.relying_party.host();
    let guard = own.iter().fold(guard, |guard, own| guard.refusing(own));
    Ok(Deliver {
        store: Arc::clone(store) as _,
        sender: Sender::new(Client::new(guard, client::Limits::default())?),
        schedule: config.delivery.schedule.clone(),
        clock: Arc::clone(clock),
        random: Arc::clone(random),
        metrics: Arc::clone(metrics),
    })
}

/// Listens for the signals that ask the process to stop (Ctrl+C, SIGTERM) from now on; the future
/// resolves when one has come.
///
/// # Errors
/// If the system does not let us listen.
pub fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}
