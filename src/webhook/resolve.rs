//! Names to addresses that may be dialled: one look-up, every answer judged.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::guard::{Blocked, Guard, Reach};

/// Asks for a name's addresses.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// # Errors
    /// The system's error; an unknown name is one.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Why a name led nowhere.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    #[error(transparent)]
    Blocked(#[from] Blocked),
    #[error("the host's name could not be resolved: {0}")]
    Failed(#[from] io::Error),
    #[error("the host's name has no address")]
    Empty,
    #[error("resolving the host's name took longer than 3 s")]
    Slow,
}

const PATIENCE: Duration = Duration::from_secs(3);

/// The addresses of `host`, if each of them may be reached: a name with one private address
/// among public ones is an attack or a mistake.
///
/// # Errors
/// [`Unresolved`] as its texts say.
pub async fn resolve(
    host: &str,
    lookup: &dyn Lookup,
    guard: &Guard,
    reach: Reach,
) -> Result<Vec<IpAddr>, Unresolved> {
    let addresses = tokio::time::timeout(PATIENCE, lookup.lookup(host))
        .await
        .map_err(|_| Unresolved::Slow)??;
    if addresses.is_empty() {
        return Err(Unresolved::Empty);
    }
    for address in &addresses {
        guard.check_address(*address, reach)?;
    }
    Ok(addresses)
}

/// The system's resolver (`getaddrinfo`).
#[derive(Clone, Debug)]
pub struct SystemLookup {
    slots: Arc<Semaphore>,
}

/// A look-up blocks a thread for as long as the system likes, even when nobody waits any more.
const THREADS: usize = 16;

impl Default for SystemLookup {
    fn default() -> Self {
        Self { slots: Arc::new(Semaphore::new(THREADS)) }
    }
}

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(io::Error::other)?;
        let host = host.to_owned();
        // A task of its own, which keeps its slot until the thread is free again.
        let answer = tokio::spawn(async move {
            let found = tokio::net::lookup_host((host, 0)).await;
            drop(slot);
            found.map(|addresses| addresses.map(|address| address.ip()).collect())
        });
        answer.await.map_err(io::Error::other)?
    }
}
