//! A new signing key in the place of the former one, which goes on signing for a while.

use std::time::Duration;

use serde_json::json;

use super::super::Unavailable;
use super::super::destinations::keep_key;
use super::{EndpointError, Endpoints, Made, Result};
use crate::domain::audit::{Action, Actor};
use crate::domain::endpoint::{draw_key, rotate};
use crate::domain::id::EndpointId;
use crate::domain::secret::Secret;

/// What staff ask for.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// How long the former key signs beside the new one; zero: no more from now on.
    pub overlap: Duration,
    /// The new one; drawn, if there is none.
    pub secret: Option<Secret>,
}

impl Rotation {
    /// The longest overlap.
    pub const MOST: Duration = Duration::from_secs(7 * 86_400);
    /// The overlap, if nobody says otherwise.
    pub const USUAL: Duration = Duration::from_secs(86_400);
}

impl Endpoints {
    /// # Errors
    /// [`EndpointError`].
    pub async fn rotate(&self, id: EndpointId, rotation: Rotation, actor: Actor) -> Result<Made> {
        let mut endpoint = self.own(id).await?;
        if !endpoint.kind.signs() {
            return Err(EndpointError::SignsNothing);
        }
        let now = self.clock.now();
        let secret = match rotation.secret {
            Some(given) => given,
            None => draw_key(&*self.random).map_err(Unavailable::from)?,
        };
        let key = keep_key(&secret, id, &self.destinations.seal, &*self.random, now)?;
        if endpoint
            .live_keys(now)
            .next()
            .is_some_and(|newest| newest.fingerprint == key.fingerprint)
        {
            let wrong = "is the one that signs already".to_owned();
            return Err(EndpointError::Invalid(vec![("secret".to_owned(), wrong)]));
        }
        let detail =
            json!({ "key": key.fingerprint, "overlap_seconds": rotation.overlap.as_secs() });
        endpoint.keys = rotate(&endpoint.keys, key, now.plus(rotation.overlap), now);
        let seen = self.write(endpoint, Action::EndpointSecretRotated, detail, actor).await?;
        Ok(Made { seen, secret: Some(secret) })
    }
}
