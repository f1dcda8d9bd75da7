//! HubSpot: properties of a contact, or of another object.

use super::super::endpoint::EndpointUrl;
use super::super::secret::Secret;
use super::mapping::Mapping;
use super::reader::Reader;
use super::record::{Form, Ids, Record, is_word};

/// HubSpot, through an app of the account's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hubspot {
    pub api: EndpointUrl,
    pub access_token: Secret,
    /// The type of object in URLs: `contacts`, `2-1234567`, `p_policies`.
    pub object: String,
    pub record: Record,
}

impl Hubspot {
    pub(super) fn read(settings: &mut Reader<'_>, credentials: &mut Reader<'_>) -> Option<Self> {
        let api = settings.origin("base_url");
        let api = api.or_else(|| EndpointUrl::parse("https://api.hubapi.com/").ok());
        let object = match settings.text("object") {
            None => Some("contacts".to_owned()),
            Some(text) if is_object(text) => Some(text.to_owned()),
            Some(_) => {
                settings.refuse("object", "must be a type of object, such as contacts");
                None
            }
        };
        let usual = Mapping::usual("identity_verified", "identity_verified_at", "verification_id");
        let fields = Mapping::read(settings, "fields", is_word, Some(usual));
        let module = object.as_deref().unwrap_or("contacts");
        let record = Record::read(settings, module, Ids::Digits, Form::Texts, fields);
        let access_token = credentials.secret("access_token");
        Some(Self { api: api?, access_token: access_token?, object: object?, record: record? })
    }
}

fn is_object(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
