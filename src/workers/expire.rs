//! Ends links whose time is over.

use std::sync::Arc;

use super::sweep::{BATCH, PAUSE, sweep};
use super::{Stop, context};
use crate::config::Verification;
use crate::domain::clock::Clock;
use crate::domain::link::Status;
use crate::flows::wake::Wake;
use crate::metrics::Metrics;
use crate::store::Store;

/// Runs until stopped. Each link that ends has an event to deliver, hence `wake`.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    verification: Verification,
    wake: Wake,
    metrics: Arc<Metrics>,
    stop: Stop,
) {
    let batch = || async {
        let ended = store.expire_links(BATCH, context(clock.now(), &verification)).await?;
        metrics.ended(Status::Expired, ended);
        if ended > 0 {
            wake.wake();
        }
        Ok(ended)
    };
    sweep("links past their time", PAUSE, stop, batch).await;
}
