//! The rhythm of work that falls due by the clock: a batch, again at once while batches are
//! full, else after a pause.

use std::time::Duration;

use super::{BackOff, Stop};
use crate::store;

/// How much one transaction takes on.
pub(super) const BATCH: u32 = 200;
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// Runs `batch`, which says how much it did, until stopped. A batch that has begun is finished.
pub(super) async fn sweep<F>(
    what: &'static str,
    pause: Duration,
    mut stop: Stop,
    mut batch: impl FnMut() -> F,
) where
    F: Future<Output = store::Result<usize>>,
{
    let mut back_off = BackOff::new();
    loop {
        let wait = match batch().await {
            Ok(done) => {
                back_off.reset();
                if done > 0 {
                    tracing::info!(what, done, "swept");
                }
                if usize::try_from(BATCH).is_ok_and(|full| done < full) {
                    pause
                } else {
                    Duration::ZERO
                }
            }
            Err(error) => {
                tracing::warn!(what, %error, "could not sweep");
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

#[cfg(test)]
mod tests {
    use super::super::{Stopper, stopper};
    use super::*;
    use crate::store::StoreError;

    const NEVER: Duration = Duration::from_secs(3600);

    /// Answers each batch from the list; asked beyond it, stops the sweep and says "nothing left".
    async fn sweep_through(pause: Duration, answers: Vec<store::Result<usize>>) -> usize {
        let (stopper, stop) = stopper();
        let mut stopper: Option<Stopper> = Some(stopper);
        let mut answers = answers.into_iter();
        let mut batches = 0;
        sweep("tests", pause, stop, || {
            batches += 1;
            let answer = answers.next();
            if answers.len() == 0 {
                stopper.take();
            }
            std::future::ready(answer.unwrap_or(Ok(0)))
        })
        .await;
        batches
    }

    #[tokio::test]
    async fn a_full_batch_is_followed_at_once() {
        assert_eq!(sweep_through(NEVER, vec![Ok(200), Ok(200), Ok(3)]).await, 3);
    }

    #[tokio::test]
    async fn a_failing_store_is_asked_again() {
        let failure = || Err(StoreError::Busy);
        assert_eq!(sweep_through(NEVER, vec![failure(), failure(), Ok(0)]).await, 3);
    }

    #[tokio::test]
    async fn when_nothing_is_left_the_sweep_pauses_and_goes_on() {
        assert_eq!(sweep_through(Duration::from_millis(1), vec![Ok(0), Ok(199), Ok(0)]).await, 3);
    }
}
