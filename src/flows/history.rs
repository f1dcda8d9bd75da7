//! Deliveries from staff's side: what was sent, what came of it, and calling one off.

use std::fmt;
use std::sync::Arc;

use super::Unavailable;
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::Clock;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::id::DeliveryId;
use crate::store::{CallOff, DeliveryFilter, DeliveryPage, DeliveryRecord, Store};

#[derive(Clone)]
pub struct History {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
}

/// Why a delivery was not shown or called off.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("no such delivery")]
    NotFound,
    #[error("the delivery is {0}")]
    Left(DeliveryStatus),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl History {
    /// Newest first.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn list(
        &self,
        filter: &DeliveryFilter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<DeliveryPage, Unavailable> {
        Ok(self.store.list_deliveries(filter, after, limit).await?)
    }

    /// # Errors
    /// [`DeliveryError`].
    pub async fn show(&self, id: DeliveryId) -> Result<DeliveryRecord, DeliveryError> {
        let found = self.store.find_delivery(id).await.map_err(Unavailable::from)?;
        found.ok_or(DeliveryError::NotFound)
    }

    /// Not sent any more; what comes behind it goes on.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn cancel(&self, id: DeliveryId, actor: Actor) -> Result<(), DeliveryError> {
        let entry = Entry {
            at: self.clock.now(),
            actor,
            action: Action::DeliveriesCancelled,
            link: None,
            customer: None,
            detail: serde_json::json!({ "delivery": id }),
        };
        match self.store.cancel_delivery(id, entry).await.map_err(Unavailable::from)? {
            CallOff::Cancelled => Ok(()),
            CallOff::Left(status) => Err(DeliveryError::Left(status)),
            CallOff::Absent => Err(DeliveryError::NotFound),
        }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}
