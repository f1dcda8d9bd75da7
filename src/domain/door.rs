//! The known door: a short code that the agent reads out and the customer types at the company's
//! own address, so that no link in a message is needed.
//!
//! Twelve digits: they are said and heard alike on any line, typed on any keyboard in any language,
//! and are not taken for the six digits of a call code. They make 10^12 codes. With `N` of them
//! good at one moment and `G` wrong guesses a second let through ([`GUESSES_A_MINUTE`], however
//! many addresses ask), somebody's door opens to a guesser every 10^12 / (N * G) seconds: with a
//! thousand customers in the same ten minutes after 31 years of guessing without a pause, with ten
//! thousand after 3 years. Behind it waits no more than what the link itself opens.

use std::fmt;
use std::time::Duration;

use super::clock::Timestamp;
use super::digits;

/// How long a code is good at most; its link may live longer.
pub const LIFE: Duration = Duration::from_secs(600);

/// Wrong codes in a minute, from all addresses together, in one process.
pub const GUESSES_A_MINUTE: u32 = 60;

const DIGITS: usize = 12;
const CODES: u128 = 10_u128.pow(12);

/// Twelve digits, shown in groups of four.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DoorCode(u64);

impl DoorCode {
    /// From 128 random bits, so that no code is likelier than another by more than 2^-88.
    #[must_use]
    pub fn from_bits(bits: [u8; 16]) -> Self {
        Self(u64::try_from(u128::from_be_bytes(bits) % CODES).unwrap_or_default())
    }

    /// Reads what a person typed; `None` if it is not twelve digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = digits::read::<DIGITS>(text)?;
        Some(Self(digits.into_iter().fold(0, |value, digit| value * 10 + u64::from(digit))))
    }

    /// For hashing.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for DoorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (high, rest) = (self.0 / 100_000_000, self.0 % 100_000_000);
        write!(f, "{high:04} {:04} {:04}", rest / 10_000, rest % 10_000)
    }
}

impl fmt::Debug for DoorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorCode(redacted)")
    }
}

/// A code under the key of the secret that made it: who reads the database cannot try all codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DoorHash(pub [u8; 32]);

/// An open link's door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    pub hash: DoorHash,
    /// From then on the code opens nothing.
    pub until: Timestamp,
}

impl Door {
    #[must_use]
    pub fn new(hash: DoorHash, now: Timestamp, link_expires_at: Timestamp) -> Self {
        Self { hash, until: now.plus(LIFE).min(link_expires_at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(value: u64) -> DoorCode {
        DoorCode(value)
    }

    #[test]
    fn a_code_reads_as_it_is_shown() {
        for value in [0, 7, 123_456_789_012, 999_999_999_999] {
            let shown = code(value).to_string();
            assert_eq!(shown.len(), 14, "{shown}");
            assert_eq!(DoorCode::parse(&shown), Some(code(value)));
        }
        assert_eq!(code(90).to_string(), "0000 0000 0090");
    }

    #[test]
    fn what_is_not_twelve_digits_is_no_code() {
        for text in ["", "12345678901", "1234567890123", "12345678901x"] {
            assert_eq!(DoorCode::parse(text), None, "{text}");
        }
        assert_eq!(DoorCode::parse("\u{200f}١٢٣٤ ٥٦٧٨ ٩٠١٢"), Some(code(123_456_789_012)));
    }

    #[test]
    fn every_draw_is_a_code_of_twelve_digits() {
        for bits in [[0; 16], [255; 16], [7; 16]] {
            let drawn = DoorCode::from_bits(bits);
            assert_eq!(DoorCode::parse(&drawn.to_string()), Some(drawn));
        }
    }

    #[test]
    fn a_door_closes_with_its_link_and_after_ten_minutes_at_the_latest() {
        let now = Timestamp::from_millis(0);
        let seconds = |seconds| now.plus(Duration::from_secs(seconds));
        let until = |expires_at| Door::new(DoorHash([0; 32]), now, expires_at).until;
        assert_eq!(until(seconds(60)), seconds(60));
        assert_eq!(until(seconds(900)), seconds(600));
    }
}
