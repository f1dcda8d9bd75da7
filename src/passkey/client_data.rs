//! The client data: what the browser says it did, and where (`WebAuthn` Level 3, section 5.8.1).

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde_json::Value;

use super::json::{Object, object};
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
    /// Of Level 2. Nothing is asked of it but its form.
    #[serde(rename = "tokenBinding")]
    _token_binding: Option<Object<TokenBinding>>,
    /// Members of later levels. They are read, not skipped, because skipping would let some pass
    /// that are no JSON: numbers beyond any float, halves of surrogate pairs, nests without end.
    #[serde(flatten)]
    _others: BTreeMap<String, Value>,
}

#[derive(serde::Deserialize)]
struct TokenBinding {
    #[serde(rename = "status")]
    _status: String,
    #[serde(rename = "id")]
    _id: Option<String>,
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
    fn members_that_nobody_asked_for_are_sound_or_refused() {
        let with = |member: &str| {
            let rest = r#""type":"webauthn.get","challenge":"AAAA","origin":"https://example.com""#;
            outcome(&format!("{{{rest},{member}}}"))
        };
        let nest = |depth| format!("\"a\":{}{}", "[".repeat(depth), "]".repeat(depth));
        for member in [
            r#""tokenBinding":{"status":"supported"}"#,
            r#""tokenBinding":{"status":"present","id":"AA","more":1}"#,
            r#""tokenBinding":null"#,
            r#""a":1,"a":2"#,
            r#""a":[1e300,"\ud83d\ude00",null]"#,
            &nest(126),
        ] {
            assert_eq!(with(member), Ok(()), "{member}");
        }
        for member in [
            r#""tokenBinding":"supported""#,
            r#""tokenBinding":["supported",null]"#,
            r#""tokenBinding":{}"#,
            r#""tokenBinding":{"status":1}"#,
            r#""tokenBinding":{"status":"present","id":1}"#,
            r#""tokenBinding":null,"tokenBinding":null"#,
            r#""a":1e400"#,
            r#""a":"\ud83d""#,
            r#""a":01"#,
            &nest(127),
        ] {
            assert_eq!(with(member), Err(Refusal::ClientDataMalformed), "{member}");
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
