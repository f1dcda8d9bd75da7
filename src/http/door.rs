//! `/verify`, the known door: the customer types the code that the agent reads out, and comes to the
//! same page that the link opens. The code travels in a body, so that no log and no history has it;
//! the address it leads to is the link's own short one.

use std::sync::{Arc, Mutex, PoisonError};

use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Html, Redirect};
use poem::{Body, EndpointExt, IntoResponse, Request, Response, Route, get, handler};
use url::form_urlencoded;

use super::Services;
use super::brand::BrandFiles;
use super::limits::Limits;
use super::page_headers;
use super::pages::door::{DoorPage, Saying};
use super::problem::{Code, Problem};
use crate::config::Config;
use crate::domain::budget::Budget;
use crate::domain::door::{DoorCode, GUESSES_A_MINUTE};
use crate::domain::text::Line;
use crate::flows::issue::DOOR_PATH;
use crate::flows::verify::{Stopped, Verify};
use crate::words::Lang;

/// A form of one field.
const MAX_BYTES: usize = 1024;

#[derive(Clone)]
struct Door {
    verify: Verify,
    limits: Limits,
    /// Wrong guesses of everybody together; not switched off with the limits by address, because
    /// it is what the codes' length rests on.
    guesses: Arc<Mutex<Budget>>,
    company: Line<64>,
    brand: BrandFiles,
}

#[must_use]
pub(super) fn add(routes: Route, services: &Services, config: &Config, brand: BrandFiles) -> Route {
    let door = Door {
        verify: services.verify.clone(),
        limits: services.limits.clone(),
        guesses: Arc::new(Mutex::new(Budget::a_minute(GUESSES_A_MINUTE))),
        company: config.relying_party.name.clone(),
        brand,
    };
    routes.at("/", get(to_the_door)).at(DOOR_PATH, get(look).post(knock).data(door))
}

/// Who heard the address types no more than the company's name.
#[handler]
fn to_the_door() -> Redirect {
    Redirect::see_other(DOOR_PATH)
}

#[handler]
fn look(Data(door): Data<&Door>, request: &Request) -> Result<Response, Problem> {
    door.limits.customer(request)?;
    door.answer(request, Saying::Nothing)
}

#[handler]
async fn knock(
    Data(door): Data<&Door>,
    request: &Request,
    body: Body,
) -> Result<Response, Problem> {
    if !from_our_page(request) {
        return Err(Problem::new(Code::ForbiddenOrigin, "this is for our own page only"));
    }
    if door.limits.door(request).is_err() {
        return door.answer(request, Saying::Wait);
    }
    let Some(code) = read(body).await? else { return door.answer(request, Saying::Wrong) };
    // Taken before anybody looks, so that many who guess at once cannot all look.
    if !door.take_guess() {
        return door.answer(request, Saying::Wait);
    }
    match door.verify.look_by_door(code).await {
        Ok(short_code) => {
            door.give_guess_back();
            let response = Response::builder()
                .status(StatusCode::SEE_OTHER)
                .header(header::LOCATION, format!("/l/{short_code}"))
                .finish();
            Ok(page_headers::protect(response))
        }
        Err(Stopped::LinkInvalid) => door.answer(request, Saying::Wrong),
        Err(other) => Err(other.into()),
    }
}

/// The digits of the one field; `None` if they are no code.
async fn read(body: Body) -> Result<Option<DoorCode>, Problem> {
    let bytes = body
        .into_bytes_limit(MAX_BYTES)
        .await
        .map_err(|_| Problem::new(Code::PayloadTooLarge, "the form holds one code"))?;
    let field = form_urlencoded::parse(&bytes).find(|(name, _)| name == "code");
    Ok(field.and_then(|(_, typed)| DoorCode::parse(&typed)))
}

/// Forms name no origin under our referrer policy (`null`), so that what browsers say of the site
/// counts where they say it: else any page could spend everybody's guesses with its visitors.
fn from_our_page(request: &Request) -> bool {
    let mut sites = request.headers().get_all("sec-fetch-site").iter();
    sites.all(|site| site.as_bytes() == b"same-origin")
}

impl Door {
    fn answer(&self, request: &Request, saying: Saying) -> Result<Response, Problem> {
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE);
        let lang = Lang::choose(None, accepted.and_then(|value| value.to_str().ok()));
        let html =
            DoorPage::new(self.company.as_str(), self.brand.on_page(), lang, saying).render();
        let html = html.map_err(|_| Problem::new(Code::Unavailable, "the page cannot be shown"))?;
        let mut response = match saying {
            Saying::Nothing => Html(html).into_response(),
            Saying::Wrong => {
                Html(html).with_status(StatusCode::UNPROCESSABLE_ENTITY).into_response()
            }
            Saying::Wait => Html(html)
                .with_status(StatusCode::TOO_MANY_REQUESTS)
                .with_header(header::RETRY_AFTER, "60")
                .into_response(),
        };
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language"));
        Ok(page_headers::protect(response))
    }

    fn take_guess(&self) -> bool {
        let now = self.verify.clock.now();
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    fn give_guess_back(&self) {
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner).give_back();
    }
}
