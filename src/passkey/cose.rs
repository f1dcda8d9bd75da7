//! Public keys: a `COSE_Key` (RFC 9052, section 7) for ES256 on P-256 and nothing else
//! (`WebAuthn` Level 3, section 5.8.5).

use super::cbor::Item;
use crate::domain::ceremony::Refusal;

const ALGORITHM: i64 = 3;
const X: i64 = -2;
const Y: i64 = -3;
const ES256: i64 = -7;

/// `{1: 2, 3: -7, -1: 1, -2: `: key type EC2, algorithm ES256, curve P-256; then x of 32 bytes.
const BEFORE_X: [u8; 10] = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
/// `-3: `, then y of 32 bytes.
const BEFORE_Y: [u8; 3] = [0x22, 0x58, 0x20];

/// The coordinates of a P-256 point. Whether it lies on the curve is checked by the library when a
/// key is registered, and by `ring` whenever it signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct P256Key {
    pub(super) x: [u8; 32],
    pub(super) y: [u8; 32],
}

impl P256Key {
    /// Reads the one form that CTAP 2's canonical CBOR leaves for such a key, 77 bytes.
    ///
    /// # Errors
    /// [`Refusal::AlgorithmNotAllowed`] for a key of another algorithm, else
    /// [`Refusal::KeyMalformed`].
    pub(super) fn parse(cose: &[u8]) -> Result<Self, Refusal> {
        let key = Item::read_all(cose).map_err(|_| Refusal::KeyMalformed)?;
        match key.get_label(ALGORITHM) {
            Some(Item::Integer(ES256)) => {}
            Some(Item::Integer(_)) => return Err(Refusal::AlgorithmNotAllowed),
            _ => return Err(Refusal::KeyMalformed),
        }
        let coordinate = |label| match key.get_label(label) {
            Some(Item::Bytes(bytes)) => <[u8; 32]>::try_from(*bytes).ok(),
            _ => None,
        };
        let (Some(x), Some(y)) = (coordinate(X), coordinate(Y)) else {
            return Err(Refusal::KeyMalformed);
        };
        let key = Self { x, y };
        // Key type, curve, order and the absence of other labels, all at once.
        if key.encode() != cose {
            return Err(Refusal::KeyMalformed);
        }
        Ok(key)
    }

    fn encode(&self) -> Vec<u8> {
        [&BEFORE_X[..], &self.x, &BEFORE_Y, &self.y].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canonical_key_is_read() {
        let key = P256Key { x: [1; 32], y: [2; 32] };
        assert_eq!(P256Key::parse(&key.encode()), Ok(key));
    }

    #[test]
    fn every_other_first_half_is_refused() {
        let encoded = P256Key { x: [1; 32], y: [2; 32] }.encode();
        for place in 0..10 {
            for bit in 0..8 {
                let mut changed = encoded.clone();
                changed[place] ^= 1 << bit;
                assert!(P256Key::parse(&changed).is_err(), "bit {bit} of byte {place}");
            }
        }
    }
}
