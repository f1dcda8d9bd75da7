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

/// The words that both have in common, at either end, are there once.
impl fmt::Display for Here {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [phone, computer] = [&self.phone, &self.computer].map(ToString::to_string);
        let [phone, computer] = [&phone, &computer].map(|text| text.split(' ').collect::<Vec<_>>());
        let start = common(phone.iter().zip(&computer));
        let (start, phone) = phone.split_at(start);
        let (_, computer) = computer.split_at(start.len());
        if phone.is_empty() && computer.is_empty() {
            return f.write_str(&start.join(" "));
        }
        let end = common(phone.iter().rev().zip(computer.iter().rev()));
        let (phone, end) = phone.split_at(phone.len() - end);
        let (computer, _) = computer.split_at(computer.len() - end.len());
        start.iter().try_for_each(|word| write!(f, "{word} "))?;
        for (class, words) in [("on-phone", phone), ("on-computer", computer)] {
            write!(f, "<span class=\"{class}\">{}</span>", words.join(" "))?;
        }
        end.iter().try_for_each(|word| write!(f, " {word}"))
    }
}

/// How many words are the same, up to one where no element is open.
fn common<'a>(pairs: impl Iterator<Item = (&'a &'a str, &'a &'a str)>) -> usize {
    let (mut seen, mut closed, mut open) = (0, 0, 0);
    for (one, other) in pairs {
        if one != other {
            break;
        }
        seen += 1;
        // Each tag opens, and a closing one takes back what it and its partner opened.
        open +=
            one.matches('<').count().cast_signed() - 2 * one.matches("</").count().cast_signed();
        if open == 0 {
            closed = seen;
        }
    }
    closed
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
    fn a_text_is_there_once_and_what_differs_once_for_each_kind_of_device() {
        let words = Words::new(Lang::En).name("company", "N & Sons");
        let here = |key| Here::of(&words, key).to_string();
        assert_eq!(here("server-title"), "Something went wrong on our side");
        let spans = |phone, computer| {
            format!(
                "<span class=\"on-phone\">{phone}</span><span class=\"on-computer\">{computer}</span>"
            )
        };
        assert_eq!(
            here("never-leaves"),
            format!("It never leaves your {}", spans("phone.", "computer."))
        );
        assert_eq!(
            here("already-title"),
            format!("This {} is already set up", spans("phone", "computer"))
        );
        let done = spans("phone’s", "computer’s");
        let rest = "<bdi>N &#38; Sons</bdi> can see it now.";
        assert_eq!(here("done-text"), format!("Confirmed with this {done} screen lock. {rest}"));
    }

    #[test]
    fn what_is_common_never_cuts_an_element() {
        let html = |text: &str| Words::new(Lang::En).name("company", text).html("phone-done-text");
        let both = Here { phone: html("One Two"), computer: html("One Three") };
        assert_eq!(
            both.to_string(),
            "<span class=\"on-phone\"><bdi>One Two</bdi></span>\
             <span class=\"on-computer\"><bdi>One Three</bdi></span> can see it now."
        );
    }
}
