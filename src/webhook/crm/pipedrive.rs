//! Pipedrive: custom fields of one person, organisation or deal (API version 2).

use serde_json::{Value, json};

use super::super::client::Method;
use super::super::exchange::Exchange;
use super::super::wire::{Call, Wire};
use super::{Order, Spoken, at};
use crate::domain::crm::Pipedrive;
use crate::domain::delivery::Class;
use crate::domain::remedy::Remedy;

pub(super) async fn tell(pipedrive: &Pipedrive, order: &Order<'_>, wire: &Wire<'_>) -> Exchange {
    let fields = order.news.fields(&pipedrive.record.fields, pipedrive.record.form);
    let path = format!("/api/v2/{}/{}", pipedrive.entity, order.id);
    let body = json!({"custom_fields": fields});
    ask(pipedrive, &path, Method::Patch, &body, wire).await.unwrap_or_else(|exchange| exchange)
}

/// Reads one record.
pub(super) async fn check(pipedrive: &Pipedrive, wire: &Wire<'_>) -> Exchange {
    let path = format!("/api/v2/{}?limit=1", pipedrive.entity);
    let asked = ask(pipedrive, &path, Method::Get, &Value::Null, wire).await;
    asked.unwrap_or_else(|exchange| exchange)
}

async fn ask(
    pipedrive: &Pipedrive,
    path: &str,
    method: Method,
    body: &Value,
    wire: &Wire<'_>,
) -> Result<Exchange, Exchange> {
    let url = at(&pipedrive.api, path)?;
    let call = Call::json(method, &url, body).proof("x-api-token", "", &pipedrive.api_token);
    let spoken = Spoken::of(wire.ask(call).await)?;
    if !spoken.is_success() {
        return Ok(spoken.by_status());
    }
    let success = spoken.json.as_ref().and_then(|json| json.get("success")?.as_bool());
    Ok(match success {
        Some(true) => spoken.success(),
        Some(false) => spoken.judged(Class::Config, Remedy::CheckReceiver),
        None if spoken.is_cut => spoken.success(),
        None => spoken.nonsense(),
    })
}
