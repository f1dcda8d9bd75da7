//! Short texts that people and CRMs give us, bounded and free of control characters.

use std::fmt;

use serde::{Serialize, Serializer};

/// Why a text was not taken; the words are shown to whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    #[error("must not be empty")]
    Empty,
    #[error("must have at most {0} characters")]
    TooLong(usize),
    #[error("must not contain control, bidirectional-override or invisible characters")]
    Forbidden,
}

/// One line of 1 to `MAX` characters, without control or direction-changing characters (a name
/// shown to a customer must not be able to rewrite the sentence around it).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// # Errors
    /// [`BadText`] if it is empty, too long, or holds a forbidden character.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadText::Empty);
        }
        // Most are, and are read back with every link.
        let plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let length = if plain { text.len() } else { text.chars().count() };
        if length > MAX {
            return Err(BadText::TooLong(MAX));
        }
        if !plain && text.chars().any(forbidden) {
            return Err(BadText::Forbidden);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl<const MAX: usize> fmt::Display for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows the length only: such texts can be personal and `Debug` ends in logs.
impl<const MAX: usize> fmt::Debug for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({} bytes)", self.0.len())
    }
}

impl<const MAX: usize> Serialize for Line<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_bounded_and_visible() {
        assert_eq!(Line::<5>::parse("  asaf ").map(|l| l.to_string()), Ok("asaf".into()));
        assert_eq!(Line::<5>::parse(" \t "), Err(BadText::Empty));
        assert_eq!(Line::<5>::parse("שלום!!"), Err(BadText::TooLong(5)));
        assert_eq!(Line::<9>::parse("a\u{202e}b"), Err(BadText::Forbidden));
        assert_eq!(Line::<9>::parse("a\u{61c}b"), Err(BadText::Forbidden));
        assert_eq!(Line::<9>::parse("a\nb"), Err(BadText::Forbidden));
        assert_eq!(Line::<9>::parse("a\u{7f}b"), Err(BadText::Forbidden));
        assert_eq!(Line::<5>::parse("asaf~!"), Err(BadText::TooLong(5)));
        assert_eq!(Line::<5>::parse("שלום!").map(|l| l.to_string()), Ok("שלום!".into()));
    }
}
