//! Signed tokens: what stands in a link's URL and what ties a ceremony's two calls together
//! (JWT, RFC 7519, HS256). The only file that names jsonwebtoken.
//!
//! A signature proves that we made a token; whether it is still good is the database's to say, so
//! `exp` informs whoever reads it and is not checked here.

mod address;
mod call_code;
mod door_code;

use std::collections::HashSet;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Tokens as Settings;
use crate::domain::binding::Way;
use crate::domain::ceremony::{Ceremony, Kind, Means};
use crate::domain::clock::Timestamp;
use crate::domain::digest::{hmac_sha256, hmac_sha256_matches, sha256};
use crate::domain::encoding::{base64url, from_base64url, hex};
use crate::domain::id::{CeremonyId, CredentialId, LinkId};
use crate::domain::link::Link;
use crate::domain::secret::Secret;

/// More than any token of ours has.
const MAX_LENGTH: usize = 1024;
const LINK_AUDIENCE: &str = "vouchlink/link";
const CHALLENGE_AUDIENCE: &str = "vouchlink/challenge";
const SESSION_AUDIENCE: &str = "vouchlink/session";

/// Makes and reads our tokens.
pub struct Tokens {
    /// The first signs, all verify.
    keys: Vec<Key>,
    rp_id: String,
    link: Validation,
    challenge: Validation,
    session: Validation,
}

struct Key {
    kid: String,
    secret: Secret,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// The token was not made by us, or not for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token of ours")]
pub struct Forged;

/// The token could not be made: its signing secret is no longer configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret this link was signed with is no longer configured")]
pub struct SecretGone;

/// What a genuine link token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkClaims {
    pub link: LinkId,
    /// Must be the link's: a reissue draws a new one.
    pub jti: [u8; 16],
    /// How its page was come to.
    pub way: Way,
}

/// What a genuine challenge token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeClaims {
    pub ceremony: CeremonyId,
    pub link: LinkId,
    pub kind: Kind,
    pub means: Means,
    /// That of the link's token which it was begun with.
    pub way: Way,
}

/// What a genuine session token says: who verified themselves in this link with this passkey may
/// look at what is theirs for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    pub link: LinkId,
    pub credential: CredentialId,
    /// From then on the token is good for nothing.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct LinkPayload {
    aud: String,
    sub: String,
    jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    via: Option<Via>,
    iat: i64,
    exp: i64,
}

#[derive(Serialize, Deserialize)]
struct ChallengePayload {
    aud: String,
    sub: String,
    link: String,
    kind: String,
    /// `None`: a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    means: Option<String>,
    rp_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    via: Option<Via>,
    iat: i64,
    exp: i64,
}

/// A token that says nothing of it was handed out.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Via {
    Mail,
}

impl Via {
    const fn of(way: Way) -> Option<Self> {
        match way {
            Way::HandedOut => None,
            Way::Mailed => Some(Self::Mail),
        }
    }

    const fn way(via: Option<Self>) -> Way {
        match via {
            None => Way::HandedOut,
            Some(Self::Mail) => Way::Mailed,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct SessionPayload {
    aud: String,
    sub: String,
    credential: String,
    rp_id: String,
    exp: i64,
}

impl Tokens {
    #[must_use]
    pub fn new(settings: &Settings, rp_id: &str) -> Self {
        // An error means that it is installed already.
        let _ = HS256.install_default();
        let keys = settings
            .secrets
            .iter()
            .map(|secret| Key {
                kid: kid(secret),
                encoding: EncodingKey::from_secret(secret.expose()),
                decoding: DecodingKey::from_secret(secret.expose()),
                secret: secret.clone(),
            })
            .collect();
        Self {
            keys,
            rp_id: rp_id.to_owned(),
            link: validation(LINK_AUDIENCE),
            challenge: validation(CHALLENGE_AUDIENCE),
            session: validation(SESSION_AUDIENCE),
        }
    }

    /// The `kid` of the secret that signs now.
    #[must_use]
    pub fn signing_kid(&self) -> &str {
        self.keys.first().map_or("", |key| &key.kid)
    }

    /// The token of a link whose page was come to so; the same link gives the same token.
    ///
    /// # Errors
    /// [`SecretGone`] if the link was made under a secret that is no longer configured.
    pub fn sign_link(&self, link: &Link, way: Way) -> Result<String, SecretGone> {
        let key = self.key(&link.secret.kid).ok_or(SecretGone)?;
        sign(
            key,
            &LinkPayload {
                aud: LINK_AUDIENCE.to_owned(),
                sub: link.id.to_string(),
                jti: base64url(&link.secret.jti),
                via: Via::of(way),
                iat: link.created_at.seconds(),
                exp: link.expires_at.seconds(),
            },
        )
    }

    /// # Errors
    /// [`Forged`] for whatever is not a link token under one of our secrets.
    pub fn read_link(&self, token: &str) -> Result<LinkClaims, Forged> {
        let payload: LinkPayload = self.read(token, &self.link)?;
        let jti = from_base64url(&payload.jti).and_then(|jti| jti.try_into().ok()).ok_or(Forged)?;
        Ok(LinkClaims {
            link: payload.sub.parse().map_err(|_| Forged)?,
            jti,
            way: Via::way(payload.via),
        })
    }

    /// The token that ties a ceremony's answer to its challenge.
    ///
    /// # Errors
    /// [`SecretGone`] never in practice: the first secret signs.
    pub fn sign_challenge(&self, ceremony: &Ceremony, way: Way) -> Result<String, SecretGone> {
        let key = self.keys.first().ok_or(SecretGone)?;
        sign(
            key,
            &ChallengePayload {
                aud: CHALLENGE_AUDIENCE.to_owned(),
                sub: ceremony.id.to_string(),
                link: ceremony.link.to_string(),
                kind: ceremony.kind.as_str().to_owned(),
                means: match ceremony.means {
                    Means::Passkey => None,
                    means @ Means::Totp => Some(means.as_str().to_owned()),
                },
                rp_id: self.rp_id.clone(),
                via: Via::of(way),
                iat: ceremony.created_at.seconds(),
                exp: ceremony.expires_at.seconds(),
            },
        )
    }

    /// # Errors
    /// [`Forged`] for whatever is not a challenge token under one of our secrets for this relying
    /// party.
    pub fn read_challenge(&self, token: &str) -> Result<ChallengeClaims, Forged> {
        let payload: ChallengePayload = self.read(token, &self.challenge)?;
        if payload.rp_id != self.rp_id {
            return Err(Forged);
        }
        Ok(ChallengeClaims {
            ceremony: payload.sub.parse().map_err(|_| Forged)?,
            link: payload.link.parse().map_err(|_| Forged)?,
            kind: Kind::parse(&payload.kind).ok_or(Forged)?,
            means: match payload.means {
                Some(means) => Means::parse(&means).ok_or(Forged)?,
                None => Means::Passkey,
            },
            way: Via::way(payload.via),
        })
    }

    /// The token of a customer's session.
    ///
    /// # Errors
    /// [`SecretGone`] never in practice: the first secret signs.
    pub fn sign_session(&self, session: &SessionClaims) -> Result<String, SecretGone> {
        let key = self.keys.first().ok_or(SecretGone)?;
        sign(
            key,
            &SessionPayload {
                aud: SESSION_AUDIENCE.to_owned(),
                sub: session.link.to_string(),
                credential: session.credential.to_string(),
                rp_id: self.rp_id.clone(),
                exp: session.expires_at.seconds(),
            },
        )
    }

    /// # Errors
    /// [`Forged`] for whatever is not a session token under one of our secrets for this relying
    /// party.
    pub fn read_session(&self, token: &str) -> Result<SessionClaims, Forged> {
        let payload: SessionPayload = self.read(token, &self.session)?;
        if payload.rp_id != self.rp_id {
            return Err(Forged);
        }
        let millis = payload.exp.checked_mul(1000).ok_or(Forged)?;
        Ok(SessionClaims {
            link: payload.sub.parse().map_err(|_| Forged)?,
            credential: payload.credential.parse().map_err(|_| Forged)?,
            expires_at: Timestamp::from_millis(millis),
        })
    }

    fn key(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    fn read<T: DeserializeOwned>(&self, token: &str, validation: &Validation) -> Result<T, Forged> {
        if token.len() > MAX_LENGTH {
            return Err(Forged);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Forged)?;
        let key = header.kid.and_then(|kid| self.key(&kid)).ok_or(Forged)?;
        jsonwebtoken::decode(token, &key.decoding, validation)
            .map(|token| token.claims)
            .map_err(|_| Forged)
    }
}

fn sign<T: Serialize>(key: &Key, payload: &T) -> Result<String, SecretGone> {
    let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, payload, &key.encoding).map_err(|_| SecretGone)
}

fn kid(secret: &Secret) -> String {
    let hash = sha256(&[b"vouchlink/kid/v1\0", secret.expose()]);
    hex(hash.get(..4).unwrap_or_default())
}

fn validation(audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[audience]);
    validation.required_spec_claims = HashSet::from(["aud".to_owned(), "sub".to_owned()]);
    validation.validate_exp = false;
    validation
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("kid", &self.signing_kid()).finish_non_exhaustive()
    }
}

/// HS256 over [`crate::domain::digest`] and nothing else: the library's own providers bring RSA
/// and three more curves that no token of ours uses.
static HS256: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(Secret::new(key.as_bytes().to_vec())))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(Secret::new(key.try_get_as_bytes()?.to_vec())))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Secret);

impl signature::Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(hmac_sha256(self.0.expose(), &[message]).to_vec())
    }
}

impl signature::Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], tag: &Vec<u8>) -> Result<(), signature::Error> {
        hmac_sha256_matches(self.0.expose(), &[message], tag)
            .then_some(())
            .ok_or_else(signature::Error::new)
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests;
