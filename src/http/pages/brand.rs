//! How the company looks: addresses of its style and its logo, both our own.

use crate::domain::colour::{BLACK, Colour, WHITE};

/// Where a page finds what makes it the company's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Brand<'a> {
    /// A style sheet with the company's colours.
    pub style: Option<&'a str>,
    /// The logo; `None`: the name's initial.
    pub logo: Option<&'a str>,
}

/// The dark card of `theme.css`, on which the colour is made to stand out.
const DARK: Colour = Colour([0x14, 0x1a, 0x24]);

/// A style sheet with the company's colour, which has 4.5:1 or more with white: white on it while
/// it is light, and in the dark a lighter one with dark text.
#[must_use]
pub fn style(colour: Colour) -> String {
    let dark = colour.until(WHITE, DARK, 6.0);
    let rules = |accent: Colour, deep: Colour, text: Colour, soft: Colour| {
        format!(
            ":root{{--accent:{accent};--accent-deep:{deep};--on-accent:{text};--accent-soft:{soft}}}"
        )
    };
    format!(
        "{}\n@media (prefers-color-scheme:dark){{{}}}\n",
        rules(colour, colour.towards(BLACK, 18), WHITE, WHITE.towards(colour, 9)),
        rules(dark, dark.towards(WHITE, 30), DARK.towards(BLACK, 60), DARK.towards(colour, 30)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_as_it_is_in_the_light_and_lighter_in_the_dark() {
        let style = style(Colour([0x0a, 0x3d, 0x2e]));
        let (light, dark) = style.split_once('\n').unwrap();
        assert!(
            light.starts_with(":root{--accent:#0a3d2e;--accent-deep:#083226;--on-accent:#ffffff")
        );
        let accent = dark.split_once("--accent:").unwrap().1.split_once(';').unwrap().0;
        assert!(Colour::parse(accent).unwrap().contrast(DARK) >= 6.0, "{dark}");
    }
}
