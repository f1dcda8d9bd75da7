//! What the store does for customers and their passkeys.

use async_trait::async_trait;

use super::{Context, Result};
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::credential::Credential;
use crate::domain::customer::{Customer, Footing, UserId};
use crate::domain::id::{CredentialId, CustomerId};

#[async_trait]
pub trait Customers {
    async fn find_customer(&self, user_id: &UserId) -> Result<Option<Customer>>;

    /// Where a customer stands; `None` for one nobody has heard of.
    async fn standing(&self, user_id: &UserId) -> Result<Option<Footing>>;

    /// The active key with this hash and, if there is one, where the customer stands, of the same
    /// moment. The gate's whole read.
    async fn standing_for(
        &self,
        key: KeyHash,
        user_id: &UserId,
    ) -> Result<Option<(ApiKey, Option<Footing>)>>;

    /// All credentials of a customer, revoked ones too, oldest first.
    async fn list_credentials(&self, customer: CustomerId) -> Result<Vec<Credential>>;

    /// Revokes an active credential of this customer; a verification that rests on it lapses.
    /// `false` if there is none such.
    async fn revoke_credential(
        &self,
        customer: CustomerId,
        credential: CredentialId,
        context: Context,
    ) -> Result<bool>;

    /// The same with every active one that was [added with it](crate::domain::credential::added_with), each with its own event,
    /// notices and audit; all but `spared` and what was added with that one. Which; none if the
    /// customer has no such active credential.
    async fn revoke_with_added(
        &self,
        customer: CustomerId,
        credential: CredentialId,
        spared: Option<CredentialId>,
        context: Context,
    ) -> Result<Vec<CredentialId>>;

    /// Sends `verification.lapsed` for up to `limit` customers whose verdict passed its
    /// `verified_until`, once each. How many; an unreadable one is logged and left.
    async fn lapse_verdicts(&self, limit: u32, context: Context) -> Result<usize>;

    /// Raises up to `limit` credentials that are bound at `channel` or `call_code` to `seasoned`:
    /// those last used when the waiting period since they were made was over, which are neither
    /// revoked nor suspected and to which no link that the customer declined since objects. How
    /// many; each is audited. Verdicts that were written stay as they are.
    async fn season_credentials(&self, limit: u32, context: Context) -> Result<usize>;
}
