//! The outermost layer: every request gets an id, a deadline and a log line; every answer the
//! security headers; every error the problem shape.

use std::sync::Arc;
use std::time::Duration;

use poem::http::{HeaderName, HeaderValue, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response};

use super::problem::{Code, Problem};
use crate::domain::clock::Clock;
use crate::domain::id::RequestId;
use crate::domain::random::Random;
use crate::metrics::Metrics;

/// Longer than anything here takes; what is not read and answered by then is refused.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps the whole application.
#[derive(Clone)]
pub(super) struct Edge {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub metrics: Arc<Metrics>,
    /// The origin is https: browsers are told to stay there.
    pub https: bool,
}

impl<E: Endpoint> Middleware<E> for Edge {
    type Output = EdgeEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        EdgeEndpoint { inner, edge: self.clone() }
    }
}

#[derive(Debug)]
pub(super) struct EdgeEndpoint<E> {
    inner: E,
    edge: Edge,
}

impl<E: Endpoint> Endpoint for EdgeEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let begun = self.edge.clock.now();
        let id = RequestId::new(begun, &*self.edge.random);
        let id = id.unwrap_or(RequestId::from_bytes([0; 16]));
        let method = request.method().clone();
        let (place, route) = route(request.uri().path());
        let mut response = match tokio::time::timeout(DEADLINE, self.inner.call(request)).await {
            Ok(Ok(answer)) => answer.into_response(),
            Ok(Err(error)) => Problem::from(error).into_response_for(id),
            Err(_) => {
                let detail = "the request did not arrive, or was not answered, in time";
                Problem::new(Code::RequestTimeout, detail).into_response_for(id)
            }
        };
        self.edge.protect(&mut response, id);
        let took = self.edge.clock.now().since(begun);
        self.edge.metrics.answered(place, response.status().as_u16(), took);
        tracing::info!(
            request = %id,
            %method,
            route,
            status = response.status().as_u16(),
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "request"
        );
        Ok(response)
    }
}

impl Edge {
    fn protect(&self, response: &mut Response, id: RequestId) {
        let headers = response.headers_mut();
        // At once, instead of one growth after another.
        headers.reserve(6);
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(REQUEST_ID, value);
        }
        let mut set = |name, value| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::REFERRER_POLICY, "no-referrer");
        set(header::X_FRAME_OPTIONS, "DENY");
        set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
        if self.https {
            set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
        }
    }
}

/// Routes by what their paths begin with, and what they are called.
const PREFIXES: [(&str, &str); 16] = [
    ("/v/", "/v/{token}"),
    ("/l/", "/l/{code}"),
    ("/api/verification/link", "/api/verification/link"),
    ("/api/verification/status", "/api/verification/status"),
    ("/api/ceremony/register/", "/api/ceremony/register"),
    ("/api/ceremony/authenticate/", "/api/ceremony/authenticate"),
    ("/api/ceremony/totp/", "/api/ceremony/totp"),
    ("/api/ceremony/decline", "/api/ceremony/decline"),
    ("/api/ceremony/diagnostics", "/api/ceremony/diagnostics"),
    ("/api/ceremony/status", "/api/ceremony/status"),
    ("/api/ceremony/new-phone", "/api/ceremony/new-phone"),
    ("/api/customers/", "/api/customers/{user_id}"),
    ("/api/me", "/api/me"),
    ("/api/endpoints", "/api/endpoints"),
    ("/api/deliveries", "/api/deliveries"),
    ("/static/", "/static"),
];
/// Routes that are whole paths, and at the end what all others are called.
const WHOLE: [&str; 9] =
    ["/", "/verify", "/me", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "other"];

/// The names of all routes, in the order in which they are counted.
pub(super) fn routes() -> Vec<&'static str> {
    PREFIXES.iter().map(|(_, name)| *name).chain(WHOLE).collect()
}

/// What is said of a path, and its place among [`routes`]: never a token, a code or a customer's id.
fn route(path: &str) -> (usize, &'static str) {
    let prefixed = PREFIXES.iter().enumerate().find(|(_, (prefix, _))| path.starts_with(prefix));
    if let Some((place, (_, name))) = prefixed {
        return (place, name);
    }
    let other = WHOLE.len().saturating_sub(1);
    let place = WHOLE.iter().position(|whole| *whole == path).unwrap_or(other);
    (PREFIXES.len() + place, WHOLE.get(place).copied().unwrap_or_default())
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge").field("https", &self.https).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_route_holds_nothing_that_came_with_the_path() {
        let name = |path| {
            let (place, name) = route(path);
            assert_eq!(routes()[place], name, "{path}");
            name
        };
        assert_eq!(name("/v/eyJhbGciOiJIUzI1NiJ9.e30.x"), "/v/{token}");
        assert_eq!(name("/metrics"), "/metrics");
        assert_eq!(name("/l/01h2xcejqtf2nbrexx3vqjhp41"), "/l/{code}");
        assert_eq!(name("/api/customers/asaf@example.com"), "/api/customers/{user_id}");
        assert_eq!(name("/asaf@example.com"), "other");
    }
}
