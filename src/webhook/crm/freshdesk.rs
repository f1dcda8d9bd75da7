//! Freshdesk: custom fields of one contact (API version 2).

use serde_json::{Value, json};

use super::super::client::Method;
use super::super::exchange::Exchange;
use super::super::wire::{Call, Wire};
use super::{Order, Spoken, at};
use crate::domain::crm::Freshdesk;
use crate::domain::delivery::Class;
use crate::domain::remedy::Remedy;

pub(super) async fn tell(freshdesk: &Freshdesk, order: &Order<'_>, wire: &Wire<'_>) -> Exchange {
    let fields = order.news.fields(&freshdesk.record.fields, freshdesk.record.form);
    let path = format!("/api/v2/contacts/{}", order.id);
    let body = json!({"custom_fields": fields});
    match ask(freshdesk, &path, Method::Put, &body, wire).await {
        // A contact that was deleted can be read, not written.
        Ok(spoken) if spoken.status == 405 => spoken.judged(Class::Rejected, Remedy::CheckRecord),
        Ok(spoken) => judge(spoken),
        Err(exchange) => exchange,
    }
}

/// Asks who we are.
pub(super) async fn check(freshdesk: &Freshdesk, wire: &Wire<'_>) -> Exchange {
    let asked = ask(freshdesk, "/api/v2/agents/me", Method::Get, &Value::Null, wire).await;
    asked.map_or_else(|exchange| exchange, judge)
}

async fn ask(
    freshdesk: &Freshdesk,
    path: &str,
    method: Method,
    body: &Value,
    wire: &Wire<'_>,
) -> Result<Spoken, Exchange> {
    let url = at(&freshdesk.api, path)?;
    let call = Call::json(method, &url, body);
    Spoken::of(wire.ask(call.proof("authorization", "Basic ", &freshdesk.login)).await)
}

/// A success is the contact, or the agent, as they are now.
fn judge(spoken: Spoken) -> Exchange {
    let has_id = spoken.json.as_ref().is_some_and(|json| json.get("id").is_some());
    if spoken.is_success() && (has_id || spoken.is_cut) {
        return spoken.success();
    }
    spoken.by_status()
}
