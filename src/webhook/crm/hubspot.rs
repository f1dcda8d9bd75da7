//! HubSpot: properties of one object by its id (CRM objects, version 3).

use std::time::Duration;

use serde_json::{Value, json};

use super::super::client::Method;
use super::super::exchange::Exchange;
use super::super::wire::{Call, Wire};
use super::{Order, Spoken, at, names, query};
use crate::domain::crm::{Fact, Hubspot};
use crate::domain::delivery::Class;
use crate::domain::remedy::Remedy;

/// Its limits count by ten seconds, or by the day.
const BURST_PAUSE: Duration = Duration::from_secs(30);
const DAY_PAUSE: Duration = Duration::from_secs(1800);

pub(super) async fn tell(hubspot: &Hubspot, order: &Order<'_>, wire: &Wire<'_>) -> Exchange {
    let fields = order.news.fields(&hubspot.record.fields, hubspot.record.form);
    let path = format!("/crm/v3/objects/{}/{}", hubspot.object, order.id);
    let body = json!({"properties": fields});
    match ask(hubspot, &path, Method::Patch, &body, wire).await {
        // The object as it is now.
        Ok(spoken) if spoken.is_success() => match spoken.text("/id") {
            Some(id) if id == order.id || says_the_same(hubspot, order, &spoken) => {
                spoken.success()
            }
            None if spoken.is_cut => spoken.success(),
            _ => spoken.nonsense(),
        },
        Ok(spoken) => judge(spoken),
        Err(exchange) => exchange,
    }
}

/// Of an object with another id: one that was merged has a new one, and its former ids lead to it.
/// What is read back must then be what was written.
fn says_the_same(hubspot: &Hubspot, order: &Order<'_>, spoken: &Spoken) -> bool {
    let written = order.news.fields(&hubspot.record.fields, hubspot.record.form);
    let read = spoken.json.as_ref().and_then(|json| json.get("properties"));
    let mut decisive = hubspot.record.fields.iter().filter(|(_, fact)| *fact == Fact::Verified);
    decisive.all(|(field, _)| read.is_some_and(|read| read.get(field) == written.get(field)))
}

/// Reads our properties of one object.
pub(super) async fn check(hubspot: &Hubspot, wire: &Wire<'_>) -> Exchange {
    let properties = names(&hubspot.record.fields);
    let wanted = query([("limit", "1"), ("properties", properties.as_str())]);
    let path = format!("/crm/v3/objects/{}?{wanted}", hubspot.object);
    let spoken = match ask(hubspot, &path, Method::Get, &Value::Null, wire).await {
        Ok(spoken) => spoken,
        Err(exchange) => return exchange,
    };
    if !spoken.is_success() {
        return judge(spoken);
    }
    let results = spoken.json.as_ref().and_then(|json| json.get("results")?.as_array());
    let Some(results) = results else { return spoken.nonsense() };
    // Properties that do not exist are left out.
    let known = |object: &Value| {
        hubspot.record.fields.iter().all(|(field, _)| {
            object.get("properties").is_some_and(|known| known.get(field).is_some())
        })
    };
    if results.iter().all(known) {
        return spoken.success();
    }
    spoken.judged(Class::Config, Remedy::CheckFields)
}

async fn ask(
    hubspot: &Hubspot,
    path: &str,
    method: Method,
    body: &Value,
    wire: &Wire<'_>,
) -> Result<Spoken, Exchange> {
    let url = at(&hubspot.api, path)?;
    let call = Call::json(method, &url, body);
    let call = call.proof("authorization", "Bearer ", &hubspot.access_token);
    Spoken::of(wire.ask(call).await)
}

fn judge(spoken: Spoken) -> Exchange {
    match spoken.status {
        429 if spoken.text("/policyName").is_some_and(|policy| policy.contains("DAILY")) => {
            spoken.exchange.slowed(DAY_PAUSE)
        }
        429 => spoken.exchange.slowed(BURST_PAUSE),
        // Its own: the account is being moved, for a day at most, and `Retry-After` says so.
        477 => spoken.judged(Class::Unavailable, Remedy::Wait),
        _ => spoken.by_status(),
    }
}
