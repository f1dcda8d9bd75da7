//! Salesforce: fields of a record, a platform event, or both.

use super::super::endpoint::EndpointUrl;
use super::super::secret::Secret;
use super::mapping::{Fact, Mapping};
use super::reader::{Reader, is_name};
use super::record::{Form, Ids, Record, is_word};

/// A Salesforce organisation, through the client credentials of an External Client App.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salesforce {
    /// My Domain, which gives tokens as well.
    pub api: EndpointUrl,
    /// Such as `67.0`.
    pub version: String,
    pub client_id: Secret,
    pub client_secret: Secret,
    /// The API name of the object in URLs.
    pub object: String,
    pub record: Record,
    /// Whether the record itself is written.
    pub write_record: bool,
    pub event: Option<PlatformEvent>,
}

/// A platform event that tells the same to flows and Apex triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformEvent {
    /// Its API name: ends in `__e`.
    pub name: String,
    pub fields: Mapping,
}

const VERSION: &str = "67.0";

impl Salesforce {
    pub(super) fn read(settings: &mut Reader<'_>, credentials: &mut Reader<'_>) -> Option<Self> {
        let version = version(settings);
        let object = match settings.name("object") {
            Some(name) => Some(name),
            None if settings.member("object").is_none() => Some("Contact"),
            None => None,
        };
        let usual =
            Mapping::usual("Identity_Verified__c", "Identity_Verified_At__c", "Verification_Id__c");
        let fields = Mapping::read(settings, "fields", is_word, Some(usual));
        let module = object.unwrap_or("Contact");
        let record = Record::read(settings, module, Ids::Salesforce, Form::Json, fields);
        let write_record = settings.flag("write_record", true);
        let event = event(settings);
        if !write_record && settings.member("event").is_none() {
            settings.refuse("write_record", "can be false only if there is an event");
        }
        let api = api(settings);
        let client_id = credentials.secret("client_id");
        let client_secret = credentials.secret("client_secret");
        Some(Self {
            api: api?,
            version: version?.to_owned(),
            client_id: client_id?,
            client_secret: client_secret?,
            object: object?.to_owned(),
            record: record?,
            write_record,
            event: event?,
        })
    }
}

/// My Domain: `acme`, `acme--uat.sandbox`.
fn api(settings: &mut Reader<'_>) -> Option<EndpointUrl> {
    let base = settings.origin("base_url");
    let domain = settings.label("domain", true);
    if settings.member("base_url").is_some() {
        return base;
    }
    if settings.member("domain").is_none() {
        settings.refuse("domain", "is required: My Domain, such as acme or acme--uat.sandbox");
    }
    EndpointUrl::parse(&format!("https://{}.my.salesforce.com/", domain?)).ok()
}

fn version<'a>(settings: &mut Reader<'a>) -> Option<&'a str> {
    let Some(text) = settings.text("api_version") else {
        return settings.member("api_version").is_none().then_some(VERSION);
    };
    let number = text.strip_suffix(".0").and_then(|number| number.parse::<u16>().ok());
    if number.is_some_and(|number| (41..=199).contains(&number)) && text.len() <= 5 {
        return Some(text);
    }
    settings.refuse("api_version", "must be a version of the REST API, such as 67.0");
    None
}

#[expect(clippy::option_option, reason = "the outer one says that a setting was refused")]
fn event(settings: &mut Reader<'_>) -> Option<Option<PlatformEvent>> {
    let usual = Mapping::usual("Verified__c", "Verified_At__c", "Verification_Id__c").and(&[
        ("Record_Id__c", Fact::RecordId),
        ("Sequence__c", Fact::Sequence),
        ("User_Id__c", Fact::UserId),
    ]);
    let fields = Mapping::read(settings, "event_fields", is_word, Some(usual));
    let Some(name) = settings.text("event") else {
        return settings.member("event").is_none().then_some(None);
    };
    if !is_name(name) || !name.ends_with("__e") {
        settings.refuse("event", "must be the API name of a platform event, which ends in __e");
        return None;
    }
    Some(Some(PlatformEvent { name: name.to_owned(), fields: fields? }))
}
