//! What customers read, in their language: texts from `templates/locales/LANGUAGE/FILE.ftl`
//! (Project Fluent), for pages and for mails. English is what all other files are measured by.

mod files;
mod lang;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub use lang::Lang;

use crate::domain::clock::Timestamp;

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<Vec<(Lang, Bundle)>> =
    LazyLock::new(|| Lang::ALL.iter().map(|lang| (*lang, bundle(*lang))).collect());

/// The texts of one language, and the names that stand in them.
#[derive(Clone)]
pub struct Words<'a> {
    lang: Lang,
    values: Vec<(&'static str, Value<'a>)>,
}

#[derive(Clone)]
enum Value<'a> {
    /// Somebody's name or words: kept apart from the text around it.
    Name(Cow<'a, str>),
    /// One of ours, for texts that differ by it.
    Case(&'static str),
    Number(i64),
}

/// A text as HTML: names are escaped and isolated (`<bdi>`), the text itself may hold `<b>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html(String);

impl<'a> Words<'a> {
    #[must_use]
    pub const fn new(lang: Lang) -> Self {
        Self { lang, values: Vec::new() }
    }

    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Lets `{ $name }` be `value`, whatever characters and writing direction it has.
    #[must_use]
    pub fn name(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.values.push((name, Value::Name(value.into())));
        self
    }

    /// Lets texts choose by `$name`.
    #[must_use]
    pub fn case(mut self, name: &'static str, word: &'static str) -> Self {
        self.values.push((name, Value::Case(word)));
        self
    }

    /// Lets `{ $name }` be a number, and texts choose its plural.
    #[must_use]
    pub fn number(mut self, name: &'static str, number: i64) -> Self {
        self.values.push((name, Value::Number(number)));
        self
    }

    /// The text `key` for plain text. Names are isolated by marks of Unicode (UAX 9) where their
    /// writing direction may differ from the text's.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.format(key, |name| isolated(self.lang, name))
    }

    /// The text `key` for HTML.
    #[must_use]
    pub fn html(&self, key: &str) -> Html {
        Html(self.format(key, |name| format!("<bdi>{}</bdi>", escaped(name))))
    }

    /// A point in time as people read it, to the minute, in UTC.
    #[must_use]
    pub fn moment(&self, time: Timestamp) -> String {
        let written = time.to_string();
        let parts: Vec<&str> = written.split(['-', 'T', ':']).collect();
        let [year, month, day, hour, minute, ..] = parts.as_slice() else { return written };
        let (Ok(month), Ok(day)) = (month.parse(), day.parse()) else { return written };
        let words = Words::new(self.lang)
            .name("year", *year)
            .number("month", month)
            .number("day", day)
            .name("clock", format!("{hour}:{minute}"));
        words.format("moment", str::to_owned)
    }

    /// What no language knows is its key; a test makes sure that all know all.
    fn format(&self, key: &str, wrap: impl Fn(&str) -> String) -> String {
        let mut args = FluentArgs::with_capacity(self.values.len());
        for (name, value) in &self.values {
            args.set(
                *name,
                match value {
                    Value::Name(text) => FluentValue::from(wrap(text)),
                    Value::Case(word) => FluentValue::from(*word),
                    Value::Number(number) => FluentValue::from(*number),
                },
            );
        }
        [self.lang, Lang::En]
            .into_iter()
            .find_map(|lang| format(lang, key, &args).ok())
            .unwrap_or_else(|| key.to_owned())
    }
}

/// What is wrong with the text, if it cannot be formatted.
fn format(lang: Lang, key: &str, args: &FluentArgs<'_>) -> Result<String, String> {
    let bundle = BUNDLES.iter().find(|(known, _)| *known == lang).map(|(_, bundle)| bundle);
    let message = bundle.and_then(|bundle| bundle.get_message(key));
    let pattern = message.and_then(|message| message.value());
    let (Some(bundle), Some(pattern)) = (bundle, pattern) else {
        return Err("is missing".to_owned());
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
    if errors.is_empty() { Ok(text) } else { Err(format!("{errors:?}")) }
}

fn bundle(lang: Lang) -> Bundle {
    let id: LanguageIdentifier = lang.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Names are isolated before they come in, in each form its own way.
    bundle.set_use_isolating(false);
    for (_, source) in files::of(lang) {
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn isolated(lang: Lang, name: &str) -> String {
    let right_to_left = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
    if lang.direction() == "rtl" || name.chars().any(right_to_left) {
        format!("\u{2068}{name}\u{2069}")
    } else {
        name.to_owned()
    }
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&#38;"),
            '<' => html.push_str("&#60;"),
            '>' => html.push_str("&#62;"),
            '"' => html.push_str("&#34;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Leaves the names out: they can be personal.
impl fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("lang", &self.lang).finish_non_exhaustive()
    }
}
