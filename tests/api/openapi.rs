//! The committed OpenAPI document is the one that is served.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use crate::support::app::TestApp;

/// To take over a change on purpose: `UPDATE_OPENAPI=1 cargo test openapi`, and read the diff.
#[tokio::test]
async fn the_committed_document_is_the_served_one() {
    let app = TestApp::start().await;
    let answer = TestApp::send(app.request(Method::GET, "/openapi.json")).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let served = answer.expect(200);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let pretty = serde_json::to_string_pretty(&served).unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &pretty).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == pretty,
        "openapi.json is out of date: UPDATE_OPENAPI=1 cargo test openapi"
    );
}

#[tokio::test]
async fn every_operation_is_documented_and_its_errors_are_problems() {
    let app = TestApp::start().await;
    let document = TestApp::send(app.request(Method::GET, "/openapi.json")).await.expect(200);
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/api/"), "{path}");
        for (method, operation) in methods.as_object().unwrap() {
            operations += 1;
            let name = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{name}");
            assert!(operation["operationId"].is_string(), "{name}");
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"];
            assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem", "{name}");
            let secured = operation["security"] != Value::Null;
            assert_eq!(secured, !path.starts_with("/api/ceremony"), "{name}");
        }
    }
    assert_eq!(operations, 46);
}

#[tokio::test]
async fn the_documentation_page_names_every_operation() {
    let app = TestApp::start().await;
    let document = TestApp::send(app.request(Method::GET, "/openapi.json")).await.expect(200);
    let page = TestApp::send(app.request(Method::GET, "/docs")).await;
    assert_eq!(page.status, 200);
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(path.as_str()), "{path}");
    }
}
