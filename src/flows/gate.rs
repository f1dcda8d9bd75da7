//! The gate: may service go on for this customer?

use std::sync::Arc;
use std::time::Duration;

use super::Unavailable;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::customer::UserId;
use crate::domain::gate::{self, Answer, Demand};
use crate::domain::verdict::Assurance;
use crate::store::Store;

/// Answers the gate's question with one read.
#[derive(Clone)]
pub struct Gate {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// Demanded if the asker does not say.
    pub min_assurance: Assurance,
}

impl Gate {
    /// The answer, and the moment it is true for.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn ask(
        &self,
        user_id: &UserId,
        max_age: Option<Duration>,
        min_assurance: Option<Assurance>,
    ) -> Result<(Answer, Timestamp), Unavailable> {
        let standing = self.store.standing(user_id).await?;
        let now = self.clock.now();
        let demand = Demand { max_age, min_assurance: min_assurance.unwrap_or(self.min_assurance) };
        Ok((gate::ask(standing.as_ref(), demand, now), now))
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("min_assurance", &self.min_assurance).finish_non_exhaustive()
    }
}
