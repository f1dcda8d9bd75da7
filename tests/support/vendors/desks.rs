//! Pipedrive, Zendesk and Freshdesk: one record each.

use serde_json::{Map, Value, json};

use super::{Books, Vendor, body, parts, said};
use crate::support::receiver::Answer;

const FIELDS: &[&str] = &["identity_verified", "identity_verified_at", "verification_id"];
const HASHES: &[&str] =
    &["0123456789abcdef0123456789abcdef01234567", "1123456789abcdef0123456789abcdef01234567"];

/// Person 42 has two fields.
pub(crate) async fn pipedrive() -> Vendor {
    Vendor::start(("persons", "42", HASHES), |books, request| {
        if !books.faults.is_empty() {
            return books.faults.remove(0);
        }
        let error =
            |status, why| said(status, &json!({"success": false, "error": why, "data": null}));
        if request.find("x-api-token") != Some("token-of-pipedrive") {
            return error(401, "unauthorized access");
        }
        match parts(request) {
            ("GET", "/api/v2/persons", _) => said(200, &json!({"success": true, "data": []})),
            ("PATCH", "/api/v2/persons/42", _) => {
                match write(books, &body(request)["custom_fields"]) {
                    Some(_) => said(200, &json!({"success": true, "data": {"id": 42}})),
                    None => error(400, "Validation failed: custom_fields"),
                }
            }
            _ => error(404, "Person not found"),
        }
    })
    .await
}

/// User 42 has the usual fields; others are passed over.
pub(crate) async fn zendesk() -> Vendor {
    Vendor::start(("users", "42", FIELDS), |books, request| {
        if !books.faults.is_empty() {
            return books.faults.remove(0);
        }
        // a@example.com/token:token-of-zendesk
        let login = "Basic YUBleGFtcGxlLmNvbS90b2tlbjp0b2tlbi1vZi16ZW5kZXNr";
        let known = request.find("authorization") == Some(login);
        match (parts(request), known) {
            (("GET", "/api/v2/users/me.json", _), known) => {
                let id = if known { json!(1) } else { Value::Null };
                said(200, &json!({"user": {"id": id, "name": "Anonymous user"}}))
            }
            (_, false) => said(401, &json!({"error": "Couldn't authenticate you"})),
            (("PUT", "/api/v2/users/42.json", _), true) => {
                let mut sent = body(request)["user"]["user_fields"].as_object().unwrap().clone();
                sent.retain(|field, _| FIELDS.contains(&field.as_str()));
                let fields = write(books, &Value::Object(sent)).unwrap();
                said(200, &json!({"user": {"id": 42, "user_fields": fields}}))
            }
            _ => said(404, &json!({"error": "RecordNotFound", "description": "Not found"})),
        }
    })
    .await
}

/// Contact 42 has the usual fields.
pub(crate) async fn freshdesk() -> Vendor {
    Vendor::start(("contacts", "42", FIELDS), |books, request| {
        if !books.faults.is_empty() {
            return books.faults.remove(0);
        }
        // key-of-freshdesk:X
        if request.find("authorization") != Some("Basic a2V5LW9mLWZyZXNoZGVzazpY") {
            return said(401, &json!({"code": "invalid_credentials", "message": "log in"}));
        }
        match parts(request) {
            ("GET", "/api/v2/agents/me", _) => said(200, &json!({"id": 1})),
            ("PUT", "/api/v2/contacts/42", _) => {
                match write(books, &body(request)["custom_fields"]) {
                    Some(fields) => said(200, &json!({"id": 42, "custom_fields": fields})),
                    None => said(
                        400,
                        &json!({"description": "Validation failed", "errors": [
                        {"field": "custom_fields", "message": "x", "code": "invalid_field"}]}),
                    ),
                }
            }
            // Without a word.
            _ => Answer::status(404),
        }
    })
    .await
}

/// The record's fields, if it has all of those.
fn write(books: &mut Books, fields: &Value) -> Option<Map<String, Value>> {
    let record = books.records.values_mut().next().unwrap();
    let fields = fields.as_object().unwrap();
    fields.keys().all(|field| record.contains_key(field)).then(|| {
        record.extend(fields.clone());
        record.clone()
    })
}
