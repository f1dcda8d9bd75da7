//! Answers to challenges while they are checked and settled.

use std::sync::Arc;

use tokio::sync::RwLock;
use tokio::task::JoinError;

/// Counts what is under way: each holds the lock for reading.
#[derive(Clone, Debug, Default)]
pub struct Settling(Arc<RwLock<()>>);

impl Settling {
    /// Runs `work` in a task of its own: it goes on to its end even if nobody waits for it any
    /// more, because the customer's connection broke.
    pub(super) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let under_way = Arc::clone(&self.0).read_owned().await;
        let task = async move {
            let result = work.await;
            drop(under_way);
            result
        };
        tokio::spawn(task).await
    }

    /// Returns once nothing is under way.
    pub async fn finished(&self) {
        drop(self.0.write().await);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_is_waited_for_though_its_request_is_gone() {
        let settling = Settling::default();
        let settled = Arc::new(AtomicBool::new(false));
        let (begun, begins) = oneshot::channel();
        let (go_on, told) = oneshot::channel::<()>();
        let work = {
            let settled = Arc::clone(&settled);
            async move {
                begun.send(()).unwrap();
                told.await.unwrap();
                settled.store(true, Ordering::SeqCst);
            }
        };
        let request = tokio::spawn({
            let settling = settling.clone();
            async move { settling.to_the_end(work).await }
        });
        begins.await.unwrap();
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        let closing = async {
            settling.finished().await;
            assert!(settled.load(Ordering::SeqCst));
        };
        tokio::join!(closing, async { go_on.send(()).unwrap() });
    }
}
