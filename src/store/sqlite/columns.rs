//! How domain values stand in columns: ids and hashes as bytes, times as milliseconds, words as
//! text. What does not read back is an error, never a default.

use std::time::Duration;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

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
use crate::domain::id::Id;
use crate::domain::link::{CallInitiator, CodeHash, Enrolment, Status};
use crate::domain::mail::{EmailAddress, MailKind, MailStatus};
use crate::domain::remedy::Remedy;
use crate::domain::replay::ReplayStatus;
use crate::domain::statement::{Nonce, Statement};
use crate::domain::text::Line;
use crate::domain::verdict::{Binding, Method, Reason};

/// A column holds what the domain does not know. Names the type, never the value.
#[derive(Debug, thiserror::Error)]
#[error("not a {0}")]
struct NotA(&'static str);

fn not_a(what: &'static str) -> FromSqlError {
    FromSqlError::other(NotA(what))
}

impl<E> ToSql for Id<E> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}

impl<E> FromSql for Id<E> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        FromSql::column_result(value).map(Self::from_bytes)
    }
}

/// Tuple structs around bytes.
macro_rules! bytes {
    ($($name:ident,)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map(Self)
            }
        }
    )*};
}

bytes! { UserHandle, CodeHash, DoorHash, KeyHash, Nonce, Lease, RecoveryHash, Sealed, }

/// Enums with one stable text per variant.
macro_rules! words {
    ($($name:ident,)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.as_str()))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::parse(value.as_str()?).ok_or_else(|| not_a(stringify!($name)))
            }
        }
    )*};
}

words! {
    Attachment, Binding, BodyMode, CallInitiator, Class, DeliveryStatus, DisabledReason,
    EndpointKind, EndpointStatus, Enrolment, EventType, Kind, MailKind, MailStatus, Means, Method,
    News, Reason, Remedy, ReplayStatus, Status, Trigger,
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.millis()))
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

impl<const MAX: usize> ToSql for Line<MAX> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl<const MAX: usize> FromSql for Line<MAX> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(FromSqlError::other)
    }
}

impl ToSql for UserId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for UserId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(FromSqlError::other)
    }
}

impl ToSql for Actor {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.to_string()))
    }
}

impl FromSql for Actor {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or_else(|| not_a("Actor"))
    }
}

impl ToSql for Statement {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl ToSql for EmailAddress {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for EmailAddress {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(|text| Self::from_stored(text.to_owned()))
    }
}

impl FromSql for Statement {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(|text| Self::from_stored(text.to_owned()))
    }
}

impl ToSql for Transports {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.words().join(" ")))
    }
}

impl FromSql for Transports {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let words: Vec<String> = value.as_str()?.split(' ').map(str::to_owned).collect();
        Ok(Self::from_client(&words))
    }
}

/// What an API key may do, parted by spaces.
pub(super) struct Scopes(pub(super) Vec<Scope>);

impl ToSql for Scopes {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.as_str()).collect();
        Ok(ToSqlOutput::from(words.join(" ")))
    }
}

impl FromSql for Scopes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let words = value.as_str()?.split_ascii_whitespace();
        words.map(str::parse).collect::<Result<_, _>>().map(Self).map_err(FromSqlError::other)
    }
}

impl ToSql for Events {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let words: Vec<&str> = self.iter().map(EventType::as_str).collect();
        Ok(ToSqlOutput::from(words.join(" ")))
    }
}

impl FromSql for Events {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?.split_ascii_whitespace()).map_err(FromSqlError::other)
    }
}

/// A span in whole milliseconds.
pub(super) struct Millis(pub(super) Duration);

impl ToSql for Millis {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl FromSql for Millis {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let millis = value.as_i64()?;
        let span = u64::try_from(millis).map_err(|_| FromSqlError::OutOfRange(millis))?;
        Ok(Self(Duration::from_millis(span)))
    }
}

/// A number that counts up from zero.
pub(super) struct Count(pub(super) u64);

impl ToSql for Count {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let count = i64::try_from(self.0)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(ToSqlOutput::from(count))
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let count = value.as_i64()?;
        u64::try_from(count).map(Self).map_err(|_| FromSqlError::OutOfRange(count))
    }
}

/// A value kept as JSON text.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0)
            .map(ToSqlOutput::from)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        // The error of serde_json can quote the text, which may be personal.
        serde_json::from_str(value.as_str()?).map(Self).map_err(|_| not_a("JSON value"))
    }
}
