//! The body of `POST /api/verification/link`: parsed field by field, every problem reported.

mod body;
mod form;
mod map;

use std::fmt::Display;
use std::time::Duration;

use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::problem::{FieldError, Problem};
use crate::domain::audit::Actor;
use crate::domain::customer::{UserId, Username};
use crate::domain::link::{CallInitiator, CrmRecord, Enrolment, IfOpen, Request};
use crate::domain::mail::EmailAddress;
use crate::domain::text::Line;
use crate::flows::issue::Order;

pub(super) use body::LinkBody;

/// What holds where the body does not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults {
    pub enrolment: Enrolment,
    /// Whether codes of authenticator apps may be asked for.
    pub totp: bool,
}

/// What a link is to be.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub(super) struct CreateLink {
    /// Your id for the customer: 1 to 128 characters.
    user_id: String,
    /// What the customer's device shows beside the passkey, as their email address: 1 to 64
    /// characters.
    username: String,
    /// How long the link lives: 5 to `LINK_TTL_MAX_SECONDS`; `JWT_TTL_SECONDS` if absent.
    #[oai(default)]
    ttl_seconds: Option<u64>,
    /// What the customer approves, shown large and signed with: at most 500 characters.
    statement: Option<String>,
    /// Who called whom: `customer` or `company`.
    call_initiator: Option<String>,
    /// `open`: registers a passkey if there is none. `call_code`: the same, but the customer has to
    /// type the code that you read out. `existing`: 409 if there is none. `replace`: after a lost
    /// phone, revokes the old ones on success.
    enrolment: Option<String>,
    /// With what the customer may verify: `["passkey"]`, or `["passkey","totp"]` where
    /// `TOTP_ENABLED` is true: a code of their authenticator app then does too, and is worth less.
    methods: Option<Vec<String>>,
    /// The customer's language, a BCP 47 tag as `he` or `pt-BR`.
    locale: Option<String>,
    /// Your case number: at most 128 characters. Sent along in webhooks.
    reference: Option<String>,
    /// `supersede` (the newest link wins) or `refuse` (409 with the open link's id).
    if_open: Option<String>,
    /// The CRM record this is about. Sent along in webhooks.
    crm: Option<CrmBody>,
    /// Any JSON object of up to 2 KiB. Sent along in webhooks.
    #[oai(default)]
    metadata: Option<Any<Map<String, Value>>>,
    /// Where the page offers to go after success: an https URL.
    return_url: Option<String>,
    /// Sends the link to its customer.
    send: Option<SendBody>,
    /// The agent's or team's name, as the customer reads it; the API key's name if absent.
    requester: Option<String>,
}

/// A CRM record.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct CrmBody {
    /// As `Contacts`.
    module: String,
    record_id: String,
}

/// Where a link is sent to.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct SendBody {
    /// The customer's email address, as your records have it. It is remembered: whoever has it is
    /// told when a passkey of the customer's comes or goes.
    email: String,
}

const METADATA_MAX: usize = 2048;

impl CreateLink {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(
        self,
        created_by: Actor,
        key_name: &Line<64>,
        defaults: Defaults,
    ) -> Result<Order, Problem> {
        let mut errors = Errors(Vec::new());
        let user_id = errors.text("user_id", UserId::parse(&self.user_id));
        let username = errors.text("username", Username::parse(&self.username));
        let statement = errors.line("statement", self.statement);
        let requester = errors.line("requester", self.requester);
        let reference = errors.line("reference", self.reference);
        let locale = errors.locale(self.locale);
        let call_initiator = errors.word(
            "call_initiator",
            self.call_initiator,
            CallInitiator::parse,
            CallInitiator::ALL,
        );
        let enrolment =
            errors.word("enrolment", self.enrolment, Enrolment::parse, Enrolment::OF_STAFF);
        let if_open = errors.word("if_open", self.if_open, IfOpen::parse, IfOpen::ALL);
        let crm = self.crm.and_then(|crm| {
            Some(CrmRecord {
                module: errors.text("crm.module", Line::parse(&crm.module))?,
                record_id: errors.text("crm.record_id", Line::parse(&crm.record_id))?,
            })
        });
        let metadata = errors.metadata(self.metadata.map(|Any(metadata)| metadata));
        let return_url = errors.return_url(self.return_url);
        let send =
            self.send.and_then(|send| errors.text("send.email", EmailAddress::parse(&send.email)));
        let totp = errors.methods(self.methods.as_deref(), defaults.totp);
        let (Some(user_id), Some(username)) = (user_id, username) else {
            return Err(Problem::validation(errors.0));
        };
        if !errors.0.is_empty() {
            return Err(Problem::validation(errors.0));
        }
        Ok(Order {
            user_id,
            username,
            ttl: self.ttl_seconds.map(Duration::from_secs),
            request: Request {
                requester: requester.unwrap_or_else(|| key_name.clone()),
                created_by,
                statement,
                call_initiator,
                enrolment: enrolment.unwrap_or(defaults.enrolment),
                totp,
                locale,
                reference,
                crm,
                metadata,
                return_url,
            },
            if_open: if_open.unwrap_or(IfOpen::Supersede),
            idempotency: None,
            send,
        })
    }
}

/// What is wrong so far.
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    fn text<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|bad| self.add(field, bad.to_string())).ok()
    }

    fn line<const MAX: usize>(&mut self, field: &str, text: Option<String>) -> Option<Line<MAX>> {
        text.and_then(|text| self.text(field, Line::parse(&text)))
    }

    fn word<T: Copy + PartialEq + Display>(
        &mut self,
        field: &str,
        text: Option<String>,
        parse: fn(&str) -> Option<T>,
        all: &[T],
    ) -> Option<T> {
        let text = text?;
        let parsed = parse(&text).filter(|word| all.contains(word));
        if parsed.is_none() {
            let words: Vec<String> = all.iter().map(ToString::to_string).collect();
            self.add(field, format!("must be one of: {}", words.join(", ")));
        }
        parsed
    }

    fn locale(&mut self, text: Option<String>) -> Option<Line<35>> {
        let locale: Line<35> = self.line("locale", text)?;
        let subtag = |tag: &str| {
            (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if !locale.as_str().split('-').all(subtag) {
            self.add("locale", "must be a BCP 47 language tag such as en or pt-BR");
            return None;
        }
        Some(locale)
    }

    fn metadata(&mut self, metadata: Option<Map<String, Value>>) -> Map<String, Value> {
        let metadata = metadata.unwrap_or_default();
        let length = serde_json::to_string(&metadata).map_or(usize::MAX, |text| text.len());
        if length > METADATA_MAX {
            self.add("metadata", format!("may have {METADATA_MAX} bytes as JSON"));
        }
        metadata
    }

    fn return_url(&mut self, text: Option<String>) -> Option<String> {
        let text = text?;
        let parsed = url::Url::parse(&text).ok().filter(|url| {
            text.len() <= 2048
                && url.host().is_some()
                && url.username().is_empty()
                && url.password().is_none()
        });
        match parsed {
            Some(url) if url.scheme() == "https" => Some(url.into()),
            _ => {
                self.add("return_url", "must be an https URL of at most 2048 characters");
                None
            }
        }
    }

    /// Whether codes do beside passkeys. Not alone: who could choose the weaker would do so out of
    /// habit.
    fn methods(&mut self, methods: Option<&[String]>, enabled: bool) -> bool {
        let Some(methods) = methods else { return false };
        let mut methods: Vec<&str> = methods.iter().map(String::as_str).collect();
        methods.sort_unstable();
        let message = match (methods.as_slice(), enabled) {
            (["passkey"], _) => return false,
            (["passkey", "totp"], true) => return true,
            (["passkey", "totp"], false) => {
                "may have \"totp\" only where TOTP_ENABLED is true; must be [\"passkey\"]"
            }
            (_, true) => "must be [\"passkey\"] or [\"passkey\",\"totp\"]",
            (_, false) => "must be [\"passkey\"]",
        };
        self.add("methods", message);
        false
    }
}
