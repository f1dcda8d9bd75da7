//! Makes mails for the operators out of what befell endpoints.

use std::sync::Arc;

use super::Stop;
use super::sweep::{PAUSE, sweep};
use crate::domain::clock::Clock;
use crate::domain::mail::EmailAddress;
use crate::flows::wake::Wake;
use crate::store::Store;

/// Runs until stopped. Several instances may: what one has queued is no news to the others.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    recipients: Vec<EmailAddress>,
    wake: Wake,
    stop: Stop,
) {
    let batch = || async {
        let now = clock.now();
        if store.alert_due().await?.is_none_or(|due| due > now) {
            return Ok(0);
        }
        let queued = store.queue_alert(&recipients, now).await?;
        if queued > 0 {
            wake.wake_mails();
        }
        Ok(queued)
    };
    sweep("news of endpoints", PAUSE, stop, batch).await;
}
