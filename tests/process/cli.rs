//! The commands.

use std::os::unix::fs::PermissionsExt;

use super::server::{Server, free_port, program, run};
use crate::support::receiver::Receiver;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_key_is_made_shown_once_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(
        folder.path(),
        &["key", "create", "--name", "Desk", "--scope", "links:write", "--json"],
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(key.starts_with("vl_") && key.len() == 46);
    let list = text(&run(folder.path(), &["key", "list"]).stdout);
    assert!(list.contains(id) && list.contains("Desk") && list.contains("links:write"), "{list}");
    assert!(!list.contains(key));
    assert!(run(folder.path(), &["key", "revoke", id]).status.success());
    assert!(text(&run(folder.path(), &["key", "list"]).stdout).contains("revoked"));
    let again = run(folder.path(), &["key", "revoke", id]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("vouchlink key list"));
}

#[test]
fn a_link_can_be_made_without_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["link", "create", "--user-id", "12345", "--username", "asaf@example.com"];
    let made = run(folder.path(), &arguments);
    assert!(text(&made.stdout).starts_with("http://localhost:8080/v/"), "{}", text(&made.stderr));
}

#[test]
fn wrong_use_exits_with_two_and_a_bad_configuration_with_one() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["serv"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["key", "create"]).status.code(), Some(2));
    let bad_scope = run(folder.path(), &["key", "create", "--name", "x", "--scope", "all"]);
    assert_eq!(bad_scope.status.code(), Some(2));
    let bad = program(folder.path())
        .args(["check-config"])
        .envs([("PORT", "none"), ("MAX_ATTEMPTS", "0"), ("ORIGIN", "http://bank.example")])
        .output()
        .unwrap();
    assert_eq!(bad.status.code(), Some(1));
    let said = text(&bad.stderr);
    for variable in ["PORT", "MAX_ATTEMPTS", "ORIGIN", "JWT_SECRET"] {
        assert!(said.contains(variable), "{variable} in {said}");
    }
}

#[test]
fn check_config_shows_what_would_be_used_without_secrets_or_traces() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "a secret of more than thirty-two bytes";
    let shown =
        program(folder.path()).arg("check-config").env("JWT_SECRET", secret).output().unwrap();
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let said = text(&shown.stdout);
    assert!(said.contains("JWT_SECRET") && !said.contains(secret), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn with_nothing_set_it_serves_with_secrets_only_its_owner_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), free_port(), &[]);
    let data = folder.path().join("data");
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.path());
    }
    assert!(data.join("jwt-secret").exists() && data.join("vouchlink.db").exists());
    assert!(server.terminate().success());
}

/// A command in another shell, without the server's environment, must not change what the server
/// does.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_beside_the_server_leaves_its_webhooks_alone() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook");
    let server = Server::start(folder.path(), free_port(), &[("CRM_WEBHOOK_URL", &hook)]);
    let arguments = ["link", "create", "--user-id", "12345", "--username", "asaf"];
    for _ in 0..2 {
        assert!(run(folder.path(), &arguments).status.success());
    }
    // The second link superseded the first, which is an event.
    let received = crm.next().await;
    assert!(text(&received.body).contains("verification.revoked"));
    assert!(server.terminate().success());
}

#[test]
fn migrate_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let done = run(folder.path(), &["migrate"]);
        assert_eq!(text(&done.stdout), "The database is up to date.\n", "{}", text(&done.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_tried_out_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook");
    let test = |arguments: &[&str]| {
        program(folder.path())
            .args(["webhook", "test"])
            .args(arguments)
            .env("CRM_WEBHOOK_URL", &hook)
            .env("CRM_WEBHOOK_TOKEN", "hush-token")
            .output()
            .unwrap()
    };
    // Only a server says what the environment's endpoint is.
    let unknown = test(&[]);
    assert_eq!(unknown.status.code(), Some(1), "{}", text(&unknown.stdout));
    let environment = [("CRM_WEBHOOK_URL", hook.as_str())];
    assert!(Server::start(folder.path(), free_port(), &environment).terminate().success());

    let arrived = test(&["--json"]);
    assert_eq!(arrived.status.code(), Some(0), "{}", text(&arrived.stderr));
    assert_eq!(crm.next().await.header("authorization"), "Bearer hush-token");
    let report: serde_json::Value = serde_json::from_slice(&arrived.stdout).unwrap();
    assert_eq!((&report["delivered"], &report["http_status"]), (&true.into(), &200.into()));
    crm.script([crate::support::receiver::Answer::status(401)]);
    let refused = test(&[]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stdout) + &text(&refused.stderr);
    assert!(said.contains("webhook-signature: v1,") && said.contains("401"), "{said}");
    assert!(!said.contains("hush") && !text(&arrived.stdout).contains("hush"), "{said}");
    assert_eq!(test(&["dlv_1"]).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_sent_again_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook");
    let server = Server::start(folder.path(), free_port(), &[("CRM_WEBHOOK_URL", &hook)]);
    let arguments = ["link", "create", "--user-id", "12345", "--username", "asaf"];
    for _ in 0..2 {
        assert!(run(folder.path(), &arguments).status.success());
    }
    let first = crm.next().await;
    let built_in = "ep_00000000000000000000000000";
    let replay = ["webhook", "replay", "--endpoint", built_in, "--status", "delivered"];
    let begun = loop {
        // The server may not have written down yet that it arrived.
        let begun = run(folder.path(), &[&replay[..], &["--reason", "try", "--json"]].concat());
        assert_eq!(begun.status.code(), Some(0), "{}", text(&begun.stderr));
        let begun: serde_json::Value = serde_json::from_slice(&begun.stdout).unwrap();
        if begun["chosen"] == 1 {
            break begun;
        }
    };
    assert!(begun["id"].as_str().unwrap().starts_with("rpl_"));
    assert_eq!(crm.next().await.header("webhook-id"), first.header("webhook-id"));
    for wrong in [
        &["webhook", "replay", "--endpoint", built_in][..],
        &["webhook", "replay", "--reason", "x"],
        &["webhook", "replay", "--delivery", "7", "--reason", "x"],
        &["webhook", "replay", "--endpoint", built_in, "--status", "pending", "--reason", "x"],
    ] {
        assert_eq!(run(folder.path(), wrong).status.code(), Some(2), "{wrong:?}");
    }
    let absent = "ep_01h2xcejqtf2nbrexx3vqjhp41";
    let absent = ["webhook", "replay", "--endpoint", absent, "--reason", "x"];
    assert_eq!(run(folder.path(), &absent).status.code(), Some(1));
    assert!(server.terminate().success());
}
