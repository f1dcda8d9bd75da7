//! Writes that must not be lost because the store was busy for a moment: what they record has
//! happened already and cannot be asked for again.

use std::time::Duration;

use crate::store::StoreError;

const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Tries up to five times, 1.5 s in all, while the store is busy or unavailable. The second value:
/// whether it took more than one try, so that an earlier one may have been committed and only its
/// answer lost.
///
/// # Errors
/// The last try's; at once for whatever does not pass by itself.
pub(super) async fn insist<T, F>(mut write: impl FnMut() -> F) -> Result<(T, bool), StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = FIRST_PAUSE;
    for tries in 1..TRIES {
        match write().await {
            Err(error @ (StoreError::Busy | StoreError::Unavailable(_))) => {
                tracing::warn!(%error, tries, "a write is tried again");
                tokio::time::sleep(pause).await;
            }
            done => return done.map(|value| (value, tries > 1)),
        }
        pause *= 2;
    }
    write().await.map(|value| (value, true))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Fails so often before it succeeds; the outcome and how often it was tried.
    async fn after(failures: u32) -> (Result<((), bool), StoreError>, u32) {
        let tries = Cell::new(0);
        let outcome = insist(|| {
            tries.set(tries.get() + 1);
            let busy = tries.get() <= failures;
            async move { if busy { Err(StoreError::Busy) } else { Ok(()) } }
        })
        .await;
        (outcome, tries.get())
    }

    #[tokio::test]
    async fn a_busy_store_is_asked_five_times_before_an_answer_is_given_up() {
        assert!(matches!(after(0).await, (Ok(((), false)), 1)));
        assert!(matches!(after(4).await, (Ok(((), true)), 5)));
        assert!(matches!(after(5).await, (Err(StoreError::Busy), 5)));
    }

    #[tokio::test]
    async fn what_is_damaged_is_not_asked_again() {
        let outcome = insist(|| async { Err::<(), _>(StoreError::Corrupt("x".to_owned())) }).await;
        assert!(matches!(outcome, Err(StoreError::Corrupt(_))));
    }
}
