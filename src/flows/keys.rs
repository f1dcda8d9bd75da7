//! API keys: make, list, revoke, recognise.

use std::sync::Arc;

use super::Unavailable;
use super::insist::insist;
use crate::domain::api_key::{ApiKey, KeyHash, Scope};
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::id::ApiKeyId;
use crate::domain::random::Random;
use crate::domain::secret::Secret;
use crate::domain::text::Line;
use crate::store::Store;

#[derive(Clone)]
pub struct Keys {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// The same in every installation: there is one `BOOTSTRAP_API_KEY` at most.
const BOOTSTRAP: ApiKeyId = ApiKeyId::from_bytes([0; 16]);

impl Keys {
    /// A new key and, this once, its text.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn create(
        &self,
        name: Line<64>,
        scopes: Vec<Scope>,
    ) -> Result<(ApiKey, Secret), Unavailable> {
        let now = self.clock.now();
        let (key, text) = ApiKey::draw(name, scopes, now, &*self.random)?;
        self.store.insert_key(key.clone(), entry(Action::ApiKeyCreated, key.id, now)).await?;
        Ok((key, text))
    }

    /// # Errors
    /// [`Unavailable`] only.
    pub async fn list(&self) -> Result<Vec<ApiKey>, Unavailable> {
        Ok(self.store.list_keys().await?)
    }

    /// `false` if there is no such active key. The one of `BOOTSTRAP_API_KEY` is back at the next
    /// start ([`Self::is_bootstrap`]): it is revoked by unsetting the variable.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn revoke(&self, id: ApiKeyId) -> Result<bool, Unavailable> {
        Ok(self.store.revoke_key(id, entry(Action::ApiKeyRevoked, id, self.clock.now())).await?)
    }

    /// Whether this is the key of `BOOTSTRAP_API_KEY`.
    #[must_use]
    pub fn is_bootstrap(id: ApiKeyId) -> bool {
        id == BOOTSTRAP
    }

    /// The active key with this text.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn recognise(&self, text: &Secret) -> Result<Option<ApiKey>, Unavailable> {
        Ok(self.store.find_key(KeyHash::of(text)).await?)
    }

    /// The key as it is now; `None` once it is revoked.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn current(&self, key: &ApiKey) -> Result<Option<ApiKey>, Unavailable> {
        Ok(self.store.find_key(key.hash).await?)
    }

    /// Makes `BOOTSTRAP_API_KEY` true: that key works, with every scope, and no former one does.
    /// Whether there was a former one.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn set_bootstrap(&self, text: Option<&Secret>) -> Result<bool, Unavailable> {
        let now = self.clock.now();
        let name = Line::parse("bootstrap").map_err(|_| Unavailable::Internal("a bad name"))?;
        let key = text.map(|text| ApiKey {
            id: BOOTSTRAP,
            name,
            scopes: Scope::ALL.to_vec(),
            hash: KeyHash::of(text),
            created_at: now,
            revoked_at: None,
        });
        // Another process that starts, or hangs, may be in the way for a moment.
        let (former, _) = insist(|| self.store.set_bootstrap_key(key.clone(), now)).await?;
        Ok(former)
    }
}

fn entry(action: Action, key: ApiKeyId, at: Timestamp) -> Entry {
    Entry {
        at,
        actor: Actor::Operator,
        action,
        link: None,
        customer: None,
        detail: serde_json::json!({ "key": key }),
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}
