//! Colours and how well they can be told apart (WCAG 2.2, contrast ratio).

use std::fmt;

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

pub const WHITE: Colour = Colour([255; 3]);
pub const BLACK: Colour = Colour([0; 3]);

impl Colour {
    /// Reads `#1d4ed8`; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// From 1, the same, to 21, black and white.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Part of the way to `other`, in percent.
    #[must_use]
    pub fn towards(self, other: Self, percent: u8) -> Self {
        let percent = u16::from(percent.min(100));
        let mut mixed = self.0;
        for (own, other) in mixed.iter_mut().zip(other.0) {
            let sum = u16::from(*own) * (100 - percent) + u16::from(other) * percent;
            *own = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    /// The nearest on the way to `other` that has this contrast with `ground`; `other` if none has.
    #[must_use]
    pub fn until(self, other: Self, ground: Self, contrast: f64) -> Self {
        (0..=100)
            .map(|percent| self.towards(other, percent))
            .find(|colour| colour.contrast(ground) >= contrast)
            .unwrap_or(other)
    }

    /// Relative luminance, from 0 to 1.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_as_wcag_counts_it() {
        let grey = Colour::parse("#767676").unwrap();
        assert!((grey.contrast(WHITE) - 4.54).abs() < 0.01);
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.001);
        assert_eq!(Colour::parse("#1D4ED8").unwrap().to_string(), "#1d4ed8");
        for wrong in ["1d4ed8", "#1d4ed", "#+d4ed8", "#é4ed8", "red", ""] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_colour_is_moved_no_further_than_it_must() {
        let yellow = Colour::parse("#f2c200").unwrap();
        let dark = yellow.until(BLACK, WHITE, 4.5);
        assert!(dark.contrast(WHITE) >= 4.5 && dark.contrast(WHITE) < 4.7, "{dark}");
        assert_eq!(BLACK.until(WHITE, WHITE, 4.5), BLACK);
    }
}
