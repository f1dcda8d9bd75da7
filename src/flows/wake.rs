//! The bell between flows that leave work behind and the worker that does it.

use crate::store::Changes;

/// Tells the delivery worker that there may be something to deliver. It is the bell of the store's
/// hub, which other instances ring as well. Waking one that is busy is not forgotten.
#[derive(Clone, Debug, Default)]
pub struct Wake(Changes);

impl Wake {
    /// The bell of this hub.
    #[must_use]
    pub const fn of(changes: Changes) -> Self {
        Self(changes)
    }

    pub fn wake(&self) {
        self.0.announce_queued();
    }

    pub async fn woken(&self) {
        self.0.queued().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_another_instance_queued_wakes_the_worker_even_while_it_is_busy() {
        let changes = Changes::default();
        let wake = Wake::of(changes.clone());
        changes.announce_queued();
        wake.woken().await;
        wake.wake();
        wake.woken().await;
    }
}
