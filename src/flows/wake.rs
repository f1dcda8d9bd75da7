//! The bell between flows that leave work behind and the workers that do it.

use crate::store::{Bell, Changes};

/// Tells the delivery workers that there may be something to deliver. It is the bell of the store's
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

    /// Tells the worker that sends mails that there may be one.
    pub fn wake_mails(&self) {
        self.0.announce_mails();
    }

    /// For the worker that sends mails.
    #[must_use]
    pub fn mails(&self) -> Bell {
        self.0.mails()
    }

    /// For a worker.
    #[must_use]
    pub fn bell(&self) -> Bell {
        self.0.queued()
    }

    /// For whoever starts workers.
    #[must_use]
    pub fn endpoints(&self) -> Bell {
        self.0.endpoints()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_another_instance_queued_wakes_the_worker_even_while_it_is_busy() {
        let changes = Changes::default();
        let wake = Wake::of(changes.clone());
        let mut bell = wake.bell();
        changes.announce_queued();
        bell.rung().await;
        wake.wake();
        bell.rung().await;
    }
}
