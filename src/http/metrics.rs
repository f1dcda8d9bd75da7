//! `/metrics`: what the process counted, for Prometheus.
//!
//! For callers with an API key of the scope `metrics:read`. Not for whoever calls from this
//! machine: behind a proxy beside us everybody does.

use std::sync::Arc;

use poem::http::header;
use poem::{EndpointExt, Request, Response, Route, get, handler};

use super::limits::Limits;
use super::problem::{Code, Problem};
use crate::domain::api_key::Scope;
use crate::domain::secret::Secret;
use crate::flows::keys::Keys;
use crate::flows::measure::Measure;

#[must_use]
pub(super) fn add(routes: Route, measure: Arc<Measure>, keys: Keys, limits: Limits) -> Route {
    routes.at("/metrics", get(metrics).data(measure).data(keys).data(limits))
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// As Prometheus reads it.
#[handler]
async fn metrics(
    request: &Request,
    measure: poem::web::Data<&Arc<Measure>>,
    keys: poem::web::Data<&Keys>,
    limits: poem::web::Data<&Limits>,
) -> Result<Response, Problem> {
    let named = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let text = named.and_then(|value| value.strip_prefix("Bearer "));
    let Some(text) = text else {
        return Err(Problem::new(Code::Unauthorized, "send an API key as Authorization: Bearer"));
    };
    let Some(key) = keys.recognise(&Secret::from(text)).await? else {
        limits.wrong_key(request)?;
        return Err(Problem::new(Code::Unauthorized, "the API key is unknown or revoked"));
    };
    if !key.scopes.contains(&Scope::MetricsRead) {
        let detail = format!("this API key lacks the scope {}", Scope::MetricsRead);
        return Err(Problem::new(Code::Forbidden, detail));
    }
    let text = measure.render().await?;
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, OPEN_METRICS)
        .header(header::CACHE_CONTROL, "no-store")
        .body(text))
}
