//! Which of our facts go into which fields of a CRM's record.

use serde_json::Value;

use super::super::verdict::words;
use super::reader::Reader;

words! {
    /// A fact that a record can be told.
    Fact {
        /// The gate's answer: true or false.
        Verified = "verified",
        /// When the customer was verified.
        VerifiedAt = "verified_at",
        /// The day of it in UTC, for CRMs whose fields know no time of day.
        VerifiedOn = "verified_on",
        VerifiedUntil = "verified_until",
        /// The id of the link that decided.
        VerificationId = "verification_id",
        Method = "method",
        Assurance = "assurance",
        Binding = "binding",
        FirstUse = "first_use",
        Reference = "reference",
        Sequence = "sequence",
        /// How the link of this event ended.
        Status = "status",
        Reason = "reason",
        EventType = "event_type",
        EventAt = "event_at",
        UserId = "user_id",
        /// The id of the record itself: for messages that are not written into it.
        RecordId = "record_id",
    }
}

/// Fields of a CRM's record, each with the fact that goes there: `verified` among them, and a
/// time beside it, because a tick in a box does not expire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping(Vec<(String, Fact)>);

const MOST: usize = 40;

impl Mapping {
    /// In the order of the fields' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Fact)> {
        self.0.iter().map(|(field, fact)| (field.as_str(), *fact))
    }

    /// The three fields a workflow needs.
    pub(super) fn usual(verified: &str, verified_at: &str, verification_id: &str) -> Self {
        let field = |name: &str, fact| (name.to_owned(), fact);
        Self(vec![
            field(verified, Fact::Verified),
            field(verified_at, Fact::VerifiedAt),
            field(verification_id, Fact::VerificationId),
        ])
    }

    /// With more fields.
    pub(super) fn and(mut self, more: &[(&str, Fact)]) -> Self {
        self.0.extend(more.iter().map(|(name, fact)| ((*name).to_owned(), *fact)));
        self
    }

    /// The member `name`: `{"<field of the CRM>": "<our fact>"}`; `usual` if there is none.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        name: &'static str,
        is_field: fn(&str) -> bool,
        usual: Option<Self>,
    ) -> Option<Self> {
        let Some(members) = reader.object(name) else {
            if usual.is_none() {
                reader.refuse(name, "is required: this CRM's fields have no names that we know");
            }
            return usual;
        };
        let mut fields = Vec::new();
        for (field, fact) in members.iter().take(MOST) {
            let shown: String = field.chars().take(64).collect();
            let path = format!("{name}.{shown}");
            if !is_field(field) || field.eq_ignore_ascii_case("id") {
                reader.refuse(&path, "is no field of the CRM that can be written");
                continue;
            }
            match fact.as_str().and_then(Fact::parse) {
                Some(fact) => fields.push((field.clone(), fact)),
                None => reader.refuse(&path, &format!("must be one of {}", facts())),
            }
        }
        if members.len() > MOST {
            reader.refuse(name, "may have at most 40 fields");
        } else if members.values().any(|fact| fact.as_str().and_then(Fact::parse).is_none()) {
            // That is said already.
        } else if let Some(missing) = missing(members.values()) {
            reader.refuse(name, missing);
        }
        Some(Self(fields))
    }
}

fn facts() -> String {
    let names: Vec<_> = Fact::ALL.iter().map(|fact| fact.as_str()).collect();
    names.join(", ")
}

fn missing<'a>(mut facts: impl Iterator<Item = &'a Value> + Clone) -> Option<&'static str> {
    let times = ["verified_at", "verified_on", "verified_until"];
    if !facts.clone().any(|fact| fact == "verified") {
        return Some("must have a field for verified");
    }
    if !facts.any(|fact| times.iter().any(|time| fact == time)) {
        return Some(
            "must have a field for verified_at (or verified_on, verified_until): the other alone \
             does not expire",
        );
    }
    None
}
