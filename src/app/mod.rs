//! Wiring: configuration -> store, tokens, passkeys, webhook client -> flows ([`wiring`]) -> server
//! and workers ([`loops`]); and the way back at shutdown.

mod listen;
mod loops;
mod wiring;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config::Config;
use crate::domain::clock::{Clock, SystemClock, Timestamp};
use crate::domain::random::{Random, SystemRandom};
use crate::flows::Unavailable;
use crate::flows::deliver::{self, Deliver};
use crate::flows::destinations::{Destinations, Unopened};
use crate::flows::mail::Mailing;
use crate::flows::reseal::{Resealed, reseal};
use crate::flows::wake::Wake;
use crate::http::{self, Demo, Services};
use crate::mail::mailer;
use crate::passkey::{BadRelyingParty, Passkeys, SelfTestFailed};
use crate::store::{BuiltIn, StoreError, postgres, sqlite};
use crate::webhook::client::SetupError;
use crate::workers;

pub use self::listen::signals;
use self::wiring::Ground;

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
    #[error("mails cannot be sent: {0}")]
    Mail(#[from] mailer::SetupError),
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
    mailing: Mailing,
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
        let ground = Ground::open(&config, clock, random).await?;
        let services = ground.services(&config, passkeys);
        let Ground { deliver, destinations, mailing, wake, .. } = ground;
        Ok(Self { config, services, workers: Workers::On, deliver, destinations, mailing, wake })
    }

    /// Binds the configured address.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub fn listen(&self) -> Result<TcpListener, StartError> {
        let address = SocketAddr::new(self.config.http.host, self.config.http.port);
        listen::bind(address).map_err(|source| StartError::Listen { address, source })
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
        if resealed.endpoints + resealed.apps > 0 {
            let Resealed { endpoints, apps, .. } = resealed;
            tracing::info!(endpoints, apps, "sealed anew with the first DATA_KEY");
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
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}
