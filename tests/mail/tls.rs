//! Encrypted connections to the mail server: made with whom the operator trusts, and with nobody
//! else, and nothing secret is said or logged otherwise.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use serde_json::{Value, json};
use vouchlink::config::MailTls;
use vouchlink::config::postgres::Roots;
use vouchlink::mail::mailer::{Limits, Mailer, Outcome, SetupError};

use super::mailer::{relying_party, send};
use super::settings;
use crate::process::server::{KEY, Server, free_port};
use crate::support::certificates::{Authority, no_certificate};
use crate::support::client::client;
use crate::support::smtp::{MailServer, Step, Trick};

const WAYS: [MailTls; 2] = [MailTls::Implicit, MailTls::StartTls];

async fn start(tls: MailTls, config: &Arc<ServerConfig>, mechanisms: &'static str) -> MailServer {
    let config = Arc::clone(config);
    match tls {
        MailTls::Implicit => MailServer::start_tls(config, mechanisms).await,
        MailTls::StartTls | MailTls::None => MailServer::start_starttls(config, mechanisms).await,
    }
}

fn mailer(server: &MailServer, host: &str, tls: MailTls, roots: Roots) -> Mailer {
    let mut mail = settings(server);
    host.clone_into(&mut mail.server.host);
    mail.server.tls = tls;
    mail.server.roots = roots;
    Mailer::new(&mail, &relying_party(), Limits { deadline: Duration::from_secs(20) }).unwrap()
}

#[tokio::test]
async fn a_server_whom_the_named_authority_vouches_for_is_logged_in_to_and_takes_mails() {
    let authority = Authority::new();
    let config = authority.vouch_for("localhost");
    for tls in WAYS {
        for (offered, taken) in [("PLAIN LOGIN", "PLAIN"), ("LOGIN", "LOGIN")] {
            let server = start(tls, &config, offered).await;
            let mailer = mailer(&server, "localhost", tls, Roots::File(authority.path()));
            let outcome = send(&mailer).await;
            assert!(matches!(outcome, Outcome::Taken(_)), "{tls:?} {offered}: {outcome:?}");
            let mail = server.next().await;
            assert!(mail.encrypted);
            assert_eq!(mail.login, Some(("robot".to_owned(), "a password".to_owned())));
            assert_eq!(mail.mechanism.as_deref(), Some(taken));
        }
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_told_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let config = authority.vouch_for("localhost");
    let elsewhere = authority.vouch_for("mail.example.com");
    for tls in WAYS {
        for (what, config, host, roots) in [
            ("another authority", &config, "localhost", Roots::File(other.path())),
            ("the system's", &config, "localhost", Roots::System),
            ("an address", &config, "127.0.0.1", Roots::File(authority.path())),
            ("another name", &elsewhere, "localhost", Roots::File(authority.path())),
        ] {
            let server = start(tls, config, "PLAIN LOGIN").await;
            let outcome = send(&mailer(&server, host, tls, roots)).await;
            assert!(matches!(outcome, Outcome::Locked(_)), "{tls:?}, {what}: {outcome:?}");
            let said = server.said();
            let harmless = said.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS");
            assert!(harmless, "{tls:?}, {what}: {said:?}");
        }
    }
}

#[tokio::test]
async fn a_file_without_a_certificate_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = MailServer::start().await;
    let mut mail = settings(&server);
    mail.server.tls = MailTls::Implicit;
    let path = no_certificate(folder.path());
    mail.server.roots = Roots::File(path.clone());
    let refused = Mailer::new(&mail, &relying_party(), Limits::default());
    let refused = refused.unwrap_err();
    assert!(matches!(refused, SetupError::Roots { .. }), "{refused}");
    assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
}

const PASSWORD: &str = "hunter-2-hunter";

/// A link that the real program mails, over TLS with a login; once it is `status`.
async fn mail_with_the_program(folder: &Path, smtp: &MailServer, ca: &Path, status: &str) -> Value {
    let port = smtp.address.port();
    let url = format!("smtps://robot:{PASSWORD}@localhost:{port}");
    let ca = ca.display().to_string();
    let environment = [
        ("SMTP_URL", url.as_str()),
        ("SMTP_CA_FILE", ca.as_str()),
        ("MAIL_FROM", "no-reply@bank.example"),
        ("LOG", "trace"),
    ];
    let log = folder.join("log");
    let server = Server::start_logging(folder, free_port(), &environment, &log);
    let client = client().build().unwrap();
    let links = format!("{}/api/verification/link", server.origin);
    let body = json!({ "user_id": "1", "username": "1", "send": { "email": "dana@example.com" } });
    let request = client.post(&links).bearer_auth(KEY).header("content-type", "application/json");
    let made = request.body(body.to_string()).send().await.unwrap().text().await.unwrap();
    let made: Value = serde_json::from_str(&made).unwrap();
    let one = format!("{links}/{}", made["id"].as_str().unwrap());
    let mut pause = tokio::time::interval(Duration::from_millis(20));
    let shown = async {
        loop {
            let shown = client.get(&one).bearer_auth(KEY).send().await.unwrap();
            let shown: Value = serde_json::from_str(&shown.text().await.unwrap()).unwrap();
            if shown["sent"][0]["status"] == status && shown["sent"][0]["answer"] != Value::Null {
                return shown;
            }
            pause.tick().await;
        }
    };
    let shown = tokio::time::timeout(Duration::from_secs(20), shown).await.expect("not so");
    assert!(server.terminate().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("eml_"), "{log}");
    for secret in [
        PASSWORD.to_owned(),
        STANDARD.encode(PASSWORD),
        STANDARD.encode(format!("\0robot\0{PASSWORD}")),
    ] {
        assert!(!log.contains(&secret), "{log}");
        assert!(!shown.to_string().contains(&secret), "{shown}");
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_logs_in_over_tls_and_logs_no_password() {
    let (authority, other) = (Authority::new(), Authority::new());
    let smtp = MailServer::start_tls(authority.vouch_for("localhost"), "PLAIN").await;
    let folder = tempfile::tempdir().unwrap();
    mail_with_the_program(folder.path(), &smtp, &authority.path(), "sent").await;
    let mail = smtp.next().await;
    assert!(mail.encrypted);
    assert_eq!(mail.login, Some(("robot".to_owned(), PASSWORD.to_owned())));

    let folder = tempfile::tempdir().unwrap();
    smtp.script([(Step::Recipient, Trick::Say("535 5.7.8 hunter is not let in"))]);
    let shown = mail_with_the_program(folder.path(), &smtp, &authority.path(), "pending").await;
    let trouble = shown["sent"][0]["trouble"].as_str().unwrap();
    assert!(trouble.contains("SMTP_URL"), "{shown}");

    let folder = tempfile::tempdir().unwrap();
    let shown = mail_with_the_program(folder.path(), &smtp, &other.path(), "pending").await;
    let trouble = shown["sent"][0]["trouble"].as_str().unwrap();
    assert!(trouble.contains("secure connection"), "{shown}");
    smtp.assert_nothing_unread();
}
