//! An authenticator app whose arithmetic is not the product's: SHA-1 is written out here from FIPS
//! 180-4, HMAC from RFC 2104.

use std::time::Duration;

use serde_json::Value;
use vouchlink::domain::clock::Timestamp;

/// What was typed into it or scanned.
#[derive(Clone, Debug)]
pub(crate) struct AuthenticatorApp {
    key: Vec<u8>,
}

impl AuthenticatorApp {
    /// From the answer of `/api/ceremony/totp/options`.
    pub(crate) fn set_up(options: &Value) -> Self {
        let secret = options["secret"].as_str().unwrap();
        let uri = options["uri"].as_str().unwrap();
        assert!(uri.contains(&format!("secret={secret}&")), "{uri}");
        Self::told(secret)
    }

    /// From what people read: in groups.
    pub(crate) fn told(secret: &str) -> Self {
        Self { key: from_base32(&secret.replace(' ', "")) }
    }

    /// What it shows at `now`, and `steps` later.
    pub(crate) fn code(&self, now: Timestamp, steps: i64) -> String {
        let step = u64::try_from(now.millis() / 30_000 + steps).unwrap();
        let mac = hmac_sha1(&self.key, &step.to_be_bytes());
        let offset = usize::from(mac[19] & 15);
        let four: [u8; 4] = mac[offset..offset + 4].try_into().unwrap();
        format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
    }

    /// A code that is none of those that are good around `now`.
    pub(crate) fn wrong(&self, now: Timestamp, nth: u32) -> String {
        let good: Vec<String> = (-1..=1).map(|steps| self.code(now, steps)).collect();
        let first: u32 = good[1].parse().unwrap();
        (0..9)
            .map(|more| format!("{:06}", (first + 1 + nth + more * 1000) % 1_000_000))
            .find(|code| !good.contains(code))
            .unwrap()
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.key
    }
}

/// A step of the app's clock.
pub(crate) const STEP: Duration = Duration::from_secs(30);

fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut waiting, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter);
        waiting = (waiting << 5) | u32::try_from(value.unwrap()).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((waiting >> bits) & 255).unwrap());
        }
    }
    bytes
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |pad: u8, rest: &[u8]| {
        let mut input: Vec<u8> = block.iter().map(|byte| byte ^ pad).collect();
        input.extend_from_slice(rest);
        sha1(&input)
    };
    padded(0x5c, &padded(0x36, message))
}

fn sha1(message: &[u8]) -> [u8; 20] {
    let mut input = message.to_vec();
    input.push(0x80);
    while input.len() % 64 != 56 {
        input.push(0);
    }
    input.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in input.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect();
        for t in 16..80 {
            let word = words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16];
            words.push(word.rotate_left(1));
        }
        let mut round = state;
        for (t, word) in words.iter().enumerate() {
            let [first, b, c, d, last] = round;
            let (mixed, constant) = match t / 20 {
                0 => ((b & c) | (!b & d), 0x5a82_7999_u32),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6),
            };
            let next = first.rotate_left(5).wrapping_add(mixed).wrapping_add(last);
            let next = next.wrapping_add(constant).wrapping_add(*word);
            round = [next, first, b.rotate_left(30), c, d];
        }
        for (sum, part) in state.iter_mut().zip(round) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut digest = [0; 20];
    for (place, word) in digest.chunks_mut(4).zip(state) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

#[test]
fn the_tests_own_app_shows_what_the_rfcs_say() {
    assert_eq!(sha1(b"abc")[..4], [0xa9, 0x99, 0x3e, 0x36]);
    let app = AuthenticatorApp { key: b"12345678901234567890".to_vec() };
    assert_eq!(app.code(Timestamp::from_millis(59_000), 0), "287082");
    assert_eq!(app.code(Timestamp::from_millis(1_111_111_109_000), 0), "081804");
    assert_eq!(from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), app.key);
}
