//! Secrets at rest: encrypted with `DATA_KEY` (AES-256-GCM, NIST SP 800-38D). With
//! `passkey/signature.rs` and `domain/totp.rs` the only file that names `ring`.
//!
//! A sealed value is a version, the key's id, a nonce and the ciphertext with its tag. What it
//! belongs to is authenticated along, so that none can be put in another's place.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::config::DataKeys;
use crate::domain::digest::{hmac_sha256, sha256};
use crate::domain::endpoint::Sealed;
use crate::domain::random::{self, NoEntropy, Random};
use crate::domain::secret::Secret;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;

/// Why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("DATA_KEY is not set, and secrets are not kept without it")]
    NoKey,
    /// The key that sealed it is not among `DATA_KEY`'s.
    #[error("it was sealed with another DATA_KEY: put the former one back, after the new one")]
    UnknownKey,
    /// It was changed, or belongs to something else.
    #[error("it does not open: it was damaged, or belongs to something else")]
    Damaged,
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// Seals and opens. The first key seals, all open.
pub struct Seal(Vec<Key>);

struct Key {
    id: [u8; KEY_ID_LEN],
    aead: LessSafeKey,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seal({} keys)", self.0.len())
    }
}

impl Seal {
    #[must_use]
    pub fn new(keys: &DataKeys) -> Self {
        Self(keys.0.iter().filter_map(Key::new).collect())
    }

    /// Whether there is a key to seal with.
    #[must_use]
    pub fn can_seal(&self) -> bool {
        !self.0.is_empty()
    }

    /// Encrypts `secret`, which belongs to what `context` names: a table, a row and a column.
    ///
    /// # Errors
    /// [`SealError::NoKey`] and [`SealError::NoEntropy`].
    pub fn seal(
        &self,
        secret: &[u8],
        context: &str,
        random: &dyn Random,
    ) -> Result<Sealed, SealError> {
        let key = self.0.first().ok_or(SealError::NoKey)?;
        let nonce = random::bytes::<NONCE_LEN>(random)?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&key.id);
        sealed.extend_from_slice(&nonce);
        let mut body = secret.to_vec();
        key.aead
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut body,
            )
            .map_err(|_| SealError::Damaged)?;
        sealed.append(&mut body);
        Ok(Sealed(sealed))
    }

    /// Decrypts what [`seal`](Self::seal) made of the same `context`.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] and [`SealError::Damaged`].
    pub fn open(&self, sealed: &Sealed, context: &str) -> Result<Secret, SealError> {
        let (id, nonce, body) = parts(sealed).ok_or(SealError::Damaged)?;
        let key = self.0.iter().find(|key| key.id == id).ok_or(SealError::UnknownKey)?;
        let mut body = body.to_vec();
        let opened = key
            .aead
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut body)
            .map_err(|_| SealError::Damaged)?;
        Ok(Secret::new(opened.to_vec()))
    }

    /// Whether it was sealed with another key than the one that seals now.
    #[must_use]
    pub fn is_outdated(&self, sealed: &Sealed) -> bool {
        match (parts(sealed), self.0.first()) {
            (Some((id, ..)), Some(key)) => id != key.id,
            _ => false,
        }
    }
}

impl Key {
    /// `None` cannot be: the derived key has the length that the algorithm wants.
    fn new(secret: &Secret) -> Option<Self> {
        let derived = hmac_sha256(secret.expose(), &[b"vouchlink/data-key/v1"]);
        let [a, b, c, d, ..] = sha256(&[b"vouchlink/data-key-id/v1", &derived]);
        let aead = UnboundKey::new(&AES_256_GCM, &derived).ok()?;
        Some(Self { id: [a, b, c, d], aead: LessSafeKey::new(aead) })
    }
}

fn parts(sealed: &Sealed) -> Option<([u8; KEY_ID_LEN], [u8; NONCE_LEN], &[u8])> {
    let (version, rest) = sealed.0.split_first()?;
    let (id, rest) = rest.split_first_chunk::<KEY_ID_LEN>()?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
    (*version == VERSION).then_some((*id, *nonce, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;

    const CONTEXT: &str = "endpoints/ep_1/sealed";

    fn seal(keys: &[&str]) -> Seal {
        Seal::new(&DataKeys(keys.iter().map(|key| Secret::from(*key)).collect()))
    }

    #[test]
    fn what_was_sealed_opens_and_shows_nothing() {
        let keys = seal(&["one"]);
        let sealed = keys.seal(b"hush-hush", CONTEXT, &SystemRandom).unwrap();
        assert_eq!(keys.open(&sealed, CONTEXT).unwrap().expose(), b"hush-hush");
        assert!(!sealed.0.windows(4).any(|part| part == b"hush"));
        assert_ne!(keys.seal(b"hush-hush", CONTEXT, &SystemRandom).unwrap(), sealed);
    }

    #[test]
    fn any_change_and_any_other_place_is_noticed() {
        let keys = seal(&["one"]);
        let sealed = keys.seal(b"hush-hush", CONTEXT, &SystemRandom).unwrap();
        assert_eq!(keys.open(&sealed, "endpoints/ep_2/sealed"), Err(SealError::Damaged));
        for place in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[place] ^= 1;
            assert!(keys.open(&changed, CONTEXT).is_err(), "byte {place}");
        }
        for length in 0..sealed.0.len() {
            let short = Sealed(sealed.0[..length].to_vec());
            assert!(keys.open(&short, CONTEXT).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_new_key_seals_while_the_former_one_still_opens() {
        let former = seal(&["one"]);
        let sealed = former.seal(b"hush-hush", CONTEXT, &SystemRandom).unwrap();
        let both = seal(&["two", "one"]);
        assert!(both.is_outdated(&sealed) && !former.is_outdated(&sealed));
        assert_eq!(both.open(&sealed, CONTEXT).unwrap().expose(), b"hush-hush");
        let again = both.seal(b"hush-hush", CONTEXT, &SystemRandom).unwrap();
        assert!(!both.is_outdated(&again));
        assert_eq!(former.open(&again, CONTEXT), Err(SealError::UnknownKey));
        assert_eq!(seal(&["two"]).open(&sealed, CONTEXT), Err(SealError::UnknownKey));
    }

    #[test]
    fn nothing_is_kept_without_a_key() {
        assert!(!seal(&[]).can_seal());
        let refused = seal(&[]).seal(b"hush-hush", CONTEXT, &SystemRandom);
        assert_eq!(refused.unwrap_err(), SealError::NoKey);
    }
}
