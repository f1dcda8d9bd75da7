//! The keys that sign webhooks, as people write them.

use super::super::clock::Timestamp;
use super::super::encoding::{base64, from_base64};
use super::super::random::{NoEntropy, Random};
use super::super::secret::{Secret, base62};
use super::{KeptKey, LIVE_KEYS};

/// What Standard Webhooks demands of a key, in bytes.
pub const KEY_MIN: usize = 24;
pub const KEY_MAX: usize = 64;

/// What stands before a key that is written in base64.
const PREFIX: &str = "whsec_";

/// Why a key was not taken; never holds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("has no base64 after whsec_")]
    NotBase64,
    #[error("holds other characters than visible ASCII")]
    NotAscii,
    #[error("has {0} bytes, not {KEY_MIN} to {KEY_MAX}")]
    Length(usize),
}

/// The key's bytes: decoded, if the text begins with `whsec_`, else the text's own.
///
/// # Errors
/// [`BadKey`].
pub fn parse_key(text: &str) -> Result<Secret, BadKey> {
    let bytes = match text.strip_prefix(PREFIX) {
        Some(encoded) => from_base64(encoded).ok_or(BadKey::NotBase64)?,
        None if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) => text.into(),
        None => return Err(BadKey::NotAscii),
    };
    if !(KEY_MIN..=KEY_MAX).contains(&bytes.len()) {
        return Err(BadKey::Length(bytes.len()));
    }
    Ok(Secret::new(bytes))
}

/// 43 characters of base62 carry 256 bits; as text they are a key that low-code receivers, which
/// take keys as text only, can use as well.
///
/// # Errors
/// As [`Random::fill`].
pub fn draw_key(random: &dyn Random) -> Result<Secret, NoEntropy> {
    Ok(Secret::from(base62(43, random)?.as_str()))
}

/// As it is shown, once: `whsec_` and base64.
#[must_use]
pub fn show_key(key: &Secret) -> String {
    format!("{PREFIX}{}", base64(key.expose()))
}

/// The keys after `newest` was put before them: the newest of the former ones signs until
/// `retires_at` (no longer, if that is now), all others no more.
#[must_use]
pub fn rotate(
    former: &[KeptKey],
    newest: KeptKey,
    retires_at: Timestamp,
    now: Timestamp,
) -> Vec<KeptKey> {
    let live = |key: &&KeptKey| {
        key.retires_at.is_none_or(|end| end > now) && key.fingerprint != newest.fingerprint
    };
    let overlap = if retires_at > now { LIVE_KEYS.saturating_sub(1) } else { 0 };
    let kept: Vec<KeptKey> = former
        .iter()
        .filter(live)
        .take(overlap)
        .map(|key| KeptKey {
            retires_at: Some(key.retires_at.map_or(retires_at, |end| end.min(retires_at))),
            ..key.clone()
        })
        .collect();
    let mut keys = vec![newest];
    keys.extend(kept);
    keys
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Sealed;
    use super::*;
    use crate::domain::random::SystemRandom;

    const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    #[test]
    fn a_key_is_text_or_base64_after_whsec() {
        let text = "Zx3kQ9vT1mB7rLpW4cYhN8sDfG2jU6eKaX5oHiVtRqM";
        let encoded = "whsec_Wngza1E5dlQxbUI3ckxwVzRjWWhOOHNEZkcyalU2ZUthWDVvSGlWdFJxTQ==";
        assert_eq!(parse_key(text).unwrap().expose(), text.as_bytes());
        assert_eq!(parse_key(encoded).unwrap().expose(), text.as_bytes());
        assert_eq!(show_key(&parse_key(text).unwrap()), encoded);
    }

    #[test]
    fn a_key_has_24_to_64_bytes() {
        assert_eq!(parse_key(&"a".repeat(23)), Err(BadKey::Length(23)));
        assert!(parse_key(&"a".repeat(24)).is_ok());
        assert!(parse_key(&"a".repeat(64)).is_ok());
        assert!(parse_key(&"a".repeat(65)).is_err());
        assert!(parse_key(&format!("whsec_{}", base64(&[7; 23]))).is_err());
        assert_eq!(parse_key("whsec_not!base64!at!all!whatsoever"), Err(BadKey::NotBase64));
        assert_eq!(parse_key("שלום שלום שלום שלום"), Err(BadKey::NotAscii));
    }

    #[test]
    fn a_drawn_key_reads_as_plain_text() {
        let key = draw_key(&SystemRandom).unwrap();
        assert_eq!(key.expose().len(), 43);
        assert!(key.expose().iter().all(u8::is_ascii_alphanumeric));
        assert_eq!(parse_key(&show_key(&key)).unwrap(), key);
    }

    fn kept(fingerprint: &str, retires_at: Option<Timestamp>) -> KeptKey {
        KeptKey {
            fingerprint: fingerprint.to_owned(),
            sealed: Sealed(vec![1]),
            created_at: NOW,
            retires_at,
        }
    }

    fn seconds(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn two_keys_sign_at_most_and_the_former_one_not_for_longer_than_it_would_have() {
        let first = rotate(&[], kept("a", None), seconds(60), NOW);
        assert_eq!(first, [kept("a", None)]);
        let second = rotate(&first, kept("b", None), seconds(60), NOW);
        assert_eq!(second, [kept("b", None), kept("a", Some(seconds(60)))]);
        let third = rotate(&second, kept("c", None), seconds(90), seconds(1));
        assert_eq!(third, [kept("c", None), kept("b", Some(seconds(90)))]);
    }

    #[test]
    fn without_an_overlap_the_new_key_signs_alone() {
        let first = [kept("a", None)];
        assert_eq!(rotate(&first, kept("b", None), NOW, NOW), [kept("b", None)]);
    }

    #[test]
    fn the_same_key_again_is_one_key() {
        let first = [kept("a", None)];
        assert_eq!(rotate(&first, kept("a", None), seconds(60), NOW), [kept("a", None)]);
    }
}
