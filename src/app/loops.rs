//! The loops beside the server: deliveries, alerts, mails, replays, expiry, lapses, waiting periods,
//! retention.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{App, DRAIN};
use crate::http::Services;
use crate::workers::{self, Stop};

impl App {
    /// Starts them.
    pub(super) fn start_workers(&self, stop: &Stop) -> JoinSet<()> {
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
        workers.spawn(workers::season::run(
            Arc::clone(store),
            Arc::clone(clock),
            verification.clone(),
            stop.clone(),
        ));
        if let Some(mail) = self.config.mail.as_ref().filter(|mail| !mail.alerts.is_empty()) {
            let (store, clock) = (Arc::clone(store), Arc::clone(clock));
            let alerts = mail.alerts.clone();
            workers.spawn(workers::alert::run(
                store,
                clock,
                alerts,
                self.wake.clone(),
                stop.clone(),
            ));
        }
        let (mailing, wake) = (self.mailing.clone(), self.wake.clone());
        workers.spawn(workers::mail::run(mailing, wake, DRAIN, stop.clone()));
        workers.spawn(workers::replay::run(self.services.replays.clone(), stop.clone()));
        if let Some(keep) = self.config.retention.0 {
            let (store, clock) = (Arc::clone(store) as _, Arc::clone(clock));
            workers.spawn(workers::purge::run(store, clock, keep, stop.clone()));
        }
        workers
    }
}
