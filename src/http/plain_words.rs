//! What customers' browsers are told where there is no page for them: what to do, in their language.
//! A problem document (RFC 9457) is for programs.

use poem::http::{HeaderValue, Method, header};
use poem::web::Html;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response};

use super::brand::BrandFiles;
use super::page_headers;
use super::pages::trouble::TroublePage;
use super::pages::verify::UnknownPage;
use super::problem::{Code, Problem};
use crate::config::Config;
use crate::domain::text::Line;
use crate::words::Lang;

/// What programs and operators ask for, beside the API.
const OF_PROGRAMS: [&str; 6] =
    ["/static/", "/openapi.json", "/docs", "/healthz", "/readyz", "/metrics"];

/// Wraps the routes of everything but the API.
#[derive(Clone, Debug)]
pub(super) struct PlainWords {
    company: Line<64>,
    brand: BrandFiles,
    support_phone: Option<Line<32>>,
}

impl PlainWords {
    pub(super) fn new(config: &Config, brand: BrandFiles) -> Self {
        Self {
            company: config.relying_party.name.clone(),
            brand,
            support_phone: config.brand.support_phone.clone(),
        }
    }

    /// The page that says the same as `problem`; `None` if there is none that does.
    fn page(&self, problem: &Problem, lang: Lang) -> Option<String> {
        let (company, brand) = (self.company.as_str(), self.brand.on_page());
        let support_phone = self.support_phone.as_ref().map(Line::as_str);
        let trouble = |busy| TroublePage { company, brand, busy, support_phone, lang }.render();
        let page = match problem.code {
            Code::NotFound => UnknownPage { company, brand, support_phone, lang }.render(),
            Code::RateLimited => trouble(true),
            Code::Unavailable => trouble(false),
            _ => return None,
        };
        page.ok()
    }
}

impl<E: Endpoint> Middleware<E> for PlainWords {
    type Output = PlainWordsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        PlainWordsEndpoint { inner, words: self.clone() }
    }
}

#[derive(Debug)]
pub(super) struct PlainWordsEndpoint<E> {
    inner: E,
    words: PlainWords,
}

impl<E: Endpoint> Endpoint for PlainWordsEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let lang = reader(&request);
        let error = match self.inner.call(request).await {
            Ok(answer) => return Ok(answer.into_response()),
            Err(error) => error,
        };
        let Some(lang) = lang else { return Err(error) };
        let problem = Problem::from(error);
        let Some(html) = self.words.page(&problem, lang) else { return Err(problem.into()) };
        let mut response = Html(html).with_status(problem.code.status()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.as_str()));
        if let Some(seconds) = problem.seconds_to_wait() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Ok(page_headers::protect(response))
    }
}

/// The language of whoever reads the answer; `None` if a program does.
fn reader(request: &Request) -> Option<Lang> {
    let path = request.uri().path();
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let wants = request.header(header::ACCEPT).is_some_and(|types| types.contains("text/html"));
    let programs = OF_PROGRAMS.iter().any(|start| path.starts_with(start));
    (looks && wants && !programs)
        .then(|| Lang::choose(None, request.header(header::ACCEPT_LANGUAGE)))
}
