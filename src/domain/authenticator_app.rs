//! A customer's authenticator app, and the recovery codes that came with it: for whoever has no
//! passkey at hand.

use std::fmt;
use std::time::Duration;

use super::call::Digits;
use super::clock::Timestamp;
use super::digest::hmac_sha256;
use super::endpoint::Sealed;
use super::id::{CredentialId, CustomerId, LinkId};
use super::random::{self, NoEntropy, Random};
use super::secret::Secret;
use super::totp::{KEY_LENGTH, Step, TotpKey};
use super::verdict::Binding;

/// How an app is bound: only who typed the code that an agent read out gets one, and no time makes
/// it worth more.
pub const BINDING: Binding = Binding::CallCode;

/// Wrong codes that an app bears within [`TRIES_SPAN`], on all links together: with three good ones
/// of a million at any time, one in three thousand guesses of a whole day is right.
pub const TRIES: u32 = 10;
pub const TRIES_SPAN: Duration = Duration::from_secs(3600);

/// How many recovery codes come with an app.
pub const RECOVERY_CODES: u8 = 10;

/// How long after a registration its codes are shown again to the same answer.
pub const SHOWN_AGAIN: Duration = Duration::from_secs(600);

/// How long the offer of a link that has ended is kept.
pub const OFFER_KEPT: Duration = Duration::from_secs(86_400);

/// An app that is bound to a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthenticatorApp {
    pub id: CredentialId,
    pub customer: CustomerId,
    /// The link it was made in.
    pub link: LinkId,
    /// The secret it shares with us; `None` once it is revoked.
    pub sealed: Option<Sealed>,
    /// Of the newest code that was taken.
    pub last_step: Step,
    /// Codes tried since `tries_since`.
    pub tries: u32,
    pub tries_since: Timestamp,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub recovery_codes_left: u32,
}

impl AuthenticatorApp {
    /// Until when no code of it is looked at, because too many were wrong; `None` if one is.
    #[must_use]
    pub fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.tries_since.plus(TRIES_SPAN);
        (self.tries >= TRIES && now < until).then_some(until)
    }
}

/// What a link shows until its app is bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub link: LinkId,
    /// What the app will be called.
    pub app: CredentialId,
    /// The link's when it was offered.
    pub jti: [u8; 16],
    /// An [`OfferSecret`].
    pub sealed: Sealed,
    pub created_at: Timestamp,
}

/// What an offer keeps: the app's secret, and what its recovery codes are made of.
#[derive(Clone, PartialEq, Eq)]
pub struct OfferSecret {
    pub key: TotpKey,
    seed: Secret,
}

impl OfferSecret {
    /// # Errors
    /// As [`Random::fill`].
    pub fn draw(source: &dyn Random) -> Result<Self, NoEntropy> {
        let seed = Secret::new(random::bytes::<KEY_LENGTH>(source)?.to_vec());
        Ok(Self { key: TotpKey::draw(source)?, seed })
    }

    /// To be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Secret {
        Secret::new([self.key.expose(), self.seed.expose()].concat())
    }

    /// `None` if it is not what [`to_bytes`](Self::to_bytes) gave.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key, seed) = bytes.split_at_checked(KEY_LENGTH)?;
        let seed = (seed.len() == KEY_LENGTH).then(|| Secret::new(seed.to_vec()))?;
        Some(Self { key: TotpKey::from_bytes(key)?, seed })
    }

    /// The list that the customer writes down; the same offer gives the same.
    #[must_use]
    pub fn recovery_codes(&self) -> Vec<RecoveryCode> {
        (1..=RECOVERY_CODES).map(|number| RecoveryCode::made(&self.seed, number)).collect()
    }
}

impl fmt::Debug for OfferSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfferSecret(redacted)")
    }
}

/// Ten letters of five bits each, as `ABCDE-FGHJK`: used once, each instead of an app's code.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Secret);

/// Crockford's: no letter is mistaken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 10;

impl RecoveryCode {
    fn made(seed: &Secret, number: u8) -> Self {
        let mac = hmac_sha256(seed.expose(), &[b"vouchlink/recovery-code/v1\0", &[number]]);
        let bits = mac.iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let letter = |place: usize| {
            let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            LETTERS.get(digit).copied().unwrap_or(b'0')
        };
        Self(Secret::new((0..LENGTH).map(letter).collect()))
    }

    /// Reads what a customer typed: in any case, with spaces and hyphens or without, and with the
    /// letters that look like digits. `None` if it is not ten of them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut letters = Vec::with_capacity(LENGTH);
        for letter in text.chars() {
            if letter.is_whitespace() || matches!(letter, '-' | '\u{2010}'..='\u{2015}') {
                continue;
            }
            let letter = match letter.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                letter => u8::try_from(letter).ok()?,
            };
            if !LETTERS.contains(&letter) || letters.len() == LENGTH {
                return None;
            }
            letters.push(letter);
        }
        (letters.len() == LENGTH).then(|| Self(Secret::new(letters)))
    }

    /// For its owner's eyes.
    #[must_use]
    pub fn reveal(&self) -> String {
        let letters: String = self.0.expose().iter().copied().map(char::from).collect();
        let (first, second) = letters.split_at_checked(LENGTH / 2).unwrap_or((&letters, ""));
        format!("{first}-{second}")
    }

    /// How it is stored: of 50 bits a plain hash could be undone, so its key is the app's secret,
    /// which is sealed itself.
    #[must_use]
    pub fn hash(&self, app: CredentialId, key: &TotpKey) -> RecoveryHash {
        let parts = [b"vouchlink/recovery-hash/v1\0".as_slice(), app.as_bytes(), self.0.expose()];
        RecoveryHash(hmac_sha256(key.expose(), &parts))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(redacted)")
    }
}

/// A recovery code as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryHash(pub [u8; 32]);

impl RecoveryHash {
    /// In constant time.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Secret::new(self.0.to_vec()) == Secret::new(other.0.to_vec())
    }
}

/// One of a list that was not used yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnusedCode {
    /// From 1 on.
    pub number: u8,
    pub hash: RecoveryHash,
}

/// What a customer typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedCode {
    /// Of an app.
    Digits(Digits),
    Recovery(RecoveryCode),
}

impl TypedCode {
    /// `None` if it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = Digits::parse(text).map(Self::Digits);
        digits.or_else(|| RecoveryCode::parse(text).map(Self::Recovery))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::random::SystemRandom;

    #[test]
    fn an_offer_gives_ten_codes_and_the_same_again() {
        let secret = OfferSecret::draw(&SystemRandom).unwrap();
        let again = OfferSecret::from_bytes(secret.to_bytes().expose()).unwrap();
        assert_eq!(again, secret);
        let codes: BTreeSet<String> =
            secret.recovery_codes().iter().map(RecoveryCode::reveal).collect();
        assert_eq!(codes.len(), 10);
        for (code, same) in secret.recovery_codes().iter().zip(again.recovery_codes()) {
            assert_eq!(*code, same);
        }
        let other = OfferSecret::draw(&SystemRandom).unwrap();
        assert!(other.recovery_codes().iter().all(|code| !codes.contains(&code.reveal())));
        assert_eq!(OfferSecret::from_bytes(&[0; 39]), None);
    }

    #[test]
    fn a_recovery_code_is_read_as_people_type_it() {
        let right = RecoveryCode::parse("AB0DE-FGH1K").unwrap();
        assert_eq!(right.reveal(), "AB0DE-FGH1K");
        for typed in ["ab0de-fgh1k", "ABODE FGHIK", "abodefghlk", " AB0DE\u{2013}FGH1K "] {
            assert_eq!(
                TypedCode::parse(typed),
                Some(TypedCode::Recovery(right.clone())),
                "{typed}"
            );
        }
        for typed in
            ["", "AB0DE-FGH1", "AB0DE-FGH1KK", "AB0DE-FGH1U", "AB0DE/FGH1K", "\u{e9}B0DEFGH1K"]
        {
            assert_eq!(TypedCode::parse(typed), None, "{typed}");
        }
        assert!(matches!(TypedCode::parse("123 456"), Some(TypedCode::Digits(_))));
        assert!(matches!(TypedCode::parse("01234-56789"), Some(TypedCode::Recovery(_))));
        assert!(!format!("{right:?}").contains("AB0DE"));
    }

    #[test]
    fn an_app_rests_after_ten_codes_until_its_hour_is_over() {
        let since = Timestamp::from_millis(1_795_255_200_000);
        let until = since.plus(TRIES_SPAN);
        let app = AuthenticatorApp {
            id: CredentialId::from_bytes([1; 16]),
            customer: CustomerId::from_bytes([2; 16]),
            link: LinkId::from_bytes([3; 16]),
            sealed: None,
            last_step: Step(0),
            tries: TRIES,
            tries_since: since,
            created_at: since,
            last_used_at: None,
            revoked_at: None,
            recovery_codes_left: 10,
        };
        assert_eq!(app.rests_until(since), Some(until));
        assert_eq!(app.rests_until(until), None);
        assert_eq!(AuthenticatorApp { tries: TRIES - 1, ..app }.rests_until(since), None);
    }
}
