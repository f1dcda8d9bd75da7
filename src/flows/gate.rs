//! The gate: may service go on for this customer?

use std::sync::Arc;
use std::time::Duration;

use super::Unavailable;
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::customer::{Footing, UserId};
use crate::domain::gate::{self, Answer, Demand};
use crate::domain::secret::Secret;
use crate::domain::verdict::Assurance;
use crate::store::Store;

/// Answers the gate's question with one read, which recognises who asks as well.
#[derive(Clone)]
pub struct Gate {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// Demanded if the asker does not say.
    pub min_assurance: Assurance,
    /// The waiting period of new passkeys.
    pub seasoning: Duration,
}

/// What was read for a question of a customer.
#[derive(Clone, Debug)]
pub struct Subject {
    user_id: UserId,
    footing: Option<Footing>,
}

impl Gate {
    /// The active key with this text and, read along, where the customer stands.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn recognise(
        &self,
        key: &Secret,
        user_id: UserId,
    ) -> Result<Option<(ApiKey, Subject)>, Unavailable> {
        let found = self.store.standing_for(KeyHash::of(key), &user_id).await?;
        Ok(found.map(|(key, footing)| (key, Subject { user_id, footing })))
    }

    /// The answer, and the moment it is true for. What was read for another customer is of no use.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn ask(
        &self,
        user_id: &UserId,
        read: Option<Subject>,
        max_age: Option<Duration>,
        min_assurance: Option<Assurance>,
    ) -> Result<(Answer, Timestamp), Unavailable> {
        let footing = match read {
            Some(subject) if subject.user_id == *user_id => subject.footing,
            Some(_) | None => self.store.standing(user_id).await?,
        };
        let now = self.clock.now();
        let demand = Demand { max_age, min_assurance: min_assurance.unwrap_or(self.min_assurance) };
        Ok((gate::ask(footing.as_ref(), demand, self.seasoning, now), now))
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("min_assurance", &self.min_assurance).finish_non_exhaustive()
    }
}
