//! What a signature may look like, and what key may have made it.

use p256::ecdsa::Signature;
use vouchlink::domain::ceremony::{Kind, Refusal};
use vouchlink::domain::encoding::{base64url, from_base64url};

use super::oracle;
use super::party::Party;
use crate::support::authenticator::Authenticator;

/// The curve's order (SEC 2, section 2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// From r and s, each of 32 bytes.
type Form = fn(&[u8], &[u8]) -> Vec<u8>;

/// Forms of r and s that say the same to lenient readers, or that fit no key or every key.
const REFUSED: [(&str, Form); 27] = [
    ("r and s side by side", |r, s| [r, s].concat()),
    ("r padded", |r, s| sequence(&[&integer(&[&[0], &*minimal(r)].concat()), &der(s)])),
    ("s padded", |r, s| sequence(&[&der(r), &integer(&[&[0], &*minimal(s)].concat())])),
    ("r of 64 bytes", |r, s| sequence(&[&integer(&[&[1; 32], r].concat()), &der(s)])),
    ("r negative", |r, s| sequence(&[&integer(&negative(r)), &der(s)])),
    ("s negative", |r, s| sequence(&[&der(r), &integer(&negative(s))])),
    ("r empty", |_, s| sequence(&[&integer(&[]), &der(s)])),
    ("s empty", |r, _| sequence(&[&der(r), &integer(&[])])),
    ("r zero", |_, s| sequence(&[&der(&[0]), &der(s)])),
    ("s zero", |r, _| sequence(&[&der(r), &der(&[0])])),
    ("r and s zero", |_, _| sequence(&[&der(&[0]), &der(&[0])])),
    ("r the order", |_, s| sequence(&[&der(&ORDER), &der(s)])),
    ("s the order", |r, _| sequence(&[&der(r), &der(&ORDER)])),
    ("r and s the order", |_, _| sequence(&[&der(&ORDER), &der(&ORDER)])),
    ("r plus the order", |r, s| sequence(&[&der(&plus_order(r)), &der(s)])),
    ("s plus the order", |r, s| sequence(&[&der(r), &der(&plus_order(s))])),
    ("r and s exchanged", |r, s| sequence(&[&der(s), &der(r)])),
    ("a third number", |r, s| sequence(&[&der(r), &der(s), &der(&[1])])),
    ("no s", |r, _| sequence(&[&der(r)])),
    ("a null behind, inside", |r, s| sequence(&[&der(r), &der(s), &[5, 0]])),
    ("a byte behind", |r, s| [sequence(&[&der(r), &der(s)]), vec![0]].concat()),
    ("a length of two bytes", |r, s| relength(r, s, &[0x81])),
    ("a length of three bytes", |r, s| relength(r, s, &[0x82, 0])),
    ("an indefinite length", |r, s| [&[0x30, 0x80][..], &der(r), &der(s), &[0, 0]].concat()),
    ("an integer's length in two bytes", |r, s| {
        let r = der(r);
        sequence(&[&[&[2, 0x81], &r[1..]].concat(), &der(s)])
    }),
    ("a set", |r, s| [&[0x31], &sequence(&[&der(r), &der(s)])[1..]].concat()),
    ("octet strings", |r, s| {
        let octets = |n: &[u8]| [&[4], &der(n)[1..]].concat();
        sequence(&[&octets(r), &octets(s)])
    }),
];

#[test]
fn every_form_but_der_and_every_number_out_of_range_is_refused() {
    for (name, form) in REFUSED {
        // Once with each sign bit of r and s, which decides about the zero before them.
        let mut seen = [false; 4];
        while seen.contains(&false) {
            let outcome = outcome(|r, s| {
                seen[usize::from(r[0] >> 7) * 2 + usize::from(s[0] >> 7)] = true;
                form(r, s)
            });
            assert_eq!(outcome, Err(Refusal::SignatureInvalid), "{name}");
        }
    }
}

#[test]
fn the_one_form_is_accepted_with_either_s() {
    for _ in 0..40 {
        assert_eq!(outcome(|r, s| sequence(&[&der(r), &der(s)])), Ok(()));
        let other = outcome(|r, s| {
            let signature = Signature::from_slice(&[r, s].concat()).unwrap();
            let (r, s) = signature.split_scalars();
            let other = Signature::from_scalars(r, -s).unwrap();
            assert_ne!(other, signature);
            other.to_der().as_bytes().to_vec()
        });
        assert_eq!(other, Ok(()));
    }
}

#[test]
fn numbers_with_zeros_in_front_are_written_short_and_accepted() {
    let mut short = false;
    while !short {
        let accepted = outcome(|r, s| {
            short = r[0] == 0 || s[0] == 0;
            sequence(&[&der(r), &der(s)])
        });
        assert_eq!(accepted, Ok(()));
    }
}

#[test]
fn a_stored_point_that_is_none_verifies_nobody() {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    party.enrol(&mut authenticator);
    let (challenge, options) = party.options(Kind::Authenticate);
    let json = authenticator.authenticate(&options, &party.origin);
    let honest = party.credentials[0].key.public_key.clone();
    let (x, y) = (10..42, 45..77);
    let mut exchanged = honest.clone();
    exchanged[x.clone()].copy_from_slice(&honest[y.clone()]);
    exchanged[y.clone()].copy_from_slice(&honest[x.clone()]);
    let mut damaged = vec![exchanged];
    for range in [x.start..y.end, x.clone(), y] {
        for byte in [0, 0xff] {
            let mut key = honest.clone();
            for place in range.clone().filter(|place| !(42..45).contains(place)) {
                key[place] = byte;
            }
            damaged.push(key);
        }
    }
    for key in damaged {
        party.credentials[0].key.public_key.clone_from(&key);
        let refused = oracle::check(&party, json.as_bytes(), &challenge).unwrap_err();
        assert_eq!(refused.refusal, Refusal::SignatureInvalid, "{key:x?}");
    }
    party.credentials[0].key.public_key = honest;
    assert!(oracle::check(&party, json.as_bytes(), &challenge).is_ok());
}

/// What becomes of an honest assertion whose signature is written in this form.
fn outcome(form: impl FnOnce(&[u8], &[u8]) -> Vec<u8>) -> Result<(), Refusal> {
    let mut party = Party::new();
    let mut authenticator = Authenticator::new();
    party.enrol(&mut authenticator);
    let (challenge, options) = party.options(Kind::Authenticate);
    let mut message = authenticator.draft_assertion(&options, &party.origin).seal();
    message.response.edit_text("signature", |text| {
        let signature = Signature::from_der(&from_base64url(text).unwrap()).unwrap();
        let (r, s) = signature.split_bytes();
        base64url(&form(&r, &s))
    });
    let json = message.to_json();
    match oracle::check(&party, json.as_bytes(), &challenge) {
        Ok(_) => Ok(()),
        Err(refused) => Err(refused.refusal),
    }
}

fn sequence(items: &[&[u8]]) -> Vec<u8> {
    let content = items.concat();
    [&[0x30, u8::try_from(content.len()).unwrap()][..], &content].concat()
}

/// With the length written in more bytes than it needs.
fn relength(r: &[u8], s: &[u8], before: &[u8]) -> Vec<u8> {
    let short = sequence(&[&der(r), &der(s)]);
    [&short[..1], before, &short[1..]].concat()
}

/// A DER integer of this content, whatever it is.
fn integer(content: &[u8]) -> Vec<u8> {
    [&[2, u8::try_from(content.len()).unwrap()][..], content].concat()
}

/// The DER integer of this number.
fn der(number: &[u8]) -> Vec<u8> {
    integer(&minimal(number))
}

/// The shortest content that is not negative.
fn minimal(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros..];
    match digits.first() {
        Some(first) if first & 0x80 == 0 => digits.to_vec(),
        _ => [&[0], digits].concat(),
    }
}

/// Of the same digits, and below zero.
fn negative(number: &[u8]) -> Vec<u8> {
    let mut digits = number.to_vec();
    digits[0] |= 0x80;
    digits
}

/// Another number of the same remainder, of 33 bytes.
fn plus_order(number: &[u8]) -> Vec<u8> {
    let mut sum = vec![0; 33];
    let mut carry = 0;
    for place in (0..32).rev() {
        let digit = u16::from(number[place]) + u16::from(ORDER[place]) + carry;
        sum[place + 1] = u8::try_from(digit & 0xff).unwrap();
        carry = digit >> 8;
    }
    sum[0] = u8::try_from(carry).unwrap();
    sum
}
