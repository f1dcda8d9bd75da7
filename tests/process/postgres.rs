//! Two servers on one PostgreSQL database: what one begins the other finishes.

use serde_json::{Value, json};

use super::server::{KEY, Server, free_port, program};
use crate::support::app::{WEBHOOK_SECRET, accept_as_a_crm_does, finish_body};
use crate::support::authenticator::Authenticator;
use crate::support::client::client;
use crate::support::postgres::Place;
use crate::support::receiver::Receiver;

async fn post(server: &Server, origin: &str, path: &str, body: String) -> Value {
    let request = client().build().unwrap().post(format!("{}{path}", server.origin));
    let request = request.bearer_auth(KEY).header("origin", origin);
    let response = request.header("content-type", "application/json").body(body).send().await;
    serde_json::from_str(&response.unwrap().text().await.unwrap()).unwrap()
}

async fn get(server: &Server, path: &str) -> Value {
    let request = client().build().unwrap().get(format!("{}{path}", server.origin));
    let response = request.bearer_auth(KEY).send().await.unwrap();
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_instance_begins_another_finishes() {
    let place = Place::empty().await;
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let (url, hook) = (place.url(), crm.url("/hook"));
    let ports = [free_port(), free_port()];
    // Customers reach both under one name.
    let origin = format!("http://localhost:{}", ports[0]);
    let environment = [
        ("DATABASE_URL", url.as_str()),
        ("DATABASE_POOL", "4"),
        ("ORIGIN", origin.as_str()),
        ("CRM_WEBHOOK_URL", hook.as_str()),
        ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("JWT_SECRET", "a secret for tests of more than thirty-two bytes"),
    ];
    let [one, other] = ports.map(|port| Server::start(folder.path(), port, &environment));
    let mut device = Authenticator::new();
    for (round, kind) in ["register", "authenticate"].into_iter().enumerate() {
        let body = json!({"user_id": "12345", "username": "asaf@example.com"});
        let link = post(&one, &origin, "/api/verification/link", body.to_string()).await;
        let body = json!({"token": link["token"]}).to_string();
        let path = format!("/api/ceremony/{kind}");
        let options = post(&other, &origin, &format!("{path}/options"), body).await;
        let credential = match round {
            0 => device.register(&options["publicKey"], &origin),
            _ => device.authenticate(&options["publicKey"], &origin),
        };
        let body = finish_body(&options, &credential);
        let verified = post(&one, &origin, &format!("{path}/verify"), body).await;
        assert_eq!(verified["verified"], true, "{verified}");
        let gate = get(&other, "/api/verification/status?user_id=12345").await;
        assert_eq!(gate["verified"], true, "{gate}");
        let received = crm.next().await;
        accept_as_a_crm_does(&received);
        let body: Value = serde_json::from_slice(&received.body).unwrap();
        assert_eq!(body["data"]["link_id"], link["id"]);
    }
    assert!(one.terminate().success());
    assert!(other.terminate().success());
}

#[test]
fn the_password_of_the_database_is_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://vouch:hush-hush@127.0.0.1:1/identity?connect_timeout=2";
    for arguments in [&["check-config"][..], &["migrate"], &["serve"]] {
        let mut command = program(folder.path());
        let output =
            command.args(arguments).env("DATABASE_URL", url).env("LOG", "trace").output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!said.contains("hush"), "{arguments:?}: {said}");
        let good = arguments[0] == "check-config";
        assert_eq!(output.status.success(), good, "{said}");
        let expected = if good { "postgres://vouch@127.0.0.1:1/identity" } else { "database" };
        assert!(said.contains(expected), "{said}");
    }
}
