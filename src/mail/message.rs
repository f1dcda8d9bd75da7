//! A letter as a message (RFC 5322): plain text and HTML (RFC 2046, section 5.1.4), in
//! quoted-printable, marked as sent by a machine (RFC 3834, section 5).

use lettre::Address;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0,
};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::letter::Letter;
use crate::domain::clock::Timestamp;
use crate::domain::encoding::base32;
use crate::domain::id::MailId;
use crate::domain::mail::EmailAddress;

/// What the library does not take: an address that it reads otherwise than we do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mail cannot be written as a message")]
pub(super) struct Unfit;

/// What is the same of every try of a mail.
pub(super) struct Headers<'a> {
    pub(super) id: MailId,
    pub(super) from: &'a Mailbox,
    pub(super) to: &'a EmailAddress,
    /// Right of the `@` of its Message-ID.
    pub(super) domain: &'a str,
    /// When it was first to be sent.
    pub(super) at: Timestamp,
}

pub(super) fn message(headers: &Headers<'_>, letter: &Letter) -> Result<Message, Unfit> {
    let Headers { id, from, to, domain, at } = *headers;
    let part = |kind: ContentType, text: &str| {
        SinglePart::builder()
            .header(kind)
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(crlf(text))
    };
    let parts = MultiPart::alternative()
        .boundary(format!("vouchlink-{}", base32(id.as_bytes())))
        .singlepart(part(ContentType::TEXT_PLAIN, &letter.text))
        .singlepart(part(ContentType::TEXT_HTML, &letter.html));
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, address(to)?))
        .subject(letter.subject.clone())
        .date(at.into())
        .message_id(Some(format!("<{id}@{domain}>")))
        .header(MIME_VERSION_1_0)
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("X-Auto-Response-Suppress", "All"))
        .raw_header(raw("Content-Language", letter.lang.as_str()))
        .multipart(parts)
        .map_err(|_| Unfit)
}

pub(super) fn address(address: &EmailAddress) -> Result<Address, Unfit> {
    address.as_str().parse().map_err(|_| Unfit)
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Lines end as in mails (RFC 5322, section 2.3).
fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}
