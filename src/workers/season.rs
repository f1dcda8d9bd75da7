//! Raises passkeys that were used again after their waiting period.

use std::sync::Arc;

use super::sweep::{BATCH, PAUSE, sweep};
use super::{Stop, context};
use crate::config::Verification;
use crate::domain::clock::Clock;
use crate::store::Store;

/// Runs until stopped. Nobody is told: the next verdict says what it is worth.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    verification: Verification,
    stop: Stop,
) {
    let batch = || store.season_credentials(BATCH, context(clock.now(), &verification));
    sweep("passkeys past their waiting period", PAUSE, stop, batch).await;
}
