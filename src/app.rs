//! Wiring: configuration -> store, tokens, passkeys, webhook client -> flows -> server and
//! workers; and the way back at shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;

use crate::config::{Config, Database};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::endpoint::BUILT_IN;
use crate::domain::random::{Random, SystemRandom};
use crate::flows::Unavailable;
use crate::flows::customers::Customers;
use crate::flows::deliver::{Deliver, Destination};
use crate::flows::gate::Gate;
use crate::flows::issue::{Issue, Lifetimes};
use crate::flows::keys::Keys;
use crate::flows::verify::Verify;
use crate::flows::wake::Wake;
use crate::http::{self, Demo, Limits, Services};
use crate::passkey::{BadRelyingParty, Passkeys, SelfTestFailed};
use crate::store::sqlite::{OpenError, Options, SqliteStore};
use crate::store::{Store, StoreError};
use crate::token::Tokens;
use crate::webhook::client::{self, BadToken, Client, SetupError};
use crate::webhook::guard::Guard;
use crate::workers::{self, Stop};

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the database cannot be used")]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    RelyingParty(#[from] BadRelyingParty),
    /// A library verifies otherwise than it did when this was built: nothing may be served.
    #[error("the passkey self-test failed; nothing is served")]
    SelfTest(#[from] SelfTestFailed),
    #[error(transparent)]
    Webhook(#[from] SetupError),
    #[error(transparent)]
    Token(#[from] BadToken),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("cannot listen on {address}: {source}; set PORT or HOST, or stop what listens there")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("a worker ended by itself, which is a defect; see the log")]
    Worker,
    #[error("the server stopped")]
    Server(#[from] std::io::Error),
}

/// An opened application: its store is up to date, its parts are checked, nothing runs yet.
pub struct App {
    pub config: Config,
    pub services: Services,
    deliver: Option<Arc<Deliver>>,
    wake: Wake,
}

/// How long workers may finish what they hold when the server stops.
const DRAIN: Duration = Duration::from_secs(10);

impl App {
    /// Opens everything with the system's clock and randomness.
    ///
    /// # Errors
    /// [`StartError`] as its texts say.
    pub fn open(config: Config) -> Result<Self, StartError> {
        Self::open_with(config, Arc::new(SystemClock), Arc::new(SystemRandom))
    }

    /// Opens everything with this clock and this randomness.
    ///
    /// # Errors
    /// [`StartError`] as its texts say.
    pub fn open_with(
        config: Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        Passkeys::self_test()?;
        let passkeys = Arc::new(Passkeys::new(&config.relying_party)?);
        let tokens = Arc::new(Tokens::new(&config.tokens, &config.relying_party.id));
        let store = open_store(&config.database, &clock, &random)?;
        let wake = Wake::default();
        let deliver = deliverer(&config, &store, &clock, &random)?;
        let services = Services {
            issue: Issue {
                store: Arc::clone(&store),
                tokens: Arc::clone(&tokens),
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
                deliveries: wake.clone(),
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
            keys: Keys {
                store: Arc::clone(&store),
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
            },
            store,
            clock,
            random,
            limits: Limits::new(&config.http),
        };
        Ok(Self { config, services, deliver, wake })
    }

    /// Binds the configured address.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub fn listen(&self) -> Result<TcpListener, StartError> {
        let address = SocketAddr::new(self.config.http.host, self.config.http.port);
        bind(address).map_err(|source| StartError::Listen { address, source })
    }

    /// Serves and works until `stop` resolves, then finishes what is under way and closes.
    ///
    /// # Errors
    /// [`StartError`] if the server or the store fails.
    pub async fn run(
        self,
        listener: TcpListener,
        demo: Option<Demo>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), StartError> {
        // Only who serves says what exists; other commands may run with another environment.
        self.services.keys.set_bootstrap(self.config.bootstrap_api_key.as_ref()).await?;
        let now = self.services.clock.now();
        self.services.store.set_built_in_endpoint(self.config.webhook.is_some(), now).await?;
        let (stopper, stop_workers) = workers::stopper();
        let mut workers = self.start_workers(&stop_workers);
        let app = http::app(&self.services, &self.config, demo);
        let crashed = AtomicBool::new(false);
        let stop = async {
            tokio::select! {
                () = stop => {}
                // Only a defect ends a worker before it is asked to. Better to stop and be
                // restarted than to answer 2xx and deliver nothing.
                _ = workers.join_next() => crashed.store(true, Ordering::SeqCst),
            }
        };
        let served = http::serve(app, listener, stop).await;
        // Requests first, then what they left to the workers, then the store.
        stopper.stop();
        while workers.join_next().await.is_some() {}
        self.close().await?;
        if crashed.into_inner() {
            return Err(StartError::Worker);
        }
        Ok(served?)
    }

    /// Closes the store; for commands that do not [`run`](Self::run).
    ///
    /// # Errors
    /// [`StartError::Store`].
    pub async fn close(&self) -> Result<(), StartError> {
        Ok(self.services.store.close().await?)
    }

    /// Starts the loops beside the server.
    #[must_use]
    pub fn start_workers(&self, stop: &Stop) -> JoinSet<()> {
        let Services { store, clock, limits, .. } = &self.services;
        let verification = &self.config.verification;
        let mut workers = JoinSet::new();
        if let Some(deliver) = &self.deliver {
            let worker = workers::deliver::Worker {
                endpoint: BUILT_IN,
                deliver: Arc::clone(deliver),
                concurrency: self.config.delivery.concurrency,
                rate: self.config.delivery.rate,
                drain: DRAIN,
            };
            workers.spawn(worker.run(self.wake.clone(), stop.clone()));
        }
        workers.spawn(workers::expire::run(
            Arc::clone(store),
            Arc::clone(clock),
            verification.clone(),
            self.wake.clone(),
            stop.clone(),
        ));
        workers.spawn(workers::lapse::run(
            Arc::clone(store),
            Arc::clone(clock),
            verification.clone(),
            self.wake.clone(),
            stop.clone(),
        ));
        let (limits, mut stop) = (limits.clone(), stop.clone());
        workers.spawn(async move { limits.keep_small(stop.requested()).await });
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

fn open_store(
    database: &Database,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Arc<dyn Store>, OpenError> {
    match database {
        Database::Sqlite(path) => {
            let options = Options::default();
            let store = SqliteStore::open(path, options, Arc::clone(random), clock.now())?;
            Ok(Arc::new(store))
        }
    }
}

fn deliverer(
    config: &Config,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Option<Arc<Deliver>>, StartError> {
    let Some(webhook) = &config.webhook else { return Ok(None) };
    let guard = Guard::new(config.delivery.allow_cidrs.clone());
    Ok(Some(Arc::new(Deliver {
        store: Arc::clone(store) as _,
        client: Client::new(guard, client::Limits::default())?,
        destination: Destination::new(webhook)?,
        schedule: config.delivery.schedule.clone(),
        clock: Arc::clone(clock),
        random: Arc::clone(random),
    })))
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
