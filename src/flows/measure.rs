//! What an operator measures: the process's own counters, and how endpoints stand at this moment.

use std::fmt;
use std::sync::Arc;

use super::Unavailable;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::endpoint::{Endpoint, EndpointStatus};
use crate::domain::replay::ReplayStatus;
use crate::metrics::{EndpointState, MailState, Metrics, State};
use crate::store::Store;

#[derive(Clone)]
pub struct Measure {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
}

/// Replays that are looked at: more do not run at once.
const REPLAYS: u32 = 50;

impl Measure {
    /// Everything, as Prometheus reads it.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn render(&self) -> Result<String, Unavailable> {
        let now = self.clock.now();
        let mut endpoints = Vec::new();
        for endpoint in self.store.list_endpoints().await? {
            endpoints.push(self.state(&endpoint, now).await?);
        }
        let replays = self.store.list_replays(None, REPLAYS).await?;
        let left = replays
            .iter()
            .filter(|replay| replay.status == ReplayStatus::Running)
            .map(|replay| replay.chosen.saturating_sub(replay.requeued + replay.skipped));
        let mails = self.store.mails_waiting().await?;
        let state = State {
            endpoints,
            mails: MailState {
                waiting: mails.count,
                oldest: mails.oldest.map(|oldest| now.since(oldest)).unwrap_or_default(),
            },
            replay_left: left.map(u64::from).sum(),
            grouped: self.store.grouped_writes(),
        };
        self.metrics
            .render(&state)
            .map_err(|_| Unavailable::Internal("a number could not be written"))
    }

    async fn state(
        &self,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<EndpointState, Unavailable> {
        let undelivered = self.store.count_undelivered(endpoint.id).await?;
        let due = self.store.next_delivery_due(endpoint.id).await?;
        Ok(EndpointState {
            id: endpoint.id,
            deliveries: vec![
                ("waiting", undelivered.waiting),
                ("held", undelivered.held),
                ("exhausted", undelivered.exhausted),
            ],
            oldest_due: due.map(|due| now.since(due)).unwrap_or_default(),
            breaker_open: endpoint.health.open_until().is_some_and(|until| until > now),
            statuses: EndpointStatus::ALL
                .iter()
                .filter(|status| **status != EndpointStatus::Removed)
                .map(|status| (status.as_str(), endpoint.status == *status))
                .collect(),
        })
    }
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measure").finish_non_exhaustive()
    }
}
