//! What an event says of a customer, as a record is told it.
//!
//! Two rules keep a record from saying more than the gate. While `verified` is false no fact of a
//! verification stands beside it: a workflow that looks at the time alone, or at the assurance,
//! stops as well, and the id names the link that closed the gate. And where the gate is open while
//! this event's own link did not verify anybody (a second link expired), the facts of the
//! verification that counts are left as they are: the event does not know them.

use serde::Deserialize;
use serde_json::Value;

use super::super::clock::Timestamp;
use super::mapping::{Fact, Mapping};
use super::record::{Form, Record};

/// An event, as far as a record is concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    verified: bool,
    body: Body,
}

/// The event's body is not one of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event says nothing about a verification")]
pub struct Unreadable;

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Keep,
    Clear,
    Set(Value),
}

/// Whether an event is about a record of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit<'a> {
    /// About this one.
    Record { module: &'a str, id: &'a str },
    /// The link named no record.
    Unnamed,
    /// It named one of another module, or of another CRM.
    Elsewhere { module: &'a str },
    /// No record here has such an id.
    NoId,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Body {
    r#type: String,
    timestamp: Option<String>,
    user_id: String,
    verified: bool,
    data: Data,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Data {
    link_id: Option<String>,
    status: Option<String>,
    reason: Option<String>,
    method: Option<String>,
    assurance: Option<u8>,
    binding: Option<String>,
    #[serde(default)]
    first_use: bool,
    verified_at: Option<String>,
    verified_until: Option<String>,
    #[serde(default)]
    sequence: u64,
    reference: Option<String>,
    crm: Option<Crm>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Crm {
    module: String,
    record_id: String,
}

impl News {
    /// Reads an event's body to tell it at `now`. A verification whose time has run out by then is
    /// told as none: an old message that is sent again must not open what is closed.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(body: &str, now: Timestamp) -> Result<Self, Unreadable> {
        let body: Body = serde_json::from_str(body).map_err(|_| Unreadable)?;
        let until = body.data.verified_until.as_deref().map(Timestamp::parse);
        let over = match until {
            Some(Some(until)) => until <= now,
            // A time that cannot be read is no reason to believe it.
            Some(None) => true,
            None => false,
        };
        Ok(Self { verified: body.verified && !over, body })
    }

    /// Whether the gate is open for the customer.
    #[must_use]
    pub const fn verified(&self) -> bool {
        self.verified
    }

    /// Which of an endpoint's records this is about.
    #[must_use]
    pub fn fit(&self, record: &Record) -> Fit<'_> {
        let Some(Crm { module, record_id }) = &self.body.data.crm else { return Fit::Unnamed };
        let known = record.modules.iter().any(|known| known.eq_ignore_ascii_case(module));
        match known {
            false => Fit::Elsewhere { module },
            true if record.ids.matches(record_id) => Fit::Record { module, id: record_id },
            true => Fit::NoId,
        }
    }

    /// The fields to write, in a CRM's own form.
    #[must_use]
    pub fn fields(&self, mapping: &Mapping, form: Form) -> serde_json::Map<String, Value> {
        let written = |(field, fact): (&str, Fact)| {
            let value = match (self.entry(fact, form), form) {
                (Entry::Keep, _) => return None,
                (Entry::Clear, Form::Texts) => Value::from(""),
                (Entry::Clear, Form::Json | Form::JsonOffset) => Value::Null,
                (Entry::Set(Value::Bool(flag)), Form::Texts) => Value::from(flag.to_string()),
                (Entry::Set(Value::Number(number)), Form::Texts) => Value::from(number.to_string()),
                (Entry::Set(value), _) => value,
            };
            Some((field.to_owned(), value))
        };
        mapping.iter().filter_map(written).collect()
    }

    /// What becomes of the field that holds `fact`.
    fn entry(&self, fact: Fact, form: Form) -> Entry {
        let data = &self.body.data;
        let text = |text: &Option<String>| text.as_deref().map(Value::from);
        let time = |time: &Option<String>| time.as_deref().map(|time| Value::from(form.time(time)));
        // What the event's own link says of a verification, if it counts.
        let standing = |value: Option<Value>| match (self.verified, &data.verified_at) {
            (true, Some(_)) => value.map_or(Entry::Clear, Entry::Set),
            (true, None) => Entry::Keep,
            (false, _) => Entry::Clear,
        };
        let event = |value: Option<Value>| value.map_or(Entry::Clear, Entry::Set);
        match fact {
            Fact::Verified => Entry::Set(Value::from(self.verified)),
            Fact::VerifiedAt => standing(time(&data.verified_at)),
            Fact::VerifiedOn => {
                let day = data.verified_at.as_deref().and_then(|time| time.get(..10));
                standing(day.map(Value::from))
            }
            Fact::VerifiedUntil => standing(time(&data.verified_until)),
            Fact::VerificationId if !self.verified => event(text(&data.link_id)),
            Fact::VerificationId => standing(text(&data.link_id)),
            Fact::Method => standing(text(&data.method)),
            Fact::Assurance => standing(data.assurance.map(Value::from)),
            Fact::Binding => standing(text(&data.binding)),
            Fact::FirstUse => standing(Some(Value::from(data.first_use))),
            Fact::Reference => standing(text(&data.reference)),
            Fact::Sequence => Entry::Set(Value::from(data.sequence)),
            Fact::Status => event(text(&data.status)),
            Fact::Reason => event(text(&data.reason)),
            Fact::EventType => Entry::Set(Value::from(self.body.r#type.as_str())),
            Fact::EventAt => event(time(&self.body.timestamp)),
            Fact::UserId => Entry::Set(Value::from(self.body.user_id.as_str())),
            Fact::RecordId => event(data.crm.as_ref().map(|crm| Value::from(&*crm.record_id))),
        }
    }
}

impl Form {
    /// A time of ours, which ends in `Z`.
    fn time(self, time: &str) -> String {
        match (self, time.strip_suffix('Z')) {
            (Self::JsonOffset, Some(time)) => format!("{time}+00:00"),
            _ => time.to_owned(),
        }
    }
}
