//! Zoho: its accounts server and REST API in one, and a function.

use serde_json::{Map, Value, json};

use super::{Books, Vendor, body, parts, said};
use crate::support::receiver::{Answer, Received};

const FIELDS: &[&str] = &["Identity_Verified", "Identity_Verified_At", "Verification_Id"];

/// Contact 4876876000000333 has the usual fields.
pub(crate) async fn zoho_crm() -> Vendor {
    Vendor::start(("Contacts", "4876876000000333", FIELDS), answer).await
}

fn error(status: u16, code: &str, details: &Value) -> Answer {
    let message = "the fake says why";
    said(status, &json!({"code": code, "details": details, "message": message, "status": "error"}))
}

fn answer(books: &mut Books, request: &Received) -> Answer {
    let (method, path, query) = parts(request);
    if path == "/oauth/v2/token" {
        let known = [
            ("grant_type", "refresh_token"),
            ("client_id", "1000.CLIENT"),
            ("client_secret", "client-secret-of-zoho"),
            ("refresh_token", "1000.refresh-token"),
        ];
        return books.grant(request, &known, said(200, &json!({"error": "invalid_code"})));
    }
    if !books.faults.is_empty() {
        return books.faults.remove(0);
    }
    if !books.knows(request, "Zoho-oauthtoken ") {
        return error(401, "INVALID_TOKEN", &json!({}));
    }
    let mut steps = path.trim_start_matches("/crm/v8/").split('/');
    let (module, id) = (steps.next().unwrap_or_default(), steps.next());
    if !books.records.keys().any(|(known, _)| known == module) {
        return error(400, "INVALID_MODULE", &json!({"api_name": module}));
    }
    match (method, id) {
        ("GET", None) => {
            // Fields that do not exist are passed over.
            let wanted = |name: &str| query.contains(name);
            let record = books.records.values().next().unwrap();
            let known: Map<String, Value> = record
                .iter()
                .filter(|(name, _)| wanted(name))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            said(200, &json!({"data": [known], "info": {"more_records": false}}))
        }
        ("PUT", Some(id)) => put(books, module, id, &body(request)),
        _ => error(400, "INVALID_REQUEST_METHOD", &json!({})),
    }
}

fn put(books: &mut Books, module: &str, id: &str, body: &Value) -> Answer {
    assert_eq!(body["trigger"], json!(["workflow"]), "nothing else may run");
    let record = |inner: Value| json!({"data": [inner]});
    let Some(known) = books.records.get_mut(&(module.to_owned(), id.to_owned())) else {
        let message = "the id given seems to be invalid";
        return said(
            400,
            &record(json!({"code": "INVALID_DATA", "details": {"api_name": "id"},
                                        "message": message, "status": "error"})),
        );
    };
    for (name, value) in body["data"][0].as_object().unwrap() {
        // As Zoho does: fields that do not exist are passed over.
        if let Some(field) = known.get_mut(name) {
            *field = value.clone();
        }
    }
    said(
        200,
        &record(json!({"code": "SUCCESS", "details": {"id": id}, "message": "record updated",
                             "status": "success"})),
    )
}

/// A function that answers as the one in `deploy/zoho` does, once somebody has deployed it.
pub(crate) async fn zoho_function() -> Vendor {
    Vendor::start(("Contacts", "1", FIELDS), |books, request| {
        if !books.faults.is_empty() {
            return books.faults.remove(0);
        }
        let (method, path, query) = parts(request);
        assert_eq!((method, path), ("POST", "/crm/v7/functions/receive_verdict/actions/execute"));
        if !query.contains("auth_type=apikey&zapikey=1003.zapikey-secret") {
            return error(401, "INVALID_TOKEN", &json!({}));
        }
        let sent = String::from_utf8(request.body.clone()).unwrap();
        books.messages.push(Value::from(sent));
        said(200, &json!({"outcome": "ok", "reason": "written"}))
    })
    .await
}
