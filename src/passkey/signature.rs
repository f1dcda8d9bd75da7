//! The signature of an assertion (`WebAuthn` Level 3, section 7.2, steps 20 and 21): ECDSA over
//! P-256 with SHA-256, by `ring`.

use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use super::cose::P256Key;
use crate::domain::ceremony::Refusal;
use crate::domain::digest::sha256;

/// Says that both coordinates follow (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 0x04;

/// Checks that `key` signed these bytes as they came. A point off the curve signs nothing; of a
/// signature's forms only DER is read, with r and s from 1 to the order less one. Either of the
/// two values of s that fit is accepted: authenticators make both.
///
/// # Errors
/// [`Refusal::SignatureInvalid`].
pub(super) fn check_signature(
    key: &P256Key,
    authenticator_data: &[u8],
    client_data_json: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    let point = [&[UNCOMPRESSED], &key.x[..], &key.y[..]].concat();
    let signed = [authenticator_data, &sha256(&[client_data_json])].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
        .verify(&signed, signature)
        .map_err(|_| Refusal::SignatureInvalid)
}
