//! `/openapi.json`, `/docs` and the pages' files.

use poem::http::header;
use poem::web::{Data, Html, Path};
use poem::{EndpointExt, IntoResponse, Response, Route, get, handler};
use serde_json::Value;

use super::brand::BrandFiles;
use super::page_headers;
use super::pages::assets;
use super::pages::docs::DocsPage;
use super::problem::{Code, Problem};
use crate::domain::text::Line;

/// Both documents, written once when the server starts.
#[derive(Clone)]
struct Documents {
    openapi: String,
    docs: String,
}

#[must_use]
pub(super) fn add(routes: Route, spec: &str, company: &Line<64>, brand: BrandFiles) -> Route {
    let document: Value = serde_json::from_str(spec).unwrap_or_default();
    let page = DocsPage { company: company.as_str(), document: &document };
    let docs = page.render().unwrap_or_else(|_| "The document could not be shown.".to_owned());
    let documents = Documents { openapi: spec.to_owned(), docs };
    routes
        .at("/openapi.json", get(openapi).data(documents.clone()))
        .at("/docs", get(docs_page).data(documents))
        .at("/static/:name", get(asset).data(brand))
}

#[handler]
fn openapi(Data(documents): Data<&Documents>) -> Response {
    documents.openapi.clone().with_content_type("application/json").into_response()
}

#[handler]
fn docs_page(Data(documents): Data<&Documents>) -> Response {
    page_headers::protect(Html(documents.docs.clone()).into_response())
}

/// A picture that somebody opens by itself does nothing and fetches nothing.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// The URL carries a hash of the content: what it answers never changes.
#[handler]
fn asset(Data(brand): Data<&BrandFiles>, Path(name): Path<String>) -> Result<Response, Problem> {
    let ours = assets::find(&name).map(|(kind, bytes)| (kind, bytes.to_vec()));
    let brands = || brand.find(&name).map(|file| (file.kind, file.bytes.clone()));
    let (content_type, bytes) =
        ours.or_else(brands).ok_or_else(|| Problem::new(Code::NotFound, "no such file"))?;
    Ok(bytes
        .with_content_type(content_type)
        .with_header(header::CONTENT_SECURITY_POLICY, PICTURE_POLICY)
        .with_header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .into_response())
}
