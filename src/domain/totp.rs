//! Time-based one-time passwords (RFC 6238 over RFC 4226): SHA-1, 30 seconds, six digits, as every
//! authenticator app knows them.

use std::fmt;

use ring::hmac as legacy;

use super::call::Digits;
use super::clock::Timestamp;
use super::random::{self, NoEntropy, Random};
use super::secret::Secret;
use super::text::Line;

/// Seconds of a time step (RFC 6238, section 5.2).
const PERIOD: u64 = 30;
/// Steps before and after the present one whose codes are taken: clocks differ, people type slowly.
const TOLERANCE: u64 = 1;
/// Bytes of a shared secret: as many as SHA-1 gives (RFC 4226, section 4).
pub const KEY_LENGTH: usize = 20;

/// How many steps passed since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub u64);

impl Step {
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(u64::try_from(now.seconds()).unwrap_or(0) / PERIOD)
    }
}

/// A secret that an authenticator app shares with us.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpKey(Secret);

/// What a typed code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The code of this step, which is later than the last one that was taken.
    Right(Step),
    /// Right, but it or a later one was taken before.
    Used,
    Wrong,
}

impl TotpKey {
    /// # Errors
    /// As [`Random::fill`].
    pub fn draw(source: &dyn Random) -> Result<Self, NoEntropy> {
        Ok(Self(Secret::new(random::bytes::<KEY_LENGTH>(source)?.to_vec())))
    }

    /// `None` if it has not [`KEY_LENGTH`] bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == KEY_LENGTH).then(|| Self(Secret::new(bytes.to_vec())))
    }

    /// The bytes themselves; name the use at the call.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// What the app shows during `step`.
    #[must_use]
    pub fn code(&self, step: Step) -> Digits {
        Digits::of(truncated(self.expose(), step).into())
    }

    /// Compares a code with those that are good now, all of them in constant time. `last`: the
    /// newest step that was taken. A code that is several steps' counts as the latest's, so that it
    /// is used up for all.
    #[must_use]
    pub fn check(&self, typed: &Digits, now: Timestamp, last: Option<Step>) -> Checked {
        let present = Step::at(now).0;
        let near = present.saturating_sub(TOLERANCE)..=present.saturating_add(TOLERANCE);
        let mut matching = None;
        for step in near.map(Step) {
            if self.code(step) == *typed {
                matching = Some(step);
            }
        }
        match matching {
            Some(step) if last.is_none_or(|last| step > last) => Checked::Right(step),
            Some(_) => Checked::Used,
            None => Checked::Wrong,
        }
    }

    /// In base32 (RFC 4648, section 6), as apps take it from a keyboard.
    #[must_use]
    pub fn base32(&self) -> String {
        base32(self.expose())
    }

    /// What the QR code says: the form that Google's app introduced and all others read.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &Line<64>) -> String {
        let (issuer, account) = (percent(issuer), percent(account.as_str()));
        let secret = self.base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1\
             &digits=6&period={PERIOD}"
        )
    }
}

impl fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpKey(redacted)")
    }
}

/// RFC 4226, section 5.3: 31 bits of the step's HMAC-SHA-1, from where its last half byte points.
fn truncated(key: &[u8], step: Step) -> u32 {
    let key = legacy::Key::new(legacy::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mac = legacy::sign(&key, &step.0.to_be_bytes());
    let offset = usize::from(mac.as_ref().last().copied().unwrap_or_default() & 0x0f);
    let four = mac.as_ref().iter().skip(offset).take(4);
    four.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)) & 0x7fff_ffff
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Without padding: whole groups of five bytes need none.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut waiting, mut bits) = (0_u32, 0);
    for byte in bytes {
        waiting = (waiting << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(waiting >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(waiting << (5 - bits)));
    }
    text
}

fn letter(bits: u32) -> char {
    let place = usize::try_from(bits & 31).unwrap_or_default();
    char::from(BASE32.get(place).copied().unwrap_or(b'A'))
}

/// RFC 3986, section 2.1.
fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TotpKey {
        TotpKey::from_bytes(b"12345678901234567890").unwrap()
    }

    const fn second(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    /// RFC 6238, appendix B, the rows of SHA-1: eight digits.
    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        for (time, step, code) in [
            (59, 0x1, 94_287_082),
            (1_111_111_109, 0x0235_23EC, 7_081_804),
            (1_111_111_111, 0x0235_23ED, 14_050_471),
            (1_234_567_890, 0x0273_EF07, 89_005_924),
            (2_000_000_000, 0x03F9_40AA, 69_279_037),
            (20_000_000_000, 0x27BC_86AA, 65_353_130),
        ] {
            assert_eq!(Step::at(second(time)), Step(step));
            assert_eq!(truncated(key().expose(), Step(step)) % 100_000_000, code, "at {time}");
            assert_eq!(key().code(Step(step)), Digits::of(code.into()));
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn the_vectors_of_rfc_4226_hold() {
        let codes = [
            755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871,
            520_489,
        ];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(truncated(key().expose(), Step(counter)) % 1_000_000, code);
        }
    }

    #[test]
    fn a_code_is_good_a_step_early_and_a_step_late_and_no_longer() {
        let now = second(1_795_255_200);
        let present = Step::at(now).0;
        for (distance, good) in [(-2_i64, false), (-1, true), (0, true), (1, true), (2, false)] {
            let step = Step(present.checked_add_signed(distance).unwrap());
            let checked = key().check(&key().code(step), now, None);
            let expected = if good { Checked::Right(step) } else { Checked::Wrong };
            assert_eq!(checked, expected, "{distance} steps");
        }
    }

    #[test]
    fn a_step_that_was_taken_and_all_before_it_are_used_up() {
        let now = second(1_795_255_200);
        let present = Step::at(now);
        let before = Step(present.0 - 1);
        let code = key().code(present);
        assert_eq!(key().check(&code, now, Some(before)), Checked::Right(present));
        assert_eq!(key().check(&code, now, Some(present)), Checked::Used);
        assert_eq!(key().check(&key().code(before), now, Some(present)), Checked::Used);
    }

    #[test]
    fn base32_is_the_rfcs() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(key().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn names_are_spelled_so_that_none_changes_the_uri() {
        let account = Line::parse("dana&secret=x@example.com").unwrap();
        let uri = key().uri("Acme: Bank & Co", &account);
        assert_eq!(
            uri,
            "otpauth://totp/Acme%3A%20Bank%20%26%20Co:dana%26secret%3Dx%40example.com\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%3A%20Bank%20%26%20Co\
             &algorithm=SHA1&digits=6&period=30"
        );
        assert!(!format!("{:?}", key()).contains("1234"));
    }
}
