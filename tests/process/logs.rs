//! What is never logged: the whole main path runs at the most talkative level, and the log of it
//! is searched.

use serde_json::{Value, json};

use vouchlink::domain::clock::Timestamp;

use super::server::{KEY, Server, free_port};
use crate::support::app::{WEBHOOK_SECRET, accept_as_a_crm_does, finish_body};
use crate::support::authenticator::Authenticator;
use crate::support::client::client;
use crate::support::receiver::Receiver;
use crate::support::totp::AuthenticatorApp;

struct Caller {
    client: reqwest::Client,
    origin: String,
}

impl Caller {
    async fn post(&self, path: &str, body: String) -> Value {
        let request = self.client.post(format!("{}{path}", self.origin)).bearer_auth(KEY);
        let request = request.header("content-type", "application/json").body(body);
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    }

    async fn get(&self, url: &str) -> String {
        self.client.get(url).bearer_auth(KEY).send().await.unwrap().text().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one way from the first request to the last log line")]
async fn a_full_run_logs_no_token_secret_or_statement() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Receiver::start().await;
    let hook = crm.url("/hook?zapikey=1003.secret-in-the-url");
    let jwt_secret = "a secret for tests of more than thirty-two bytes";
    let environment = [
        ("CRM_WEBHOOK_URL", hook.as_str()),
        ("CRM_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("CRM_WEBHOOK_TOKEN", "crm-token-4711"),
        ("JWT_SECRET", jwt_secret),
        ("LOG", "trace,webauthn_rs=trace,webauthn_rs_core::core=trace"),
    ];
    let log = folder.path().join("log");
    let server = Server::start_logging(folder.path(), free_port(), &environment, &log);
    let client = client().build().unwrap();
    let caller = Caller { client, origin: server.origin.clone() };

    let mut device = Authenticator::new();
    let mut secrets = Vec::new();
    let mut refused = String::new();
    for kind in ["register", "authenticate"] {
        let body = json!({
            "user_id": "customer-4711", "username": "asaf@example.com",
            "statement": "Move my savings", "requester": "Anna of Accounts",
            "reference": "case-77", "metadata": {"note": "a note in metadata"},
            "enrolment": "call_code", "call_initiator": "company",
        });
        let link = caller.post("/api/verification/link", body.to_string()).await;
        for url in ["url", "short_url"] {
            let page = caller.get(link[url].as_str().unwrap()).await;
            assert!(page.contains("Move my savings"));
        }
        // As nobody else would write it, so that it is found by its form.
        let digits = link["call_code"].as_str().unwrap_or("000000");
        let typed: Vec<&str> = digits.split("").filter(|digit| !digit.is_empty()).collect();
        let begin = |code: &str| {
            json!({"token": link["token"], "call_code": code, "call_answer": "company"}).to_string()
        };
        let path = format!("/api/ceremony/{kind}");
        if kind == "register" {
            let flipped = typed.iter().rev().copied().collect::<Vec<_>>().join(" ");
            caller.post(&format!("{path}/options"), begin(&format!("{flipped} "))).await;
        }
        let typed = typed.join("-");
        let begin = begin(&typed);
        let options = caller.post(&format!("{path}/options"), begin.clone()).await;
        let refusal =
            caller.post(&format!("{path}/verify"), finish_body(&options, "{\"id\":7}")).await;
        assert_eq!(refusal["code"], "not_confirmed");
        let options = caller.post(&format!("{path}/options"), begin).await;
        let credential = match kind {
            "register" => device.register(&options["publicKey"], &server.origin),
            _ => device.authenticate(&options["publicKey"], &server.origin),
        };
        let body = finish_body(&options, &credential);
        let verified = caller.post(&format!("{path}/verify"), body).await;
        assert_eq!(verified["verified"], true);
        let received = crm.next().await;
        accept_as_a_crm_does(&received);
        let sent: Value = serde_json::from_str(&credential).unwrap();
        let code = link["short_url"].as_str().unwrap().rsplit('/').next().unwrap();
        refused = link["id"].as_str().unwrap().to_owned();
        secrets.extend([
            ("link token", link["token"].as_str().unwrap().to_owned()),
            ("short code", code.to_owned()),
            ("call code as it is answered", format!("\"{digits}\"")),
            ("call code as it was typed", typed),
            ("challenge token", options["challenge_token"].as_str().unwrap().to_owned()),
            ("challenge", options["publicKey"]["challenge"].as_str().unwrap().to_owned()),
            ("client data", sent["response"]["clientDataJSON"].as_str().unwrap().to_owned()),
            ("webhook signature", received.header("webhook-signature").to_owned()),
        ]);
    }
    let gate = format!("{}/api/verification/status?user_id=customer-4711", server.origin);
    assert!(caller.get(&gate).await.contains("fresh"));
    caller.get(&format!("{}/api/customers/customer-4711", server.origin)).await;
    assert!(server.terminate().success());

    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains(&refused), "refused attempts are logged with their link");
    assert!(log.contains("/v/{token}"), "requests are logged");
    assert!(log.contains("delivered"), "deliveries are logged");
    let library = log.lines().find(|line| line.contains("\"target\":\"webauthn_"));
    assert_eq!(library, None, "the WebAuthn library cannot be switched on");
    assert!(log.contains("\"target\":\"vouchlink::"), "lines name their target");
    secrets.extend(
        [
            ("API key", KEY),
            ("JWT secret", jwt_secret),
            ("webhook secret", WEBHOOK_SECRET),
            ("CRM token", "crm-token-4711"),
            ("webhook URL", "secret-in-the-url"),
            ("statement", "savings"),
            ("requester", "Anna of Accounts"),
            ("user id", "customer-4711"),
            ("username", "asaf@example.com"),
            ("reference", "case-77"),
            ("metadata", "a note in metadata"),
        ]
        .map(|(what, secret)| (what, secret.to_owned())),
    );
    for (what, secret) in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "the log holds the {what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_with_an_authenticator_app_logs_neither_secret_nor_code() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("TOTP_ENABLED", "true"), ("LOG", "trace")];
    let log = folder.path().join("log");
    let server = Server::start_logging(folder.path(), free_port(), &environment, &log);
    let caller = Caller { client: client().build().unwrap(), origin: server.origin.clone() };
    let mut secrets = Vec::new();
    let mut phone = None;
    let mut recovery_codes = Vec::new();
    for enrolment in ["call_code", "open", "open"] {
        let body = json!({ "user_id": "1", "username": "dana", "enrolment": enrolment,
            "methods": ["passkey", "totp"] });
        let link = caller.post("/api/verification/link", body.to_string()).await;
        let begin = json!({ "token": link["token"], "call_code": link["call_code"] }).to_string();
        let path = "/api/ceremony/totp";
        let options = caller.post(&format!("{path}/options"), begin.clone()).await;
        let now = Timestamp::from(std::time::SystemTime::now());
        let first = phone.is_none();
        let app = phone.get_or_insert_with(|| AuthenticatorApp::set_up(&options));
        // As nobody else would write it, so that it is found by its form.
        let parted = |code: &str| code.split("").collect::<Vec<_>>().join("-");
        let wrong = parted(&app.wrong(now, 1));
        let answer = |options: &Value, code: &str| {
            json!({ "challenge_token": options["challenge_token"], "code": code }).to_string()
        };
        let refused = caller.post(&format!("{path}/verify"), answer(&options, &wrong)).await;
        assert_eq!(refused["code"], "not_confirmed");
        let options = caller.post(&format!("{path}/options"), begin).await;
        let code = if first { parted(&app.code(now, 0)) } else { recovery_codes.pop().unwrap() };
        let verified = caller.post(&format!("{path}/verify"), answer(&options, &code)).await;
        assert_eq!(verified["verified"], true, "{verified}");
        secrets.extend([wrong, code, options["challenge_token"].as_str().unwrap().to_owned()]);
        if first {
            secrets.push(options["secret"].as_str().unwrap().to_owned());
            let codes = verified["recovery_codes"].as_array().unwrap();
            recovery_codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
            secrets.extend(recovery_codes.clone());
        }
    }
    assert!(server.terminate().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("attempt refused") && log.contains("code_wrong"), "refusals are logged");
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "the log holds {secret}");
    }
}
