//! Zendesk: fields of one user.

use serde_json::{Value, json};

use super::super::client::Method;
use super::super::exchange::Exchange;
use super::super::wire::{Call, Wire};
use super::{Order, Spoken, at};
use crate::domain::crm::{Zendesk, ZendeskLogin};
use crate::domain::delivery::Class;
use crate::domain::remedy::Remedy;

pub(super) async fn tell(zendesk: &Zendesk, order: &Order<'_>, wire: &Wire<'_>) -> Exchange {
    let fields = order.news.fields(&zendesk.record.fields, zendesk.record.form);
    let path = format!("/api/v2/users/{}.json", order.id);
    let body = json!({"user": {"user_fields": fields}});
    let spoken = match ask(zendesk, &path, Method::Put, &body, wire).await {
        Ok(spoken) => spoken,
        Err(exchange) => return exchange,
    };
    if !spoken.is_success() {
        return spoken.by_status();
    }
    let user = spoken.json.as_ref().and_then(|json| json.get("user"));
    let Some(user) = user else {
        return if spoken.is_cut { spoken.success() } else { spoken.nonsense() };
    };
    // The answer is the user as they are now. Whether keys that do not exist are refused or
    // passed over, no page says: this way it does not matter.
    match user.get("user_fields").and_then(Value::as_object) {
        Some(known) if !fields.keys().all(|field| known.contains_key(field)) => {
            spoken.judged(Class::Rejected, Remedy::CheckFields)
        }
        _ => spoken.success(),
    }
}

/// Asks who we are. Nobody in particular is an answer too, and no good one.
pub(super) async fn check(zendesk: &Zendesk, wire: &Wire<'_>) -> Exchange {
    let path = "/api/v2/users/me.json";
    let spoken = match ask(zendesk, path, Method::Get, &Value::Null, wire).await {
        Ok(spoken) => spoken,
        Err(exchange) => return exchange,
    };
    if !spoken.is_success() {
        return spoken.by_status();
    }
    match spoken.json.as_ref().and_then(|json| json.pointer("/user/id")) {
        Some(Value::Number(_)) => spoken.success(),
        Some(_) => spoken.judged(Class::Config, Remedy::Reconnect),
        None if spoken.is_cut => spoken.success(),
        None => spoken.nonsense(),
    }
}

async fn ask(
    zendesk: &Zendesk,
    path: &str,
    method: Method,
    body: &Value,
    wire: &Wire<'_>,
) -> Result<Spoken, Exchange> {
    let url = at(&zendesk.api, path)?;
    let call = Call::json(method, &url, body);
    let call = match &zendesk.login {
        ZendeskLogin::Basic(pair) => call.proof("authorization", "Basic ", pair),
        ZendeskLogin::Bearer(token) => call.proof("authorization", "Bearer ", token),
    };
    Spoken::of(wire.ask(call).await)
}
