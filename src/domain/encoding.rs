//! Bytes as text: base64url (RFC 4648, section 5, unpadded), base64, Crockford's base32 and
//! hexadecimal; the only file that names the base64 crate.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Serialize, Serializer};

/// Unpadded base64url, as WebAuthn and JOSE write bytes.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads canonical unpadded base64url; `None` for padding, other alphabets or stray trailing bits.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Padded base64, as Standard Webhooks writes signatures and secrets.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads padded base64; `None` if it is none.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits of 128 bits.
pub const BASE32_LENGTH: usize = 26;

/// 128 bits as 26 lower-case digits of Crockford's base32: no letter is mistaken for another, none
/// is case-sensitive in speech, and no end of it is cut off by whoever makes links of messages.
#[must_use]
pub fn base32(bytes: &[u8; 16]) -> String {
    base32_digits(bytes).into_iter().map(char::from).collect()
}

/// The same without an allocation; all ASCII.
#[must_use]
pub fn base32_digits(bytes: &[u8; 16]) -> [u8; BASE32_LENGTH] {
    let value = u128::from_be_bytes(*bytes);
    let mut digits = [b'0'; BASE32_LENGTH];
    // Twelve at a time: to shift one word of the machine's costs less than to shift two.
    for (twelve, shift) in digits.rchunks_mut(12).zip([0, 60, 120]) {
        let mut word = u64::try_from((value >> shift) & 0xfff_ffff_ffff_ffff).unwrap_or_default();
        for place in twelve.iter_mut().rev() {
            let digit = usize::try_from(word & 31).unwrap_or_default();
            *place = *CROCKFORD.get(digit).unwrap_or(&b'0');
            word >>= 5;
        }
    }
    digits
}

/// Reads what [`base32`] writes, and nothing else.
#[must_use]
pub fn from_base32(text: &str) -> Option<[u8; 16]> {
    // 26 digits carry 130 bits: the first may use three of its five.
    if text.len() != BASE32_LENGTH || !matches!(text.bytes().next(), Some(b'0'..=b'7')) {
        return None;
    }
    text.bytes()
        .try_fold(0_u128, |value, byte| {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'h' => byte - b'a' + 10,
                b'j'..=b'k' => byte - b'j' + 18,
                b'm'..=b'n' => byte - b'm' + 20,
                b'p'..=b't' => byte - b'p' + 22,
                b'v'..=b'z' => byte - b'v' + 27,
                _ => return None,
            };
            Some((value << 5) | u128::from(digit))
        })
        .map(u128::to_be_bytes)
}

/// Bytes that serialise as unpadded base64url.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base64Url(pub Vec<u8>);

impl Serialize for Base64Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_reads_as_what_it_was_written_for() {
        for value in 0..32_u8 {
            // In the last place, the middle and the first but one.
            for shift in [0, 60, 120] {
                let bytes = (u128::from(value) << shift).to_be_bytes();
                let text = base32(&bytes);
                let digit = char::from(CROCKFORD[usize::from(value)]);
                assert_eq!(text.chars().nth(BASE32_LENGTH - 1 - shift / 5), Some(digit), "{text}");
                assert_eq!(from_base32(&text), Some(bytes), "{text}");
            }
        }
    }

    #[test]
    fn no_other_character_is_a_digit() {
        for byte in 0..=u8::MAX {
            let text = format!("{}{}", "0".repeat(BASE32_LENGTH - 1), char::from(byte));
            assert_eq!(from_base32(&text).is_some(), CROCKFORD.contains(&byte), "{byte}");
        }
    }
}
