//! Secrets: never shown by `Debug`, wiped when dropped, compared in constant time. The only file
//! that names `secrecy`.

use std::fmt;

use secrecy::{ExposeSecret, SecretSlice};
use subtle::ConstantTimeEq;

use super::random::{self, NoEntropy, Random};

/// Bytes that must not leave the process in a log, an error or an answer.
#[derive(Clone)]
pub struct Secret(SecretSlice<u8>);

impl Secret {
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretSlice::from(bytes))
    }

    /// The bytes themselves; name the use at the call.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes().to_vec())
    }
}

/// In constant time for equal lengths.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}
impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `length` random characters of `[0-9A-Za-z]`, each equally likely: 43 of them carry 256 bits.
///
/// # Errors
/// As [`Random::fill`].
pub fn base62(length: usize, source: &dyn Random) -> Result<String, NoEntropy> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // 248 = 4 * 62: larger bytes are drawn again, so that no character is favoured.
        for byte in random::bytes::<64>(source)?.into_iter().filter(|byte| *byte < 248) {
            if let Some(letter) = BASE62.get(usize::from(byte) % 62)
                && text.len() < length
            {
                text.push(char::from(*letter));
            }
        }
    }
    Ok(text)
}
