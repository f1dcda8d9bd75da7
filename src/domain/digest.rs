//! SHA-256 and HMAC-SHA256.

use ring::digest::{Context, SHA256};
use ring::hmac;
use subtle::ConstantTimeEq;

/// SHA-256 (FIPS 180-4) over the parts in order.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256Stream::default();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// SHA-256 over parts that come one after another.
#[derive(Clone)]
pub struct Sha256Stream(Context);

impl Default for Sha256Stream {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256Stream {
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        whole(self.0.finish().as_ref())
    }
}

impl std::fmt::Debug for Sha256Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sha256Stream").finish_non_exhaustive()
    }
}

/// HMAC-SHA256 (RFC 2104) over the parts in order.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        mac.update(part);
    }
    whole(mac.sign().as_ref())
}

/// Whether `tag` is the HMAC-SHA256 of the parts, in constant time.
#[must_use]
pub fn hmac_sha256_matches(key: &[u8], parts: &[&[u8]], tag: &[u8]) -> bool {
    hmac_sha256(key, parts).ct_eq(tag).into()
}

/// SHA-256 gives as many bytes, always.
fn whole(digest: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (slot, byte) in bytes.iter_mut().zip(digest) {
        *slot = *byte;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::encoding::hex;

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        // Test cases 2 (short key) and 6 (key longer than a block).
        assert_eq!(
            hex(&hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let data = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(&hmac_sha256(&[0xaa; 131], &[data])),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn parts_in_turn_give_what_they_give_together() {
        let mut stream = Sha256Stream::default();
        stream.update(b"ab");
        stream.update(b"c");
        assert_eq!(stream.finish(), sha256(&[b"abc"]));
    }

    #[test]
    fn a_changed_tag_does_not_match() {
        let mut tag = hmac_sha256(b"key", &[b"data"]);
        assert!(hmac_sha256_matches(b"key", &[b"data"], &tag));
        tag[31] ^= 1;
        assert!(!hmac_sha256_matches(b"key", &[b"data"], &tag));
        assert!(!hmac_sha256_matches(b"key", &[b"data"], &tag[..31]));
    }
}
