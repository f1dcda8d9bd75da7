//! What one HTTP exchange came to, in words that do not depend on the HTTP library.

use std::time::Duration;

use crate::domain::clock::Timestamp;
use crate::domain::delivery::Class;
use crate::domain::remedy::Remedy;

/// The outcome of one attempt to post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    pub class: Class,
    /// The answer's status, if its head arrived.
    pub http_status: Option<u16>,
    /// The address that answered.
    pub remote_addr: Option<String>,
    /// What the receiver said about when to come back.
    pub retry_after: Option<RetryAfter>,
    /// The beginning of the answer's body, or why there is none; for staff.
    pub answer: String,
    /// What staff can do, if it failed.
    pub remedy: Option<Remedy>,
}

impl Exchange {
    /// One that ended without an answer.
    #[must_use]
    pub fn failed(class: Class, reason: &str) -> Self {
        Self {
            class,
            http_status: None,
            remote_addr: None,
            retry_after: None,
            answer: excerpt(reason.as_bytes()),
            remedy: Remedy::of(class),
        }
    }

    /// The same exchange, once somebody who knows the receiver has read the answer.
    #[must_use]
    pub fn judged(self, class: Class, remedy: impl Into<Option<Remedy>>) -> Self {
        Self { class, remedy: remedy.into(), ..self }
    }

    /// One that the receiver asks to slow down for: not before `usual`, unless it said when.
    #[must_use]
    pub fn slowed(self, usual: Duration) -> Self {
        let retry_after = self.retry_after.or(Some(RetryAfter::In(usual)));
        Self { retry_after, ..self }.judged(Class::Unavailable, Remedy::SlowDown)
    }
}

/// What a status means to us (RFC 9110, section 15).
#[must_use]
pub const fn class_of(status: u16) -> Class {
    match status {
        200..=299 => Class::Success,
        300..=399 => Class::Redirect,
        410 => Class::Gone,
        408 | 425 | 429 | 500..=599 => Class::Unavailable,
        400..=499 => Class::Config,
        // 101 was not asked for, the others do not exist.
        _ => Class::Protocol,
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    In(Duration),
    At(Timestamp),
}

impl RetryAfter {
    /// `None` if it is neither whole seconds nor an HTTP date.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // More seconds than a number holds: very long, which is what it says.
            return Some(Self::In(Duration::from_secs(value.parse().unwrap_or(u64::MAX))));
        }
        httpdate::parse_http_date(value).ok().map(|date| Self::At(date.into()))
    }

    /// How long from `now`; zero if that moment has passed.
    #[must_use]
    pub fn from_now(self, now: Timestamp) -> Duration {
        match self {
            Self::In(wait) => wait,
            Self::At(moment) => moment.since(now),
        }
    }
}

/// How much of an answer is kept.
const EXCERPT: usize = 4 * 1024;

/// The first 4 KiB as one line of text: what is no UTF-8 and control characters are replaced, so
/// that it can be shown anywhere.
#[must_use]
pub fn excerpt(bytes: &[u8]) -> String {
    let head = bytes.get(..EXCERPT).unwrap_or(bytes);
    let line = String::from_utf8_lossy(head)
        .chars()
        .map(|char| match char {
            '\r' | '\n' | '\t' => ' ',
            char if char.is_control() => char::REPLACEMENT_CHARACTER,
            char => char,
        })
        .collect::<String>();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_class() {
        for (class, statuses) in [
            (Class::Success, &[200, 201, 202, 204, 299][..]),
            (Class::Redirect, &[300, 301, 302, 303, 304, 307, 308]),
            (Class::Gone, &[410]),
            (Class::Unavailable, &[408, 425, 429, 500, 502, 503, 504, 599]),
            (Class::Config, &[400, 401, 403, 404, 405, 409, 413, 415, 422, 451, 499]),
            (Class::Protocol, &[100, 101, 199, 600, 999]),
        ] {
            for status in statuses {
                assert_eq!(class_of(*status), class, "{status}");
            }
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::from_millis(1_795_255_200_000); // 2026-11-21T10:00:00Z, a Saturday
        for (value, wait) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sat, 21 Nov 2026 10:01:30 GMT", Some(90)),
            ("Saturday, 21-Nov-26 10:01:30 GMT", Some(90)),
            ("Sat Nov 21 10:01:30 2026", Some(90)),
            ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let parsed = RetryAfter::parse(value).map(|after| after.from_now(now).as_secs());
            assert_eq!(parsed, wait, "{value}");
        }
    }

    #[test]
    fn an_excerpt_is_one_short_line_of_text() {
        assert_eq!(excerpt(b"{\r\n\t\"a\": 1}\n"), "{   \"a\": 1}");
        assert_eq!(excerpt(b"a\x1b[31mb\0\xff"), "a\u{fffd}[31mb\u{fffd}\u{fffd}");
        assert_eq!(excerpt(&[b'x'; 5000]).len(), 4096);
        // A character cut in half is replaced too.
        assert_eq!(excerpt("é".repeat(2500).as_bytes()).chars().count(), 2048);
        assert_eq!(
            excerpt(&[b"x", "é".repeat(2500).as_bytes()].concat()).chars().last(),
            Some('\u{fffd}')
        );
    }
}
