//! One worker for each endpoint that is active: starts, changes and stops them as endpoints come,
//! change and go, in this process or another.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::deliver::{Terms, Worker};
use super::share::{MOST, share};
use super::{BackOff, Stop, Stopper, stopper};
use crate::domain::endpoint::{Endpoint, EndpointStatus};
use crate::domain::id::EndpointId;
use crate::flows::deliver::Deliver;
use crate::flows::destinations::{Destinations, Unopened};
use crate::flows::wake::Wake;
use crate::store::{self, Endpoints};
use crate::webhook::send::Destination;

/// What the workers stand on.
pub struct Supervisor {
    pub store: Arc<dyn Endpoints + Send + Sync>,
    pub destinations: Arc<Destinations>,
    pub deliver: Arc<Deliver>,
    /// Attempts at once to an endpoint that says nothing of its own.
    pub concurrency: u32,
    /// Attempts a second to such an endpoint; `None` for unlimited.
    pub rate: Option<u32>,
    /// How long a stopped worker may finish what it holds.
    pub drain: Duration,
}

/// What changed elsewhere is seen so soon.
const POLL: Duration = Duration::from_secs(2);

/// What is going on.
#[derive(Default)]
struct Running {
    workers: HashMap<EndpointId, Handle>,
    tasks: JoinSet<EndpointId>,
    /// What could not be opened, so that it is said once.
    unopened: HashMap<EndpointId, Unopened>,
}

/// A worker that runs.
struct Handle {
    /// Dropped, it stops the worker.
    _stopper: Stopper,
    terms: watch::Sender<Terms>,
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("concurrency", &self.concurrency)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

impl Supervisor {
    /// Runs until stopped, then until every worker has finished what it holds. Ends by itself only
    /// if a worker does, which is a defect.
    pub async fn run(self, wake: Wake, mut stop: Stop) {
        let mut bell = wake.endpoints();
        let mut back_off = BackOff::new();
        let mut running = Running::default();
        let mut look_at = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = stop.requested() => break,
                Some(ended) = running.tasks.join_next() => match ended {
                    // One that was stopped is not among the workers any more.
                    Ok(endpoint) if !running.workers.contains_key(&endpoint) => {}
                    Ok(endpoint) => {
                        tracing::error!(%endpoint, "a delivery worker ended by itself");
                        break;
                    }
                    Err(error) => {
                        tracing::error!(%error, "a delivery worker ended abruptly");
                        break;
                    }
                },
                () = bell.rung() => look_at = Instant::now(),
                () = sleep_until(look_at) => {
                    let wait = match self.look(&mut running, &wake).await {
                        Ok(()) => {
                            back_off.reset();
                            POLL
                        }
                        Err(error) => {
                            tracing::warn!(%error, "could not look at the endpoints");
                            back_off.next()
                        }
                    };
                    look_at = Instant::now() + wait;
                }
            }
        }
        running.workers.clear();
        while running.tasks.join_next().await.is_some() {}
    }

    /// Makes the workers what the endpoints are now.
    async fn look(&self, running: &mut Running, wake: &Wake) -> store::Result<()> {
        // Nobody waits for this: endpoints come and go all the same.
        if let Err(error) = self.store.settle_strays(self.deliver.clock.now()).await {
            tracing::warn!(%error, "could not hold what an endpoint's end left behind");
        }
        let endpoints = self.store.list_endpoints().await?;
        let ids: Vec<_> = endpoints.iter().map(|endpoint| endpoint.id).collect();
        self.destinations.keep_only(&ids);
        running.unopened.retain(|id, _| ids.contains(id));
        let active: Vec<(Endpoint, Arc<Destination>)> = endpoints
            .into_iter()
            .filter(|endpoint| endpoint.status == EndpointStatus::Active)
            .filter_map(|endpoint| {
                let destination = self.open(&mut running.unopened, &endpoint)?;
                Some((endpoint, destination))
            })
            .collect();
        running.workers.retain(|id, _| active.iter().any(|(endpoint, _)| endpoint.id == *id));

        let wants: Vec<u32> =
            active.iter().map(|(endpoint, _)| self.concurrency(endpoint)).collect();
        let shares = share(&wants, MOST);
        let alone = active.len() == 1;
        for ((endpoint, destination), concurrency) in active.into_iter().zip(shares) {
            let terms = Terms {
                destination,
                concurrency,
                rate: endpoint.rate.or_else(|| endpoint.kind.rate()).or(self.rate),
                recovered_at: endpoint.health.recovered_at,
                alone,
            };
            self.put(running, endpoint.id, terms, wake);
        }
        Ok(())
    }

    /// What cannot be opened is for the operator to mend: its deliveries wait, and no attempt of
    /// theirs is used up.
    fn open(
        &self,
        unopened: &mut HashMap<EndpointId, Unopened>,
        endpoint: &Endpoint,
    ) -> Option<Arc<Destination>> {
        match self.destinations.of(endpoint) {
            Ok(destination) => {
                unopened.remove(&endpoint.id);
                Some(destination)
            }
            // Another process has it.
            Err(Unopened::NotConfigured) => None,
            Err(error) => {
                if unopened.insert(endpoint.id, error) != Some(error) {
                    let endpoint = endpoint.id;
                    tracing::error!(%endpoint, %error, "nothing is sent to an endpoint");
                }
                None
            }
        }
    }

    fn concurrency(&self, endpoint: &Endpoint) -> u32 {
        let own = endpoint.concurrency.or_else(|| endpoint.kind.concurrency());
        own.unwrap_or(self.concurrency).max(1)
    }

    fn put(&self, running: &mut Running, endpoint: EndpointId, terms: Terms, wake: &Wake) {
        if let Some(worker) = running.workers.get(&endpoint) {
            worker.terms.send_if_modified(|former| {
                let changed = *former != terms;
                *former = terms;
                changed
            });
            return;
        }
        let (stopper, stop) = stopper();
        let (sender, terms) = watch::channel(terms);
        let deliver = Arc::clone(&self.deliver);
        let worker = Worker { endpoint, deliver, terms, drain: self.drain };
        let bell = wake.bell();
        running.tasks.spawn(async move {
            worker.run(bell, stop).await;
            endpoint
        });
        running.workers.insert(endpoint, Handle { _stopper: stopper, terms: sender });
    }
}
