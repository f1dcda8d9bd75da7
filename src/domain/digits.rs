//! Digits as people type them: in the script of their keyboard, spaced and parted as they like.

/// The first of the ten digits of the scripts our pages speak: Latin, Arabic, Persian, Devanagari,
/// and full width.
const ZEROS: [char; 5] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'];

/// The values of exactly `N` digits; `None` if there are more, fewer, or anything else but what
/// people put between them.
#[must_use]
pub fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut digits = [0; N];
    let mut places = digits.iter_mut();
    for letter in text.chars().filter(|letter| !parts(*letter)) {
        *places.next()? = value(letter)?;
    }
    places.next().is_none().then_some(digits)
}

fn value(letter: char) -> Option<u8> {
    ZEROS.into_iter().find_map(|zero| {
        let value = u32::from(letter).checked_sub(u32::from(zero)).filter(|value| *value < 10)?;
        u8::try_from(value).ok()
    })
}

/// What people put between digits, and what right-to-left keyboards put around them unseen.
fn parts(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '-' | '.' | '\u{2010}'..='\u{2015}')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_in_every_script_and_however_they_are_parted() {
        for text in [
            "415926",
            " 415 926 ",
            "415-926",
            "41 59 26",
            "415.926",
            "415\u{2013}926",
            "415\u{a0}926",
            "\u{200f}٤١٥ ٩٢٦\u{200e}",
            "۴۱۵۹۲۶",
            "४१५९२६",
            "４１５　９２６",
        ] {
            assert_eq!(read::<6>(text), Some([4, 1, 5, 9, 2, 6]), "{text}");
        }
        assert_eq!(read::<0>(" - "), Some([]));
    }

    #[test]
    fn more_or_fewer_digits_and_other_letters_are_refused() {
        for text in
            ["", "41592", "4159266", "415926x", "+415926", "4159,26", "415/926", "415:926", "４１"]
        {
            assert_eq!(read::<6>(text), None, "{text}");
        }
        assert_eq!(read::<6>(&"1".repeat(100_000)), None);
    }
}
