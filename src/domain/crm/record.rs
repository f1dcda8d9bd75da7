//! Which record an event is about, and how its fields are written.

use super::mapping::Mapping;
use super::reader::{Reader, is_name};

/// The records that an endpoint writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What a link's `crm.module` must say. A record's id means another customer in another
    /// CRM or module: what names none of these is not written at all.
    pub modules: Vec<String>,
    pub ids: Ids,
    pub fields: Mapping,
    pub form: Form,
}

/// What a record's id looks like. It becomes part of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// 1 to 20 digits.
    Digits,
    /// 15 or 18 letters and digits.
    Salesforce,
}

impl Ids {
    #[must_use]
    pub fn matches(self, id: &str) -> bool {
        match self {
            Self::Digits => {
                (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Salesforce => {
                matches!(id.len(), 15 | 18) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
        }
    }
}

/// How a CRM wants its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON's own values, `null` to empty a field, times as RFC 3339 in UTC with `Z`.
    Json,
    /// The same, times with `+00:00`.
    JsonOffset,
    /// Everything as a text, an empty one to empty a field.
    Texts,
}

impl Record {
    /// The setting `module`: how links name this kind of record. Where two CRMs have records of
    /// the same name, this word keeps them apart.
    pub(super) fn read(
        settings: &mut Reader<'_>,
        usual_module: &str,
        ids: Ids,
        form: Form,
        fields: Option<Mapping>,
    ) -> Option<Self> {
        let module = match settings.text("module") {
            None => usual_module.to_owned(),
            Some(text) if is_module(text) => text.to_owned(),
            Some(_) => {
                settings.refuse("module", "must be 1 to 64 letters, digits or any of _ - : .");
                return None;
            }
        };
        Some(Self { modules: vec![module], ids, fields: fields?, form })
    }

    /// Whether a link's `crm.module` names one of these records.
    #[must_use]
    pub fn is_named(&self, module: &str) -> bool {
        self.modules.iter().any(|known| known.eq_ignore_ascii_case(module))
    }
}

fn is_module(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte))
}

/// Fields of CRMs whose names are words of letters, digits and underscores.
pub(super) fn is_word(field: &str) -> bool {
    is_name(field)
}
