//! Strict JSON: one object, nothing after it, no member twice among those that are read.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};

/// Reads `bytes` as the UTF-8 text of one object; `None` if it is none. Members that `T` does
/// not name are skipped: both `WebAuthn` forms read here may grow new ones.
pub(super) fn object<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str::<Object<T>>(text).ok().map(|Object(value)| value)
}

/// A `T` written as an object. Derived structures would also read an array of their members.
#[derive(Debug, Default)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Pair {
        a: u8,
        #[serde(default)]
        b: Option<u8>,
    }

    #[test]
    fn an_object_is_read_and_unknown_members_are_skipped() {
        assert_eq!(object(br#" {"c": [1], "a": 1} "#), Some(Pair { a: 1, b: None }));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "[1,2]", r#"{"a":1,"a":1}"#, r#"{"a":1} {}"#, r#"{"a":1,}"#, "\u{feff}{\"a\":1}"]
        {
            assert_eq!(object::<Pair>(text.as_bytes()), None, "{text}");
        }
        assert_eq!(object::<Pair>(b"{\"a\":1,\"c\":\"\xff\"}"), None);
    }
}
