//! The codes at the end of a link's short URLs: the one that staff have, and the longer one that only
//! our mail holds. Both follow from the link's secret, so that neither is stored; the database holds
//! the hash of the first, by which a link is found.

use super::{SecretGone, Tokens};
use crate::domain::binding::Way;
use crate::domain::digest::hmac_sha256;
use crate::domain::encoding::{BASE32_LENGTH, base32};
use crate::domain::id::LinkId;
use crate::domain::link::{Link, LinkSecret};
use crate::domain::secret::Secret;

/// Digits that the mail's URL has more: 80 bits, which nobody guesses who has the rest.
const PROOF_LENGTH: usize = 16;

impl Tokens {
    /// The 128-bit code of a link's short URL. It follows from the secret and the link, so that it
    /// can be shown again although the database holds its hash only.
    ///
    /// # Errors
    /// [`SecretGone`] as [`Self::sign_link`].
    pub fn short_code(
        &self,
        kid: &str,
        link: LinkId,
        jti: &[u8; 16],
    ) -> Result<[u8; 16], SecretGone> {
        let key = self.key(kid).ok_or(SecretGone)?;
        let mac = hmac_sha256(key.secret.expose(), &[b"vouchlink/code/v1\0", link.as_bytes(), jti]);
        let mut code = [0; 16];
        code.iter_mut().zip(mac).for_each(|(slot, byte)| *slot = byte);
        Ok(code)
    }

    /// The end of the URL by which the link's page is come to in this way.
    ///
    /// # Errors
    /// [`SecretGone`] as [`Self::sign_link`].
    pub fn address(&self, link: &Link, way: Way) -> Result<String, SecretGone> {
        let LinkSecret { kid, jti, .. } = &link.secret;
        let code = base32(&self.short_code(kid, link.id, jti)?);
        Ok(match way {
            Way::HandedOut => code,
            Way::Mailed => code + &self.proof(link)?,
        })
    }

    /// How whoever has these digits behind a link's short code came to its page; `None` if they are
    /// not the mail's.
    #[must_use]
    pub fn way(&self, link: &Link, digits: &str) -> Option<Way> {
        if digits.is_empty() {
            return Some(Way::HandedOut);
        }
        let proof = self.proof(link).ok()?;
        (Secret::from(digits) == Secret::from(proof.as_str())).then_some(Way::Mailed)
    }

    fn proof(&self, link: &Link) -> Result<String, SecretGone> {
        let LinkSecret { kid, jti, .. } = &link.secret;
        let key = self.key(kid).ok_or(SecretGone)?;
        let parts: [&[u8]; 3] = [b"vouchlink/mail/v1\0", link.id.as_bytes(), jti];
        let mac = hmac_sha256(key.secret.expose(), &parts);
        let mut bits = [0; 16];
        bits.iter_mut().zip(mac).for_each(|(slot, byte)| *slot = byte);
        Ok(base32(&bits).split_off(BASE32_LENGTH - PROOF_LENGTH))
    }
}
