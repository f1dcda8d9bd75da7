//! The client data: what the browser says it did, and where (`WebAuthn` Level 3, section 5.8.1).

use serde::de::{Deserialize, Deserializer, IgnoredAny};

use super::json::object;
use crate::domain::ceremony::{Kind, Refusal};

/// What the client data must say.
#[derive(Debug)]
pub(super) struct Expected<'a> {
    pub(super) kind: Kind,
    /// The challenge as [`Challenge::encoded`] writes it.
    ///
    /// [`Challenge::encoded`]: crate::domain::statement::Challenge::encoded
    pub(super) challenge: String,
    pub(super) origin: &'a str,
}

#[derive(serde::Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    /// Whether the member is there, whatever it says.
    #[serde(rename = "topOrigin", default, deserialize_with = "present")]
    has_top_origin: bool,
}

/// Sections 7.1, steps 5 to 11, and 7.2, steps 7 to 14. Texts are compared as they stand: an
/// origin that merely means ours is not the one a browser writes.
pub(super) fn check(client_data_json: &[u8], expected: &Expected<'_>) -> Result<(), Refusal> {
    let client_data: ClientData = object(client_data_json).ok_or(Refusal::ClientDataMalformed)?;
    let kind = match expected.kind {
        Kind::Register => "webauthn.create",
        Kind::Authenticate => "webauthn.get",
    };
    if client_data.kind != kind {
        return Err(Refusal::ClientDataType);
    }
    if client_data.challenge != expected.challenge {
        return Err(Refusal::ChallengeMismatch);
    }
    if client_data.origin != expected.origin {
        return Err(Refusal::OriginMismatch);
    }
    if client_data.cross_origin {
        return Err(Refusal::CrossOrigin);
    }
    if client_data.has_top_origin {
        return Err(Refusal::TopOrigin);
    }
    Ok(())
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|IgnoredAny| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(json: &str) -> Result<(), Refusal> {
        let expected = Expected {
            kind: Kind::Authenticate,
            challenge: "AAAA".to_owned(),
            origin: "https://example.com",
        };
        check(json.as_bytes(), &expected)
    }

    #[test]
    fn what_browsers_write_is_accepted() {
        for json in [
            r#"{"type":"webauthn.get","challenge":"AAAA","origin":"https://example.com"}"#,
            r#"{"type":"webauthn.get","challenge":"AAAA","origin":"https://example.com","crossOrigin":false,"other_keys_can_be_added_here":"do not compare"}"#,
        ] {
            assert_eq!(outcome(json), Ok(()), "{json}");
        }
    }

    #[test]
    fn a_top_origin_is_refused_whatever_it_says() {
        for top in ["null", "\"https://example.com\"", "[]"] {
            let json = format!(
                r#"{{"type":"webauthn.get","challenge":"AAAA","origin":"https://example.com","topOrigin":{top}}}"#
            );
            assert_eq!(outcome(&json), Err(Refusal::TopOrigin), "{top}");
        }
    }
}
