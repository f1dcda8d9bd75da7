//! `/v/{token}` and `/l/{code}`: the customer's page, and `/v/{token}/code`: the same link's page for
//! codes of an authenticator app, which takes the place of the first where the customer has nothing
//! else. Looking at them changes nothing, however often scanners and previews do.

use poem::http::StatusCode;
use poem::web::{Data, Html, Path};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, get, handler};

use super::Services;
use super::brand::BrandFiles;
use super::limits::Limits;
use super::links::qr_on_page;
use super::page_headers;
use super::pages::RenderError;
use super::pages::code::CodePage;
use super::pages::verify::{EndedPage, UnknownPage, VerifyPage};
use super::problem::{Code, Problem};
use crate::config::Config;
use crate::domain::link::{Closed, Link};
use crate::domain::text::Line;
use crate::flows::verify::{Looked, Stopped, Verify};
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
    routes
        .at("/v/:token", get(by_token).data(page.clone()))
        .at("/v/:token/code", get(for_codes).data(page.clone()))
        .at("/l/:code", get(by_code).data(page))
}

#[handler]
async fn by_token(
    Data(page): Data<&CustomerPage>,
    Path(token): Path<String>,
    request: &Request,
) -> Result<Response, Problem> {
    page.limits.customer(request)?;
    page.show(request, page.verify.look_by_token(token).await).await
}

#[handler]
async fn for_codes(
    Data(page): Data<&CustomerPage>,
    Path(token): Path<String>,
    request: &Request,
) -> Result<Response, Problem> {
    page.limits.customer(request)?;
    let looked = match page.verify.look_by_token(token).await {
        Ok(looked) if !page.verify.takes_codes(&looked.link) => Err(Stopped::LinkInvalid),
        looked => looked,
    };
    let only = page.takes_only_codes(&looked).await?;
    page.answer(request, looked, Opened::ForCodes { only })
}

#[handler]
async fn by_code(
    Data(page): Data<&CustomerPage>,
    Path(code): Path<String>,
    request: &Request,
) -> Result<Response, Problem> {
    page.limits.customer(request)?;
    page.show(request, page.verify.look_by_code(&code).await).await
}

/// What an open link shows.
#[derive(Clone, Copy)]
enum Opened {
    Itself,
    /// The page for codes; `only`: nothing else would do.
    ForCodes {
        only: bool,
    },
}

impl CustomerPage {
    async fn show(
        &self,
        request: &Request,
        looked: Result<Looked, Stopped>,
    ) -> Result<Response, Problem> {
        let only = self.takes_only_codes(&looked).await?;
        let opened = if only { Opened::ForCodes { only } } else { Opened::Itself };
        self.answer(request, looked, opened)
    }

    async fn takes_only_codes(&self, looked: &Result<Looked, Stopped>) -> Result<bool, Problem> {
        match looked {
            Ok(looked) => Ok(self.verify.takes_only_codes(&looked.link).await?),
            Err(_) => Ok(false),
        }
    }

    fn answer(
        &self,
        request: &Request,
        looked: Result<Looked, Stopped>,
        opened: Opened,
    ) -> Result<Response, Problem> {
        let locale = looked.as_ref().ok().and_then(|looked| looked.link.request.locale.as_ref());
        let lang = Lang::choose(locale.map(Line::as_str), request.header("accept-language"));
        let (status, html) = match looked {
            Ok(looked) => match looked.link.check_open(self.verify.clock.now()) {
                Ok(()) => (StatusCode::OK, self.open(opened, &looked, lang)?),
                Err(closed) => (StatusCode::GONE, self.ended(closed, Some(&looked.link), lang)?),
            },
            Err(Stopped::LinkInvalid) => (StatusCode::NOT_FOUND, self.unknown(lang)?),
            Err(Stopped::Closed(closed)) => (StatusCode::GONE, self.ended(closed, None, lang)?),
            Err(other) => return Err(other.into()),
        };
        let response = Html(html).with_header("content-language", lang.as_str());
        Ok(page_headers::protect(response.with_status(status).into_response()))
    }

    fn open(&self, opened: Opened, looked: &Looked, lang: Lang) -> Result<String, Problem> {
        let page = self.page(looked, lang);
        if let Opened::ForCodes { only } = opened {
            return written(CodePage { page, only }.render());
        }
        let address = self.verify.address(&looked.link, looked.way);
        let url = address.map(|code| format!("{}/l/{code}", self.origin));
        let qr = url.map(|url| qr_on_page(&url)).transpose()?;
        written(VerifyPage { qr: qr.as_deref(), ..page }.render())
    }

    fn page<'a>(&'a self, Looked { link, token, .. }: &'a Looked, lang: Lang) -> VerifyPage<'a> {
        let request = &link.request;
        VerifyPage {
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
            qr: None,
            takes_codes: self.verify.takes_codes(link),
            support_phone: self.support_phone.as_ref().map(Line::as_str),
            lang,
        }
    }

    fn ended(&self, ended: Closed, link: Option<&Link>, lang: Lang) -> Result<String, Problem> {
        let verdict = link.and_then(|link| link.state.verdict());
        let page = EndedPage {
            company: self.company.as_str(),
            brand: self.brand.on_page(),
            ended,
            at: verdict.map(crate::domain::verdict::Verdict::decided_at),
            reference: link.and_then(|link| link.request.reference.as_ref()).map(Line::as_str),
            support_phone: self.support_phone.as_ref().map(Line::as_str),
            lang,
        };
        written(page.render())
    }

    fn unknown(&self, lang: Lang) -> Result<String, Problem> {
        let page = UnknownPage {
            company: self.company.as_str(),
            brand: self.brand.on_page(),
            support_phone: self.support_phone.as_ref().map(Line::as_str),
            lang,
        };
        written(page.render())
    }
}

fn written(html: Result<String, RenderError>) -> Result<String, Problem> {
    html.map_err(|_| Problem::new(Code::Unavailable, "the page cannot be shown"))
}
