//! What the store does so that the operators hear of endpoints that fail.

use async_trait::async_trait;

use super::Result;
use crate::domain::clock::Timestamp;
use crate::domain::mail::EmailAddress;

/// News of endpoints is noted with the attempts it follows from, whether or not anybody is to be
/// mailed; it is told by [`crate::domain::alert`]'s rules.
#[async_trait]
pub trait Alerts {
    /// When the news there is is to be mailed; `None` if there is none.
    async fn alert_due(&self) -> Result<Option<Timestamp>>;

    /// If it is due, queues one mail with all of it for each recipient; how many mails. News that is
    /// none any more is dropped.
    async fn queue_alert(&self, recipients: &[EmailAddress], now: Timestamp) -> Result<usize>;
}
