//! The one shape of every error: RFC 9457 problem details with a stable `code`.

use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;

use crate::domain::id::{LinkId, RequestId};

/// Defines the codes, each with its HTTP status and title.
macro_rules! codes {
    ($($variant:ident = $text:literal, $status:ident, $title:literal;)*) => {
        /// What went wrong, for programs; these words never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($variant,)* }

        impl Code {
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    BadRequest = "bad_request", BAD_REQUEST, "The request could not be read";
    NotConfirmed = "not_confirmed", UNPROCESSABLE_ENTITY, "The customer was not confirmed";
    ChallengeUsed = "challenge_used", CONFLICT, "The challenge was answered or replaced";
    ChallengeExpired = "challenge_expired", GONE, "The challenge's time is over";
    LinkInvalid = "link_invalid", NOT_FOUND, "No such link";
    LinkExpired = "link_expired", GONE, "The link's time is over";
    LinkUsed = "link_used", GONE, "The link was used";
    LinkRevoked = "link_revoked", GONE, "The link was taken back";
    LinkFailed = "link_failed", GONE, "The link failed";
    LinkDeclined = "link_declined", GONE, "The customer declined";
    WrongCeremony = "wrong_ceremony", CONFLICT, "The link is for the other ceremony";
    CallCodeRequired = "call_code_required", FORBIDDEN, "The call code is needed";
    CallCodeWrong = "call_code_wrong", FORBIDDEN, "The call code is wrong";
    CallCodeExpired = "call_code_expired", FORBIDDEN, "The call code's time is over";
    ForbiddenOrigin = "forbidden_origin", FORBIDDEN, "The request comes from another site";
    Unauthorized = "unauthorized", UNAUTHORIZED, "No valid key or session";
    Forbidden = "forbidden", FORBIDDEN, "The key or session may not do this";
    NotFound = "not_found", NOT_FOUND, "Nothing here";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    Conflict = "conflict", CONFLICT, "The request conflicts with what is there";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long to arrive";
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body is of another type";
    Validation = "validation", UNPROCESSABLE_ENTITY, "The request is not valid";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available at the moment";
}

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
pub struct FieldError {
    /// The field's path, as `crm.record_id`; empty for the body as a whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// An error on its way out; the edge adds the request's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", code.as_str())]
pub struct Problem {
    pub code: Code,
    detail: String,
    errors: Vec<FieldError>,
    /// Seconds, for `Retry-After`.
    retry_after: Option<u32>,
    link_id: Option<LinkId>,
    tries_left: Option<u32>,
}

impl Problem {
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let retry_after = matches!(code, Code::Unavailable).then_some(1);
        let (detail, errors) = (detail.into(), Vec::new());
        Self { code, detail, errors, retry_after, link_id: None, tries_left: None }
    }

    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.field.is_empty() => one.message.clone(),
            [one] => format!("{} {}", one.field, one.message),
            many => format!("{} fields are not valid, see errors", many.len()),
        };
        Self { errors, ..Self::new(Code::Validation, detail) }
    }

    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// For `Retry-After`; `None` if waiting does not help.
    #[must_use]
    pub const fn seconds_to_wait(&self) -> Option<u32> {
        self.retry_after
    }

    /// Names the link that stands in the way.
    #[must_use]
    pub fn about_link(self, link: LinkId) -> Self {
        Self { link_id: Some(link), ..self }
    }

    /// Says how often the same may be tried again.
    #[must_use]
    pub fn tries_left(self, tries: u32) -> Self {
        Self { tries_left: Some(tries), ..self }
    }

    #[must_use]
    pub fn into_response_for(self, request: RequestId) -> Response {
        let status = self.code.status();
        let retry_after = self.retry_after;
        let document = ProblemDocument {
            r#type: format!("urn:vouchlink:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: status.as_u16(),
            code: self.code.as_str().to_owned(),
            detail: self.detail,
            request_id: request.to_string(),
            errors: (!self.errors.is_empty()).then_some(self.errors),
            link_id: self.link_id.map(|id| id.to_string()),
            tries_left: self.tries_left,
        };
        // Strings and a number: it can always be written.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, PROBLEM_JSON)
            .header(header::CACHE_CONTROL, "no-store");
        if let Some(seconds) = retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        if matches!(self.code, Code::Unauthorized) {
            response = response.header(header::WWW_AUTHENTICATE, "Bearer");
        }
        response.body(body)
    }
}

const PROBLEM_JSON: &str = "application/problem+json";

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Problem")]
struct ProblemDocument {
    /// `urn:vouchlink:problem:<code>`.
    r#type: String,
    title: String,
    status: u16,
    /// Stable; what programs decide by.
    code: String,
    /// For people; may change.
    detail: String,
    /// Name it when you ask us about this.
    request_id: String,
    /// With `validation`: everything that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    errors: Option<Vec<FieldError>>,
    /// With `conflict`: the open link that stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    link_id: Option<String>,
    /// With `call_code_wrong`: how many wrong codes are left before the link fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    tries_left: Option<u32>,
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        let status = problem.code.status();
        Self::new(problem, status)
    }
}

/// Only where no edge stands above; there the edge gives the request's real id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into_response_for(RequestId::from_bytes([0; 16]))
    }
}

/// In the OpenAPI document, every operation's other answers are this one.
impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "A problem document; `code` says which problem.",
                status: None,
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: PROBLEM_JSON,
                    schema: ProblemDocument::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        ProblemDocument::register(registry);
    }
}

/// What the framework refuses by itself, in our words.
impl From<poem::Error> for Problem {
    fn from(error: poem::Error) -> Self {
        if let Some(problem) = error.downcast_ref::<Self>() {
            return problem.clone();
        }
        if let Some(bad) = error.downcast_ref::<poem_openapi::error::ParseParamError>() {
            let message = "is not what it should be; see /docs".to_owned();
            return Self::validation(vec![FieldError { field: bad.name.to_owned(), message }]);
        }
        let code = match error.status() {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::UNAUTHORIZED => Code::Unauthorized,
            StatusCode::FORBIDDEN => Code::Forbidden,
            StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
            status if status.is_client_error() => Code::BadRequest,
            status => {
                tracing::error!(%status, "the framework failed");
                Code::Unavailable
            }
        };
        Self::new(code, code.title())
    }
}
