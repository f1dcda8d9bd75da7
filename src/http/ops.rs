//! Liveness and readiness.

use std::sync::Arc;

use poem::http::header;
use poem::web::Data;
use poem::{EndpointExt, IntoResponse, Response, Route, get, handler};

use super::problem::{Code, Problem};
use crate::store::Store;

#[must_use]
pub(super) fn add(routes: Route, store: Arc<dyn Store>) -> Route {
    routes.at("/healthz", get(healthz)).at("/readyz", get(readyz).data(store))
}

/// The process answers.
#[handler]
fn healthz() -> Response {
    ok()
}

/// Requests can be served: the store reads and writes.
#[handler]
async fn readyz(store: Data<&Arc<dyn Store>>) -> Result<Response, Problem> {
    store.ready().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        Problem::new(Code::Unavailable, "the store does not answer")
    })?;
    Ok(ok())
}

fn ok() -> Response {
    "ok\n".with_header(header::CACHE_CONTROL, "no-store").into_response()
}
