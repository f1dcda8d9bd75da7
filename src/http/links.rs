//! `/api/verification/link`: staff's side of a link.

use std::fmt::Write;

use poem::http::header;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Response;
use poem_openapi::{ApiResponse, OpenApi, Tags};
use qrcode::{Color, EcLevel, QrCode};

use super::body::{JsonBody, JsonReply};
use super::caller::Caller;
use super::evidence_view::RecordView;
use super::idempotency::idempotency;
use super::link_request::{Defaults, LinkBody};
use super::link_send::SendLink;
use super::link_view::{IssuedView, LinkList, LinkView};
use super::problem::{Code, FieldError, Problem};
use crate::domain::api_key::Scope;
use crate::domain::customer::UserId;
use crate::domain::id::LinkId;
use crate::domain::link::{Enrolment, Filter, Status};
use crate::domain::text::Line;
use crate::flows::Unavailable;
use crate::flows::issue::{Issue, Order};

#[derive(Debug)]
pub(super) struct LinksApi {
    pub issue: Issue,
    pub enrolment_default: Enrolment,
    /// Whether links may take codes of authenticator apps.
    pub totp: bool,
}

#[derive(Tags)]
pub(super) enum Tag {
    /// Links: make one, see how it went.
    Links,
    /// The gate: may service go on?
    Gate,
    /// Ceremonies: what the customer's page calls.
    Ceremonies,
    /// Customers and their passkeys.
    Customers,
    /// Me: what customers see of themselves after a verification, and change.
    Me,
    /// Webhooks: where events go, what was sent, and sending it again.
    Webhooks,
}

/// An SVG image.
#[derive(Debug, ApiResponse)]
pub enum Svg {
    /// The link's short URL as a QR code.
    #[oai(status = 200, content_type = "image/svg+xml")]
    Image(poem_openapi::payload::PlainText<String>),
}

const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

#[OpenApi(prefix_path = "/api/verification", tag = "Tag::Links")]
impl LinksApi {
    /// Make a link
    ///
    /// Gives a one-time URL for the customer. A customer has one open link at most: the newest
    /// wins, unless `if_open` is `refuse`.
    ///
    /// CRMs without code can send form parameters instead of JSON; `CreateLinkForm` says which.
    #[oai(path = "/link", method = "post", operation_id = "createLink")]
    async fn create(
        &self,
        caller: Caller,
        /// Sent again with the same body within 24 hours, answers with the same link.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Option<String>>,
        /// With form parameters, for senders that cannot name theirs: which parameter is which
        /// field (`user_id:Contact_Id`), or a field's fixed text (`crm.module=Contacts`),
        /// separated by commas. Parameters it does not name are then ignored.
        map: Query<Option<Vec<String>>>,
        body: LinkBody,
    ) -> Result<JsonReply<IssuedView, 201>, Problem> {
        let actor = caller.may(Scope::LinksWrite)?;
        let asked = body.with_map(map.0.as_deref().unwrap_or_default())?;
        let idempotency = idempotency(idempotency_key.0, &[&asked.bytes])?;
        let defaults = Defaults { enrolment: self.enrolment_default, totp: self.totp };
        let parsed = asked.link.parse(actor, caller.name(), defaults)?;
        let order = Order { idempotency, ..parsed };
        Ok(JsonReply(self.issue.create(order, actor).await?.into()))
    }

    /// Show a link
    ///
    /// Where it is, its verdict once it ended, what happened to it, and its webhooks.
    #[oai(path = "/link/:id", method = "get", operation_id = "getLink")]
    async fn show(
        &self,
        caller: Caller,
        /// The link's id.
        id: Path<String>,
    ) -> Result<JsonReply<LinkView>, Problem> {
        caller.may(Scope::LinksRead)?;
        Ok(JsonReply(self.issue.show(link_id(&id)?).await?.into()))
    }

    /// List links
    ///
    /// Newest first; without timelines.
    #[oai(path = "/link", method = "get", operation_id = "listLinks")]
    #[expect(clippy::too_many_arguments, reason = "one a query parameter, as the framework wants")]
    async fn list(
        &self,
        caller: Caller,
        /// Only this customer's.
        user_id: Query<Option<String>>,
        /// Only those in this state.
        status: Query<Option<String>>,
        /// Only those made by this API key (its id).
        created_by: Query<Option<String>>,
        /// Only those with this reference.
        reference: Query<Option<String>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// 1 to 200; 50 if absent.
        limit: Query<Option<u32>>,
    ) -> Result<JsonReply<LinkList>, Problem> {
        caller.may(Scope::LinksRead)?;
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: String| {
            errors.push(FieldError { field: field.to_owned(), message });
        };
        let filter = Filter {
            user_id: user_id.0.and_then(|text| {
                UserId::parse(&text).map_err(|bad| wrong("user_id", bad.to_string())).ok()
            }),
            status: status.0.and_then(|text| {
                let parsed = Status::parse(&text);
                if parsed.is_none() {
                    wrong("status", "is no status of a link".to_owned());
                }
                parsed
            }),
            created_by: created_by.0,
            reference: reference.0.and_then(|text| {
                Line::parse(&text).map_err(|bad| wrong("reference", bad.to_string())).ok()
            }),
        };
        let after = cursor.0.and_then(|text| {
            text.parse::<LinkId>().map_err(|_| wrong("cursor", "is no cursor".to_owned())).ok()
        });
        let limit = limit.0.unwrap_or(PAGE);
        if !(1..=PAGE_MAX).contains(&limit) {
            wrong("limit", format!("must be 1 to {PAGE_MAX}"));
        }
        if !errors.is_empty() {
            return Err(Problem::validation(errors));
        }
        Ok(JsonReply(self.issue.list(&filter, after, limit).await?.into()))
    }

    /// Revoke a link
    ///
    /// While it is open. Revoking it again changes nothing.
    #[oai(path = "/link/:id/revoke", method = "post", operation_id = "revokeLink")]
    async fn revoke(
        &self,
        caller: Caller,
        /// The link's id.
        id: Path<String>,
    ) -> Result<JsonReply<LinkView>, Problem> {
        let actor = caller.may(Scope::LinksWrite)?;
        let id = link_id(&id)?;
        self.issue.revoke(id, actor).await?;
        Ok(JsonReply(self.issue.show(id).await?.into()))
    }

    /// Reissue a link
    ///
    /// A new URL with a new life for the same request; the old one answers 410.
    #[oai(path = "/link/:id/reissue", method = "post", operation_id = "reissueLink")]
    async fn reissue(
        &self,
        caller: Caller,
        /// The link's id.
        id: Path<String>,
    ) -> Result<JsonReply<IssuedView>, Problem> {
        let actor = caller.may(Scope::LinksWrite)?;
        Ok(JsonReply(self.issue.reissue(link_id(&id)?, actor).await?.into()))
    }

    /// Send a link
    ///
    /// While it is open: with `email` by our mail, else by the endpoints that ask for
    /// `link.send_requested`, which are told the short URL and `phone`. Up to 5 times.
    #[oai(path = "/link/:id/send", method = "post", operation_id = "sendLink")]
    async fn send(
        &self,
        caller: Caller,
        /// The link's id.
        id: Path<String>,
        body: JsonBody<SendLink>,
    ) -> Result<JsonReply<LinkView>, Problem> {
        let actor = caller.may(Scope::LinksWrite)?;
        let id = link_id(&id)?;
        let way = body.value.parse()?;
        self.issue.send(id, way, actor).await?;
        Ok(JsonReply(self.issue.show(id).await?.into()))
    }

    /// A link as QR code
    ///
    /// Of its short URL, to be scanned off the agent's screen. The image opens the link: show it
    /// to its customer only.
    #[oai(path = "/link/:id/qr", method = "get", operation_id = "linkQr")]
    async fn qr(
        &self,
        caller: Caller,
        /// The link's id.
        id: Path<String>,
    ) -> Result<Response<Svg>, Problem> {
        caller.may(Scope::LinksWrite)?;
        let url = self.issue.short_url(link_id(&id)?).await?;
        let image = poem_openapi::payload::PlainText(qr_svg(&url)?);
        Ok(Response::new(Svg::Image(image)).header(header::CACHE_CONTROL, "no-store"))
    }

    /// A verdict's evidence
    ///
    /// What a third party needs to check the verdict again without us; see `docs/evidence.md`. A
    /// verdict that rests on a code has our own record only (`CodeRecord`), which nobody can check.
    /// Reading it is recorded.
    #[oai(path = "/link/:id/evidence", method = "get", operation_id = "linkEvidence")]
    async fn evidence(
        &self,
        caller: Caller,
        /// The link's id.
        id: Path<String>,
    ) -> Result<JsonReply<RecordView>, Problem> {
        let actor = caller.may(Scope::EvidenceRead)?;
        let evidence = self.issue.evidence(link_id(&id)?, actor).await?;
        Ok(JsonReply(evidence.into()))
    }
}

/// The margin that readers need, modules (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// `url` as an SVG image, in runs of modules, which is small.
///
/// # Errors
/// `unavailable` if it does not fit a QR code, which none of ours is long enough for.
pub fn qr_svg(url: &str) -> Result<String, Problem> {
    svg(url, EcLevel::M)
}

/// The same for a page of ours: there is no dirt on a screen, and less of it is sent.
///
/// # Errors
/// As [`qr_svg`].
pub(super) fn qr_on_page(url: &str) -> Result<String, Problem> {
    svg(url, EcLevel::L)
}

fn svg(url: &str, level: EcLevel) -> Result<String, Problem> {
    let code = QrCode::with_error_correction_level(url, level)
        .map_err(|_| Unavailable::Internal("a URL did not fit a QR code"))
        .map_err(Problem::from)?;
    let (width, mut path) = (code.width(), String::new());
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        // A row is one line of broken strokes: a third of the text of as many rectangles.
        // Writing into a string cannot fail.
        let _ = write!(path, "M{QUIET} {}.5", y + QUIET);
        for run in row.chunk_by(|one, next| one == next) {
            let _ = match run.first() {
                Some(Color::Dark) => write!(path, "h{}", run.len()),
                Some(Color::Light) | None => write!(path, "m{} 0", run.len()),
            };
        }
    }
    let side = width + 2 * QUIET;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"240\" height=\"240\" \
         viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path stroke=\"#000\" d=\"{path}\"/></svg>"
    ))
}

pub(super) fn link_id(text: &str) -> Result<LinkId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound, "no such link"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_code_has_every_module_in_its_place() {
        let url = "https://verify.example.com/l/0123456789abcdefghjkmnpqrs";
        let image = svg(url, EcLevel::L).unwrap();
        let (_, path) = image.split_once("stroke=\"#000\" d=\"M").unwrap();
        let mut drawn = Vec::new();
        for (y, row) in path.split_once('"').unwrap().0.split('M').enumerate() {
            let runs = row.strip_prefix(&format!("{QUIET} {}.5", y + QUIET)).unwrap();
            let runs = runs.replace(" 0", "").replace('h', " h").replace('m', " m");
            for run in runs.split_whitespace() {
                let (pen, length) = run.split_at(1);
                let colour = if pen == "h" { Color::Dark } else { Color::Light };
                drawn.extend(std::iter::repeat_n(colour, length.parse().unwrap()));
            }
        }
        let code = QrCode::with_error_correction_level(url, EcLevel::L).unwrap();
        assert!(drawn == code.to_colors(), "{image}");
    }
}
