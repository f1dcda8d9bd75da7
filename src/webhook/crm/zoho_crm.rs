//! Zoho CRM, REST API version 8: one record by its id. Never an upsert, which makes contacts of
//! typing errors, and never a search, whose index lags behind.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::client::{Answered, Method};
use super::super::exchange::Exchange;
use super::super::wire::{Call, Wire};
use super::oauth::{Grant, Refusal, Tokens};
use super::{Order, Spoken, at, names, query};
use crate::domain::crm::ZohoCrm;
use crate::domain::delivery::Class;
use crate::domain::endpoint::EndpointUrl;
use crate::domain::remedy::Remedy;

/// Zoho counts token requests by ten minutes.
const TOKENS_PAUSE: Duration = Duration::from_secs(600);
/// A limit of calls counts by the day; the schedule comes back before that.
const CALLS_PAUSE: Duration = Duration::from_secs(300);

pub(super) async fn tell(
    zoho: &ZohoCrm,
    order: &Order<'_>,
    wire: &Wire<'_>,
    tokens: &Tokens,
) -> Exchange {
    // The spelling of the settings: it is an API name, and a link's is not checked.
    let known = zoho.record.modules.iter().find(|name| name.eq_ignore_ascii_case(order.module));
    let Some(module) = known else { return super::no_crm() };
    let fields = order.news.fields(&zoho.record.fields, zoho.record.form);
    // Without `trigger`, approvals and blueprints would run as well.
    let body = json!({"data": [fields], "trigger": ["workflow"]});
    let path = format!("/crm/v8/{module}/{}", order.id);
    match ask(zoho, &path, Method::Put, &body, wire, tokens).await {
        Ok(spoken) => judge(spoken),
        Err(exchange) => exchange,
    }
}

/// Reads our fields of one record.
pub(super) async fn check(zoho: &ZohoCrm, wire: &Wire<'_>, tokens: &Tokens) -> Exchange {
    let fields = names(&zoho.record.fields);
    let wanted = query([("fields", fields.as_str()), ("per_page", "1")]);
    let module = zoho.record.modules.first().map_or("Contacts", String::as_str);
    let path = format!("/crm/v8/{module}?{wanted}");
    let spoken = match ask(zoho, &path, Method::Get, &Value::Null, wire, tokens).await {
        Ok(spoken) => spoken,
        Err(exchange) => return exchange,
    };
    let record = spoken.json.as_ref().and_then(|json| json.pointer("/data/0"));
    match (spoken.status, record.and_then(Value::as_object)) {
        // No records yet.
        (204 | 304, _) => spoken.success(),
        (200..=299, Some(record)) => {
            // Names that it does not know are passed over, when reading and when writing.
            if zoho.record.fields.iter().all(|(field, _)| record.contains_key(field)) {
                return spoken.success();
            }
            spoken.judged(Class::Config, Remedy::CheckFields)
        }
        _ => judge(spoken),
    }
}

async fn ask(
    zoho: &ZohoCrm,
    path: &str,
    method: Method,
    body: &Value,
    wire: &Wire<'_>,
    tokens: &Tokens,
) -> Result<Spoken, Exchange> {
    let url = at(&zoho.api, path)?;
    let grant = grant(zoho)?;
    let call = |token: &_| {
        let call = Call::json(method, &url, body);
        call.proof("authorization", "Zoho-oauthtoken ", token)
    };
    Spoken::of(tokens.ask(wire, &grant, call, is_stale).await?)
}

fn grant(zoho: &ZohoCrm) -> Result<Grant<'_>, Exchange> {
    let url: EndpointUrl = at(&zoho.accounts, "/oauth/v2/token")?;
    Ok(Grant {
        vendor: "Zoho",
        url,
        kind: "refresh_token",
        secrets: vec![
            ("client_id", &zoho.client_id),
            ("client_secret", &zoho.client_secret),
            ("refresh_token", &zoho.refresh_token),
        ],
        judge: |error, _| match error.to_ascii_lowercase().replace(' ', "_").as_str() {
            // Said with status 200 as well as 400.
            "access_denied" => Refusal::TooMany(TOKENS_PAUSE),
            // A client is known in its own data centre only.
            "invalid_client" => Refusal::Wrong(Remedy::CheckDataCentre),
            _ => Refusal::Wrong(Remedy::Reconnect),
        },
    })
}

fn is_stale(answered: &Answered) -> bool {
    let answer: Option<Value> = serde_json::from_slice(answered.body.expose()).ok();
    answer.is_some_and(|answer| code(&answer).1 == "INVALID_TOKEN")
}

/// Of the one record, else of the request: the status word and the code.
fn code(answer: &Value) -> (&str, &str) {
    let said = answer.pointer("/data/0").unwrap_or(answer);
    let word = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
    (word("status"), word("code"))
}

/// The record has a status of its own, also in an answer of 2xx.
fn judge(spoken: Spoken) -> Exchange {
    let Some(answer) = &spoken.json else { return spoken.by_status() };
    let (status, code) = code(answer);
    let (class, remedy) = match code {
        "SUCCESS" if status == "success" && spoken.is_success() => return spoken.success(),
        "INVALID_TOKEN" | "OAUTH_SCOPE_MISMATCH" => (Class::Config, Remedy::Reconnect),
        "AUTHENTICATION_FAILURE" | "INVALID_URL_PATTERN" => {
            (Class::Config, Remedy::CheckDataCentre)
        }
        "NO_PERMISSION" | "FEATURE_NOT_SUPPORTED" | "NOT_ALLOWED" | "AUTHORIZATION_FAILED"
        // Somebody has to let the record out of its blueprint or approval first.
        | "RECORD_IN_BLUEPRINT" | "NOT_APPROVED" => (Class::Config, Remedy::CheckPermission),
        "LIMIT_EXCEEDED" | "LIMIT_REACHED" | "TOO_MANY_REQUESTS" => {
            return spoken.exchange.slowed(CALLS_PAUSE);
        }
        "RECORD_LOCKED" | "INTERNAL_ERROR" | "INTERNAL_SERVER_ERROR" | "CANNOT_PROCESS" => {
            (Class::Unavailable, Remedy::Wait)
        }
        "INVALID_DATA" if is_about_id(answer) => (Class::Rejected, Remedy::CheckRecord),
        "INVALID_MODULE" | "NO_CONTENT" | "NO_RECORDS_FOUND" | "NOT_FOUND" | "CONVERTED_RECORD"
        | "ID_ALREADY_CONVERTED" => (Class::Rejected, Remedy::CheckRecord),
        "INVALID_DATA" | "MANDATORY_NOT_FOUND" | "DUPLICATE_DATA" | "PATTERN_NOT_MATCHED"
        | "DEPENDENT_FIELD_MISSING" | "EXPECTED_FIELD_MISSING" | "DATA_MISMATCH"
        | "REQUIRED_PARAM_MISSING" => (Class::Rejected, Remedy::CheckFields),
        // An error of which nothing is known, with a 2xx: no success, and no reason to give up.
        _ if spoken.is_success() && !code.is_empty() => (Class::Config, Remedy::CheckReceiver),
        _ => return spoken.by_status(),
    };
    spoken.judged(class, remedy)
}

fn is_about_id(answer: &Value) -> bool {
    let said = answer.pointer("/data/0").unwrap_or(answer);
    match said.pointer("/details/api_name").and_then(Value::as_str) {
        Some(field) => field == "id",
        // Without a field it is about the id in the URL.
        None => true,
    }
}
