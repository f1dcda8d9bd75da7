//! The mail server that links and notices are sent by, and who they are from.

use std::path::PathBuf;

use url::{Host, Url};

use super::postgres::{Roots, decode};
use super::reader::Reader;
use super::relying_party::Reach;
use super::variables::{ALERT_EMAIL, MAIL_FROM, SMTP_CA_FILE, SMTP_URL};
use crate::domain::mail::EmailAddress;
use crate::domain::secret::Secret;
use crate::domain::text::Line;

/// A mail server and the sender's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub server: MailServer,
    /// `MAIL_FROM`'s name; the company's, `RP_NAME`, if it has none.
    pub from_name: Option<Line<64>>,
    pub from: EmailAddress,
    /// `ALERT_EMAIL`: who is told when endpoints fail; nobody if it is empty.
    pub alerts: Vec<EmailAddress>,
}

/// More readers than that are a mailing list's business.
const ALERTS_MAX: usize = 10;

/// `SMTP_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// Who may vouch for it: `SMTP_CA_FILE`.
    pub roots: Roots,
    pub login: Option<Login>,
}

/// How the connection to the mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// From the first byte (RFC 8314, section 3).
    Implicit,
    /// By STARTTLS, and nothing is sent to a server that does not offer it (RFC 3207).
    StartTls,
    /// Not at all: on this machine only, or while `ORIGIN` is localhost.
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: Secret,
}

/// `None` if no mail is sent, or something is wrong.
pub(super) fn read(reader: &mut Reader<'_>, reach: Reach) -> Option<Mail> {
    let from = reader.read(&MAIL_FROM, sender);
    let server = reader.read(&SMTP_URL, |text| server(text.trim(), reach));
    let roots = reader.read(&SMTP_CA_FILE, authorities).unwrap_or(Roots::System);
    let alerts = reader.read(&ALERT_EMAIL, recipients);
    if reader.is_set(&ALERT_EMAIL) && !reader.is_set(&SMTP_URL) {
        let what = "is set, and SMTP_URL is not: without a mail server nobody is told";
        reader.refuse(&ALERT_EMAIL, what, SMTP_URL.advice());
    }
    match (reader.is_set(&SMTP_URL), reader.is_set(&MAIL_FROM)) {
        (true, false) => {
            let what = "is not set, and SMTP_URL is: a mail must come from somebody";
            reader.refuse(&MAIL_FROM, what, MAIL_FROM.advice());
        }
        (false, true) => reader.warn("MAIL_FROM is set but SMTP_URL is not: no mail is sent"),
        (true, true) | (false, false) => {}
    }
    let (from_name, from) = from?;
    let server = MailServer { roots, ..server? };
    Some(Mail { server, from_name, from, alerts: alerts.unwrap_or_default() })
}

/// Each once, in their order.
fn recipients(text: &str) -> Result<Vec<EmailAddress>, String> {
    let mut recipients = Vec::new();
    for part in text.split(',') {
        let address = EmailAddress::parse(part.trim())
            .map_err(|bad| format!("holds {:?}, which {bad}", part.trim()))?;
        if !recipients.contains(&address) {
            recipients.push(address);
        }
    }
    if recipients.len() > ALERTS_MAX {
        return Err(format!("holds more than {ALERTS_MAX} addresses"));
    }
    Ok(recipients)
}

fn authorities(text: &str) -> Result<Roots, &'static str> {
    let path = PathBuf::from(text);
    if path.is_file() { Ok(Roots::File(path)) } else { Err("names no file") }
}

fn sender(text: &str) -> Result<(Option<Line<64>>, EmailAddress), String> {
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
        None => ("", text),
    };
    let address = EmailAddress::parse(address).map_err(|bad| format!("{bad}"))?;
    if name.is_empty() {
        return Ok((None, address));
    }
    let name = Line::parse(name).map_err(|bad| format!("has a name that {bad}"))?;
    Ok((Some(name), address))
}

/// The error says what is wrong and shows nothing of the value.
fn server(text: &str, reach: Reach) -> Result<MailServer, String> {
    const FORM: &str = "is not of the form smtps://USER:PASSWORD@HOST:465 or \
                        smtp://USER:PASSWORD@HOST:587";
    let url = Url::parse(text).map_err(|_| FORM)?;
    let (tls, port) = match url.scheme() {
        "smtps" => (MailTls::Implicit, 465),
        "smtp" => (MailTls::StartTls, 587),
        _ => return Err(FORM.to_owned()),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
    // Of a scheme that browsers do not know, the host is kept as it is written.
    let host =
        Host::parse(&decode(host, "host")?).map_err(|_| "names no host that could be one")?;
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(FORM.to_owned());
    }
    let tls = match (tls, url.query()) {
        (tls, None) => tls,
        (MailTls::StartTls, Some("tls=none")) if reach == Reach::Local || is_here(&host) => {
            MailTls::None
        }
        (MailTls::StartTls, Some("tls=none")) => {
            return Err("asks for tls=none, which is for a mail server on this machine only, \
                        unless ORIGIN is localhost"
                .to_owned());
        }
        (_, Some(_)) => {
            return Err("has a parameter that is not tls=none, or not with smtp://".to_owned());
        }
    };
    let login = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() => {
            let (user, password) = (decode(user, "user")?, decode(password, "password")?);
            if user.chars().chain(password.chars()).any(char::is_control) {
                return Err("holds a control character".to_owned());
            }
            Some(Login { user, password: Secret::from(password.as_str()) })
        }
        _ => return Err("needs a user and a password, or neither".to_owned()),
    };
    let host = match host {
        Host::Ipv6(address) => address.to_string(),
        host => host.to_string(),
    };
    Ok(MailServer { host, port: url.port().unwrap_or(port), tls, roots: Roots::System, login })
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Domain(domain) => domain == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_spoken_to_in_the_open_only_here_or_while_trying_out() {
        let of = |text, reach| server(text, reach).map(|server| (server.tls, server.port));
        for reach in [Reach::Public, Reach::Local] {
            assert_eq!(of("smtps://mail.example.com", reach), Ok((MailTls::Implicit, 465)));
            assert_eq!(of("smtp://mail.example.com", reach), Ok((MailTls::StartTls, 587)));
            assert_eq!(of("smtp://127.0.0.1:1025?tls=none", reach), Ok((MailTls::None, 1025)));
            assert_eq!(of("smtp://[::1]:25/?tls=none", reach), Ok((MailTls::None, 25)));
            assert_eq!(of("smtp://localhost:25", reach), Ok((MailTls::StartTls, 25)));
        }
        assert_eq!(of("smtp://mailpit:1025?tls=none", Reach::Local), Ok((MailTls::None, 1025)));
        assert!(
            of("smtp://mailpit:1025?tls=none", Reach::Public).unwrap_err().contains("tls=none")
        );
        assert!(of("smtps://localhost?tls=none", Reach::Local).is_err());
    }

    #[test]
    fn a_login_may_hold_any_sign_when_it_is_encoded() {
        let server = server("smtps://a%40b:p%3Aq%2F%25@mail.example.com", Reach::Public).unwrap();
        let login = server.login.unwrap();
        assert_eq!((login.user.as_str(), login.password.expose()), ("a@b", &b"p:q/%"[..]));
    }

    #[test]
    fn what_is_wrong_with_a_server_is_said_without_showing_it() {
        for text in [
            "",
            "mail.example.com",
            "https://mail.example.com",
            "smtp://",
            "smtps://hunter2@mail.example.com",
            "smtps://:hunter2@mail.example.com",
            "smtps://a:hunter2@mail.example.com/path",
            "smtps://a:hunter2@mail.example.com?tls=off",
            "smtps://a:hunter2%0d%0aRSET@mail.example.com",
            "smtps://a:hunter2@mail.example.com#x",
        ] {
            let error = server(text, Reach::Local).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn alerts_go_to_one_address_or_several_each_once() {
        let of = |text: &str| {
            recipients(text).map(|all| {
                all.iter().map(|address| address.as_str().to_owned()).collect::<Vec<_>>()
            })
        };
        assert_eq!(of("ops@example.com"), Ok(vec!["ops@example.com".to_owned()]));
        let two = ["ops@example.com".to_owned(), "on-call@example.org".to_owned()];
        assert_eq!(of("ops@example.com, on-call@Example.org,ops@example.com").unwrap(), two);
        for text in
            ["", "ops", "ops@example.com,", "Ops <ops@example.com>", "a@b.example;c@d.example"]
        {
            assert!(of(text).is_err(), "{text:?}");
        }
        let many = |count: usize| {
            (0..count).map(|n| format!("ops{n}@example.com")).collect::<Vec<_>>().join(",")
        };
        assert_eq!(of(&many(10)).unwrap().len(), 10);
        assert_eq!(of(&many(11)), Err("holds more than 10 addresses".to_owned()));
    }

    #[test]
    fn a_sender_has_an_address_and_perhaps_a_name() {
        let of = |text| {
            sender(text).map(|(name, address)| {
                (name.map(|name| name.to_string()), address.as_str().to_owned())
            })
        };
        let address = "no-reply@example.com".to_owned();
        assert_eq!(of("no-reply@example.com"), Ok((None, address.clone())));
        let named = Ok((Some("Example, Inc.".to_owned()), address));
        assert_eq!(of("\"Example, Inc.\" <no-reply@example.com>"), named);
        assert_eq!(of("Example, Inc. <no-reply@example.com>"), named);
        for text in ["Example", "Example <>", "<a@example.com", "a@example.com, b@example.com"] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
