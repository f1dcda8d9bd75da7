//! Typed identifiers: a prefix, `_`, and a UUIDv7 in Crockford's base32 (TypeID 0.3).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::clock::Timestamp;
use super::encoding::{BASE32_LENGTH, base32_digits, from_base32};
use super::random::{self, NoEntropy, Random};

/// What an [`Id`] identifies.
pub trait Entity {
    const PREFIX: &'static str;
}

macro_rules! entities {
    ($($(#[$doc:meta])* $entity:ident, $id:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $entity {}
        impl Entity for $entity {
            const PREFIX: &'static str = $prefix;
        }
        pub type $id = Id<$entity>;
    )*};
}

entities! {
    /// A request to verify one customer.
    LinkEntity, LinkId, "lnk";
    /// A person to verify.
    CustomerEntity, CustomerId, "cus";
    /// A customer's passkey or authenticator app.
    CredentialEntity, CredentialId, "crd";
    /// One WebAuthn ceremony.
    CeremonyEntity, CeremonyId, "cer";
    /// Something that happened.
    EventEntity, EventId, "evt";
    /// An event's way to one endpoint.
    DeliveryEntity, DeliveryId, "dlv";
    /// A webhook destination.
    EndpointEntity, EndpointId, "ep";
    /// A request to send deliveries again.
    ReplayEntity, ReplayId, "rpl";
    /// An address of a customer's.
    ContactEntity, ContactId, "con";
    /// A mail on its way.
    MailEntity, MailId, "eml";
    /// An API key.
    ApiKeyEntity, ApiKeyId, "key";
    /// A request, in logs and problem documents.
    RequestEntity, RequestId, "req";
}

/// An identifier of one kind of thing; ordered by the time it was made.
pub struct Id<E> {
    uuid: Uuid,
    entity: PhantomData<fn() -> E>,
}

impl<E> Id<E> {
    /// A new UUIDv7 (RFC 9562, section 5.7).
    ///
    /// # Errors
    /// As [`Random::fill`].
    pub fn new(now: Timestamp, random: &dyn Random) -> Result<Self, NoEntropy> {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        let bytes = random::bytes::<10>(random)?;
        Ok(Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()))
    }

    /// The lowest id of this moment: what was made before has a lower one, and what is made from
    /// then on a higher one.
    #[must_use]
    pub fn first_of(moment: Timestamp) -> Self {
        let millis = u64::try_from(moment.millis()).unwrap_or(0);
        Self::from_uuid(Uuid::from_u128(u128::from(millis) << 80))
    }

    /// The moment it was made, if [`new`](Self::new) made it.
    #[must_use]
    pub fn moment(&self) -> Timestamp {
        let millis = self.uuid.as_u128() >> 80;
        Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::from_uuid(Uuid::from_bytes(bytes))
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.uuid.as_bytes()
    }

    const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, entity: PhantomData }
    }
}

/// Room for the longest prefix, `_` and the digits.
const TEXT: usize = 3 + 1 + BASE32_LENGTH;

impl<E: Entity> Id<E> {
    /// Its text form, written into `room`: ids stand in everything that is sent, stored and logged.
    fn text<'a>(&self, room: &'a mut [u8; TEXT]) -> &'a str {
        let digits = base32_digits(self.as_bytes());
        let mut length = 0;
        for part in [E::PREFIX.as_bytes(), b"_", &digits] {
            if let Some(place) = room.get_mut(length..length + part.len()) {
                place.copy_from_slice(part);
                length += part.len();
            }
        }
        let text = room.get(..length).unwrap_or_default();
        // ASCII, all of it.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// The text is not an identifier of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind")]
pub struct NotAnId;

impl<E: Entity> FromStr for Id<E> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let suffix =
            text.strip_prefix(E::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
        let bytes = from_base32(suffix).ok_or(NotAnId)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl<E: Entity> fmt::Display for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; TEXT]))
    }
}

impl<E: Entity> fmt::Debug for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: Entity> Serialize for Id<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut [0; TEXT]))
    }
}

impl<'de, E: Entity> Deserialize<'de> for Id<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<E> Clone for Id<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for Id<E> {}
impl<E> PartialEq for Id<E> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<E> Eq for Id<E> {}
impl<E> Hash for Id<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<E> PartialOrd for Id<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Id<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_agrees_with_the_typeid_specification() {
        // spec/valid.yml of TypeID 0.3: "uuidv7" and the largest value.
        let id = LinkId::from_bytes(
            *Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881).as_bytes(),
        );
        assert_eq!(id.to_string(), "lnk_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!(LinkId::from_bytes([255; 16]).to_string(), "lnk_7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!("lnk_01h2xcejqtf2nbrexx3vqjhp41".parse(), Ok(id));
    }

    #[test]
    fn ids_are_parted_by_the_first_of_a_moment() {
        let at = Timestamp::from_millis;
        let id = |millis| LinkId::new(at(millis), &random::SystemRandom).unwrap();
        let first = LinkId::first_of(at(1_795_255_200_000));
        assert!(id(1_795_255_199_999) < first && first < id(1_795_255_200_000));
        assert_eq!(first.moment(), at(1_795_255_200_000));
        assert_eq!(id(1_795_255_200_123).moment(), at(1_795_255_200_123));
        assert_eq!(LinkId::first_of(at(-1)), LinkId::from_bytes([0; 16]));
    }

    #[test]
    fn what_is_no_id_of_this_kind_is_refused() {
        for text in [
            "",
            "lnk_",
            "cus_01h2xcejqtf2nbrexx3vqjhp41",
            "lnk_81h2xcejqtf2nbrexx3vqjhp41",
            "lnk_01h2xcejqtf2nbrexx3vqjhp4",
            "lnk_01h2xcejqtf2nbrexx3vqjhp411",
            "lnk_01H2XCEJQTF2NBREXX3VQJHP41",
            "lnk_01h2xcejqtf2nbrexx3vqjhpl1",
        ] {
            assert_eq!(text.parse::<LinkId>(), Err(NotAnId), "{text}");
        }
    }
}
