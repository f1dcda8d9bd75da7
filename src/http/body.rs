//! JSON bodies, in and out: parsed once, strictly, straight from the bytes; written once,
//! straight to them.

use poem::http::{StatusCode, header};
use poem::{IntoResponse, Request, RequestBody, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::place::member_at;
use super::problem::{Code, FieldError, Problem};

/// No request of ours needs more.
pub(super) const MAX_BYTES: usize = 32 * 1024;

/// A JSON request body. Unknown and duplicate members are refused where `T` says so
/// (`deny_unknown_fields`; duplicates always).
#[derive(Debug)]
pub(super) struct JsonBody<T> {
    pub value: T,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl<T: Type> Payload for JsonBody<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(Self::CONTENT_TYPE)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for JsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: Self::CONTENT_TYPE,
                schema: Self::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !request.content_type().is_some_and(<Self as Payload>::check_content_type) {
            let detail = "send the body as Content-Type: application/json";
            return Err(Problem::new(Code::UnsupportedMediaType, detail).into());
        }
        let bytes = read(request, body).await?;
        let value = serde_json::from_slice(&bytes).map_err(|error| malformed(&error, &bytes))?;
        Ok(Self { value, bytes })
    }
}

/// A whole body within [`MAX_BYTES`].
pub(super) async fn read(request: &Request, body: &mut RequestBody) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        let detail = format!("the body may have {MAX_BYTES} bytes");
        Problem::new(Code::PayloadTooLarge, detail)
    };
    let announced = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if announced.is_some_and(|length: usize| length > MAX_BYTES) {
        return Err(too_large());
    }
    let unreadable = || Problem::new(Code::BadRequest, "the body could not be read");
    let body = body.take().map_err(|_| unreadable())?;
    match body.into_bytes_limit(MAX_BYTES).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(poem::error::ReadBodyError::PayloadTooLarge) => Err(too_large()),
        Err(_) => Err(unreadable()),
    }
}

/// The parser's words name members and positions of what was sent; the values in them are left
/// out, as they may be tokens.
fn malformed(error: &serde_json::Error, body: &[u8]) -> Problem {
    use serde_json::error::Category;
    match error.classify() {
        Category::Data => {
            let words = error.to_string();
            // A name of the caller's, cut to what is worth reading back.
            let member: String =
                words.split('`').nth(1).unwrap_or_default().chars().take(64).collect();
            let (field, message) = if words.starts_with("unknown field") {
                (member, "is not a field of this request")
            } else if words.starts_with("missing field") {
                (member, "is required")
            } else if words.starts_with("duplicate field") {
                (member, "is given twice")
            } else {
                (member_at(body, error.line(), error.column()), "has the wrong type; see /docs")
            };
            let message = match field.as_str() {
                "" => format!(
                    "a field has the wrong type; see /docs (line {}, column {})",
                    error.line(),
                    error.column()
                ),
                _ => message.to_owned(),
            };
            Problem::validation(vec![FieldError { field, message }])
        }
        Category::Io | Category::Syntax | Category::Eof => {
            let place = format!("line {}, column {}", error.line(), error.column());
            Problem::new(Code::BadRequest, format!("the body is not JSON ({place})"))
        }
    }
}

/// A JSON answer with status `STATUS`, never cached.
#[derive(Debug)]
pub(super) struct JsonReply<T, const STATUS: u16 = 200>(pub T);

impl<T: Serialize + Send, const STATUS: u16> IntoResponse for JsonReply<T, STATUS> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => Response::builder()
                .status(StatusCode::from_u16(STATUS).unwrap_or_default())
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CACHE_CONTROL, "no-store")
                .body(body),
            Err(_) => {
                Problem::new(Code::Unavailable, "the answer could not be written").into_response()
            }
        }
    }
}

impl<T: Type, const STATUS: u16> ApiResponse for JsonReply<T, STATUS> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "Done",
                status: Some(STATUS),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/json",
                    schema: T::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
