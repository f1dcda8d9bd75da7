//! One mail and one server: what the server does decides what becomes of the mail, and nothing it
//! does takes longer than the deadline.

use std::time::{Duration, Instant};

use vouchlink::config::{MailTls, RelyingParty};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::id::MailId;
use vouchlink::domain::mail::EmailAddress;
use vouchlink::domain::text::Line;
use vouchlink::mail::letter::{Company, Letter, Occasion};
use vouchlink::mail::mailer::{Limits, Mailer, Outcome};
use vouchlink::words::Lang;

use super::settings;
use crate::support::clock::ManualClock;
use crate::support::smtp::{MailServer, Step, Trick};

pub(super) fn relying_party() -> RelyingParty {
    RelyingParty {
        id: "bank.example".to_owned(),
        name: Line::parse("Bänk & Söhne").unwrap(),
        origin: "https://verify.bank.example".to_owned(),
    }
}

fn mailer(server: &MailServer, deadline: Duration, tls: MailTls) -> Mailer {
    let mut mail = settings(server);
    mail.server.tls = tls;
    Mailer::new(&mail, &relying_party(), Limits { deadline }).unwrap()
}

pub(super) async fn send(mailer: &Mailer) -> Outcome {
    let company = Company { name: relying_party().name, phone: None };
    let short_url = "https://verify.bank.example/l/0123456789abcdefghjkmnpqrs".to_owned();
    let letter = Letter::write(Lang::He, &company, &Occasion::Link { short_url }).unwrap();
    let to = EmailAddress::parse("dana@example.com").unwrap();
    let id = MailId::from_bytes([7; 16]);
    mailer.send(id, &to, &letter, ManualClock::START).await
}

const AMPLE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_mail_is_whole_and_says_that_a_machine_wrote_it() {
    let server = MailServer::start().await;
    let taken = send(&mailer(&server, AMPLE, MailTls::None)).await;
    assert_eq!(taken, Outcome::Taken("250 2.0.0 queued as 4711".to_owned()));
    let mail = server.next().await;
    assert_eq!(mail.login, Some(("robot".to_owned(), "a password".to_owned())));
    assert_eq!(mail.from, "FROM:<no-reply@bank.example>");
    assert_eq!(mail.to, ["TO:<dana@example.com>"]);
    assert!(server.said()[0].ends_with("EHLO verify.bank.example"));
    assert!(mail.source.is_ascii() && mail.source.lines().all(|line| line.len() <= 998));

    assert_eq!(mail.header("to"), "dana@example.com");
    assert!(mail.header("from").contains("<no-reply@bank.example>"));
    assert!(!mail.source.contains("Bänk"), "names are encoded words");
    assert_eq!(mail.header("date"), "Sat, 21 Nov 2026 10:00:00 +0000");
    let id = MailId::from_bytes([7; 16]);
    assert_eq!(mail.header("message-id"), format!("<{id}@verify.bank.example>"));
    assert_eq!(mail.header("mime-version"), "1.0");
    assert_eq!(mail.header("auto-submitted"), "auto-generated");
    assert_eq!(mail.header("x-auto-response-suppress"), "All");
    assert_eq!(mail.header("content-language"), "he");
    assert!(mail.header("subject").starts_with("=?utf-8?"));

    let (text, html) = mail.parts();
    for part in [&text, &html] {
        assert!(part.contains("https://verify.bank.example/l/0123456789abcdefghjkmnpqrs"));
    }
    assert!(text.contains("Bänk & Söhne"));
    assert!(html.contains("<html lang=\"he\" dir=\"rtl\">") && html.contains("Bänk &#38; Söhne"));
}

#[tokio::test]
async fn what_the_server_answers_decides_whether_the_mail_is_tried_again() {
    let server = MailServer::start().await;
    let mailer = mailer(&server, AMPLE, MailTls::None);
    let not_now = |text: &str| Outcome::NotNow(text.to_owned());
    let refused = |text: &str| Outcome::Refused(text.to_owned());
    for (step, say, outcome) in [
        (Step::Recipient, "450 4.2.1 greylisted", not_now("450 4.2.1 greylisted")),
        (Step::Message, "451 4.3.0 full", not_now("451 4.3.0 full")),
        (Step::Recipient, "550 5.1.1 no such user", refused("550 5.1.1 no such user")),
        (Step::Message, "554 5.7.1 spam", refused("554 5.7.1 spam")),
        (
            Step::Recipient,
            "530 5.7.0 log in first",
            Outcome::Locked("530 5.7.0 log in first".to_owned()),
        ),
        (Step::Greeting, "554 go away", not_now("554 go away")),
    ] {
        server.script([(step, Trick::Say(say))]);
        assert_eq!(send(&mailer).await, outcome, "{step:?}");
    }
    for step in [Step::Greeting, Step::Recipient, Step::Message] {
        server.script([(step, Trick::Drop)]);
        let outcome = send(&mailer).await;
        assert!(matches!(outcome, Outcome::NotNow(_)), "{step:?}: {outcome:?}");
    }
    server.assert_nothing_unread();
}

#[tokio::test]
async fn a_server_that_hangs_meets_the_deadline_and_one_that_took_the_mail_took_it() {
    let server = MailServer::start().await;
    let short = mailer(&server, Duration::from_millis(300), MailTls::None);
    for step in [Step::Greeting, Step::Recipient, Step::Message] {
        server.script([(step, Trick::Hang)]);
        let begun = Instant::now();
        let outcome = send(&short).await;
        assert!(
            matches!(&outcome, Outcome::NotNow(text) if text.contains("in time")),
            "{outcome:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    server.script([(Step::Quit, Trick::Hang), (Step::Quit, Trick::Drop)]);
    for _ in 0..2 {
        assert!(matches!(send(&mailer(&server, AMPLE, MailTls::None)).await, Outcome::Taken(_)));
        server.next().await;
    }
}

#[tokio::test]
async fn nothing_secret_is_said_to_a_server_that_does_not_secure_the_connection() {
    let server = MailServer::start().await;
    for tls in [MailTls::StartTls, MailTls::Implicit] {
        let outcome = send(&mailer(&server, Duration::from_secs(2), tls)).await;
        assert!(matches!(outcome, Outcome::Locked(_) | Outcome::NotNow(_)), "{tls:?}: {outcome:?}");
    }
    let said = server.said().join("\n");
    assert!(!said.contains("AUTH") && !said.contains("RCPT") && !said.contains("MAIL"), "{said}");
    server.assert_nothing_unread();
}

#[tokio::test]
async fn nobody_there_is_no_reason_to_give_a_mail_up() {
    let server = MailServer::start().await;
    let mailer = mailer(&server, AMPLE, MailTls::None);
    drop(server);
    // The port may linger for a moment; either way the mail is tried again.
    assert!(matches!(send(&mailer).await, Outcome::NotNow(_)));
}

#[test]
fn a_date_is_the_moment_the_mail_was_first_to_be_sent() {
    let at = std::time::SystemTime::from(Timestamp::from_millis(1500));
    assert_eq!(Timestamp::from(at).millis(), 1500);
}
