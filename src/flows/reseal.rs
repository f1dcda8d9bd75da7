//! `DATA_KEY` changes: what was sealed with a former key is sealed anew with the first one, so that
//! the former may be thrown away.

use std::sync::Arc;

use serde_json::json;

use super::destinations::{Secrets, Unopened, keep_key, open_key};
use super::{Unavailable, app_secrets};
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::Timestamp;
use crate::domain::endpoint::{BUILT_IN, Endpoint, KeptKey};
use crate::domain::random::Random;
use crate::seal::{Seal, SealError};
use crate::store::Store;

/// What one pass came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    pub endpoints: usize,
    /// Customers' authenticator apps.
    pub apps: usize,
    /// Those that no key opens. Nothing is sent to them, and no code of them taken, until one does.
    pub unopened: usize,
}

/// One pass over all endpoints and authenticator apps. One that somebody changes meanwhile is left to the next pass.
///
/// # Errors
/// [`Unavailable`] only.
pub async fn reseal(
    store: &dyn Store,
    seal: &Arc<Seal>,
    random: &dyn Random,
    now: Timestamp,
) -> Result<Resealed, Unavailable> {
    let mut done = Resealed::default();
    for endpoint in store.list_endpoints().await? {
        if endpoint.id == BUILT_IN {
            continue;
        }
        match anew(seal, &endpoint, random) {
            Ok(None) => {}
            Ok(Some(resealed)) => {
                let detail = json!({ "endpoint": endpoint.id, "changed": ["data_key"] });
                let entry = Entry {
                    at: now,
                    actor: Actor::System,
                    action: Action::EndpointChanged,
                    link: None,
                    customer: None,
                    detail,
                };
                done.endpoints += usize::from(store.update_endpoint(resealed, entry).await?);
            }
            Err(Unopened::Seal(SealError::NoEntropy(error))) => return Err(error.into()),
            Err(error) => {
                let endpoint = endpoint.id;
                tracing::error!(%endpoint, %error, "an endpoint's secrets cannot be opened");
                done.unopened += 1;
            }
        }
    }
    reseal_apps(store, seal, random, &mut done).await?;
    Ok(done)
}

/// Apps that are read at once.
const PAGE: u32 = 500;

async fn reseal_apps(
    store: &dyn Store,
    seal: &Seal,
    random: &dyn Random,
    done: &mut Resealed,
) -> Result<(), Unavailable> {
    let mut after = None;
    loop {
        let page = store.sealed_apps(after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(*last);
        for (app, sealed) in page.into_iter().filter(|(_, sealed)| seal.is_outdated(sealed)) {
            match app_secrets::open(&sealed, app, seal) {
                Ok(key) => {
                    let anew = app_secrets::keep(&key, app, seal, random)?;
                    done.apps += usize::from(store.reseal_app(app, sealed, anew).await?);
                }
                Err(error) => {
                    tracing::error!(%app, %error, "an authenticator app's secret cannot be opened");
                    done.unopened += 1;
                }
            }
        }
    }
}

/// `None` if nothing of it was sealed with a former key.
fn anew(
    seal: &Seal,
    endpoint: &Endpoint,
    random: &dyn Random,
) -> Result<Option<Endpoint>, Unopened> {
    let secrets = Secrets::open(seal, endpoint)?;
    let outdated = endpoint.sealed.iter().chain(endpoint.keys.iter().map(|key| &key.sealed));
    let outdated = outdated.filter(|sealed| seal.is_outdated(sealed)).count() > 0;
    let mut keys = Vec::with_capacity(endpoint.keys.len());
    for key in &endpoint.keys {
        let opened = open_key(key, endpoint.id, seal)?;
        let again = keep_key(&opened, endpoint.id, seal, random, key.created_at)?;
        keys.push(KeptKey { sealed: again.sealed, ..key.clone() });
    }
    if !outdated {
        return Ok(None);
    }
    let sealed = Some(secrets.seal(seal, endpoint.id, random)?);
    Ok(Some(Endpoint { sealed, keys, ..endpoint.clone() }))
}
