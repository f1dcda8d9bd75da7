//! Which parameter is which field, for senders that cannot name their parameters: the query's
//! `map=user_id:Contact_Id,crm.record_id:Contact_Id,crm.module=Contacts`.

use std::collections::BTreeMap;

use super::super::problem::{FieldError, Problem};

/// Fields by name: at least one.
#[derive(Debug)]
pub(super) struct FieldMap(BTreeMap<String, Source>);

/// Where a field's text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `field:Parameter`.
    Parameter(String),
    /// `field=text`, for what is the same in every request.
    Text(String),
}

/// More than there are fields to map.
const ENTRIES_MAX: usize = 32;
/// Characters of a field's, a parameter's name, or a fixed text.
const NAME_MAX: usize = 64;

impl FieldMap {
    /// `None` without a map; several `map` parameters are one map.
    ///
    /// # Errors
    /// `validation` if it is not of this form, or names a field twice. Whether its fields exist
    /// shows where they are taken.
    pub(super) fn parse(map: &[String]) -> Result<Option<Self>, Problem> {
        if map.is_empty() {
            return Ok(None);
        }
        let mut fields = BTreeMap::new();
        for (index, entry) in map.iter().flat_map(|map| map.split(',')).enumerate() {
            if index == ENTRIES_MAX {
                return Err(wrong(format!("may have {ENTRIES_MAX} entries")));
            }
            let (field, source) = entry_of(entry).ok_or_else(|| {
                let place = index + 1;
                wrong(format!(
                    "has no field:Parameter or field=text in entry {place}, each side of 1 to \
                     {NAME_MAX} characters of UTF-8"
                ))
            })?;
            if fields.insert(field.to_owned(), source).is_some() {
                return Err(wrong(format!("names {field} twice")));
            }
        }
        Ok(Some(Self(fields)))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.0.iter().map(|(field, source)| (field.as_str(), source))
    }
}

fn entry_of(entry: &str) -> Option<(&str, Source)> {
    // Whichever sign comes first: a parameter's name may hold the other.
    let at = entry.find([':', '='])?;
    let (field, rest) = entry.split_at_checked(at)?;
    // Where the query was no UTF-8 stands U+FFFD.
    let fits =
        |text: &str| (1..=NAME_MAX).contains(&text.chars().count()) && !text.contains('\u{fffd}');
    let source = match rest.strip_prefix(':') {
        Some(name) => Source::Parameter(name.to_owned()),
        None => Source::Text(rest.strip_prefix('=')?.to_owned()),
    };
    let (Source::Parameter(text) | Source::Text(text)) = &source;
    (fits(field) && fits(text)).then_some((field, source))
}

fn wrong(message: String) -> Problem {
    Problem::validation(vec![FieldError { field: "map".to_owned(), message }])
}
