//! `/v/{token}` and `/l/{code}`: the customer's page. Looking at it changes nothing, however often
//! scanners and previews do.

use poem::http::StatusCode;
use poem::web::{Data, Html, Path};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, get, handler};

use super::Services;
use super::limits::Limits;
use super::links::qr_svg;
use super::page_headers;
use super::pages::RenderError;
use super::pages::verify::{EndedPage, UnknownPage, VerifyPage};
use super::problem::{Code, Problem};
use crate::config::RelyingParty;
use crate::domain::link::{Closed, Link};
use crate::domain::text::Line;
use crate::flows::verify::{Stopped, Verify};

/// What the page needs.
#[derive(Clone)]
struct CustomerPage {
    verify: Verify,
    limits: Limits,
    company: Line<64>,
    origin: String,
}

/// The only language there is so far.
const LANG: &str = "en";

#[must_use]
pub(super) fn add(routes: Route, services: &Services, rp: &RelyingParty) -> Route {
    let page = CustomerPage {
        verify: services.verify.clone(),
        limits: services.limits.clone(),
        company: rp.name.clone(),
        origin: rp.origin.clone(),
    };
    routes.at("/v/:token", get(by_token).data(page.clone())).at("/l/:code", get(by_code).data(page))
}

#[handler]
async fn by_token(
    Data(page): Data<&CustomerPage>,
    Path(token): Path<String>,
    request: &Request,
) -> Result<Response, Problem> {
    page.limits.customer(request)?;
    let looked = page.verify.look(&token).await.map(|link| (link, token));
    page.answer(looked)
}

#[handler]
async fn by_code(
    Data(page): Data<&CustomerPage>,
    Path(code): Path<String>,
    request: &Request,
) -> Result<Response, Problem> {
    page.limits.customer(request)?;
    page.answer(page.verify.look_by_code(&code).await)
}

impl CustomerPage {
    fn answer(&self, looked: Result<(Link, String), Stopped>) -> Result<Response, Problem> {
        let (status, html) = match looked {
            Ok((link, token)) => match link.check_open(self.verify.clock.now()) {
                Ok(()) => (StatusCode::OK, self.open(&link, &token)?),
                Err(closed) => (StatusCode::GONE, self.ended(closed, Some(&link))),
            },
            Err(Stopped::LinkInvalid) => (StatusCode::NOT_FOUND, self.unknown()),
            Err(Stopped::Closed(closed)) => (StatusCode::GONE, self.ended(closed, None)),
            Err(other) => return Err(other.into()),
        };
        let html = html.map_err(|_| Problem::new(Code::Unavailable, "the page cannot be shown"))?;
        Ok(page_headers::protect(Html(html).with_status(status).into_response()))
    }

    fn open(&self, link: &Link, token: &str) -> Result<Result<String, RenderError>, Problem> {
        let short_url =
            self.verify.short_code(link).map(|code| format!("{}/l/{code}", self.origin));
        let qr = short_url.map(|url| qr_svg(&url)).transpose()?;
        let request = &link.request;
        let page = VerifyPage {
            company: self.company.as_str(),
            requester: request.requester.as_str(),
            kind: link.kind,
            statement: request.statement.as_ref().map(Line::as_str),
            call_initiator: request.call_initiator,
            reference: request.reference.as_ref().map(Line::as_str),
            expires_at: link.expires_at,
            token,
            qr: qr.as_deref(),
            lang: LANG,
        };
        Ok(page.render())
    }

    fn ended(&self, ended: Closed, link: Option<&Link>) -> Result<String, RenderError> {
        let verdict = link.and_then(|link| link.state.verdict());
        EndedPage {
            company: self.company.as_str(),
            ended,
            at: verdict.map(crate::domain::verdict::Verdict::decided_at),
            reference: link.and_then(|link| link.request.reference.as_ref()).map(Line::as_str),
            lang: LANG,
        }
        .render()
    }

    fn unknown(&self) -> Result<String, RenderError> {
        UnknownPage { company: self.company.as_str(), lang: LANG }.render()
    }
}
