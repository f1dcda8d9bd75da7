//! The pages of `vouchlink demo`: a link to try, and every webhook as it arrives. Not part of
//! `serve`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use poem::http::{HeaderMap, StatusCode, header};
use poem::web::{Data, Html, Json, Redirect};
use poem::{Body, EndpointExt, IntoResponse, Response, Route, get, handler, post};
use serde::Serialize;

use super::links::qr_svg;
use super::page_headers;
use super::pages::demo::{DemoPage, DemoWebhook};
use super::problem::{Code, Problem};
use crate::domain::clock::Clock;
use crate::domain::text::Line;
use crate::flows::issue::{Issue, Issued, Order};
use crate::webhook::sign::{Received, SigningKey};

/// What the demo's pages need.
#[derive(Clone)]
pub struct Demo {
    issue: Issue,
    /// Checks what arrives, as a CRM would.
    key: SigningKey,
    clock: Arc<dyn Clock>,
    company: Line<64>,
    order: Order,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    current: Option<Issued>,
    /// Newest first.
    webhooks: VecDeque<DemoWebhook>,
}

const KEPT: usize = 50;
const BODY_MAX: usize = 64 * 1024;

impl Demo {
    /// `order` is what each new link asks for.
    #[must_use]
    pub fn new(
        issue: Issue,
        key: SigningKey,
        clock: Arc<dyn Clock>,
        company: Line<64>,
        order: Order,
    ) -> Self {
        Self { issue, key, clock, company, order, state: Arc::default() }
    }

    /// Makes a link and shows it from now on.
    ///
    /// # Errors
    /// As [`Issue::create`].
    pub async fn new_link(&self) -> Result<Issued, crate::flows::issue::NotIssued> {
        let actor = self.order.request.created_by;
        let issued = self.issue.create(self.order.clone(), actor).await?;
        self.state().current = Some(issued.clone());
        Ok(issued)
    }

    #[must_use]
    pub(super) fn add_to(self, routes: Route) -> Route {
        routes
            .at("/demo", get(page).data(self.clone()))
            .at("/demo/link", post(new_link).data(self.clone()))
            .at("/demo/webhook", post(receive).data(self.clone()))
            .at("/demo/webhooks", get(arrivals).data(self))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[handler]
fn page(Data(demo): Data<&Demo>) -> Result<Response, Problem> {
    let (current, arrived) = {
        let state = demo.state();
        (state.current.clone(), state.webhooks.iter().cloned().collect::<Vec<_>>())
    };
    let unavailable = || Problem::new(Code::Unavailable, "the demo has no link yet");
    let issued = current.ok_or_else(unavailable)?;
    let qr = qr_svg(&issued.short_url)?;
    let page =
        DemoPage { company: demo.company.as_str(), url: &issued.url, qr: &qr, webhooks: &arrived };
    let html = page.render().map_err(|_| unavailable())?;
    Ok(page_headers::protect(Html(html).into_response()))
}

#[handler]
async fn new_link(Data(demo): Data<&Demo>) -> Result<Redirect, Problem> {
    demo.new_link().await?;
    Ok(Redirect::see_other("/demo"))
}

/// The demo's own CRM: checks the signature and keeps what came.
#[handler]
async fn receive(
    Data(demo): Data<&Demo>,
    headers: &HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let body = body.into_bytes_limit(BODY_MAX).await;
    let body = body.map_err(|_| Problem::new(Code::PayloadTooLarge, "too large"))?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let received = Received {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
    };
    let now = demo.clock.now();
    let signature_valid = demo.key.verify(received, &body, now).is_ok();
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let event = json.get("type").and_then(|kind| kind.as_str()).unwrap_or("?").to_owned();
    let body = serde_json::to_string_pretty(&json).unwrap_or_default();
    let mut state = demo.state();
    state.webhooks.push_front(DemoWebhook { received_at: now, event, signature_valid, body });
    state.webhooks.truncate(KEPT);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Webhooks {
    webhooks: Vec<DemoWebhook>,
}

#[handler]
fn arrivals(Data(demo): Data<&Demo>) -> Response {
    let webhooks = demo.state().webhooks.iter().cloned().collect();
    Json(Webhooks { webhooks }).with_header(header::CACHE_CONTROL, "no-store").into_response()
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
}
