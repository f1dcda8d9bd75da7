//! Reads settings and credentials strictly: what is missing, wrong or unknown is said with its
//! path, all of it together.

use serde_json::{Map, Value};

use super::super::endpoint::EndpointUrl;
use super::super::secret::Secret;
use super::Problem;

/// One JSON object, of which every member must be asked for.
pub(super) struct Reader<'a> {
    path: &'static str,
    members: &'a Map<String, Value>,
    asked: Vec<&'static str>,
    problems: Vec<Problem>,
}

/// Characters of a name within a host: a sub-domain, an account.
const LABEL_MAX: usize = 63;
const SECRET_MAX: usize = 2048;

impl<'a> Reader<'a> {
    pub(super) const fn new(path: &'static str, members: &'a Map<String, Value>) -> Self {
        Self { path, members, asked: Vec::new(), problems: Vec::new() }
    }

    /// What was wrong, members that nobody asked for included.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for name in self.members.keys() {
            if !self.asked.contains(&name.as_str()) {
                // What is quoted is bounded: it goes into an answer.
                let name: String = name.chars().take(64).collect();
                self.refuse(&name, "is not known here");
            }
        }
        self.problems
    }

    /// Says what is wrong with a member.
    pub(super) fn refuse(&mut self, name: &str, message: &str) {
        self.problems.push((format!("{}.{name}", self.path), message.to_owned()));
    }

    /// The member; `null` counts as absent.
    pub(super) fn member(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        let value = self.member(name)?;
        let text = value.as_str();
        if text.is_none() {
            self.refuse(name, "must be a text");
        }
        text
    }

    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        match self.member(name) {
            None => default,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.refuse(name, "must be true or false");
                default
            }
        }
    }

    pub(super) fn object(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        let value = self.member(name)?;
        let object = value.as_object();
        if object.is_none() {
            self.refuse(name, "must be an object");
        }
        object
    }

    /// One of a list of words.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let text = self.text(name)?;
        let word = parse(text);
        if word.is_none() {
            self.refuse(name, &format!("must be one of {}", words.join(", ")));
        }
        word
    }

    /// A name that stands in URLs as it is: letters, digits and underscores, a letter first.
    pub(super) fn name(&mut self, name: &'static str) -> Option<&'a str> {
        let text = self.text(name)?;
        if is_name(text) {
            return Some(text);
        }
        self.refuse(name, "must be 1 to 64 letters, digits or _, a letter first");
        None
    }

    /// The account's part of a host name: labels of letters, digits and hyphens, with dots
    /// between them only if there may be several.
    pub(super) fn label(&mut self, name: &'static str, several: bool) -> Option<String> {
        let text = self.text(name)?;
        let labels = if several { 3 } else { 1 };
        if text.split('.').count() <= labels && text.split('.').all(is_label) {
            return Some(text.to_ascii_lowercase());
        }
        self.refuse(name, "must be the account's part of the host name alone: letters, digits, -");
        None
    }

    /// The origin of a server that stands in for the vendor's own, such as a sandbox: nothing
    /// behind the host and the port.
    pub(super) fn origin(&mut self, name: &'static str) -> Option<EndpointUrl> {
        let text = self.text(name)?;
        match EndpointUrl::parse(text) {
            Ok(url) if url.expose().path() == "/" && url.expose().query().is_none() => Some(url),
            Ok(_) => {
                self.refuse(name, "must end after the host and the port");
                None
            }
            Err(bad) => {
                self.refuse(name, &bad.to_string());
                None
            }
        }
    }

    /// A secret that is needed.
    pub(super) fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let text = self.required(name)?;
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !text.is_empty() && text.len() <= SECRET_MAX && visible {
            return Some(Secret::from(text));
        }
        self.refuse(name, "must be 1 to 2048 visible ASCII characters, as the CRM shows it");
        None
    }

    /// A text that is needed.
    pub(super) fn required(&mut self, name: &'static str) -> Option<&'a str> {
        if self.members.get(name).is_none_or(Value::is_null) {
            self.asked.push(name);
            self.refuse(name, "is required");
            return None;
        }
        self.text(name)
    }
}

/// Whether this is a name that stands in URLs and bodies as it is.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
