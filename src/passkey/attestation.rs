//! Attestation objects (`WebAuthn` Level 3, section 6.5.4). We ask for none; what comes all the
//! same is taken only where it brings no certificates: `none`, and `packed` signed by the new key
//! itself. Other formats' parsers are never reached.

use super::cbor::Item;
use crate::domain::ceremony::Refusal;

/// An attestation statement format that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    None,
    /// Self attestation (section 8.2); the library checks its signature.
    PackedSelf,
}

impl Format {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::PackedSelf => "packed",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct AttestationObject<'a> {
    pub(super) authenticator_data: &'a [u8],
    format: &'a str,
    statement: Item<'a>,
}

impl<'a> AttestationObject<'a> {
    /// Reads a map of exactly `fmt`, `attStmt` and `authData`.
    ///
    /// # Errors
    /// [`Refusal::AttestationMalformed`].
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let malformed = Refusal::AttestationMalformed;
        let Ok(Item::Map(entries)) = Item::read_all(bytes) else { return Err(malformed) };
        let (mut format, mut statement, mut authenticator_data) = (None, None, None);
        for entry in entries {
            match entry {
                (Item::Text("fmt"), Item::Text(text)) => format = Some(text),
                (Item::Text("attStmt"), map @ Item::Map(_)) => statement = Some(map),
                (Item::Text("authData"), Item::Bytes(bytes)) => authenticator_data = Some(bytes),
                _ => return Err(malformed),
            }
        }
        Ok(Self {
            authenticator_data: authenticator_data.ok_or(malformed)?,
            format: format.ok_or(malformed)?,
            statement: statement.ok_or(malformed)?,
        })
    }

    /// Sections 7.1, steps 21 and 22, 8.7 and 8.2, except for the signature.
    ///
    /// # Errors
    /// [`Refusal::AttestationFormat`] or [`Refusal::AttestationStatement`].
    pub(super) fn check_statement(&self) -> Result<Format, Refusal> {
        let members = self.statement.entries().unwrap_or_default();
        match (self.format, members) {
            ("none", []) => Ok(Format::None),
            ("packed", [_, _])
                if self.statement.get("alg") == Some(&Item::Integer(-7))
                    && matches!(self.statement.get("sig"), Some(Item::Bytes(_))) =>
            {
                Ok(Format::PackedSelf)
            }
            ("none" | "packed", _) => Err(Refusal::AttestationStatement),
            _ => Err(Refusal::AttestationFormat),
        }
    }

    /// The format's name for the audit: only those of the registry (section 8), as anything else
    /// is the client's own text.
    pub(super) fn known_format(&self) -> &'static str {
        const REGISTERED: [&str; 8] = [
            "none",
            "packed",
            "tpm",
            "android-key",
            "android-safetynet",
            "fido-u2f",
            "apple",
            "compound",
        ];
        REGISTERED.into_iter().find(|name| *name == self.format).unwrap_or("unknown")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, value: &[u8]) -> Vec<u8> {
        let length = u8::try_from(key.len()).unwrap();
        [&[0x60 | length][..], key.as_bytes(), value].concat()
    }

    fn object(format: &str, statement: &[u8]) -> Vec<u8> {
        let length = u8::try_from(format.len()).unwrap();
        let format = [&[0x60 | length][..], format.as_bytes()].concat();
        [
            vec![0xa3],
            entry("fmt", &format),
            entry("attStmt", statement),
            entry("authData", &[0x41, 7]),
        ]
        .concat()
    }

    #[test]
    fn no_attestation_is_an_empty_map() {
        let bytes = object("none", &[0xa0]);
        let parsed = AttestationObject::parse(&bytes).unwrap();
        assert_eq!(parsed.authenticator_data, [7]);
        assert_eq!(parsed.check_statement(), Ok(Format::None));
    }

    #[test]
    fn a_packed_statement_has_an_algorithm_and_a_signature_only() {
        let signature = [entry("alg", &[0x26]), entry("sig", &[0x41, 1])].concat();
        let with_head = |head: u8, rest: &[u8]| [&[head][..], rest].concat();
        let statement = with_head(0xa2, &signature);
        let bytes = object("packed", &statement);
        let parsed = AttestationObject::parse(&bytes).unwrap();
        assert_eq!(parsed.check_statement(), Ok(Format::PackedSelf));

        let certified = with_head(0xa3, &[signature, entry("x5c", &[0x80])].concat());
        let bytes = object("packed", &certified);
        let parsed = AttestationObject::parse(&bytes).unwrap();
        assert_eq!(parsed.check_statement(), Err(Refusal::AttestationStatement));
    }
}
