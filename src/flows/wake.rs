//! The bell between flows that leave work behind and the worker that does it.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells the delivery worker that there may be something to deliver. Waking one that is busy is
/// not forgotten.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    pub fn wake(&self) {
        self.0.notify_one();
    }

    pub async fn woken(&self) {
        self.0.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waking_a_busy_worker_is_remembered() {
        let wake = Wake::default();
        wake.clone().wake();
        wake.woken().await;
    }
}
