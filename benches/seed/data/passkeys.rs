//! Passkeys that whoever knows the seed can sign with.
//!
//! - The private key of customer `n` (from 1) is the scalar
//!   `SHA-256("vouchlink/seed/passkey/v1\0" || seed || n)`, both numbers big-endian, the seed of
//!   eight bytes and `n` of four. Customers above [`REAL`] share the public key of number 0, so
//!   that making millions of them does not take hours; nobody can tell, and nobody should sign.
//! - The credential id of customer `n` is `SHA-256("vouchlink/seed/credential/v1\0" || seed || n)`.
//!
//! The counter is zero and stays so; the flags are UP, UV, BE and BS.

use p256::ecdsa::SigningKey;
use vouchlink::domain::digest::sha256;

/// Customers with a key of their own.
pub(crate) const REAL: u32 = 1000;

pub(crate) fn credential_id(seed: u64, customer: u32) -> [u8; 32] {
    derived(b"vouchlink/seed/credential/v1\0", seed, customer)
}

pub(crate) fn signing_key(seed: u64, customer: u32) -> SigningKey {
    let number = if customer <= REAL { customer } else { 0 };
    let scalar = derived(b"vouchlink/seed/passkey/v1\0", seed, number);
    // One number in 2^32 is none; should a seed ever meet it, take another.
    SigningKey::from_slice(&scalar).expect("this seed makes no key: take another")
}

/// A `COSE_Key` (RFC 9052): ES256 on P-256.
pub(crate) fn cose_key(key: &SigningKey) -> Vec<u8> {
    let point = key.verifying_key().to_sec1_point(false);
    let coordinates = &point.as_bytes()[1..];
    let (x, y) = coordinates.split_at(32);
    let before_x = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    [&before_x[..], x, &[0x22, 0x58, 0x20], y].concat()
}

fn derived(label: &[u8], seed: u64, customer: u32) -> [u8; 32] {
    sha256(&[label, &seed.to_be_bytes(), &customer.to_be_bytes()])
}
