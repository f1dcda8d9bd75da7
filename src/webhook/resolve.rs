//! Names to addresses that may be dialled: one look-up, every answer judged.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Semaphore, watch};

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

/// The system's resolver (`getaddrinfo`), which blocks a thread for as long as it likes, even when
/// nobody waits any more.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Asks another for each host once at a time: who asks meanwhile shares the answer, and judges it
/// for himself. So a host whose name server is slow keeps one of the [`SLOTS`] busy and no more,
/// however many attempts have given it up; the others' stay free.
pub struct OncePerHost {
    lookup: Arc<dyn Lookup>,
    slots: Arc<Semaphore>,
    asking: Arc<Mutex<HashMap<String, Asking>>>,
}

/// Look-ups at once; more than endpoints may have hosts.
const SLOTS: usize = 64;

/// Becomes the answer. An error is none that can be cloned.
type Asking = watch::Receiver<Option<Result<Vec<IpAddr>, Arc<io::Error>>>>;

impl fmt::Debug for OncePerHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OncePerHost").field("slots", &self.slots).finish_non_exhaustive()
    }
}

impl OncePerHost {
    #[must_use]
    pub fn new(lookup: Arc<dyn Lookup>) -> Self {
        Self { lookup, slots: Arc::new(Semaphore::new(SLOTS)), asking: Arc::default() }
    }

    /// The question that is under way, or a new one.
    fn ask(&self, host: &str) -> Asking {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = asking.get(host).filter(|answer| answer.has_changed().is_ok()) {
            return answer.clone();
        }
        let (sender, answer) = watch::channel(None);
        asking.insert(host.to_owned(), answer.clone());
        let (lookup, slots) = (Arc::clone(&self.lookup), Arc::clone(&self.slots));
        let (host, asking) = (host.to_owned(), Arc::clone(&self.asking));
        // A task of its own, which keeps its slot until there is an answer.
        tokio::spawn(async move {
            let found = match slots.acquire().await {
                Ok(_slot) => lookup.lookup(&host).await,
                Err(closed) => Err(io::Error::other(closed)),
            };
            asking.lock().unwrap_or_else(PoisonError::into_inner).remove(&host);
            sender.send_replace(Some(found.map_err(Arc::new)));
        });
        answer
    }
}

#[async_trait]
impl Lookup for OncePerHost {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut answer = self.ask(host);
        let answer = answer.wait_for(Option::is_some).await.map_err(io::Error::other)?;
        match &*answer {
            Some(Ok(addresses)) => Ok(addresses.clone()),
            Some(Err(error)) => Err(io::Error::new(error.kind(), Arc::clone(error))),
            None => Err(io::Error::other("the look-up was given up")),
        }
    }
}
