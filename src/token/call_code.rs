//! The code an agent reads out: it follows from the link's secret, so that nothing of it is stored,
//! staff can be shown it again, and a reissue makes another one.

use super::{SecretGone, Tokens};
use crate::domain::call::Digits;
use crate::domain::digest::hmac_sha256;
use crate::domain::id::LinkId;
use crate::domain::secret::Secret;

const CODES: u64 = 1_000_000;

impl Tokens {
    /// The call code of a link, whether it asks for one or not.
    ///
    /// # Errors
    /// [`SecretGone`] as [`Self::sign_link`].
    pub fn call_code(&self, kid: &str, link: LinkId, jti: &[u8; 16]) -> Result<Digits, SecretGone> {
        let key = self.key(kid).ok_or(SecretGone)?;
        Ok(derive(&key.secret, link, jti))
    }
}

fn derive(secret: &Secret, link: LinkId, jti: &[u8; 16]) -> Digits {
    let label = b"vouchlink/call_code/v1\0";
    let mut round: u32 = 0;
    loop {
        let round_bytes = round.to_be_bytes();
        let parts: [&[u8]; 4] = [label, link.as_bytes(), jti, &round_bytes];
        let mac = hmac_sha256(secret.expose(), &parts);
        let mut words = mac.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes));
        if let Some(number) = words.find(|number| is_fair(*number)) {
            return Digits::of(number);
        }
        round = round.wrapping_add(1);
    }
}

/// Whether every code is equally likely among the numbers up to here: the last, incomplete million
/// of all numbers is drawn again.
const fn is_fair(number: u64) -> bool {
    number < u64::MAX - u64::MAX % CODES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(secret: &str, link: u8, jti: u8) -> String {
        derive(&Secret::from(secret), LinkId::from_bytes([link; 16]), &[jti; 16]).reveal()
    }

    const SECRET: &str = "a secret for tests of more than thirty-two bytes";

    /// Two instances, or two releases, must agree on the code of a link.
    #[test]
    fn a_code_follows_from_secret_link_and_jti() {
        assert_eq!(code(SECRET, 1, 2), "990225");
        assert_ne!(code(SECRET, 1, 2), code(SECRET, 1, 3));
        assert_ne!(code(SECRET, 1, 2), code(SECRET, 2, 2));
        assert_ne!(code(SECRET, 1, 2), code("another secret of more than thirty-two bytes", 1, 2));
    }

    /// The numbers are always the same ones: this cannot fail by chance.
    #[test]
    fn codes_are_spread_evenly() {
        let secret = Secret::from(SECRET);
        let mut counts = [[0_u32; 10]; 6];
        for link in 0..20_000_u128 {
            let digits = derive(&secret, LinkId::from_bytes(link.to_be_bytes()), &[7; 16]);
            for (place, digit) in digits.reveal().bytes().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1;
            }
        }
        for place in counts {
            // Chi-square with 9 degrees of freedom: 27.9 is exceeded once in a thousand.
            let chi: f64 = place.iter().map(|n| (f64::from(*n) - 2000.0).powi(2) / 2000.0).sum();
            assert!(chi < 27.9, "{place:?}");
        }
    }

    #[test]
    fn the_last_incomplete_million_is_drawn_again() {
        let fair = u64::MAX - u64::MAX % CODES;
        assert_eq!(fair % CODES, 0);
        assert!(is_fair(fair - 1) && is_fair(0));
        assert!(!is_fair(fair) && !is_fair(u64::MAX));
    }
}
