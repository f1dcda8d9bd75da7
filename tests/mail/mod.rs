//! Mails, against a mail server of the tests' own.

mod alerts;
mod contacts;
mod mailer;
mod metrics;
mod notices;
mod scanners;
mod sending;
mod tls;

use vouchlink::config::postgres::Roots;
use vouchlink::config::{Config, Login, Mail, MailServer as Place, MailTls};
use vouchlink::domain::mail::EmailAddress;
use vouchlink::domain::secret::Secret;

use crate::support::app::TestApp;
use crate::support::smtp::MailServer;

pub(crate) fn settings(server: &MailServer) -> Mail {
    Mail {
        server: Place {
            host: server.address.ip().to_string(),
            port: server.address.port(),
            tls: MailTls::None,
            roots: Roots::System,
            login: Some(Login { user: "robot".to_owned(), password: Secret::from("a password") }),
        },
        from_name: None,
        from: EmailAddress::parse("no-reply@bank.example").unwrap(),
        alerts: vec![],
    }
}

/// An application that mails by this server.
pub(crate) async fn app(server: &MailServer) -> TestApp {
    app_with(server, |_| {}).await
}

pub(crate) async fn app_with(server: &MailServer, change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.mail = Some(settings(server));
        change(config);
    })
    .await
}
