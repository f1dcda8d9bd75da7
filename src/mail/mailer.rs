//! The one way out: a connection to the configured mail server for each mail, ended by one
//! deadline whatever the server does.

use std::error::Error as _;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::letter::Letter;
use super::message::{Headers, address, message};
use crate::config::postgres::Roots;
use crate::config::{Mail, MailServer, MailTls, RelyingParty};
use crate::domain::clock::Timestamp;
use crate::domain::id::MailId;
use crate::domain::mail::EmailAddress;

/// How long a mail may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the first look-up to the server's last answer.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(30) }
    }
}

/// What the mail server made of a mail. The text is its answer, with addresses still in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answers for the mail from now on.
    Taken(String),
    /// Another time may be better.
    NotNow(String),
    /// It will never take this mail.
    Refused(String),
    /// The server does not let us in, or the connection is not secure: for the operator to mend,
    /// and no reason to give the mail up.
    Locked(String),
}

/// Why there is no mailer.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("TLS to the mail server cannot be set up: {0}")]
    Tls(Error),
    #[error("SMTP_CA_FILE {path}: {why}")]
    Roots { path: PathBuf, why: String },
    #[error("MAIL_FROM cannot be written in a mail")]
    From,
}

/// Sends mails by one server.
#[derive(Clone)]
pub struct Mailer {
    server: MailServer,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    sender: EmailAddress,
    /// Who we say that we are, and where our Message-IDs belong.
    domain: String,
    limits: Limits,
}

impl Mailer {
    /// # Errors
    /// [`SetupError`].
    pub fn new(
        mail: &Mail,
        relying_party: &RelyingParty,
        limits: Limits,
    ) -> Result<Self, SetupError> {
        let tls = match mail.server.tls {
            MailTls::Implicit | MailTls::StartTls => Some(trusting(&mail.server)?),
            MailTls::None => None,
        };
        let credentials = mail.server.login.as_ref().map(|login| {
            let password = String::from_utf8_lossy(login.password.expose()).into_owned();
            Credentials::new(login.user.clone(), password)
        });
        let name = mail.from_name.as_ref().unwrap_or(&relying_party.name).to_string();
        let address = address(&mail.from).map_err(|_| SetupError::From)?;
        Ok(Self {
            server: mail.server.clone(),
            tls,
            credentials,
            from: Mailbox::new(Some(name), address),
            sender: mail.from.clone(),
            domain: relying_party.host().unwrap_or_else(|| relying_party.id.clone()),
            limits,
        })
    }

    /// How long [`send`](Self::send) takes at most.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.limits.deadline
    }

    /// Hands one mail over. `at`: when it was first to be sent, so that every try is the same
    /// message to those who know repetitions by the Message-ID.
    pub async fn send(
        &self,
        id: MailId,
        to: &EmailAddress,
        letter: &Letter,
        at: Timestamp,
    ) -> Outcome {
        let headers = Headers { id, from: &self.from, to, domain: &self.domain, at };
        let Ok(message) = message(&headers, letter) else {
            return Outcome::Refused("the mail cannot be written as a message".to_owned());
        };
        let bytes = message.formatted();
        let mut progress = Progress::Connecting;
        let way = self.hand_over(message.envelope(), &bytes, &mut progress);
        let handed = timeout(self.limits.deadline, way).await;
        match handed {
            Ok(Ok((answer, mut connection))) => {
                // It is taken; whether the server also says goodbye changes nothing.
                let _ = timeout(GOODBYE, connection.abort()).await;
                Outcome::Taken(answer)
            }
            Ok(Err(error)) => outcome(&error, progress),
            Err(_) => Outcome::NotNow(format!("no answer in time while {progress}")),
        }
    }

    async fn hand_over(
        &self,
        envelope: &lettre::address::Envelope,
        message: &[u8],
        progress: &mut Progress,
    ) -> Result<(String, AsyncSmtpConnection), Error> {
        let MailServer { host, port, tls, .. } = &self.server;
        let hello = ClientId::Domain(self.domain.clone());
        let at_once = match tls {
            MailTls::Implicit => self.tls.clone(),
            MailTls::StartTls | MailTls::None => None,
        };
        let place = (host.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, None, &hello, at_once, None).await?;
        *progress = Progress::Securing;
        if let (MailTls::StartTls, Some(tls)) = (tls, &self.tls) {
            // Fails where the server does not offer it; nothing was said yet that is secret.
            connection.starttls(tls.clone(), &hello).await?;
        }
        *progress = Progress::LoggingIn;
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        *progress = Progress::Sending;
        let answer = connection.send(envelope, message).await?;
        let code = answer.code();
        let text = answer.message().collect::<Vec<_>>().join(" ");
        Ok((format!("{code} {text}"), connection))
    }

    /// Who mails come from.
    #[must_use]
    pub const fn sender(&self) -> &EmailAddress {
        &self.sender
    }
}

/// Of whoever is named, and then of nobody else.
fn trusting(server: &MailServer) -> Result<TlsParameters, SetupError> {
    let parameters = TlsParameters::builder(server.host.clone());
    let parameters = match &server.roots {
        Roots::System => parameters,
        Roots::File(path) => {
            let failed = |why: String| SetupError::Roots { path: path.clone(), why };
            let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
            if !pem.windows(MARK.len()).any(|window| window == MARK) {
                return Err(failed("holds no certificate".to_owned()));
            }
            let authority =
                Certificate::from_pem(&pem).map_err(|error| failed(error.to_string()))?;
            let parameters = parameters.certificate_store(CertificateStore::None);
            parameters.add_root_certificate(authority)
        }
    };
    parameters.build().map_err(SetupError::Tls)
}

/// Without it the library finds none in a file, and says nothing.
const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// For the server's goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Connecting,
    Securing,
    LoggingIn,
    Sending,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Securing => "securing the connection",
            Self::LoggingIn => "logging in",
            Self::Sending => "sending",
        })
    }
}

fn outcome(error: &Error, progress: Progress) -> Outcome {
    let text = said(error, progress);
    match progress {
        Progress::Securing | Progress::LoggingIn => Outcome::Locked(text),
        // Of a handshake at once the library keeps the text only.
        Progress::Connecting if error.is_tls() || text.contains("certificate") => {
            Outcome::Locked(text)
        }
        // Some servers ask for a login only when they hear of a recipient.
        Progress::Sending if error.status().is_some_and(|code| LOGIN.contains(&code.into())) => {
            Outcome::Locked(text)
        }
        Progress::Sending if error.is_permanent() => Outcome::Refused(text),
        Progress::Connecting | Progress::Sending => Outcome::NotNow(text),
    }
}

/// Answers that ask for a login (RFC 4954, section 6).
const LOGIN: [u16; 4] = [530, 534, 535, 538];

fn said(error: &Error, progress: Progress) -> String {
    let source = error.source().map(ToString::to_string);
    match (error.status(), source) {
        (Some(code), Some(text)) => format!("{code} {text}"),
        (Some(code), None) => code.to_string(),
        (None, Some(text)) => format!("{progress}: {text}"),
        (None, None) => format!("{progress}: {error}"),
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("server", &self.server).finish_non_exhaustive()
    }
}
