//! Salesforce: fields of one record by its id, a platform event, or both. Never by an external
//! id, which makes a record where there is none.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::client::{Answered, Method};
use super::super::exchange::Exchange;
use super::super::wire::{Call, Wire};
use super::oauth::{Grant, Refusal, Tokens};
use super::{Order, Spoken, at, names, query};
use crate::domain::crm::{PlatformEvent, Salesforce};
use crate::domain::delivery::Class;
use crate::domain::remedy::Remedy;

/// Its limit counts by 24 hours that move along.
const PAUSE: Duration = Duration::from_secs(600);

pub(super) async fn tell(
    salesforce: &Salesforce,
    order: &Order<'_>,
    wire: &Wire<'_>,
    tokens: &Tokens,
) -> Exchange {
    let mut told = None;
    if salesforce.write_record {
        let exchange = write(salesforce, order, wire, tokens).await;
        if exchange.class != Class::Success {
            return exchange;
        }
        told = Some(exchange);
    }
    // Again after a failure of this one alone: the record is then written twice, to the same.
    if let Some(event) = &salesforce.event {
        told = Some(publish(salesforce, event, order, wire, tokens).await);
    }
    told.unwrap_or_else(super::no_crm)
}

async fn write(
    salesforce: &Salesforce,
    order: &Order<'_>,
    wire: &Wire<'_>,
    tokens: &Tokens,
) -> Exchange {
    let fields = order.news.fields(&salesforce.record.fields, salesforce.record.form);
    let path = format!("/sobjects/{}/{}", salesforce.object, order.id);
    match ask(salesforce, &path, Method::Patch, &json!(fields), wire, tokens).await {
        Ok(spoken) if spoken.status == 204 => spoken.success(),
        Ok(spoken) => judge(spoken),
        Err(exchange) => exchange,
    }
}

async fn publish(
    salesforce: &Salesforce,
    event: &PlatformEvent,
    order: &Order<'_>,
    wire: &Wire<'_>,
    tokens: &Tokens,
) -> Exchange {
    let fields = order.news.fields(&event.fields, salesforce.record.form);
    let path = format!("/sobjects/{}", event.name);
    match ask(salesforce, &path, Method::Post, &json!(fields), wire, tokens).await {
        // `errors` is not empty then: it says that the event is on its way.
        Ok(spoken) if spoken.status == 201 => {
            let done = spoken.json.as_ref().and_then(|json| json.get("success")?.as_bool());
            match done {
                Some(true) => spoken.success(),
                Some(false) => spoken.judged(Class::Config, Remedy::CheckFields),
                None => spoken.nonsense(),
            }
        }
        Ok(spoken) => judge(spoken),
        Err(exchange) => exchange,
    }
}

/// Reads our fields of one record: a field that is not there, or not for us, is named.
pub(super) async fn check(salesforce: &Salesforce, wire: &Wire<'_>, tokens: &Tokens) -> Exchange {
    let path = if salesforce.write_record {
        let fields = names(&salesforce.record.fields);
        let soql = format!("SELECT Id,{fields} FROM {} LIMIT 1", salesforce.object);
        format!("/query?{}", query([("q", soql.as_str())]))
    } else {
        "/sobjects".to_owned()
    };
    match ask(salesforce, &path, Method::Get, &Value::Null, wire, tokens).await {
        Ok(spoken) if spoken.is_success() => {
            if spoken.json.is_some() || spoken.is_cut {
                return spoken.success();
            }
            spoken.nonsense()
        }
        Ok(spoken) => judge(spoken),
        Err(exchange) => exchange,
    }
}

async fn ask(
    salesforce: &Salesforce,
    path: &str,
    method: Method,
    body: &Value,
    wire: &Wire<'_>,
    tokens: &Tokens,
) -> Result<Spoken, Exchange> {
    let url = at(&salesforce.api, &format!("/services/data/v{}{path}", salesforce.version))?;
    // Always to My Domain of the settings: `instance_url` in the token's answer is not followed.
    let grant = Grant {
        vendor: "Salesforce",
        url: at(&salesforce.api, "/services/oauth2/token")?,
        kind: "client_credentials",
        secrets: vec![
            ("client_id", &salesforce.client_id),
            ("client_secret", &salesforce.client_secret),
        ],
        judge: refusal,
    };
    let call = |token: &_| Call::json(method, &url, body).proof("authorization", "Bearer ", token);
    Spoken::of(tokens.ask(wire, &grant, call, is_stale).await?)
}

fn refusal(_error: &str, description: &str) -> Refusal {
    let description = description.to_ascii_lowercase();
    if description.contains("rate exceeded") {
        return Refusal::TooMany(PAUSE);
    }
    if description.contains("not supported on this domain") {
        return Refusal::Wrong(Remedy::CheckDataCentre);
    }
    Refusal::Wrong(Remedy::Reconnect)
}

fn is_stale(answered: &Answered) -> bool {
    let answer: Option<Value> = serde_json::from_slice(answered.body.expose()).ok();
    answered.exchange.http_status == Some(401)
        && answer.is_some_and(|answer| code(&answer) == "INVALID_SESSION_ID")
}

/// Of the first error.
fn code(answer: &Value) -> &str {
    answer.pointer("/0/errorCode").and_then(Value::as_str).unwrap_or_default()
}

fn judge(spoken: Spoken) -> Exchange {
    let Some(answer) = &spoken.json else { return spoken.by_status() };
    let (class, remedy) = match code(answer) {
        "INVALID_SESSION_ID" => (Class::Config, Remedy::Reconnect),
        "REQUEST_LIMIT_EXCEEDED" => return spoken.exchange.slowed(PAUSE),
        "NOT_FOUND"
        | "ENTITY_IS_DELETED"
        | "MALFORMED_ID"
        | "INVALID_ID_FIELD"
        | "INVALID_CROSS_REFERENCE_KEY" => (Class::Rejected, Remedy::CheckRecord),
        "UNABLE_TO_LOCK_ROW" | "SERVER_UNAVAILABLE" | "UNKNOWN_EXCEPTION" => {
            (Class::Unavailable, Remedy::Wait)
        }
        "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED" | "FUNCTIONALITY_NOT_ENABLED" => {
            (Class::Config, Remedy::CheckPermission)
        }
        code if code.starts_with("INSUFFICIENT_ACCESS") => (Class::Config, Remedy::CheckPermission),
        code if is_about_fields(code) => (Class::Rejected, Remedy::CheckFields),
        // By an external id only, which is never asked for.
        _ if matches!(spoken.status, 201 | 300) => (Class::Config, Remedy::CheckReceiver),
        _ => return spoken.by_status(),
    };
    spoken.judged(class, remedy)
}

fn is_about_fields(code: &str) -> bool {
    code.starts_with("INVALID_FIELD")
        || matches!(
            code,
            "INVALID_TYPE_ON_FIELD_IN_RECORD"
                | "JSON_PARSER_ERROR"
                | "STRING_TOO_LONG"
                | "NUMBER_OUTSIDE_VALID_RANGE"
                | "FIELD_INTEGRITY_EXCEPTION"
                | "FIELD_CUSTOM_VALIDATION_EXCEPTION"
                | "REQUIRED_FIELD_MISSING"
                | "DUPLICATE_VALUE"
        )
}
