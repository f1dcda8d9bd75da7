//! Small questions of language that templates ask.

use crate::domain::clock::Timestamp;

/// The writing direction of a BCP 47 language tag, for HTML's `dir`.
pub(super) fn direction(lang: &str) -> &'static str {
    match lang.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "ar" | "dv" | "fa" | "ff" | "he" | "ku" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

/// A company's initial, for its monogram; empty if its name has no letter and no digit.
pub(super) fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default()
}

/// A time as people read it, `2026-11-21 10:00 UTC`. The customer's script replaces it by the
/// phone's local time.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
pub(super) fn moment(time: &Timestamp) -> String {
    let text = time.to_string();
    match text.split_once('T') {
        Some((day, clock)) => format!("{day} {} UTC", clock.get(..5).unwrap_or(clock)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_to_left_languages_are_known_by_their_first_subtag() {
        assert_eq!(direction("he-IL"), "rtl");
        assert_eq!(direction("AR"), "rtl");
        assert_eq!(direction("en"), "ltr");
        assert_eq!(direction(""), "ltr");
    }

    #[test]
    fn a_monogram_is_the_first_letter_in_capitals() {
        assert_eq!(initial("«northwind» Bank"), "N");
        assert_eq!(initial("בנק"), "ב");
        assert_eq!(initial("!?"), "");
    }

    #[test]
    fn a_moment_is_read_to_the_minute() {
        assert_eq!(moment(&Timestamp::from_millis(1_795_255_200_987)), "2026-11-21 10:00 UTC");
    }
}
