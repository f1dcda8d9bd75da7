//! API keys: who may call, and what with.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::clock::Timestamp;
use super::digest::sha256;
use super::id::ApiKeyId;
use super::random::{NoEntropy, Random};
use super::secret::{Secret, base62};
use super::text::Line;

/// What a key's holder may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    LinksRead,
    LinksWrite,
    StatusRead,
    EvidenceRead,
    CustomersRead,
    CustomersWrite,
    WebhooksManage,
    MetricsRead,
}

impl Scope {
    pub const ALL: [Self; 8] = [
        Self::LinksRead,
        Self::LinksWrite,
        Self::StatusRead,
        Self::EvidenceRead,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::WebhooksManage,
        Self::MetricsRead,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LinksRead => "links:read",
            Self::LinksWrite => "links:write",
            Self::StatusRead => "status:read",
            Self::EvidenceRead => "evidence:read",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::WebhooksManage => "webhooks:manage",
            Self::MetricsRead => "metrics:read",
        }
    }
}

/// The text names no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is none of links:read, links:write, status:read, evidence:read, customers:read, customers:write, \
     webhooks:manage, metrics:read"
)]
pub struct NotAScope;

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(NotAScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// SHA-256 of a key. A key carries 256 random bits, so a plain hash is enough to keep it secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

impl KeyHash {
    #[must_use]
    pub fn of(key: &Secret) -> Self {
        Self(sha256(&[key.expose()]))
    }
}

/// A stored key: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    /// Whom it was made for; customers read it as the requester's name if nothing better is known.
    pub name: Line<64>,
    pub scopes: Vec<Scope>,
    pub hash: KeyHash,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// A new key and, this once, its text (`vl_` and 43 base62 characters).
    ///
    /// # Errors
    /// As [`Random::fill`].
    pub fn draw(
        name: Line<64>,
        scopes: Vec<Scope>,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(Self, Secret), NoEntropy> {
        let text = Secret::from(format!("vl_{}", base62(43, random)?).as_str());
        let key = Self {
            id: ApiKeyId::new(now, random)?,
            name,
            scopes,
            hash: KeyHash::of(&text),
            created_at: now,
            revoked_at: None,
        };
        Ok((key, text))
    }
}
