//! Mails: to whom, about what, and what becomes of one after it was tried.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use url::Host;

use super::audit::Action;
use super::clock::Timestamp;
use super::delivery::Lease;
use super::id::{ContactId, CustomerId, LinkId, MailId};
use super::mail_answer::in_words;
use super::verdict::words;

words! {
    /// What a mail is about.
    MailKind {
        /// A link, for its customer.
        Link = "link",
        /// The customer has a passkey that they did not have before.
        PasskeyAdded = "passkey_added",
        /// One of the customer's passkeys is no longer good.
        PasskeyRemoved = "passkey_removed",
        /// The customer has an authenticator app that they did not have before.
        AppAdded = "app_added",
        /// The customer's authenticator app is no longer good.
        AppRemoved = "app_removed",
        /// This address is no longer told of passkeys.
        ContactRemoved = "contact_removed",
        /// Endpoints that fail, for the operators.
        Alert = "alert",
    }
}

words! {
    /// Where a mail is.
    MailStatus {
        Pending = "pending",
        /// A worker is sending it.
        InFlight = "in_flight",
        /// The mail server took it.
        Sent = "sent",
        /// The mail server refused it for good, or its time was over.
        Failed = "failed",
        /// It was not sent, because there was no longer a reason to.
        Cancelled = "cancelled",
    }
}

/// One mailbox's address: ASCII, the domain in its own form (punycode, lower case).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why an address was not taken; shown to whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("must be an email address such as name@example.com")]
    Form,
    #[error("must have at most 254 characters, 64 of them before the @")]
    TooLong,
}

impl EmailAddress {
    /// An address in its common form (RFC 5321, section 4.1.2, without quoted strings and address
    /// literals): what ends in a command to a mail server can hold neither white space nor a line's
    /// end.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let (local, domain) = text.trim_matches(' ').split_once('@').ok_or(BadAddress::Form)?;
        let atom = |atom: &str| {
            !atom.is_empty()
                && atom
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        };
        if !local.split('.').all(atom) {
            return Err(BadAddress::Form);
        }
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
        if !domain.chars().all(plain) {
            return Err(BadAddress::Form);
        }
        let Ok(Host::Domain(domain)) = Host::parse(domain) else { return Err(BadAddress::Form) };
        if !domain.contains('.') || domain.split('.').any(str::is_empty) {
            return Err(BadAddress::Form);
        }
        if local.len() > 64 || local.len() + 1 + domain.len() > 254 {
            return Err(BadAddress::TooLong);
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    /// One that was parsed when it was written down.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `a***@example.com`: enough to tell two addresses apart, too little to write to one.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or(("", &self.0));
        let first: String = local.chars().take(1).collect();
        format!("{first}***@{domain}")
    }

    /// What a mail server said, without this address or any other.
    #[must_use]
    pub fn without_addresses(&self, text: &str) -> String {
        let lower = self.0.to_ascii_lowercase();
        let (local, domain) = lower.split_once('@').unwrap_or((&lower, &lower));
        let tells = |word: &str| {
            let word = word.to_ascii_lowercase();
            let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            word.contains('@') || word.contains(domain) || bare == local
        };
        let words = text
            .split_whitespace()
            .map(|word| if tells(word) { "[address]".to_owned() } else { visible(word) });
        let text = words.collect::<Vec<_>>().join(" ");
        text.chars().take(ANSWER_MAX).collect()
    }
}

/// How much of a mail server's answer is kept, characters.
const ANSWER_MAX: usize = 300;

fn visible(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).collect()
}

/// Shows nothing of whose it is: `Debug` ends in logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress")
    }
}

/// A telephone number as a company's own gateway is told it: digits, perhaps with `+` before them.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

/// The text is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a telephone number of 4 to 15 digits, such as +1 202 555 0123")]
pub struct BadPhone;

impl Phone {
    /// Signs that people write between the digits are left out.
    ///
    /// # Errors
    /// [`BadPhone`].
    pub fn parse(text: &str) -> Result<Self, BadPhone> {
        let text = text.trim();
        let (plus, digits) = match text.strip_prefix('+') {
            Some(digits) => ("+", digits),
            None => ("", text),
        };
        let between = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '.' | '/');
        let digits: String = digits.chars().filter(|c| !between(*c)).collect();
        let fits = (4..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fits { Ok(Self(format!("{plus}{digits}"))) } else { Err(BadPhone) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows nothing: `Debug` ends in logs.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone")
    }
}

/// An address that is told when a passkey of the customer's comes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub id: ContactId,
    pub email: EmailAddress,
    pub created_at: Timestamp,
}

/// A mail leased for one try; see [`Lease`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasedMail {
    pub id: MailId,
    /// Whom it is about; `None` for an alert.
    pub customer: Option<CustomerId>,
    pub link: Option<LinkId>,
    pub kind: MailKind,
    pub recipient: EmailAddress,
    /// A BCP 47 language tag.
    pub locale: Option<String>,
    /// This try's number, from 1.
    pub attempt: u32,
    pub created_at: Timestamp,
    /// JSON: what an alert tells, an [`Alert`](super::alert::Alert).
    pub alert: Option<String>,
    pub lease: Lease,
}

impl LeasedMail {
    /// For the audit: which mail it was, and in words for staff why it was given up.
    #[must_use]
    pub fn detail(&self, next: MailNext, answer: &str) -> Value {
        let Self { id, kind, attempt, .. } = self;
        match next {
            MailNext::Failed => {
                let trouble = in_words(answer);
                json!({ "mail": id, "kind": kind, "attempt": attempt, "trouble": trouble })
            }
            MailNext::Sent { .. } | MailNext::RetryAt(_) | MailNext::Cancelled => {
                json!({ "mail": id, "kind": kind, "attempt": attempt })
            }
        }
    }
}

/// What becomes of a mail after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailNext {
    /// The mail server took it. For a link: with the URL that this `jti` belongs to.
    Sent {
        jti: Option<[u8; 16]>,
    },
    RetryAt(Timestamp),
    Failed,
    Cancelled,
}

impl MailNext {
    /// What of it goes on record.
    #[must_use]
    pub const fn action(self, kind: MailKind) -> Option<Action> {
        match (kind, self) {
            (MailKind::Link, Self::Sent { .. }) => Some(Action::LinkSent),
            (MailKind::Link, Self::Failed) => Some(Action::LinkSendFailed),
            (_, Self::RetryAt(_) | Self::Cancelled) => None,
            (_, Self::Sent { .. }) => Some(Action::NoticeSent),
            (_, Self::Failed) => Some(Action::NoticeFailed),
        }
    }

    #[must_use]
    pub const fn status(self) -> MailStatus {
        match self {
            Self::Sent { .. } => MailStatus::Sent,
            Self::RetryAt(_) => MailStatus::Pending,
            Self::Failed => MailStatus::Failed,
            Self::Cancelled => MailStatus::Cancelled,
        }
    }
}

/// A mail as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMail {
    pub recipient: EmailAddress,
    pub status: MailStatus,
    pub attempts: u32,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// What the mail server, or we, last said of it.
    pub answer: Option<String>,
}

impl SentMail {
    /// Why it was not sent yet, in words for staff; `None` if it was, or was not tried.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        let answer = self.answer.as_deref()?;
        (self.status != MailStatus::Sent).then(|| in_words(answer))
    }
}

/// How long a notice is worth being tried; a link's mail, until the link's end.
pub const NOTICE_LIFE: Duration = Duration::from_secs(86_400);

/// How long to wait after so many tries.
#[must_use]
pub fn pause_after(attempt: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_secs(900);
    let doubled = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    doubled.min(LONGEST)
}

/// How often one link may be sent, by mail and by the company's own gateway together.
pub const SENDS_PER_LINK: u32 = 5;
/// How often links may be sent to one customer within a day.
pub const SENDS_PER_DAY: u32 = 20;
/// How many addresses of a customer are remembered; the oldest stay, so that none who comes later
/// can push out the owner's.
pub const CONTACTS_MAX: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_in_their_common_form_only() {
        for (text, address) in [
            (" dana.levi+crm@Example.COM ", "dana.levi+crm@example.com"),
            ("o'neil@mail.example.org", "o'neil@mail.example.org"),
            ("a@b\u{fc}cher.example", "a@xn--bcher-kva.example"),
        ] {
            assert_eq!(EmailAddress::parse(text).unwrap().as_str(), address);
        }
        for text in [
            "",
            "dana",
            "@example.com",
            "dana@",
            "dana@localhost",
            "a@b@example.com",
            "dana@example..com",
            "dana@.example.com",
            "dana@[127.0.0.1]",
            "dana@127.0.0.1",
            "\"da na\"@example.com",
            ".dana@example.com",
            "da na@example.com",
            "dana@exa mple.com",
            "dana@example.com\r\nRCPT TO:<eve@example.org>",
            "dana\r\nBcc: eve@example.org",
            "dana@example.com\n",
            "dana@example.com>",
            "<dana@example.com>",
            "dana@example.com,eve@example.org",
            "d\u{e4}na@example.com",
            "dana\0@example.com",
            "dana@exam%70le.com",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(BadAddress::Form), "{text:?}");
        }
        let long = |local: usize, domain: usize| {
            let label = "d".repeat(domain);
            EmailAddress::parse(&format!("{}@{label}.{label}.{label}.com", "l".repeat(local)))
        };
        assert!(long(64, 61).is_ok());
        assert_eq!(long(65, 10), Err(BadAddress::TooLong));
        assert_eq!(long(64, 63), Err(BadAddress::TooLong));
    }

    #[test]
    fn what_is_shown_of_an_address_writes_to_nobody() {
        let address = EmailAddress::parse("dana@example.com").unwrap();
        assert_eq!(address.masked(), "d***@example.com");
        assert_eq!(format!("{address:?}"), "EmailAddress");
        assert_eq!(
            address.without_addresses(
                "5.1.1 <DANA@example.com>: 'dana' unknown at example.com\u{7}, try eve@x.org"
            ),
            "5.1.1 [address] [address] unknown at [address] try [address]"
        );
        assert_eq!(address.without_addresses(&"x".repeat(999)).len(), ANSWER_MAX);
    }

    #[test]
    fn a_telephone_number_is_digits() {
        assert_eq!(Phone::parse("+972 (50) 123-45.67").unwrap().as_str(), "+972501234567");
        assert_eq!(Phone::parse("0501234567").unwrap().as_str(), "0501234567");
        for text in ["", "+", "123", "+1234567890123456", "5O12345", "++4912345", "1234;5678"] {
            assert_eq!(Phone::parse(text), Err(BadPhone), "{text:?}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let pauses = [1, 2, 3, 8, 9, 40].map(|attempt| pause_after(attempt).as_secs());
        assert_eq!(pauses, [5, 10, 20, 640, 900, 900]);
    }
}
