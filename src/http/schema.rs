//! How domain types look in the OpenAPI document.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;

use crate::domain::audit::TimelineEntry;
use crate::domain::ceremony::{Kind, Means};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Class, DeliveryStatus, Trigger};
use crate::domain::encoding::Base64Url;
use crate::domain::endpoint::{BodyMode, DisabledReason, EndpointStatus, Kind as EndpointKind};
use crate::domain::event::EventType;
use crate::domain::gate::GateReason;
use crate::domain::id::{Entity, Id};
use crate::domain::link::{CallInitiator, Enrolment, Status};
use crate::domain::mail::MailStatus;
use crate::domain::remedy::Remedy;
use crate::domain::replay::ReplayStatus;
use crate::domain::verdict::{Assurance, Binding, Method, Reason};

/// Gives a type that serde writes as JSON its place in the document. The framework's derive wants
/// the other two traits as well; bodies are neither read nor written through them.
macro_rules! schema {
    ($type:ty $(where $generic:ident: $bound:path)?, $name:expr, $schema:expr) => {
        impl$(<$generic: $bound + 'static>)? Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new($schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl$(<$generic: $bound + 'static>)? ToJSON for $type {
            fn to_json(&self) -> Option<Value> {
                serde_json::to_value(self).ok()
            }
        }

        impl$(<$generic: $bound + 'static>)? ParseFromJSON for $type {
            fn parse_from_json(_: Option<Value>) -> ParseResult<Self> {
                Err(ParseError::custom("is only ever written"))
            }
        }
    };
}

/// The same for words.
macro_rules! words_schema {
    ($($type:ty),* $(,)?) => {$(
        schema!($type, stringify!($type), {
            let mut schema = MetaSchema::new("string");
            schema.enum_items =
                <$type>::ALL.iter().map(|word| Value::from(word.as_str())).collect();
            schema
        });
    )*};
}

words_schema!(
    Kind,
    Means,
    MailStatus,
    DeliveryStatus,
    Class,
    EventType,
    GateReason,
    CallInitiator,
    Enrolment,
    Status,
    Binding,
    Method,
    Reason,
    BodyMode,
    DisabledReason,
    EndpointKind,
    EndpointStatus,
    Remedy,
    ReplayStatus,
    Trigger,
);

schema!(Timestamp, "date-time", MetaSchema::new_with_format("string", "date-time"));
schema!(Base64Url, "base64url", MetaSchema::new_with_format("string", "base64url"));
schema!(Assurance, "Assurance", {
    MetaSchema {
        minimum: Some(0.0),
        maximum: Some(4.0),
        ..MetaSchema::new_with_format("integer", "uint8")
    }
});
schema!(Id<E> where E: Entity, format!("{}_id", E::PREFIX), {
    MetaSchema {
        pattern: Some(format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", E::PREFIX)),
        ..MetaSchema::new("string")
    }
});
schema!(TimelineEntry, "TimelineEntry", {
    let text = || MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
    MetaSchema {
        properties: vec![
            ("at", Timestamp::schema_ref()),
            ("actor", text()),
            ("action", text()),
            ("detail", MetaSchemaRef::Inline(Box::new(MetaSchema::new("object")))),
        ],
        required: vec!["at", "actor", "action", "detail"],
        ..MetaSchema::new("object")
    }
});
