//! One database, several processes: some serve, some work.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{KEY, Server, free_port};
use crate::support::app::{WEBHOOK_SECRET, accept_as_a_crm_does};
use crate::support::client::client;
use crate::support::receiver::Receiver;

async fn call(
    server: &Server,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let client = client().build().unwrap();
    let mut request = client.request(method, format!("{}{path}", server.origin)).bearer_auth(KEY);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

/// Makes a link and declines it; its id.
async fn decline(server: &Server, user: &str) -> String {
    let order = json!({"user_id": user, "username": user});
    let (status, link) = call(server, Method::POST, "/api/verification/link", Some(order)).await;
    assert_eq!(status, 201, "{link}");
    let body = json!({"token": link["token"], "reason": "not_me"});
    let (status, declined) = call(server, Method::POST, "/api/ceremony/decline", Some(body)).await;
    assert_eq!(status, 200, "{declined}");
    link["id"].as_str().unwrap().to_owned()
}

async fn receive(crm: &Receiver) -> Value {
    let received = crm.next().await;
    accept_as_a_crm_does(&received);
    serde_json::from_slice(&received.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_serves_and_another_delivers() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook");
    let environment = [("CRM_WEBHOOK_URL", hook.as_str()), ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET)];
    let web = Server::start_as(&["--workers=off"], folder.path(), free_port(), &environment, None);
    let link = decline(&web, "1").await;
    // Nobody is there to deliver it.
    let (_, shown) = call(&web, Method::GET, &format!("/api/verification/link/{link}"), None).await;
    assert_eq!(shown["deliveries"][0]["status"], "pending", "{shown}");
    assert_eq!(shown["deliveries"][0]["attempts"], json!([]));

    let work =
        Server::start_as(&["--workers=only"], folder.path(), free_port(), &environment, None);
    assert_eq!(receive(&crm).await["data"]["link_id"], link.as_str());
    // It notices by itself what others leave to it.
    let link = decline(&web, "2").await;
    assert_eq!(receive(&crm).await["data"]["link_id"], link.as_str());

    for path in ["/healthz", "/readyz"] {
        assert_eq!(call(&work, Method::GET, path, None).await.0, 200, "{path}");
        assert_eq!(call(&web, Method::GET, path, None).await.0, 200, "{path}");
    }
    for path in ["/api/verification/link", "/v/x", "/l/x", "/docs", "/openapi.json", "/"] {
        let (status, problem) = call(&work, Method::GET, path, None).await;
        assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")), "{path}");
    }
    assert!(work.terminate().success());
    assert!(web.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_serves_needs_no_secret_of_the_crm_and_switches_nothing_off() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook");
    let secrets = [("CRM_WEBHOOK_URL", hook.as_str()), ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET)];
    let without_key = [secrets[0], secrets[1], ("BOOTSTRAP_API_KEY", "")];
    let work = Server::start_as(&["--workers=only"], folder.path(), free_port(), &secrets, None);
    let web = Server::start_as(&["--workers=off"], folder.path(), free_port(), &[], None);
    let link = decline(&web, "1").await;
    assert_eq!(receive(&crm).await["data"]["link_id"], link.as_str());
    assert!(work.terminate().success());
    // And who only works lets the key be.
    let work =
        Server::start_as(&["--workers=only"], folder.path(), free_port(), &without_key, None);
    let link = decline(&web, "1").await;
    assert_eq!(receive(&crm).await["data"]["link_id"], link.as_str());
    assert!(work.terminate().success());
}

#[test]
fn a_start_that_changes_what_holds_for_every_process_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let with = [("CRM_WEBHOOK_URL", "http://127.0.0.1:9/"), ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET)];
    let other_key = [("BOOTSTRAP_API_KEY", "another-bootstrap-key-for-tests-long-enough")];
    for (environment, said) in [
        (&with[..], [false, false]),
        (&with[..], [false, false]),
        (&[], [true, false]),
        (&other_key, [false, true]),
    ] {
        let server = Server::start_logging(folder.path(), free_port(), environment, &log);
        assert!(server.terminate().success());
        let log = std::fs::read_to_string(&log).unwrap();
        let found = ["whether verdicts are sent has changed", "the former BOOTSTRAP_API_KEY"];
        assert_eq!(found.map(|text| log.contains(text)), said, "{log}");
    }
}
