//! Which language a customer reads.

/// A language there are texts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    En,
    Es,
    Fr,
    De,
    Pt,
    It,
    Nl,
    He,
    Ar,
    Hi,
    Ja,
}

impl Lang {
    pub const ALL: &'static [Self] = &[
        Self::En,
        Self::Es,
        Self::Fr,
        Self::De,
        Self::Pt,
        Self::It,
        Self::Nl,
        Self::He,
        Self::Ar,
        Self::Hi,
        Self::Ja,
    ];

    /// Its BCP 47 tag, for HTML's `lang` and `Content-Language`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::De => "de",
            Self::Pt => "pt",
            Self::It => "it",
            Self::Nl => "nl",
            Self::He => "he",
            Self::Ar => "ar",
            Self::Hi => "hi",
            Self::Ja => "ja",
        }
    }

    /// Its writing direction, for HTML's `dir`.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::He | Self::Ar => "rtl",
            Self::En
            | Self::Es
            | Self::Fr
            | Self::De
            | Self::Pt
            | Self::It
            | Self::Nl
            | Self::Hi
            | Self::Ja => "ltr",
        }
    }

    /// The language of a link whose maker said `locale`, opened by a browser that sends
    /// `Accept-Language` (RFC 9110, section 12.5.4); English where neither names one of ours.
    #[must_use]
    pub fn choose(locale: Option<&str>, accept_language: Option<&str>) -> Self {
        locale.and_then(Self::of_tag).unwrap_or_else(|| Self::accepted(accept_language))
    }

    /// The language of a BCP 47 tag, by its first part; `None` if it is none of ours.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        // Older systems say `iw` for Hebrew.
        let first = if first == "iw" { "he" } else { first.as_str() };
        Self::ALL.iter().copied().find(|lang| lang.as_str() == first)
    }

    /// The one that is wanted most; of equals the first.
    fn accepted(header: Option<&str>) -> Self {
        let mut best = (0, Self::En);
        for range in header.unwrap_or_default().split(',') {
            let (tag, weight) = range
                .split_once(';')
                .map_or((range, 1000), |(tag, parameter)| (tag, weight(parameter)));
            if let Some(lang) = Self::of_tag(tag).filter(|_| weight > best.0) {
                best = (weight, lang);
            }
        }
        best.1
    }
}

/// `q=0.8` in thousandths; 0, unwanted, if it is none.
fn weight(parameter: &str) -> u16 {
    let value = parameter.trim().strip_prefix(['q', 'Q']).and_then(|rest| rest.strip_prefix('='));
    let (whole, part) =
        value.map_or(("", ""), |value| value.split_once('.').unwrap_or((value, "")));
    match (whole, part.len()) {
        ("1", 0..=3) => 1000,
        ("0", 0..=3) => format!("{part:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_says_the_language_or_else_the_browser() {
        assert_eq!(Lang::choose(Some("he-IL"), Some("fr")), Lang::He);
        assert_eq!(Lang::choose(Some("sv"), Some("fr-CH, en;q=0.9")), Lang::Fr);
        assert_eq!(Lang::choose(None, None), Lang::En);
        assert_eq!(Lang::choose(None, Some("")), Lang::En);
        assert_eq!(Lang::of_tag("iw_IL"), Some(Lang::He));
        assert_eq!(Lang::of_tag("PT-br"), Some(Lang::Pt));
    }

    #[test]
    fn the_browsers_weights_count_and_zero_means_no() {
        let accepted = |header| Lang::accepted(Some(header));
        assert_eq!(accepted("en;q=0.5, de;q=0.8, sv"), Lang::De);
        assert_eq!(accepted("en;q=0.5,de;q=0.50,es;q=0.49"), Lang::En);
        assert_eq!(accepted("sv, *;q=0.1"), Lang::En);
        assert_eq!(accepted("de;q=0, ja;q=0.001"), Lang::Ja);
        assert_eq!(accepted("de;q=1.0, ja"), Lang::De);
        assert_eq!(accepted("de;q=2, ja;q=x, it; q=0.1"), Lang::It);
    }
}
