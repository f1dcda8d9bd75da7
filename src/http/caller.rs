//! Who calls, and what they may do.

use std::sync::Arc;

use poem::Request;
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer;
use url::form_urlencoded;

use super::limits::Limits;
use super::problem::{Code, Problem};
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::audit::Actor;
use crate::domain::customer::UserId;
use crate::domain::secret::Secret;
use crate::domain::text::Line;
use crate::flows::gate::{self, Gate};
use crate::flows::keys::Keys;

/// What is asked about a request before its handler runs: one datum of every request, for each is
/// taken along with it.
pub(super) struct Doorkeeper {
    pub keys: Keys,
    pub gate: Gate,
    pub limits: Limits,
    /// Where our own page comes from.
    pub origin: String,
}

impl Doorkeeper {
    /// `None` only if the routes are put together wrongly.
    pub(super) fn of(request: &Request) -> Option<&Self> {
        request.data::<Arc<Self>>().map(|keeper| &**keeper)
    }
}

/// An API key made with `vouchlink key create`, as `Authorization: Bearer vl_...`.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "ApiKey", checker = "recognise")]
pub(super) struct Caller(ApiKey);

/// An API key made with `vouchlink key create`, as `Authorization: Bearer vl_...`.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "ApiKey", checker = "recognise_asker")]
pub(super) struct Asker(Asked);

/// Whoever asks the gate, and what was read together with their key.
pub(super) struct Asked {
    key: ApiKey,
    /// `None` if the question names no customer, or not clearly.
    subject: Option<gate::Subject>,
}

impl Asker {
    /// # Errors
    /// `forbidden` if the key lacks the scope.
    pub(super) fn may(self, scope: Scope) -> Result<Option<gate::Subject>, Problem> {
        may(&self.0.key, scope)?;
        Ok(self.0.subject)
    }
}

fn may(key: &ApiKey, scope: Scope) -> Result<Actor, Problem> {
    if key.scopes.contains(&scope) {
        return Ok(Actor::ApiKey(key.id));
    }
    let detail = format!("this API key lacks the scope {scope}");
    Err(Problem::new(Code::Forbidden, detail))
}

impl Caller {
    /// # Errors
    /// `forbidden` if the key lacks the scope.
    pub(super) fn may(&self, scope: Scope) -> Result<Actor, Problem> {
        may(&self.0, scope)
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

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asker({})", self.0.key.id)
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.0.id)
    }
}

async fn recognise(request: &Request, bearer: Bearer) -> poem::Result<ApiKey> {
    let keys = &Doorkeeper::of(request).ok_or_else(unavailable)?.keys;
    let text = Secret::from(bearer.token.as_str());
    known(request, keys.recognise(&text).await.map_err(Problem::from)?)
}

async fn recognise_asker(request: &Request, bearer: Bearer) -> poem::Result<Asked> {
    let Some(user_id) = customer(request) else {
        return Ok(Asked { key: recognise(request, bearer).await?, subject: None });
    };
    let gate = &Doorkeeper::of(request).ok_or_else(unavailable)?.gate;
    let text = Secret::from(bearer.token.as_str());
    let found = gate.recognise(&text, user_id).await.map_err(Problem::from)?;
    let (key, subject) = known(request, found)?;
    Ok(Asked { key, subject: Some(subject) })
}

/// Whom the question is about. Nothing is refused here: who may not ask is not told what is wrong
/// with the question.
fn customer(request: &Request) -> Option<UserId> {
    let query = request.uri().query()?;
    let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "user_id");
    let (_, user_id) = named.next()?;
    UserId::parse(&user_id).ok()
}

fn unavailable() -> Problem {
    Problem::new(Code::Unavailable, "keys cannot be checked at the moment")
}

fn known<T>(request: &Request, found: Option<T>) -> poem::Result<T> {
    if let Some(found) = found {
        return Ok(found);
    }
    if let Some(keeper) = Doorkeeper::of(request) {
        keeper.limits.wrong_key(request)?;
    }
    let detail = "the API key is unknown or revoked; make one with: vouchlink key create";
    Err(Problem::new(Code::Unauthorized, detail).into())
}
