//! Attacks with public keys and algorithms (`WebAuthn` Level 3, section 5.8.5; RFC 9052 and 9053).

use vouchlink::domain::ceremony::Refusal::{AlgorithmNotAllowed, KeyMalformed};

use super::super::authenticator::cose_entries;
use super::super::cbor;
use super::super::draft::{Draft, Entries};
use super::{Case, draft};

/// Where the entries of an honest key stand.
const KEY_TYPE: usize = 0;
const ALGORITHM: usize = 1;
const CURVE: usize = 2;
const X: usize = 3;
const Y: usize = 4;

pub(super) fn cases() -> Vec<Case> {
    [entries(), forms(), points(), algorithms()].into_iter().flatten().collect()
}

fn entries() -> Vec<Case> {
    let malformed = |name, change| draft(name, KeyMalformed, change);
    vec![
        malformed("key without a key type", |d| edit(d, |e| drop(e.remove(KEY_TYPE)))),
        malformed("key without an algorithm", |d| edit(d, |e| drop(e.remove(ALGORITHM)))),
        malformed("key without a curve", |d| edit(d, |e| drop(e.remove(CURVE)))),
        malformed("key without x", |d| edit(d, |e| drop(e.remove(X)))),
        malformed("key without y", |d| edit(d, |e| drop(e.remove(Y)))),
        malformed("key type twice", |d| edit(d, |e| e.push(e[KEY_TYPE].clone()))),
        malformed("algorithm twice", |d| edit(d, |e| e.push(e[ALGORITHM].clone()))),
        malformed("algorithm twice, the first one foreign", |d| {
            edit(d, |e| {
                e.push(e[ALGORITHM].clone());
                e[ALGORITHM].1 = cbor::integer(-35);
            });
        }),
        malformed("x twice", |d| edit(d, |e| e.push(e[X].clone()))),
        malformed("y twice", |d| edit(d, |e| e.push(e[Y].clone()))),
        malformed("a private key besides", |d| {
            edit(d, |e| e.push((cbor::integer(-4), cbor::bytes(&[1; 32]))));
        }),
        malformed("a key id besides", |d| {
            edit(d, |e| e.insert(1, (cbor::integer(2), cbor::bytes(&[1]))));
        }),
        malformed("key operations besides", |d| {
            edit(d, |e| e.insert(2, (cbor::integer(4), cbor::array(&[cbor::integer(2)]))));
        }),
        malformed("an entry with a text for a label", |d| {
            edit(d, |e| e.push((cbor::text("more"), cbor::integer(1))));
        }),
        malformed("entries in another order", |d| edit(d, |e| e.swap(KEY_TYPE, ALGORITHM))),
        malformed("coordinates in another order", |d| edit(d, |e| e.swap(X, Y))),
    ]
}

fn forms() -> Vec<Case> {
    let malformed = |name, change| draft(name, KeyMalformed, change);
    vec![
        malformed("key an array", |d| d.attested().key = cbor::array(&[])),
        malformed("key an empty map", |d| d.attested().key = cbor::map(&[])),
        malformed("key null", |d| d.attested().key = vec![0xf6]),
        malformed("key as plain bytes", |d| {
            let key = d.attested().key.clone();
            d.attested().key = cbor::bytes(&key);
        }),
        malformed("key cut off", |d| d.attested().key.truncate(76)),
        malformed("key of indefinite length", |d| {
            let key = d.attested().key.clone();
            d.attested().key = [&[0xbf], &key[1..], &[0xff]].concat();
        }),
        malformed("key in a tag", |d| d.attested().key.insert(0, 0xc1)),
        malformed("key with a longer number than needed", |d| {
            edit(d, |e| e[KEY_TYPE].1 = vec![0x18, 2]);
        }),
        malformed("key with a longer length than needed", |d| {
            edit(d, |e| e[X].1.splice(..2, [0x59, 0, 32]).for_each(drop));
        }),
        malformed("key type a text", |d| edit(d, |e| e[KEY_TYPE].1 = cbor::text("EC2"))),
        malformed("algorithm a text", |d| edit(d, |e| e[ALGORITHM].1 = cbor::text("ES256"))),
        malformed("curve a text", |d| edit(d, |e| e[CURVE].1 = cbor::text("P-256"))),
        malformed("x a text", |d| edit(d, |e| e[X].1 = cbor::text(&"x".repeat(32)))),
        malformed("y a sign, as in a compressed point", |d| edit(d, |e| e[Y].1 = vec![0xf5])),
    ]
}

fn points() -> Vec<Case> {
    let malformed = |name, change| draft(name, KeyMalformed, change);
    vec![
        malformed("point off the curve", |d| {
            edit(d, |e| *e[Y].1.last_mut().unwrap() ^= 1);
        }),
        malformed("x and y exchanged", |d| {
            edit(d, |e| {
                let x = e[X].1.clone();
                e[X].1 = std::mem::replace(&mut e[Y].1, x);
            });
        }),
        malformed("point of zeros", |d| {
            edit(d, |e| {
                e[X].1 = cbor::bytes(&[0; 32]);
                e[Y].1 = cbor::bytes(&[0; 32]);
            });
        }),
        malformed("coordinates beyond the field", |d| {
            edit(d, |e| {
                e[X].1 = cbor::bytes(&[0xff; 32]);
                e[Y].1 = cbor::bytes(&[0xff; 32]);
            });
        }),
        malformed("x of 31 bytes", |d| edit(d, |e| e[X].1 = cbor::bytes(&[1; 31]))),
        malformed("x of 33 bytes", |d| edit(d, |e| e[X].1 = cbor::bytes(&[1; 33]))),
        malformed("y empty", |d| edit(d, |e| e[Y].1 = cbor::bytes(&[]))),
        malformed("y of 48 bytes", |d| edit(d, |e| e[Y].1 = cbor::bytes(&[1; 48]))),
        malformed("key type of another family", |d| edit(d, |e| e[KEY_TYPE].1 = cbor::integer(1))),
        malformed("key type reserved", |d| edit(d, |e| e[KEY_TYPE].1 = cbor::integer(0))),
        malformed("key type symmetric", |d| edit(d, |e| e[KEY_TYPE].1 = cbor::integer(4))),
        malformed("curve P-384", |d| edit(d, |e| e[CURVE].1 = cbor::integer(2))),
        malformed("curve P-521", |d| edit(d, |e| e[CURVE].1 = cbor::integer(3))),
        malformed("curve secp256k1", |d| edit(d, |e| e[CURVE].1 = cbor::integer(8))),
        malformed("curve Ed25519", |d| edit(d, |e| e[CURVE].1 = cbor::integer(6))),
    ]
}

fn algorithms() -> Vec<Case> {
    let not_allowed = |name, change| draft(name, AlgorithmNotAllowed, change);
    vec![
        not_allowed("algorithm ES384 for a P-256 key", |d| algorithm(d, -35)),
        not_allowed("algorithm ES512 for a P-256 key", |d| algorithm(d, -36)),
        not_allowed("algorithm ES256K", |d| algorithm(d, -47)),
        not_allowed("algorithm ESP256", |d| algorithm(d, -9)),
        not_allowed("algorithm RS256 for an EC key", |d| algorithm(d, -257)),
        not_allowed("algorithm RS1", |d| algorithm(d, -65535)),
        not_allowed("algorithm HMAC", |d| algorithm(d, 5)),
        not_allowed("algorithm zero", |d| algorithm(d, 0)),
        not_allowed("an RSA key", |d| {
            d.attested().key = cbor::map(&[
                (cbor::integer(1), cbor::integer(3)),
                (cbor::integer(3), cbor::integer(-257)),
                (cbor::integer(-1), cbor::bytes(&[0xff; 256])),
                (cbor::integer(-2), cbor::bytes(&[1, 0, 1])),
            ]);
        }),
        not_allowed("an Ed25519 key", |d| {
            d.attested().key = cbor::map(&[
                (cbor::integer(1), cbor::integer(1)),
                (cbor::integer(3), cbor::integer(-8)),
                (cbor::integer(-1), cbor::integer(6)),
                (cbor::integer(-2), cbor::bytes(&[1; 32])),
            ]);
        }),
    ]
}

fn algorithm(d: &mut Draft, algorithm: i64) {
    let mut entries = cose_entries(&d.key);
    entries[ALGORITHM].1 = cbor::integer(algorithm);
    d.attested().key = cbor::map(&entries);
}

fn edit(d: &mut Draft, edit: fn(&mut Entries)) {
    let mut entries = cose_entries(&d.key);
    edit(&mut entries);
    d.attested().key = cbor::map(&entries);
}
