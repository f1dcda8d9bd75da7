//! Attacks on attestation objects and statements (`WebAuthn` Level 3, sections 6.5.4 and 8).

use vouchlink::domain::ceremony::Refusal::{
    AttestationFormat, AttestationMalformed, AttestationStatement, Malformed, NotBase64Url,
    SignatureInvalid, TooLarge,
};

use super::super::cbor;
use super::super::draft::{Draft, Entries, Statement, packed_self, sign, sign_bytes, signed_bytes};
use super::{Case, draft, message, padded};
use crate::support::authenticator::random_key;

pub(super) fn cases() -> Vec<Case> {
    [members(), objects(), formats(), statements(), self_attestations()]
        .into_iter()
        .flatten()
        .collect()
}

fn members() -> Vec<Case> {
    vec![
        message("no attestation object", Malformed, |m| m.response.remove("attestationObject")),
        message("attestation object twice", Malformed, |m| m.response.repeat("attestationObject")),
        message("attestation object null", Malformed, |m| {
            m.response.set("attestationObject", "null");
        }),
        message("attestation object padded", NotBase64Url, |m| {
            m.response.edit_text("attestationObject", padded);
        }),
        message("an assertion's response", Malformed, |m| {
            m.response.remove("attestationObject");
            m.response.set_text("authenticatorData", "AAAA");
            m.response.set_text("signature", "AAAA");
        }),
        message("transports a text", Malformed, |m| m.response.set_text("transports", "internal")),
        message("transports of numbers", Malformed, |m| m.response.set("transports", "[1]")),
        message("transports twice", Malformed, |m| m.response.repeat("transports")),
        message("key properties an array", Malformed, |m| {
            m.outer.set("clientExtensionResults", r#"{"credProps":[true]}"#);
        }),
        message("key properties twice", Malformed, |m| {
            m.outer.set("clientExtensionResults", r#"{"credProps":{},"credProps":{}}"#);
        }),
    ]
}

fn objects() -> Vec<Case> {
    let malformed = |name, change| draft(name, AttestationMalformed, change);
    vec![
        malformed("attestation object empty", |d| d.edit_attestation_object = |_| vec![]),
        malformed("attestation object no CBOR", |d| {
            d.edit_attestation_object = |_| b"none".to_vec();
        }),
        malformed("attestation object an array", |d| {
            d.edit_attestation_object = |_| cbor::array(&[]);
        }),
        malformed("attestation object with a byte behind", |d| {
            d.edit_attestation_object = |bytes| [&bytes[..], &[0]].concat();
        }),
        malformed("attestation object cut off", |d| {
            d.edit_attestation_object = |bytes| bytes[..bytes.len() - 1].to_vec();
        }),
        malformed("attestation object of indefinite length", |d| {
            d.edit_attestation_object = |bytes| [&[0xbf], &bytes[1..], &[0xff]].concat();
        }),
        malformed("attestation object with a longer length than needed", |d| {
            d.edit_attestation_object = |bytes| [&[0xb8, 3], &bytes[1..]].concat();
        }),
        malformed("attestation object in a tag", |d| {
            d.edit_attestation_object = |bytes| [&[0xd9, 0xd9, 0xf7], &bytes[..]].concat();
        }),
        malformed("attestation object that claims more entries", |d| {
            d.edit_attestation_object = |bytes| {
                [&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &bytes[1..]].concat()
            };
        }),
        malformed("no fmt", |d| d.edit_attestation = |entries| drop(entries.remove(0))),
        malformed("no attStmt", |d| d.edit_attestation = |entries| drop(entries.remove(1))),
        malformed("no authData", |d| d.edit_attestation = |entries| drop(entries.remove(2))),
        malformed("fmt twice", |d| d.edit_attestation = |entries| entries.push(entries[0].clone())),
        malformed("attStmt twice", |d| {
            d.edit_attestation = |entries| entries.push(entries[1].clone());
        }),
        malformed("authData twice", |d| {
            d.edit_attestation = |entries| entries.push(entries[2].clone());
        }),
        malformed("another entry", |d| {
            d.edit_attestation = |entries| entries.push((cbor::text("epAtt"), vec![0xf5]));
        }),
        malformed("keys as CTAP numbers them", |d| {
            d.edit_attestation = |entries| {
                for (label, entry) in (1..).zip([0, 2, 1]) {
                    entries[entry].0 = cbor::integer(label);
                }
            };
        }),
        malformed("fmt as bytes", |d| d.fmt = cbor::bytes(b"none")),
        malformed("fmt null", |d| d.fmt = vec![0xf6]),
        malformed("authData as text", |d| {
            d.edit_attestation = |entries| entries[2].1 = cbor::text("data");
        }),
        malformed("authData in pieces", |d| {
            d.edit_attestation =
                |entries| entries[2].1 = [&[0x5f][..], &entries[2].1, &[0xff]].concat();
        }),
        malformed("attStmt nested beyond reason", |d| {
            d.statement = Statement::Item([&[0xa1, 0x00].repeat(500)[..], &[0xa0]].concat());
        }),
        draft("attestation object of more than 8 KiB", TooLarge, |d| {
            d.statement =
                Statement::Item(cbor::map(&[(cbor::text("x"), cbor::bytes(&[0; 8 * 1024]))]));
        }),
    ]
}

fn formats() -> Vec<Case> {
    fn named(d: &mut Draft, fmt: &str) {
        d.fmt = cbor::text(fmt);
    }
    let unknown = |name, change| draft(name, AttestationFormat, change);
    vec![
        unknown("format unknown", |d| named(d, "vouchlink")),
        unknown("format empty", |d| named(d, "")),
        unknown("format in capitals", |d| named(d, "None")),
        unknown("format with a zero byte", |d| named(d, "none\0")),
        unknown("format tpm", |d| named(d, "tpm")),
        unknown("format android-key", |d| named(d, "android-key")),
        unknown("format android-safetynet", |d| named(d, "android-safetynet")),
        unknown("format fido-u2f", |d| named(d, "fido-u2f")),
        unknown("format apple", |d| named(d, "apple")),
        unknown("format compound", |d| named(d, "compound")),
    ]
}

fn statements() -> Vec<Case> {
    vec![
        draft("no attestation with a statement", AttestationStatement, |d| {
            d.statement = Statement::Item(cbor::map(&[(cbor::text("alg"), cbor::integer(-7))]));
        }),
        draft("no attestation with a signature", AttestationStatement, |d| {
            d.statement = Statement::Packed(packed_self);
        }),
        draft("attStmt an array", AttestationMalformed, |d| {
            d.statement = Statement::Item(cbor::array(&[]));
        }),
        draft("attStmt null", AttestationMalformed, |d| {
            d.statement = Statement::Item(vec![0xf6]);
        }),
        draft("attStmt empty bytes", AttestationMalformed, |d| {
            d.statement = Statement::Item(cbor::bytes(&[]));
        }),
    ]
}

/// A self attestation is accepted when it is right: these are wrong in one thing more.
fn self_attestations() -> Vec<Case> {
    fn packed(d: &mut Draft, entries: fn(&[u8]) -> Entries) {
        d.fmt = cbor::text("packed");
        d.statement = Statement::Packed(entries);
    }
    let wrong = |name, change| draft(name, AttestationStatement, change);
    vec![
        wrong("packed with an empty statement", |d| packed(d, |_| vec![])),
        wrong("packed without a signature", |d| {
            packed(d, |signature| packed_self(signature)[..1].to_vec());
        }),
        wrong("packed without an algorithm", |d| {
            packed(d, |signature| packed_self(signature)[1..].to_vec());
        }),
        wrong("packed with another algorithm than the key's", |d| {
            packed(d, |signature| {
                let mut entries = packed_self(signature);
                entries[0].1 = cbor::integer(-35);
                entries
            });
        }),
        wrong("packed with certificates", |d| {
            packed(d, |signature| {
                let chain = cbor::array(&[cbor::bytes(&[0x30, 0])]);
                [packed_self(signature), vec![(cbor::text("x5c"), chain)]].concat()
            });
        }),
        wrong("packed with no certificate in the list", |d| {
            packed(d, |signature| {
                [packed_self(signature), vec![(cbor::text("x5c"), cbor::array(&[]))]].concat()
            });
        }),
        wrong("packed with certificates instead of an algorithm", |d| {
            packed(d, |signature| {
                vec![packed_self(signature).remove(1), (cbor::text("x5c"), cbor::array(&[]))]
            });
        }),
        wrong("packed with an ECDAA key", |d| {
            packed(d, |signature| {
                [packed_self(signature), vec![(cbor::text("ecdaaKeyId"), cbor::bytes(&[1]))]]
                    .concat()
            });
        }),
        wrong("packed with the signature as text", |d| {
            packed(d, |_| {
                vec![
                    (cbor::text("alg"), cbor::integer(-7)),
                    (cbor::text("sig"), cbor::text("signature")),
                ]
            });
        }),
        wrong("packed signed by another key", |d| {
            packed(d, packed_self);
            d.sign = |_, data, client_data| sign(&random_key(), data, client_data);
        }),
        wrong("packed signed over other client data", |d| {
            packed(d, packed_self);
            d.sign = |key, data, _| sign(key, data, b"{}");
        }),
        wrong("packed signed over other authenticator data", |d| {
            packed(d, packed_self);
            d.sign = |key, data, client_data| sign(key, &data[1..], client_data);
        }),
        wrong("packed signed over the hash alone", |d| {
            packed(d, packed_self);
            d.sign = |key, data, client_data| {
                let signed = signed_bytes(data, client_data);
                sign_bytes(key, &signed[data.len()..])
            };
        }),
        draft("packed with a signature that is none", SignatureInvalid, |d| {
            packed(d, packed_self);
            d.sign = |_, _, _| vec![1, 2, 3];
        }),
    ]
}
