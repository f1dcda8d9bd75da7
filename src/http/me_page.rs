//! `/me`: the page of the customer's own view. Everything on it comes by script, with the session
//! that the page before handed over behind the `#`, which is sent to nobody.

use poem::http::{HeaderValue, header};
use poem::web::{Data, Html, Query};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, get, handler};
use serde::Deserialize;

use super::Services;
use super::brand::BrandFiles;
use super::limits::Limits;
use super::page_headers;
use super::pages::me::MePage;
use super::problem::{Code, Problem};
use crate::config::Config;
use crate::domain::text::Line;
use crate::words::Lang;

#[derive(Clone)]
struct OwnPage {
    limits: Limits,
    company: Line<64>,
    brand: BrandFiles,
}

/// The language of the page before.
#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

#[must_use]
pub(super) fn add(routes: Route, services: &Services, config: &Config, brand: BrandFiles) -> Route {
    let page = OwnPage {
        limits: services.limits.clone(),
        company: config.relying_party.name.clone(),
        brand,
    };
    routes.at("/me", get(show).data(page))
}

#[handler]
fn show(
    Data(page): Data<&OwnPage>,
    asked: poem::Result<Query<Asked>>,
    request: &Request,
) -> Result<Response, Problem> {
    page.limits.customer(request)?;
    let asked = asked.ok().and_then(|Query(asked)| asked.lang);
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let lang = Lang::choose(asked.as_deref(), accepted);
    let html = MePage::new(page.company.as_str(), page.brand.on_page(), lang).render();
    let html = html.map_err(|_| Problem::new(Code::Unavailable, "the page cannot be shown"))?;
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language"));
    Ok(page_headers::protect(response))
}
