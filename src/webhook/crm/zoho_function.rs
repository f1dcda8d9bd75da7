//! A Deluge function at Zoho: the message is signed as for everybody, and delivered only if the
//! function says that it is.
//!
//! Zoho answers 200 for a function that ran, whatever came of it. Ours (`deploy/zoho`) says
//! `{"outcome": "ok" | "ignored" | "refused" | "failed", "reason": ...}`, with a status of its own;
//! another's says what it likes in `details.output`.

use serde_json::Value;

use super::super::exchange::Exchange;
use super::super::send::{Message, Standard};
use super::super::wire::Wire;
use super::Spoken;
use crate::domain::crm::FunctionForm;
use crate::domain::delivery::Class;
use crate::domain::endpoint::BodyMode;
use crate::domain::remedy::Remedy;

pub(in super::super) async fn send(
    standard: &Standard,
    form: FunctionForm,
    wire: &Wire<'_>,
    message: Message<'_>,
) -> Exchange {
    let enveloped;
    let standard = match form {
        FunctionForm::Json => standard,
        // Arguments are texts with names: those of the envelope.
        FunctionForm::Arguments => {
            enveloped = Standard { body_mode: BodyMode::Envelope, ..standard.clone() };
            &enveloped
        }
    };
    let (mut call, text) = match standard.call(message) {
        Ok(call) => call,
        Err(exchange) => return exchange,
    };
    let kind = match form {
        FunctionForm::Json => "application/json".to_owned(),
        FunctionForm::Arguments => {
            format!("multipart/form-data; boundary={}", boundary(&message))
        }
    };
    call.body = match form {
        FunctionForm::Json => text.into_bytes(),
        FunctionForm::Arguments => arguments(&boundary(&message), &text).into_bytes(),
    };
    match Spoken::of(wire.ask(call.header("content-type", &kind)).await) {
        Ok(spoken) => judge(spoken),
        // The host's name is in the URL that staff gave.
        Err(exchange) => {
            let (class, remedy) = (exchange.class, Remedy::of(exchange.class));
            exchange.judged(class, remedy)
        }
    }
}

/// JSON holds no line breaks, so that no text of a customer's can end the part.
fn boundary(message: &Message<'_>) -> String {
    format!("vouchlink-{}", message.event)
}

/// One form field (RFC 7578).
fn arguments(boundary: &str, text: &str) -> String {
    format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"arguments\"\r\n\r\n{text}\r\n\
         --{boundary}--\r\n"
    )
}

fn judge(spoken: Spoken) -> Exchange {
    let Some(answer) = &spoken.json else {
        return match spoken.status {
            200..=299 => spoken.judged(Class::Config, Remedy::CheckFunction),
            404 => spoken.judged(Class::Config, Remedy::CheckUrl),
            _ => spoken.by_status(),
        };
    };
    if let Some((status, outcome)) = outcome(answer) {
        let (class, remedy) = match (outcome.as_str(), status.unwrap_or(spoken.status)) {
            ("ok" | "ignored", 200..=299) if spoken.is_success() => return spoken.success(),
            ("refused", 404) => (Class::Rejected, Remedy::CheckRecord),
            ("refused", 400..=499) => (Class::Config, Remedy::CheckReceiver),
            (_, 410) => (Class::Gone, Remedy::Enable),
            _ => (Class::Unavailable, Remedy::CheckFunction),
        };
        return spoken.judged(class, remedy);
    }
    let code = answer.get("code").and_then(Value::as_str).unwrap_or_default();
    match code {
        "success" if spoken.is_success() && !is_error(answer) => spoken.success(),
        "INVALID_TOKEN" | "AUTHENTICATION_FAILURE" | "OAUTH_SCOPE_MISMATCH" | "INVALID_API_KEY" => {
            spoken.judged(Class::Config, Remedy::Reconnect)
        }
        "LIMIT_EXCEEDED" | "LIMIT_REACHED" | "TOO_MANY_REQUESTS" => {
            spoken.exchange.slowed(super::PAUSE)
        }
        "INVALID_URL_PATTERN" | "NOT_FOUND" => spoken.judged(Class::Config, Remedy::CheckUrl),
        _ => match spoken.status {
            200..=299 | 400 | 409 | 422 => spoken.judged(Class::Config, Remedy::CheckFunction),
            404 => spoken.judged(Class::Config, Remedy::CheckUrl),
            _ => spoken.by_status(),
        },
    }
}

/// What our function says, and the status it meant: wherever Zoho has put them.
fn outcome(answer: &Value) -> Option<(Option<u16>, String)> {
    let said = |body: &Value| body.get("outcome")?.as_str().map(str::to_owned);
    if let Some(outcome) = said(answer) {
        return Some((None, outcome));
    }
    let output = opened(answer.pointer("/details/output")?)?;
    let response = output.get("crmAPIResponse");
    let status = response.and_then(|response| response.get("status_code")?.as_u64());
    let status = status.and_then(|status| u16::try_from(status).ok());
    let body = match response {
        Some(response) => opened(response.get("body")?)?,
        None => output,
    };
    said(&body).map(|outcome| (status, outcome))
}

/// An object, or one written into a text.
fn opened(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value.clone()),
        Value::String(text) => {
            serde_json::from_str(text).ok().filter(|value: &Value| value.is_object())
        }
        _ => None,
    }
}

/// Whether a function of somebody else's says that it failed.
fn is_error(answer: &Value) -> bool {
    let Some(output) = answer.pointer("/details/output") else { return false };
    if let Some(object) = opened(output) {
        let bad_word = |name: &str| {
            object.get(name).and_then(Value::as_str).is_some_and(|word| {
                ["error", "failure", "failed"].contains(&word.to_ascii_lowercase().as_str())
            })
        };
        let bad_status = object
            .pointer("/crmAPIResponse/status_code")
            .and_then(Value::as_u64)
            .is_some_and(|status| !(200..=299).contains(&status));
        return bad_word("status")
            || bad_word("code")
            || bad_status
            || object.get("error").is_some_and(|error| !error.is_null())
            || ["ok", "success"].iter().any(|name| object.get(*name) == Some(&Value::Bool(false)));
    }
    match output {
        Value::Bool(good) => !good,
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            ["error", "fail", "exception", "false"].iter().any(|word| text.starts_with(word))
        }
        _ => false,
    }
}
