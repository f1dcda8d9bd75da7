//! Pipedrive, Zendesk and Freshdesk: one request with a key of the account's own.

use super::super::encoding::base64;
use super::super::endpoint::EndpointUrl;
use super::super::secret::Secret;
use super::super::verdict::words;
use super::mapping::Mapping;
use super::reader::Reader;
use super::record::{Form, Ids, Record, is_word};

words! {
    /// What Pipedrive's verification fields belong to.
    PipedriveEntity {
        Persons = "persons",
        Organizations = "organizations",
        Deals = "deals",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipedrive {
    pub api: EndpointUrl,
    pub api_token: Secret,
    pub entity: PipedriveEntity,
    pub record: Record,
}

impl Pipedrive {
    pub(super) fn read(settings: &mut Reader<'_>, credentials: &mut Reader<'_>) -> Option<Self> {
        let api = origin(settings, "domain", "pipedrive.com", Some("api"));
        let words: Vec<_> = PipedriveEntity::ALL.iter().map(|word| word.as_str()).collect();
        let entity = settings.word("entity", PipedriveEntity::parse, &words);
        let entity = entity.unwrap_or(PipedriveEntity::Persons);
        let fields = Mapping::read(settings, "fields", is_pipedrive_field, None);
        let record = Record::read(settings, entity.as_str(), Ids::Digits, Form::Json, fields);
        let api_token = credentials.secret("api_token");
        Some(Self { api: api?, api_token: api_token?, entity, record: record? })
    }
}

/// Custom fields have a hash for a name.
fn is_pipedrive_field(field: &str) -> bool {
    field.len() == 40 && field.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// How Zendesk knows us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZendeskLogin {
    /// The value of `Authorization: Basic`, made of an agent's address and an API token.
    Basic(Secret),
    /// An OAuth access token.
    Bearer(Secret),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zendesk {
    pub api: EndpointUrl,
    pub login: ZendeskLogin,
    pub record: Record,
}

impl Zendesk {
    pub(super) fn read(settings: &mut Reader<'_>, credentials: &mut Reader<'_>) -> Option<Self> {
        let api = origin(settings, "subdomain", "zendesk.com", None);
        let usual = Mapping::usual("identity_verified", "identity_verified_at", "verification_id");
        let fields = Mapping::read(settings, "fields", is_word, Some(usual));
        let record = Record::read(settings, "users", Ids::Digits, Form::Json, fields);
        let login = if credentials.member("access_token").is_some() {
            credentials.secret("access_token").map(ZendeskLogin::Bearer)
        } else {
            let (email, token) = (credentials.secret("email"), credentials.secret("api_token"));
            email.zip(token).map(|(email, token)| {
                let pair = [email.expose(), b"/token:", token.expose()].concat();
                ZendeskLogin::Basic(Secret::from(base64(&pair).as_str()))
            })
        };
        Some(Self { api: api?, login: login?, record: record? })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshdesk {
    pub api: EndpointUrl,
    /// The value of `Authorization: Basic`, made of the API key.
    pub login: Secret,
    pub record: Record,
}

impl Freshdesk {
    pub(super) fn read(settings: &mut Reader<'_>, credentials: &mut Reader<'_>) -> Option<Self> {
        let api = origin(settings, "domain", "freshdesk.com", None);
        let usual = Mapping::usual("identity_verified", "identity_verified_at", "verification_id");
        let fields = Mapping::read(settings, "fields", is_word, Some(usual));
        let record = Record::read(settings, "contacts", Ids::Digits, Form::Json, fields);
        let key = credentials.secret("api_key");
        // The password is not looked at.
        let login = key.map(|key| Secret::from(base64(&[key.expose(), b":X"].concat()).as_str()));
        Some(Self { api: api?, login: login?, record: record? })
    }
}

/// `https://<account>.<vendor>`, or `base_url`.
fn origin(
    settings: &mut Reader<'_>,
    account: &'static str,
    vendor: &str,
    usual: Option<&str>,
) -> Option<EndpointUrl> {
    let base = settings.origin("base_url");
    let label = settings.label(account, false);
    if settings.member("base_url").is_some() {
        return base;
    }
    if settings.member(account).is_none() && usual.is_none() {
        settings.refuse(account, "is required");
    }
    let label = match (label, usual) {
        (Some(label), _) => label,
        (None, Some(usual)) if settings.member(account).is_none() => usual.to_owned(),
        (None, _) => return None,
    };
    EndpointUrl::parse(&format!("https://{label}.{vendor}/")).ok()
}
