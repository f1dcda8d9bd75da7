//! Sends what staff want sent again on its way, a little at a time. Several instances may run this:
//! each step takes its replay for itself.

use std::time::Duration;

use super::{BackOff, Stop};
use crate::flows::replay::Replays;

/// How soon a replay that was just asked for begins.
const POLL: Duration = Duration::from_secs(1);
/// What is due but was not taken is in another worker's hands.
const SOONEST: Duration = Duration::from_millis(20);

/// Runs until stopped. A step that has begun is finished.
pub async fn run(replays: Replays, mut stop: Stop) {
    let mut back_off = BackOff::new();
    loop {
        let wait = match replays.step().await {
            Ok(next) => {
                back_off.reset();
                next.map_or(POLL, |next| next.clamp(SOONEST, POLL))
            }
            Err(error) => {
                tracing::warn!(%error, "could not go on with a replay");
                back_off.next()
            }
        };
        tokio::select! {
            biased;
            () = stop.requested() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}
