//! The code of the known door: it follows from the link's secret, and the database holds its hash.

use super::{Key, SecretGone, Tokens};
use crate::domain::digest::hmac_sha256;
use crate::domain::door::{DoorCode, DoorHash};
use crate::domain::id::LinkId;

impl Tokens {
    /// The code of the known door, which follows from the secret and the link as the short one does.
    ///
    /// # Errors
    /// [`SecretGone`] as [`Self::sign_link`].
    pub fn door_code(
        &self,
        kid: &str,
        link: LinkId,
        jti: &[u8; 16],
    ) -> Result<DoorCode, SecretGone> {
        let key = self.key(kid).ok_or(SecretGone)?;
        let mac = hmac_sha256(key.secret.expose(), &[b"vouchlink/door/v1\0", link.as_bytes(), jti]);
        let mut bits = [0; 16];
        bits.iter_mut().zip(mac).for_each(|(slot, byte)| *slot = byte);
        Ok(DoorCode::from_bits(bits))
    }

    /// As which the database knows a code of a link made under this secret.
    ///
    /// # Errors
    /// [`SecretGone`] as [`Self::sign_link`].
    pub fn door_hash(&self, kid: &str, code: DoorCode) -> Result<DoorHash, SecretGone> {
        self.key(kid).map(|key| hash_door(key, code)).ok_or(SecretGone)
    }

    /// As which the database may know a code, one for each configured secret.
    #[must_use]
    pub fn door_hashes(&self, code: DoorCode) -> Vec<DoorHash> {
        self.keys.iter().map(|key| hash_door(key, code)).collect()
    }
}

fn hash_door(key: &Key, code: DoorCode) -> DoorHash {
    let parts: [&[u8]; 2] = [b"vouchlink/door-hash/v1\0", &code.to_bytes()];
    DoorHash(hmac_sha256(key.secret.expose(), &parts))
}
