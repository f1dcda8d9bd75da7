//! `/v/{token}` and `/l/{code}`: the customer's page. Looking at it changes nothing, however often
//! scanners and previews do.

use poem::http::StatusCode;
use poem::web::{Data, Html, Path};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, get, handler};

use super::Services;
use super::brand::BrandFiles;
use super::limits::Limits;
use super::links::qr_svg;
use super::page_headers;
use super::pages::RenderError;
use super::pages::verify::{EndedPage, UnknownPage, VerifyPage};
use super::problem::{Code, Problem};
use crate::config::Config;
use crate::domain::link::{Closed, Link};
use crate::domain::text::Line;
use crate::flows::verify::{Stopped, Verify};
use crate::words::Lang;

/// What the page needs.
#[derive(Clone)]
struct CustomerPage {
    verify: Verify,
    limits: Limits,
    company: Line<64>,
    brand: BrandFiles,
    support_phone: Option<Line<32>>,
    origin: String,
}

#[must_use]
pub(super) fn add(routes: Route, services: &Services, config: &Config, brand: BrandFiles) -> Route {
    let rp = &config.relying_party;
    let page = CustomerPage {
        verify: services.verify.clone(),
        limits: services.limits.clone(),
        company: rp.name.clone(),
        brand,
        support_phone: config.brand.support_phone.clone(),
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
    page.answer(request, looked)
}

#[handler]
async fn by_code(
    Data(page): Data<&CustomerPage>,
    Path(code): Path<String>,
    request: &Request,
) -> Result<Response, Problem> {
    page.limits.customer(request)?;
    page.answer(request, page.verify.look_by_code(&code).await)
}

impl CustomerPage {
    fn answer(
        &self,
        request: &Request,
        looked: Result<(Link, String), Stopped>,
    ) -> Result<Response, Problem> {
        let locale = looked.as_ref().ok().and_then(|(link, _)| link.request.locale.as_ref());
        let lang = Lang::choose(locale.map(Line::as_str), request.header("accept-language"));
        let (status, html) = match looked {
            Ok((link, token)) => match link.check_open(self.verify.clock.now()) {
                Ok(()) => (StatusCode::OK, self.open(&link, &token, lang)?),
                Err(closed) => (StatusCode::GONE, self.ended(closed, Some(&link), lang)),
            },
            Err(Stopped::LinkInvalid) => (StatusCode::NOT_FOUND, self.unknown(lang)),
            Err(Stopped::Closed(closed)) => (StatusCode::GONE, self.ended(closed, None, lang)),
            Err(other) => return Err(other.into()),
        };
        let html = html.map_err(|_| Problem::new(Code::Unavailable, "the page cannot be shown"))?;
        let response = Html(html).with_header("content-language", lang.as_str());
        Ok(page_headers::protect(response.with_status(status).into_response()))
    }

    fn open(
        &self,
        link: &Link,
        token: &str,
        lang: Lang,
    ) -> Result<Result<String, RenderError>, Problem> {
        let short_url =
            self.verify.short_code(link).map(|code| format!("{}/l/{code}", self.origin));
        let qr = short_url.map(|url| qr_svg(&url)).transpose()?;
        let request = &link.request;
        let page = VerifyPage {
            company: self.company.as_str(),
            brand: self.brand.on_page(),
            requester: request.requester.as_str(),
            kind: link.kind,
            statement: request.statement.as_ref().map(Line::as_str),
            call_initiator: request.call_initiator,
            asks_call_code: link.asks_call_code(),
            reference: request.reference.as_ref().map(Line::as_str),
            expires_at: link.expires_at,
            token,
            qr: qr.as_deref(),
            support_phone: self.support_phone.as_ref().map(Line::as_str),
            lang,
        };
        Ok(page.render())
    }

    fn ended(&self, ended: Closed, link: Option<&Link>, lang: Lang) -> Result<String, RenderError> {
        let verdict = link.and_then(|link| link.state.verdict());
        EndedPage {
            company: self.company.as_str(),
            brand: self.brand.on_page(),
            ended,
            at: verdict.map(crate::domain::verdict::Verdict::decided_at),
            reference: link.and_then(|link| link.request.reference.as_ref()).map(Line::as_str),
            support_phone: self.support_phone.as_ref().map(Line::as_str),
            lang,
        }
        .render()
    }

    fn unknown(&self, lang: Lang) -> Result<String, RenderError> {
        UnknownPage {
            company: self.company.as_str(),
            brand: self.brand.on_page(),
            support_phone: self.support_phone.as_ref().map(Line::as_str),
            lang,
        }
        .render()
    }
}
