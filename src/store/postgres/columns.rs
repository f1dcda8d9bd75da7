//! How domain values stand in columns: ids as UUIDs, hashes as bytes, times as milliseconds, words
//! as text. What does not read back is an error, never a default.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::failure::{Done, unreadable};
use crate::domain::alert::News;
use crate::domain::api_key::{KeyHash, Scope};
use crate::domain::audit::Actor;
use crate::domain::authenticator_app::RecoveryHash;
use crate::domain::ceremony::{Kind, Means};
use crate::domain::clock::Timestamp;
use crate::domain::credential::{Attachment, Transports};
use crate::domain::customer::{UserHandle, UserId};
use crate::domain::delivery::{Class, DeliveryStatus, Lease, Trigger};
use crate::domain::door::DoorHash;
use crate::domain::endpoint::{
    BodyMode, DisabledReason, EndpointStatus, Events, Kind as EndpointKind, Sealed,
};
use crate::domain::event::EventType;
use crate::domain::id::{Entity, Id};
use crate::domain::link::{CallInitiator, CodeHash, Enrolment, Status};
use crate::domain::mail::{EmailAddress, MailKind, MailStatus};
use crate::domain::remedy::Remedy;
use crate::domain::replay::ReplayStatus;
use crate::domain::statement::{Nonce, Statement};
use crate::domain::text::Line;
use crate::domain::verdict::{Binding, Method, Reason};

type Boxed = Box<dyn Error + Sync + Send>;

/// A column of a row; what is not as it was written is `Corrupt`.
pub(super) fn read<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Done<T> {
    row.try_get(column).map_err(|error| unreadable(&error))
}

/// A column holds what the domain does not know. Names the type, never the value.
#[derive(Debug, thiserror::Error)]
#[error("not a {0}")]
struct NotA(&'static str);

/// How a type is written and read by way of one that the library knows.
macro_rules! column {
    ([$($generic:tt)*] $name:ty as $through:ty: |$value:ident| $write:expr, |$raw:ident| $read:expr) => {
        impl<$($generic)*> ToSql for $name {
            fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
                let $value = self;
                $write.to_sql(kind, out)
            }

            fn accepts(kind: &Type) -> bool {
                <$through as ToSql>::accepts(kind)
            }

            to_sql_checked!();
        }

        impl<'a, $($generic)*> FromSql<'a> for $name {
            fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Boxed> {
                let $raw = <$through>::from_sql(kind, raw)?;
                $read
            }

            fn accepts(kind: &Type) -> bool {
                <$through as FromSql>::accepts(kind)
            }
        }
    };
}

impl<E: Entity> ToSql for Id<E> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        out.put_slice(self.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID
    }

    to_sql_checked!();
}

impl<'a, E> FromSql<'a> for Id<E> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Boxed> {
        Ok(Self::from_bytes(raw.try_into()?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID
    }
}

/// So many bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<const N: usize>(pub(super) [u8; N]);

column! { [const N: usize] Bytes<N> as &[u8]: |it| &it.0[..], |raw| Ok(Self(raw.try_into()?)) }

/// Tuple structs around bytes.
macro_rules! bytes {
    ($($name:ident,)*) => {$(
        column! { [] $name as &[u8]: |it| &it.0[..], |raw| Ok(Self(raw.try_into()?)) }
    )*};
}

bytes! { UserHandle, CodeHash, DoorHash, KeyHash, Nonce, Lease, RecoveryHash, }

/// Enums with one stable text per variant.
macro_rules! words {
    ($($name:ident,)*) => {$(
        column! { [] $name as &str:
            |it| it.as_str(),
            |raw| Self::parse(raw).ok_or_else(|| NotA(stringify!($name)).into())
        }
    )*};
}

words! {
    Attachment, Binding, BodyMode, CallInitiator, Class, DeliveryStatus, DisabledReason,
    EndpointKind, EndpointStatus, Enrolment, EventType, Kind, MailKind, MailStatus, Means, Method,
    News, Reason, Remedy, ReplayStatus, Status, Trigger,
}

column! { [] Timestamp as i64: |it| it.millis(), |raw| Ok(Self::from_millis(raw)) }

column! { [const MAX: usize] Line<MAX> as &str: |it| it.as_str(), |raw| Ok(Self::parse(raw)?) }

column! { [] UserId as &str: |it| it.as_str(), |raw| Ok(Self::parse(raw)?) }

column! { [] Actor as &str:
    |it| it.to_string(),
    |raw| Self::parse(raw).ok_or_else(|| NotA("Actor").into())
}

column! { [] Statement as String: |it| it.as_str(), |raw| Ok(Self::from_stored(raw)) }

column! { [] EmailAddress as String: |it| it.as_str(), |raw| Ok(Self::from_stored(raw)) }

column! { [] Transports as &str:
    |it| it.words().join(" "),
    |raw| Ok(Self::from_client(&raw.split(' ').map(str::to_owned).collect::<Vec<_>>()))
}

/// What an API key may do, parted by spaces.
#[derive(Debug)]
pub(super) struct Scopes(pub(super) Vec<Scope>);

column! { [] Scopes as &str:
    |it| it.0.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
    |raw| Ok(Self(raw.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>()?))
}

column! { [] Events as &str:
    |it| it.iter().map(EventType::as_str).collect::<Vec<_>>().join(" "),
    |raw| Ok(Self::parse(raw.split_ascii_whitespace())?)
}

column! { [] Sealed as &[u8]: |it| &it.0[..], |raw| Ok(Self(raw.to_vec())) }

/// A span in whole milliseconds.
#[derive(Debug)]
pub(super) struct Millis(pub(super) Duration);

column! { [] Millis as i64:
    |it| i64::try_from(it.0.as_millis()).unwrap_or(i64::MAX),
    |raw| Ok(Self(Duration::from_millis(u64::try_from(raw)?)))
}

/// A number without a sign, as the domain has it; columns hold 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole<T>(pub(super) T);

impl<T: Copy + fmt::Debug + TryInto<i64>> ToSql for Whole<T> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        let number: i64 = self.0.try_into().map_err(|_| NotA("number of 63 bits"))?;
        number.to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <i64 as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

impl<'a, T: TryFrom<i64>> FromSql<'a> for Whole<T> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Boxed> {
        let number = i64::from_sql(kind, raw)?;
        Ok(Self(number.try_into().map_err(|_| NotA("number in its range"))?))
    }

    fn accepts(kind: &Type) -> bool {
        <i64 as FromSql>::accepts(kind)
    }
}

/// A value kept as JSON text.
pub(super) struct Json<T>(pub(super) T);

/// Shows nothing: such values can be personal.
impl<T> fmt::Debug for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json")
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        serde_json::to_string(&self.0)?.to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <String as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

impl<'a, T: DeserializeOwned> FromSql<'a> for Json<T> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Boxed> {
        // The error of serde_json can quote the text, which may be personal.
        serde_json::from_str(<&str>::from_sql(kind, raw)?)
            .map(Self)
            .map_err(|_| NotA("JSON value").into())
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql>::accepts(kind)
    }
}
