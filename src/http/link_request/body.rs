//! The body of the order in either of its forms: JSON, or the form parameters of CRMs without code.

use poem::{Request, RequestBody};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::super::body::{JsonBody, read};
use super::super::problem::{Code, FieldError, Problem};
use super::CreateLink;
use super::form;
use super::map::FieldMap;

const FORM: &str = "application/x-www-form-urlencoded";
const FORM_SCHEMA: &str = "CreateLinkForm";

/// What was sent, of one of the two content types.
#[derive(Debug)]
pub(in crate::http) enum LinkBody {
    Json(Box<JsonBody<CreateLink>>),
    /// The parameters as they came.
    Form(Vec<u8>),
}

/// The order, and the bytes that say whether another one is the same.
#[derive(Debug)]
pub(in crate::http) struct Asked {
    pub link: CreateLink,
    pub bytes: Vec<u8>,
}

impl LinkBody {
    /// `map` is the query's: which parameter of the form is which field.
    ///
    /// # Errors
    /// `validation` for a form or a map that is wrong, or a map for a JSON body.
    pub(in crate::http) fn with_map(self, map: &[String]) -> Result<Asked, Problem> {
        match self {
            Self::Json(body) if map.is_empty() => {
                let JsonBody { value: link, bytes } = *body;
                Ok(Asked { link, bytes })
            }
            Self::Json(_) => Err(Problem::validation(vec![FieldError {
                field: "map".to_owned(),
                message: format!("is for bodies of {FORM}"),
            }])),
            Self::Form(bytes) => {
                let fields = FieldMap::parse(map)?;
                let link = form::read(&bytes, fields.as_ref())?;
                // The same parameters read by another map are another order.
                let bytes = match fields {
                    Some(_) => [map.join(",").as_bytes(), b"\n", &bytes].concat(),
                    None => bytes,
                };
                Ok(Asked { link, bytes })
            }
        }
    }
}

impl<'a> ApiExtractor<'a> for LinkBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        CreateLink::register(registry);
        if let Some(json) = registry.schemas.get(CreateLink::name().as_ref()).cloned() {
            registry.schemas.insert(FORM_SCHEMA.to_owned(), form_schema(json));
        }
    }

    fn request_meta() -> Option<MetaRequest> {
        let json = MetaMediaType {
            content_type: JsonBody::<CreateLink>::CONTENT_TYPE,
            schema: CreateLink::schema_ref(),
        };
        let form = MetaMediaType {
            content_type: FORM,
            schema: MetaSchemaRef::Reference(FORM_SCHEMA.to_owned()),
        };
        Some(MetaRequest { description: None, content: vec![json, form], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let content_type = request.content_type().unwrap_or_default();
        if JsonBody::<CreateLink>::check_content_type(content_type) {
            let body = JsonBody::from_request(request, body, options).await?;
            return Ok(Self::Json(Box::new(body)));
        }
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(FORM) {
            return Ok(Self::Form(read(request, body).await?));
        }
        let detail = format!("send the body as Content-Type: application/json, or as {FORM}");
        Err(Problem::new(Code::UnsupportedMediaType, detail).into())
    }
}

/// The JSON body's schema made flat.
fn form_schema(json: MetaSchema) -> MetaSchema {
    let text = |description| {
        let schema = MetaSchema { description: Some(description), ..MetaSchema::new("string") };
        MetaSchemaRef::Inline(Box::new(schema))
    };
    let flat = |(name, schema)| match name {
        "methods" => {
            vec![(name, text("With what the customer may verify: `passkey`, or `passkey,totp`."))]
        }
        "crm" => vec![
            ("crm.module", text("The CRM record this is about: its module, as `Contacts`.")),
            ("crm.record_id", text("Its id. Both or neither.")),
        ],
        "send" => vec![("send.email", text("Where to mail the link to."))],
        // Any number of parameters: told in the description.
        "metadata" => vec![],
        _ => vec![(name, schema)],
    };
    MetaSchema {
        title: Some(FORM_SCHEMA.to_owned()),
        description: Some(
            "The same order as form parameters: one a field, inner fields by their path, \
             `metadata.<key>` for each entry of `metadata` (text only), numbers as digits. A \
             parameter without a value counts as not sent; each may be sent once.",
        ),
        properties: json.properties.into_iter().flat_map(flat).collect(),
        ..json
    }
}
