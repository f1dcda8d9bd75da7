//! What the store does for endpoints.

use async_trait::async_trait;

use super::{Idempotency, Once, Result};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
pub use crate::domain::delivery::Undelivered;
use crate::domain::endpoint::{Endpoint, Kind};
use crate::domain::id::EndpointId;
use crate::domain::remedy::Remedy;

/// What the environment says of the built-in endpoint; its secrets stay there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    pub kind: Kind,
    pub shown_url: String,
}

/// Endpoints. Events are queued for those that are active or paused and held for those that are
/// disabled, if they are among the endpoint's; see [`Deliveries`](super::Deliveries).
#[async_trait]
pub trait Endpoints {
    /// Says whether the built-in endpoint exists (`CRM_WEBHOOK_URL` is set). From now on verdicts
    /// get a delivery to it, or none. If it does, it is active unless staff paused it, and its held
    /// deliveries are due again, but for those that newer news of the same customer has overtaken.
    /// Whether it was there, or not, otherwise before.
    async fn set_built_in_endpoint(
        &self,
        built_in: Option<BuiltIn>,
        now: Timestamp,
    ) -> Result<bool>;

    /// Adds one with its keys, unless the entry's actor did with this idempotency key before; its
    /// id. `None`, and nothing written, if there are [`MOST`](crate::domain::endpoint::MOST) already.
    async fn insert_endpoint(
        &self,
        endpoint: Endpoint,
        entry: Entry,
        idempotency: Option<Idempotency>,
    ) -> Result<Option<Once<EndpointId>>>;

    /// All but removed ones, oldest first.
    async fn list_endpoints(&self) -> Result<Vec<Endpoint>>;

    /// One that is not removed.
    async fn find_endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>>;

    /// Writes what staff changed of it, its keys and its status included, unless somebody else did
    /// since it had this `revision`: then `false`, and nothing is written. Its unfinished deliveries
    /// are held when it is disabled and cancelled when it is removed; one that is disabled fares
    /// well again (its health starts anew) once it is active.
    async fn update_endpoint(&self, endpoint: Endpoint, entry: Entry) -> Result<bool>;

    /// Holds, or calls off, what was queued for an endpoint in the very moment in which it was
    /// disabled or removed, and saw neither. How many endpoints had some.
    async fn settle_strays(&self, now: Timestamp) -> Result<usize>;

    /// What helps with the newest failed attempt there, as far as it is among the few that are
    /// looked at: those of deliveries that are tried again latest, or did not arrive last.
    async fn newest_remedy(&self, id: EndpointId) -> Result<Option<Remedy>>;

    /// What did not arrive there.
    async fn count_undelivered(&self, id: EndpointId) -> Result<Undelivered>;

    /// Notes what was done without changing anything.
    async fn append_audit(&self, entry: Entry) -> Result<()>;
}
