//! Headers of the company's own that go with each request.

use super::super::secret::Secret;

/// A header that staff chose; its value may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomHeader {
    /// In lower case.
    pub name: String,
    pub value: Secret,
}

/// Ten at most, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomHeaders(Vec<CustomHeader>);

/// Why a header was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHeader {
    #[error("there may be at most 10")]
    TooMany,
    #[error("a name has 1 to 64 letters, digits or any of !#$%&'*+-.^_`|~")]
    Name,
    #[error("this name is ours or the connection's to set")]
    Reserved,
    #[error("this name stands there twice")]
    Twice,
    #[error("a value has 1 to 1024 visible ASCII characters, spaces inside allowed")]
    Value,
}

const MOST: usize = 10;
const NAME_MAX: usize = 64;
const VALUE_MAX: usize = 1024;

/// What the connection, the body or the signature says; `authorization` is not among them.
const RESERVED: &[&str] = &[
    "host",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "connection",
    "keep-alive",
    "expect",
    "forwarded",
    "user-agent",
    "cookie",
];
const RESERVED_PREFIXES: &[&str] = &["content-", "proxy-", "x-forwarded-", "webhook-"];

impl CustomHeaders {
    /// # Errors
    /// The first [`BadHeader`], with the place of the header in the list.
    pub fn parse<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, (usize, BadHeader)> {
        let mut taken: Vec<CustomHeader> = Vec::new();
        for (place, (name, value)) in headers.into_iter().enumerate() {
            let name = parse_name(name).map_err(|bad| (place, bad))?;
            if taken.iter().any(|other| other.name == name) {
                return Err((place, BadHeader::Twice));
            }
            if taken.len() == MOST {
                return Err((place, BadHeader::TooMany));
            }
            if !is_value(value) {
                return Err((place, BadHeader::Value));
            }
            taken.push(CustomHeader { name, value: Secret::from(value) });
        }
        Ok(Self(taken))
    }

    /// `Authorization: Bearer` alone, with a token that the configuration has checked.
    #[must_use]
    pub fn bearer(token: &Secret) -> Self {
        let value = Secret::new([b"Bearer ", token.expose()].concat());
        Self(vec![CustomHeader { name: "authorization".to_owned(), value }])
    }

    pub fn iter(&self) -> impl Iterator<Item = &CustomHeader> {
        self.0.iter()
    }
}

/// A token (RFC 9110, section 5.6.2) that is not reserved.
fn parse_name(name: &str) -> Result<String, BadHeader> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(is_token) {
        return Err(BadHeader::Name);
    }
    let name = name.to_ascii_lowercase();
    let reserved = RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    if reserved { Err(BadHeader::Reserved) } else { Ok(name) }
}

fn is_value(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= VALUE_MAX
        && value.trim() == value
        && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, value: &str) -> Result<CustomHeaders, BadHeader> {
        CustomHeaders::parse([(name, value)]).map_err(|(_, bad)| bad)
    }

    #[test]
    fn names_are_tokens_that_nobody_else_needs() {
        assert!(parse("X-Tenant", "7").is_ok());
        assert!(parse("Authorization", "Bearer x").is_ok());
        for name in ["", "X Tenant", "X-Tenant:", "x\r\ny", "שלום", &"x".repeat(65)] {
            assert_eq!(parse(name, "7"), Err(BadHeader::Name), "{name:?}");
        }
        for name in "
            Host content-type Content-Length transfer-encoding TE trailer upgrade Connection
            keep-alive expect proxy-authorization forwarded X-Forwarded-For user-agent cookie
            webhook-id Webhook-Signature webhook-anything
        "
        .split_whitespace()
        {
            assert_eq!(parse(name, "7"), Err(BadHeader::Reserved), "{name}");
        }
    }

    #[test]
    fn values_cannot_begin_another_header() {
        assert!(parse("x-a", "a b").is_ok());
        for value in ["", " a", "a ", "a\r\nx-b: c", "a\0", "ä", &"a".repeat(1025)] {
            assert_eq!(parse("x-a", value), Err(BadHeader::Value), "{value:?}");
        }
    }

    #[test]
    fn there_are_ten_at_most_and_each_once() {
        let names: Vec<String> = (0..11).map(|n| format!("x-{n}")).collect();
        let headers = |count| names.iter().take(count).map(|name| (name.as_str(), "v"));
        assert!(CustomHeaders::parse(headers(10)).is_ok());
        assert_eq!(CustomHeaders::parse(headers(11)), Err((10, BadHeader::TooMany)));
        assert_eq!(CustomHeaders::parse([("x-a", "1"), ("X-A", "2")]), Err((1, BadHeader::Twice)));
    }

    #[test]
    fn a_value_does_not_show_itself() {
        let headers = parse("authorization", "Bearer hush-hush").unwrap();
        assert!(!format!("{headers:?}").contains("hush"));
    }
}
