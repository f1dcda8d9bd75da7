//! Attacks on authenticator data (`WebAuthn` Level 3, section 6.1), signed all the same.

use vouchlink::domain::ceremony::Refusal::{
    AuthenticatorDataMalformed, BackupStateInvalid, IdLength, IdMismatch, KeyMalformed,
    RpIdMismatch, TooLarge, UserNotPresent, UserNotVerified,
};
use vouchlink::domain::digest::sha256;

use super::super::cbor;
use super::super::draft::{AT, Attested, BE, BS, Draft, ED, UP, UV};
use super::{Case, draft};

/// Of either kind.
pub(super) fn cases() -> Vec<Case> {
    let malformed = |name, change| draft(name, AuthenticatorDataMalformed, change);
    vec![
        draft("another relying party", RpIdMismatch, |d| {
            d.authenticator_data.rp_id_hash = sha256(&[b"evil.example"]);
        }),
        draft("relying party by its origin", RpIdMismatch, |d| {
            let origin = d.client_data.text("origin");
            d.authenticator_data.rp_id_hash = sha256(&[origin.as_bytes()]);
        }),
        draft("relying party hash of zeros", RpIdMismatch, |d| {
            d.authenticator_data.rp_id_hash = [0; 32];
        }),
        draft("relying party hash wrong in its last bit", RpIdMismatch, |d| {
            d.authenticator_data.rp_id_hash[31] ^= 1;
        }),
        draft("user not present", UserNotPresent, |d| d.authenticator_data.flags &= !UP),
        draft("user not verified", UserNotVerified, |d| d.authenticator_data.flags &= !UV),
        draft("user neither present nor verified", UserNotPresent, |d| {
            d.authenticator_data.flags &= !(UP | UV);
        }),
        draft("backed up but not eligible", BackupStateInvalid, |d| {
            d.authenticator_data.flags = d.authenticator_data.flags & !BE | BS;
        }),
        malformed("authenticator data empty", |d| d.edit_authenticator_data = |_| vec![]),
        malformed("authenticator data of 36 bytes", |d| {
            d.edit_authenticator_data = |bytes| bytes[..36].to_vec();
        }),
        malformed("a byte behind authenticator data", |d| d.authenticator_data.tail = vec![0]),
        malformed("extensions that are not announced", |d| {
            d.authenticator_data.tail = extension(&[0xf5]);
        }),
        malformed("extensions announced and missing", |d| d.authenticator_data.flags |= ED),
        malformed("extensions an array", |d| extended(d, cbor::array(&[]))),
        malformed("extensions a number", |d| extended(d, vec![0])),
        malformed("extensions cut off", |d| extended(d, extension(&[]))),
        malformed("extensions of indefinite length", |d| extended(d, vec![0xbf, 0xff])),
        malformed("an extension twice", |d| {
            let entry = (cbor::text("credProtect"), cbor::integer(2));
            extended(d, cbor::map(&[entry.clone(), entry]));
        }),
        malformed("a byte behind the extensions", |d| {
            extended(d, [extension(&[0xf5]), vec![0]].concat());
        }),
        malformed("two maps of extensions", |d| extended(d, extension(&[0xf5]).repeat(2))),
        draft("authenticator data of more than 2 KiB", TooLarge, |d| {
            extended(d, extension(&cbor::bytes(&[0; 2048])));
        }),
        malformed("an extension called by a number", |d| {
            extended(d, cbor::map(&[(cbor::integer(1), cbor::integer(2))]));
        }),
        malformed("an extension that says an unassigned value", |d| {
            extended(d, extension(&[0xe0]));
        }),
        malformed("an extension that says a long simple value", |d| {
            extended(d, extension(&[0xf8, 0xff]));
        }),
        malformed("extensions in a tag", |d| {
            extended(d, [&[0xc1][..], &extension(&[0xf5])].concat());
        }),
    ]
}

pub(super) fn registration_cases() -> Vec<Case> {
    let malformed = |name, change| draft(name, AuthenticatorDataMalformed, change);
    vec![
        malformed("no attested credential", |d| {
            d.authenticator_data.attested = None;
            d.authenticator_data.flags &= !AT;
        }),
        malformed("attested credential announced and missing", |d| {
            d.authenticator_data.attested = None;
        }),
        malformed("attested credential that is not announced", |d| {
            d.authenticator_data.flags &= !AT;
        }),
        malformed("attested credential cut off in its AAGUID", |d| {
            d.edit_authenticator_data = |bytes| bytes[..50].to_vec();
        }),
        malformed("attested credential cut off in its length", |d| {
            d.edit_authenticator_data = |bytes| bytes[..54].to_vec();
        }),
        malformed("attested credential cut off in its id", |d| {
            d.edit_authenticator_data = |bytes| bytes[..60].to_vec();
        }),
        malformed("attested id longer than the data", |d| d.attested().id_length = Some(u16::MAX)),
        draft("attested id one byte short", KeyMalformed, |d| d.attested().id_length = Some(31)),
        draft("attested id of another credential", IdMismatch, |d| d.attested().id[5] ^= 1),
        draft("attested id empty", IdMismatch, |d| d.attested().id.clear()),
        draft("attested id with a byte more", IdMismatch, |d| d.attested().id.push(0)),
        draft("attested id long, the outer ones too", IdLength, |d| d.rename(vec![7; 1025])),
        draft("attested id short, the outer ones too", IdLength, |d| d.rename(vec![7; 8])),
        draft("attested key missing", KeyMalformed, |d| d.attested().key.clear()),
    ]
}

pub(super) fn assertion_cases() -> Vec<Case> {
    vec![
        draft("attested credential in an assertion", AuthenticatorDataMalformed, |d| {
            d.authenticator_data.flags |= AT;
            d.authenticator_data.attested = Some(foreign_credential(d));
        }),
        draft(
            "attested credential in an assertion, not announced",
            AuthenticatorDataMalformed,
            |d| {
                d.authenticator_data.attested = Some(foreign_credential(d));
            },
        ),
        draft("attested credential announced in an assertion", AuthenticatorDataMalformed, |d| {
            d.authenticator_data.flags |= AT;
        }),
    ]
}

fn extended(d: &mut Draft, tail: Vec<u8>) {
    d.authenticator_data.flags |= ED;
    d.authenticator_data.tail = tail;
}

/// A map of one extension with this output.
fn extension(output: &[u8]) -> Vec<u8> {
    cbor::map(&[(cbor::text("example"), output.to_vec())])
}

fn foreign_credential(d: &Draft) -> Attested {
    let key = cbor::map(&super::super::authenticator::cose_entries(&d.key));
    Attested { aaguid: [0; 16], id_length: None, id: d.id.clone(), key }
}
