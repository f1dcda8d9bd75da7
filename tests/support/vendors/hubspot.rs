//! HubSpot: one contact.

use serde_json::{Value, json};

use super::{Books, Vendor, body, parts, said};
use crate::support::receiver::{Answer, Received};

const FIELDS: &[&str] = &["identity_verified", "identity_verified_at", "verification_id"];

/// Contact 512 has the usual properties. It is what 509 was merged into.
pub(crate) async fn hubspot() -> Vendor {
    Vendor::start(("contacts", "512", FIELDS), answer).await
}

fn error(status: u16, category: &str) -> Answer {
    let id = "aeb5f871-7f07-4993-9211-075dc63e7cbf";
    let said_why = "the fake says why";
    said(
        status,
        &json!({"status": "error", "message": said_why, "correlationId": id, "category": category}),
    )
}

fn answer(books: &mut Books, request: &Received) -> Answer {
    if !books.faults.is_empty() {
        return books.faults.remove(0);
    }
    if request.find("authorization") != Some("Bearer pat-eu1-access-token") {
        return error(401, "INVALID_AUTHENTICATION");
    }
    let (method, path, query) = parts(request);
    let id = path.strip_prefix("/crm/v3/objects/contacts").unwrap().trim_start_matches('/');
    let id = if id == "509" { "512" } else { id };
    let key = ("contacts".to_owned(), id.to_owned());
    match (method, books.records.get_mut(&key)) {
        ("GET", _) if id.is_empty() => {
            let mut properties = books.records.values().next().unwrap().clone();
            properties.retain(|name, _| query.contains(name.as_str()));
            said(200, &json!({"results": [{"id": "512", "properties": properties}]}))
        }
        ("PATCH", Some(record)) => {
            let sent = body(request)["properties"].as_object().unwrap().clone();
            assert!(sent.values().all(Value::is_string), "HubSpot takes texts");
            if !sent.keys().all(|field| record.contains_key(field)) {
                return error(400, "VALIDATION_ERROR");
            }
            record.extend(sent);
            said(200, &json!({"id": id, "properties": record, "archived": false}))
        }
        _ => error(404, "OBJECT_NOT_FOUND"),
    }
}
