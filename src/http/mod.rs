//! Everything that knows poem: routes, callers, bodies, problems, pages. Handlers read the
//! request, ask who calls, call one flow and write its answer.

mod body;
mod brand;
mod caller;
mod ceremonies;
mod chunks;
mod customer_page;
mod customers;
mod deliveries;
mod delivery_request;
mod delivery_view;
mod demo;
mod documents;
mod door;
mod edge;
mod endpoint_request;
mod endpoint_view;
mod endpoints;
mod evidence_view;
mod fields;
mod front;
mod idempotency;
mod limits;
mod link_events;
mod link_request;
mod link_send;
mod link_view;
mod links;
mod listener;
mod me;
mod me_page;
mod metrics;
mod ops;
mod page_api;
mod page_headers;
pub mod pages;
mod place;
mod plain_words;
mod problem;
mod refusals;
mod same_origin;
mod schema;
mod settling;
mod status;
mod streams;
mod totp;

use std::sync::Arc;
use std::time::Duration;

use poem::endpoint::BoxEndpoint;
use poem::listener::TcpAcceptor;
use poem::middleware::CatchPanic;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Route, Server};
use poem_openapi::OpenApiService;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::random::Random;
use crate::flows::customers::Customers;
use crate::flows::endpoints::Endpoints;
use crate::flows::follow::Follow;
use crate::flows::gate::Gate;
use crate::flows::history::History;
use crate::flows::issue::Issue;
use crate::flows::keys::Keys;
use crate::flows::me::Me;
use crate::flows::measure::Measure;
use crate::flows::replay::Replays;
use crate::flows::verify::Verify;
use crate::store::Store;

use listener::{Bounded, Bounds};

pub use demo::Demo;
pub use limits::Limits;
pub use links::qr_svg;
pub use settling::Settling;
pub use streams::{Bounds as StreamBounds, Streams};

/// What the routes need; the flows they call and nothing behind them.
#[derive(Clone)]
pub struct Services {
    pub issue: Issue,
    pub verify: Verify,
    pub follow: Follow,
    pub gate: Gate,
    pub customers: Customers,
    pub me: Me,
    pub endpoints: Endpoints,
    pub history: History,
    pub replays: Replays,
    pub keys: Keys,
    /// For `/metrics`, and the counters behind it.
    pub measure: Measure,
    /// For `/readyz` only.
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub limits: Limits,
    /// What must end before the store is closed.
    pub settling: Settling,
    pub streams: Streams,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

/// The names of all routes that requests are counted under.
#[must_use]
pub fn routes() -> Vec<&'static str> {
    edge::routes()
}

/// The whole application; `demo` adds its pages.
#[must_use]
pub fn app(services: &Services, config: &Config, demo: Option<Demo>) -> BoxEndpoint<'static> {
    let rp = &config.relying_party;
    let brand = brand::BrandFiles::new(&config.brand);
    let api = OpenApiService::new(
        (
            links::LinksApi {
                issue: services.issue.clone(),
                enrolment_default: config.verification.enrolment_default,
                totp: config.verification.totp,
            },
            link_events::LinkEventsApi {
                follow: services.follow.clone(),
                streams: services.streams.clone(),
            },
            status::StatusApi { gate: services.gate.clone() },
            ceremonies::CeremoniesApi {
                verify: services.verify.clone(),
                settling: services.settling.clone(),
            },
            totp::TotpApi { verify: services.verify.clone(), settling: services.settling.clone() },
            page_api::PageApi {
                verify: services.verify.clone(),
                metrics: services.measure.metrics.clone(),
            },
            customers::CustomersApi { customers: services.customers.clone() },
            me::MeApi { me: services.me.clone(), rp_id: rp.id.clone() },
            endpoints::EndpointsApi {
                endpoints: services.endpoints.clone(),
                limits: services.limits.clone(),
            },
            deliveries::DeliveriesApi {
                history: services.history.clone(),
                replays: services.replays.clone(),
            },
        ),
        "Vouchlink",
        env!("CARGO_PKG_VERSION"),
    )
    .description(DESCRIPTION);
    let mut routes = Route::new();
    routes = documents::add(routes, &api.spec(), &rp.name, brand.clone());
    routes = customer_page::add(routes, services, config, brand.clone());
    routes = door::add(routes, services, config, brand.clone());
    routes = me_page::add(routes, services, config, brand.clone());
    routes = operators(routes, services);
    if let Some(demo) = demo {
        routes = demo.add_to(routes);
    }
    let keeper = caller::Doorkeeper {
        keys: services.keys.clone(),
        gate: services.gate.clone(),
        limits: services.limits.clone(),
        origin: rp.origin.clone(),
    };
    let api = api.into_endpoint().data(Arc::new(keeper)).boxed();
    let others = routes.with(plain_words::PlainWords::new(config, brand));
    within_edge(front::Front { api, others }, services, config)
}

/// Liveness, readiness and metrics alone, for a process that serves nobody.
#[must_use]
pub fn probes(services: &Services, config: &Config) -> BoxEndpoint<'static> {
    within_edge(operators(Route::new(), services), services, config)
}

fn operators(routes: Route, services: &Services) -> Route {
    let routes = ops::add(routes, services.store.clone());
    let measure = Arc::new(services.measure.clone());
    metrics::add(routes, measure, services.keys.clone(), services.limits.clone())
}

fn within_edge(
    routes: impl Endpoint + 'static,
    services: &Services,
    config: &Config,
) -> BoxEndpoint<'static> {
    let edge = edge::Edge {
        clock: services.clock.clone(),
        random: services.random.clone(),
        metrics: services.measure.metrics.clone(),
        https: config.relying_party.origin.starts_with("https://"),
    };
    routes.with(CatchPanic::new()).with(edge).boxed()
}

const DESCRIPTION: &str = "One-time identity-verification links: make a link, the customer \
    confirms on their own device, ask the gate. Errors are problem documents (RFC 9457) with a \
    stable `code`.";

/// Serves `app` until `stop` resolves, then lets open requests finish for a while.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    app: BoxEndpoint<'static>,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let acceptor = Bounded::new(TcpAcceptor::from_tokio(listener)?, Bounds::default());
    Server::new_with_acceptor(acceptor)
        .name("http")
        .run_with_graceful_shutdown(app, stop, Some(DRAIN))
        .await
}

/// How long open requests may take to finish when the server stops.
const DRAIN: Duration = Duration::from_secs(10);
