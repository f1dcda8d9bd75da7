//! Small questions of language that templates ask.

use std::fmt;

use crate::domain::clock::Timestamp;
use crate::words::{Html, Lang, Words};

/// Names in it are escaped, and the rest is ours.
impl askama::filters::HtmlSafe for Html {}

/// A text as it is on phones and as it is on computers; the style sheet shows one.
#[derive(Debug)]
pub(super) struct Here {
    phone: Html,
    computer: Html,
}

impl Here {
    pub(super) fn of(words: &Words<'_>, key: &str) -> Self {
        let on = |device| words.clone().case("device", device).html(key);
        Self { phone: on("phone"), computer: on("computer") }
    }
}

impl fmt::Display for Here {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { phone, computer } = self;
        if phone == computer {
            return write!(f, "{phone}");
        }
        let computer = format_args!("<span class=\"on-computer\">{computer}</span>");
        write!(f, "<span class=\"on-phone\">{phone}</span>{computer}")
    }
}

impl askama::filters::HtmlSafe for Here {}

/// A company's initial, for its monogram; empty if its name has no letter and no digit.
pub(super) fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default()
}

/// A time as the demo's operator reads it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
pub(super) fn moment(time: &Timestamp) -> String {
    Words::new(Lang::En).moment(*time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monogram_is_the_first_letter_in_capitals() {
        assert_eq!(initial("«northwind» Bank"), "N");
        assert_eq!(initial("בנק"), "ב");
        assert_eq!(initial("!?"), "");
    }

    #[test]
    fn a_text_is_there_once_or_once_for_each_kind_of_device() {
        let words = Words::new(Lang::En).name("company", "N");
        assert_eq!(
            Here::of(&words, "server-title").to_string(),
            "Something went wrong on our side"
        );
        let both = Here::of(&words, "never-leaves").to_string();
        assert!(
            both.starts_with("<span class=\"on-phone\">It never leaves your phone.</span><span")
        );
    }
}
