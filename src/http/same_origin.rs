//! Ceremonies are for our own page: requests that a browser sends from elsewhere are refused.

use poem::http::header;
use poem::{FromRequest, Request, RequestBody};

use super::caller::Doorkeeper;
use super::problem::{Code, Problem};

/// Proof that a request may come from our page. Extracted before the body is read.
///
/// Browsers send `Origin` with every POST and `Sec-Fetch-Site` where they know it; what they send
/// must be right. A program may leave both out: it has no cookies of ours to abuse, and the
/// signed origin in the client data is checked all the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct OurPage;

impl<'a> FromRequest<'a> for OurPage {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let Some(keeper) = Doorkeeper::of(request) else {
            return Err(Problem::new(Code::Unavailable, "the origin cannot be checked").into());
        };
        keeper.limits.customer(request)?;
        check(request, &keeper.origin)?;
        Ok(Self)
    }
}

fn check(request: &Request, ours: &str) -> Result<(), Problem> {
    let origins = request.headers().get_all(header::ORIGIN);
    let origin_fits = origins.iter().all(|origin| origin.as_bytes() == ours.as_bytes());
    let sites = request.headers().get_all("sec-fetch-site");
    let site_fits = sites.iter().all(|site| site.as_bytes() == b"same-origin");
    if origin_fits && site_fits {
        return Ok(());
    }
    Err(Problem::new(Code::ForbiddenOrigin, "this is for our own page only"))
}
