//! What the store does for API keys.

use async_trait::async_trait;

use super::Result;
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::id::ApiKeyId;

#[async_trait]
pub trait Keys {
    /// Stores a new API key. `entry` is its audit entry.
    async fn insert_key(&self, key: ApiKey, entry: Entry) -> Result<()>;

    /// An active key by its hash.
    async fn find_key(&self, hash: KeyHash) -> Result<Option<ApiKey>>;

    /// All keys, oldest first.
    async fn list_keys(&self) -> Result<Vec<ApiKey>>;

    /// Revokes an active key. `false` if there is none such.
    async fn revoke_key(&self, id: ApiKeyId, entry: Entry) -> Result<bool>;

    /// Makes `BOOTSTRAP_API_KEY` (or its absence) true: at most one key has this id, with this
    /// hash, active; a former one is revoked. The operator is on record for what changes.
    /// Whether a former one was revoked.
    async fn set_bootstrap_key(&self, key: Option<ApiKey>, now: Timestamp) -> Result<bool>;
}
