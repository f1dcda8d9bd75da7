//! A replay that the server does not live to see the end of.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::server::{KEY, Server, free_port, run};
use crate::support::client::client;
use crate::support::receiver::Receiver;

const CUSTOMERS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_on_after_the_server_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook");
    let environment = [("CRM_WEBHOOK_URL", hook.as_str()), ("BOOTSTRAP_API_KEY", KEY)];
    let server = Server::start(folder.path(), free_port(), &environment);
    let client = client().build().unwrap();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for customer in 0..CUSTOMERS {
        let body = json!({ "user_id": customer.to_string(), "username": "asaf" }).to_string();
        // The second replaces the first, which is an event.
        for _ in 0..2 {
            let made = client
                .post(format!("{}/api/verification/link", server.origin))
                .bearer_auth(KEY)
                .header("content-type", "application/json")
                .body(body.clone());
            assert_eq!(made.send().await.unwrap().status(), 201);
        }
        times.insert(crm.next().await.header("webhook-id").to_owned(), 0);
    }
    let built_in = "ep_00000000000000000000000000";
    let begin = |extra: &[&str]| -> Value {
        let replay = ["webhook", "replay", "--endpoint", built_in, "--reason", "x", "--json"];
        let begun = run(folder.path(), &[&replay[..], extra].concat());
        assert!(begun.status.success(), "{}", String::from_utf8_lossy(&begun.stderr));
        serde_json::from_slice(&begun.stdout).unwrap()
    };
    // The last one may not be written down as arrived yet.
    let delivered = format!("{}/api/deliveries?status=delivered", server.origin);
    loop {
        let list = client.get(&delivered).bearer_auth(KEY).send().await.unwrap();
        let list: Value = serde_json::from_str(&list.text().await.unwrap()).unwrap();
        if list["items"].as_array().unwrap().len() == CUSTOMERS {
            break;
        }
    }
    assert_eq!(begin(&["--status", "delivered"])["chosen"], CUSTOMERS);
    *times.entry(crm.next().await.header("webhook-id").to_owned()).or_default() += 1;
    server.kill();
    let server = Server::start(folder.path(), free_port(), &environment);
    while times.values().any(|times| *times == 0) {
        let received = crm.next_within(Duration::from_secs(90)).await;
        *times.entry(received.header("webhook-id").to_owned()).or_default() += 1;
    }
    // What was under way when the server died may arrive twice; nothing else does.
    assert!(times.values().sum::<usize>() <= CUSTOMERS + 2, "{times:?}");
    assert!(server.terminate().success());
}
