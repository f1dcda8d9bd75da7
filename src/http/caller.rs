//! Who calls, and what they may do.

use poem::Request;
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer;

use super::limits::Limits;
use super::problem::{Code, Problem};
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::audit::Actor;
use crate::domain::secret::Secret;
use crate::domain::text::Line;
use crate::flows::keys::Keys;

/// An API key made with `vouchlink key create`, as `Authorization: Bearer vl_...`.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "ApiKey", checker = "recognise")]
pub(super) struct Caller(ApiKey);

impl Caller {
    /// # Errors
    /// `forbidden` if the key lacks the scope.
    pub(super) fn may(&self, scope: Scope) -> Result<Actor, Problem> {
        if self.0.scopes.contains(&scope) {
            return Ok(Actor::ApiKey(self.0.id));
        }
        let detail = format!("this API key lacks the scope {scope}");
        Err(Problem::new(Code::Forbidden, detail))
    }

    /// The key as it was when the request came.
    #[must_use]
    pub(super) const fn key(&self) -> &ApiKey {
        &self.0
    }

    /// As customers read it.
    #[must_use]
    pub(super) const fn name(&self) -> &Line<64> {
        &self.0.name
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.0.id)
    }
}

async fn recognise(request: &Request, bearer: Bearer) -> poem::Result<ApiKey> {
    let unavailable = || Problem::new(Code::Unavailable, "keys cannot be checked at the moment");
    let keys = request.data::<Keys>().ok_or_else(unavailable)?;
    let text = Secret::from(bearer.token.as_str());
    if let Some(key) = keys.recognise(&text).await.map_err(Problem::from)? {
        return Ok(key);
    }
    if let Some(limits) = request.data::<Limits>() {
        limits.wrong_key(request)?;
    }
    let detail = "the API key is unknown or revoked; make one with: vouchlink key create";
    Err(Problem::new(Code::Unauthorized, detail).into())
}
