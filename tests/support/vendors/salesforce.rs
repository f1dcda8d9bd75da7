//! Salesforce: token endpoint, one contact, one platform event.

use serde_json::{Value, json};

use super::{Books, Vendor, body, parts, said};
use crate::support::receiver::{Answer, Received};

const FIELDS: &[&str] = &["Identity_Verified__c", "Identity_Verified_At__c", "Verification_Id__c"];

/// Contact 0035g00000ABCDeAAF has the usual fields.
pub(crate) async fn salesforce() -> Vendor {
    Vendor::start(("Contact", "0035g00000ABCDeAAF", FIELDS), answer).await
}

fn errors(status: u16, code: &str) -> Answer {
    said(status, &json!([{"message": "the fake says why", "errorCode": code}]))
}

fn answer(books: &mut Books, request: &Received) -> Answer {
    let (method, path, query) = parts(request);
    if path == "/services/oauth2/token" {
        let known = [
            ("grant_type", "client_credentials"),
            ("client_id", "3MVG9.consumer-key"),
            ("client_secret", "consumer-secret"),
        ];
        let wrong =
            json!({"error": "invalid_client", "error_description": "invalid client credentials"});
        return books.grant(request, &known, said(400, &wrong));
    }
    if !books.faults.is_empty() {
        return books.faults.remove(0);
    }
    if !books.knows(request, "Bearer ") {
        return errors(401, "INVALID_SESSION_ID");
    }
    let path = path.strip_prefix("/services/data/v67.0/").unwrap();
    let steps: Vec<_> = path.split('/').collect();
    match (method, steps.as_slice()) {
        ("GET", ["query"]) => {
            let fields = query.trim_start_matches("q=SELECT+Id%2C").split("+FROM").next().unwrap();
            let record = books.records.values().next().unwrap();
            if fields.split("%2C").all(|field| record.contains_key(field)) {
                said(200, &json!({"totalSize": 1, "done": true, "records": [{}]}))
            } else {
                errors(400, "INVALID_FIELD")
            }
        }
        ("POST", ["sobjects", "Identity_Verified__e"]) => {
            books.messages.push(body(request));
            let queued =
                json!([{"statusCode": "OPERATION_ENQUEUED", "message": "x", "fields": []}]);
            said(201, &json!({"id": "e01xx", "success": true, "errors": queued}))
        }
        ("PATCH", ["sobjects", object, id]) => patch(books, object, id, &body(request)),
        _ => errors(404, "NOT_FOUND"),
    }
}

fn patch(books: &mut Books, object: &str, id: &str, body: &Value) -> Answer {
    let Some(record) = books.records.get_mut(&(object.to_owned(), id.to_owned())) else {
        return errors(404, "NOT_FOUND");
    };
    let fields = body.as_object().unwrap();
    if !fields.keys().all(|field| record.contains_key(field)) {
        return errors(400, "INVALID_FIELD");
    }
    record.extend(fields.clone());
    Answer::status(204)
}
