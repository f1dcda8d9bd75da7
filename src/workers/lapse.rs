//! Says of verdicts that they are no longer good: a CRM's boolean does not grow old by itself.

use std::sync::Arc;

use super::sweep::{BATCH, PAUSE, sweep};
use super::{Stop, context};
use crate::config::Verification;
use crate::domain::clock::Clock;
use crate::flows::wake::Wake;
use crate::store::Store;

/// Runs until stopped. Each verdict that lapses has an event to deliver, hence `wake`.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    verification: Verification,
    wake: Wake,
    stop: Stop,
) {
    let batch = || async {
        let lapsed = store.lapse_verdicts(BATCH, context(clock.now(), &verification)).await?;
        if lapsed > 0 {
            wake.wake();
        }
        Ok(lapsed)
    };
    sweep("verdicts past their time", PAUSE, stop, batch).await;
}
