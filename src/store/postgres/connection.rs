//! Connections: where to, with which settings of the session, and how many.

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, QueueMode, RecyclingMethod,
};
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

use super::OpenError;
use super::tls::Connector;
use crate::config::postgres::{Host, Postgres, Tls};

/// Settings of every session. A statement, a wait for a lock and a transaction that nobody goes on
/// with all end by themselves, before the caller's own patience does. Plans depend on the statement
/// alone, so that the plans that are tested are the plans that run.
const SESSION: &str = "-c statement_timeout=10s -c lock_timeout=5s \
                       -c idle_in_transaction_session_timeout=15s \
                       -c default_transaction_isolation=read\\ committed \
                       -c plan_cache_mode=force_generic_plan -c jit=off";

/// The server and the session, but for TLS. The operator's own `options` come last and win.
pub(super) fn settings(server: &Postgres) -> Config {
    let mut config = Config::new();
    for host in &server.hosts {
        config.host(&host.name).port(host.port);
    }
    if let Some(password) = &server.password {
        config.password(password.expose());
    }
    let sockets = server.hosts.iter().any(Host::is_socket);
    config
        .user(&server.user)
        .dbname(&server.database)
        .application_name(&server.application_name)
        .connect_timeout(server.connect_timeout)
        .options(format!("{SESSION} {}", server.options.as_deref().unwrap_or_default()).trim_end())
        .ssl_mode(match server.tls {
            // Nobody listens on a socket of the file system.
            _ if sockets => SslMode::Disable,
            Tls::Disable => SslMode::Disable,
            Tls::Prefer => SslMode::Prefer,
            Tls::Require | Tls::VerifyCa(_) | Tls::VerifyFull(_) => SslMode::Require,
        })
        // After a failover the former primary may still answer, but not to us.
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        // A peer that is gone without a word is noticed while we wait for it, and while we do not.
        .tcp_user_timeout(Duration::from_secs(15))
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(10))
        .keepalives_retries(3);
    config
}

/// How long it may take until one of the hosts has answered.
pub(super) fn patience(server: &Postgres) -> Duration {
    let hosts = u32::try_from(server.hosts.len()).unwrap_or(u32::MAX);
    server.connect_timeout.saturating_mul(hosts.saturating_add(1))
}

/// Connections are made when they are needed and leave the pool when they are closed; whether one
/// works is found out by using it. The one that came back last is lent next, so that few calls keep
/// to few connections: each has plans and catalogues of its own to make, and to make anew whenever
/// statistics change.
pub(super) fn pool(
    server: &Postgres,
    settings: Config,
    connector: Connector,
) -> Result<Pool, OpenError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(settings, connector, recycling);
    Pool::builder(manager)
        .max_size(usize::try_from(server.pool).unwrap_or(usize::MAX))
        .queue_mode(QueueMode::Lifo)
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .post_create(Hook::async_fn(|client, _| {
            Box::pin(async move { client.batch_execute(DURABLE).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|error| OpenError::Server(error.to_string()))
}

/// A verdict that was answered survives a crash: a server that is set up not to wait for its disk
/// waits for ours. A stricter setting stays.
pub(super) const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false) \
                       WHERE current_setting('synchronous_commit') = 'off'";
