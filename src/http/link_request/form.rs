//! The order as form parameters (WHATWG URL, section 5): flat, each at most once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use poem_openapi::types::Any;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::super::problem::{FieldError, Problem};
use super::map::{FieldMap, Source};
use super::{CreateLink, CrmBody, SendBody};

/// More is not worth reading back.
const ERRORS_MAX: usize = 20;
const METADATA: &str = "metadata.";

/// # Errors
/// `validation` with what is wrong: unknown and doubled parameters, bytes that are no UTF-8, and
/// what is no number where one is asked for.
pub(super) fn read(bytes: &[u8], map: Option<&FieldMap>) -> Result<CreateLink, Problem> {
    let mut fields = match map {
        None => Fields::as_named(bytes),
        Some(map) => Fields::as_mapped(bytes, map),
    };
    let link = CreateLink {
        user_id: fields.required("user_id"),
        username: fields.required("username"),
        ttl_seconds: fields.number("ttl_seconds"),
        statement: fields.take("statement"),
        call_initiator: fields.take("call_initiator"),
        enrolment: fields.take("enrolment"),
        methods: fields
            .take("methods")
            .map(|methods| methods.split(',').map(|method| method.trim().to_owned()).collect()),
        locale: fields.take("locale"),
        reference: fields.take("reference"),
        if_open: fields.take("if_open"),
        crm: fields.crm(),
        metadata: fields.metadata().map(Any),
        return_url: fields.take("return_url"),
        send: fields.take("send.email").map(|email| SendBody { email }),
        requester: fields.take("requester"),
    };
    fields.refuse_the_rest(map.is_some());
    if fields.errors.is_empty() { Ok(link) } else { Err(Problem::validation(fields.errors)) }
}

/// The fields nobody took yet, and what is wrong so far.
struct Fields {
    /// `None`: the map names the field, its parameter was not sent.
    texts: BTreeMap<String, Option<String>>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Every parameter is the field of its name.
    fn as_named(bytes: &[u8]) -> Self {
        let mut fields = Self { texts: BTreeMap::new(), errors: Vec::new() };
        for (name, text) in form_urlencoded::parse(bytes) {
            fields.check_text(&name, &[&name, &text]);
            match fields.texts.entry(name.into_owned()) {
                Entry::Vacant(place) => {
                    place.insert(Some(text.into_owned()));
                }
                Entry::Occupied(taken) => {
                    let name = taken.key().clone();
                    fields.add(&name, "is given twice");
                }
            }
        }
        fields
    }

    /// Only what the map names is read: whoever cannot choose the names of the parameters cannot
    /// choose which are sent either.
    fn as_mapped(bytes: &[u8], map: &FieldMap) -> Self {
        let mut fields = Self { texts: BTreeMap::new(), errors: Vec::new() };
        for (field, source) in map.iter() {
            let text = match source {
                Source::Text(text) => Some(text.clone()),
                Source::Parameter(name) => {
                    let mut sent = form_urlencoded::parse(bytes)
                        .filter_map(|(found, text)| (found == name.as_str()).then_some(text));
                    let first = sent.next();
                    if sent.next().is_some() {
                        fields.add(field, &format!("comes from {name}, which is given twice"));
                    }
                    first.map(|text| {
                        fields.check_text(field, &[&text]);
                        text.into_owned()
                    })
                }
            };
            fields.texts.insert(field.to_owned(), text);
        }
        fields
    }

    fn add(&mut self, field: &str, message: &str) {
        if self.errors.len() < ERRORS_MAX {
            let field = field.chars().take(64).collect();
            self.errors.push(FieldError { field, message: message.to_owned() });
        }
    }

    /// The parser puts U+FFFD in the place of bytes that are no UTF-8, which would make one id of
    /// several; who sends the sign itself has lost a character before.
    fn check_text(&mut self, field: &str, texts: &[&str]) {
        if texts.iter().any(|text| text.contains('\u{fffd}')) {
            self.add(field, "is not UTF-8");
        }
    }

    /// A form has no null: what has no text was not given.
    fn take(&mut self, field: &str) -> Option<String> {
        self.texts.remove(field).flatten().filter(|text| !text.is_empty())
    }

    fn required(&mut self, field: &str) -> String {
        self.take(field).unwrap_or_else(|| {
            self.add(field, "is required");
            String::new()
        })
    }

    fn number(&mut self, field: &str) -> Option<u64> {
        let text = self.take(field)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        if number.is_none() {
            self.add(field, "must be a whole number, in digits");
        }
        number
    }

    fn crm(&mut self) -> Option<CrmBody> {
        const FIELDS: [&str; 2] = ["crm.module", "crm.record_id"];
        match FIELDS.map(|field| self.take(field)) {
            [None, None] => None,
            [Some(module), Some(record_id)] => Some(CrmBody { module, record_id }),
            [module, _] => {
                let [first, second] = FIELDS;
                self.add(if module.is_none() { first } else { second }, "is required");
                None
            }
        }
    }

    fn metadata(&mut self) -> Option<Map<String, Value>> {
        let names: Vec<String> =
            self.texts.keys().filter(|name| name.starts_with(METADATA)).cloned().collect();
        let mut metadata = Map::new();
        for name in &names {
            let key = name.strip_prefix(METADATA).filter(|key| !key.is_empty());
            if let (Some(key), Some(text)) = (key, self.take(name)) {
                metadata.insert(key.to_owned(), Value::String(text));
            } else if key.is_none() {
                self.add(name, "needs a key: metadata.<key>");
            }
        }
        (!metadata.is_empty()).then_some(metadata)
    }

    fn refuse_the_rest(&mut self, mapped: bool) {
        for name in std::mem::take(&mut self.texts).into_keys() {
            if mapped {
                self.add("map", &format!("names {name}, which is not a field of this request"));
            } else {
                self.add(&name, "is not a field of this request");
            }
        }
    }
}
