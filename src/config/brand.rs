//! How the company looks to its customers, and where they find help.

use std::fs::File;
use std::io::Read;

use super::reader::Reader;
use super::variables::{BRAND_COLOR, BRAND_LOGO, SUPPORT_PHONE};
use crate::domain::colour::{BLACK, Colour, WHITE};
use crate::domain::text::Line;

/// How the company looks to its customers, and where they find help.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// `BRAND_COLOR`: has 4.5:1 or more with white.
    pub colour: Option<Colour>,
    /// `BRAND_LOGO`
    pub logo: Option<Logo>,
    /// `SUPPORT_PHONE`: as people write it.
    pub support_phone: Option<Line<32>>,
}

/// A picture without anything that acts or comes from elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    pub format: LogoFormat,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoFormat {
    Png,
    Svg,
    Webp,
}

/// What text needs (WCAG 2.2, 1.4.3, level AA).
const CONTRAST: f64 = 4.5;
/// In bytes.
const LOGO_MAX: u64 = 64 * 1024;

pub(super) fn read(reader: &mut Reader<'_>) -> Brand {
    Brand {
        colour: colour(reader),
        logo: reader
            .is_set(&BRAND_LOGO)
            .then(|| reader.read(&BRAND_LOGO, |path| parse_logo(&content(path)?)))
            .flatten(),
        support_phone: reader
            .is_set(&SUPPORT_PHONE)
            .then(|| reader.read(&SUPPORT_PHONE, phone))
            .flatten(),
    }
}

fn colour(reader: &mut Reader<'_>) -> Option<Colour> {
    let text = reader.given(&BRAND_COLOR)?;
    let Some(colour) = Colour::parse(&text) else {
        let what = format!("{text:?} is no colour of the form #rrggbb");
        reader.refuse(&BRAND_COLOR, what, BRAND_COLOR.advice());
        return None;
    };
    let contrast = colour.contrast(WHITE);
    if contrast < CONTRAST {
        let better = colour.until(BLACK, WHITE, CONTRAST);
        reader.refuse(
            &BRAND_COLOR,
            format!("{colour} has {contrast:.1}:1 with white, and text needs {CONTRAST}:1"),
            format!("write {}={better}, the same colour darker", BRAND_COLOR.name),
        );
        return None;
    }
    Some(colour)
}

fn phone(text: &str) -> Result<Line<32>, String> {
    let phone = Line::parse(text).map_err(|error| error.to_string())?;
    let fits = |c: char| c.is_ascii_digit() || "+-() ./".contains(c);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits >= 3 && text.chars().all(fits) {
        Ok(phone)
    } else {
        Err("is no phone number".to_owned())
    }
}

fn content(path: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LOGO_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot be read ({})", error.kind()))?;
    if bytes.len() as u64 > LOGO_MAX {
        return Err(format!("has more than {LOGO_MAX} bytes"));
    }
    Ok(bytes)
}

fn parse_logo(bytes: &[u8]) -> Result<Logo, String> {
    let format = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        LogoFormat::Png
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        LogoFormat::Webp
    } else {
        check_svg(std::str::from_utf8(bytes).map_err(|_| NO_PICTURE)?)?;
        LogoFormat::Svg
    };
    Ok(Logo { format, bytes: bytes.to_vec() })
}

const NO_PICTURE: &str = "is no PNG, WebP or SVG picture";

/// # Errors
/// What is wrong with it, if it is none or could do more than be looked at.
fn check_svg(text: &str) -> Result<(), String> {
    let text = text.to_ascii_lowercase();
    if !text.contains("<svg") || !text.trim_start().starts_with('<') {
        return Err(NO_PICTURE.to_owned());
    }
    for acts in
        ["<script", "<foreignobject", "<!entity", "<!doctype", "javascript:", "@import", "&#"]
    {
        if text.contains(acts) {
            return Err(format!("holds {acts}, and a logo is a picture alone"));
        }
    }
    let handler = |rest: &str| {
        let name: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
        rest.strip_prefix(name.as_str()).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut marks = text.match_indices("on");
    let reacts = marks.any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        before.is_some_and(|c| c.is_whitespace() || "\"'/".contains(c))
            && text.get(at..).is_some_and(handler)
    });
    if reacts {
        return Err("holds event handlers, and a logo is a picture alone".to_owned());
    }
    // Names of XML's name spaces are no references.
    let pieces: Vec<&str> = text.split("xmlns").collect();
    let elsewhere = pieces.iter().enumerate().any(|(index, piece)| {
        let rest = if index == 0 { Some(*piece) } else { piece.splitn(3, ['"', '\'']).nth(2) };
        rest.is_some_and(|rest| rest.contains("//") || rest.contains("data:"))
    });
    if elsewhere {
        return Err("refers to something elsewhere, and a logo is a picture alone".to_owned());
    }
    Ok(())
}

/// Says how large it is.
impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_content() {
        let format = |bytes: &[u8]| parse_logo(bytes).map(|logo| logo.format);
        assert_eq!(format(b"\x89PNG\r\n\x1a\n..."), Ok(LogoFormat::Png));
        assert_eq!(format(b"RIFF\0\0\0\0WEBPVP8 "), Ok(LogoFormat::Webp));
        let svg = "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" \
            xmlns:xlink='http://www.w3.org/1999/xlink'><g id=\"onion\"><use href=\"#a\"/></g></svg>";
        assert_eq!(format(svg.as_bytes()), Ok(LogoFormat::Svg));
        for other in [&b"GIF89a"[..], b"\xff\xd8\xff", b"", b"hello", b"RIFF"] {
            assert!(format(other).is_err());
        }
    }

    #[test]
    fn a_picture_that_acts_or_fetches_is_none() {
        for inside in [
            "<script>alert(1)</script>",
            "<SCRIPT/>",
            "<rect onclick = 'x()'/>",
            "<rect x='1'onload=x()/>",
            "<a href='javascript:x()'/>",
            "<image href='https://elsewhere.example/a.png'/>",
            "<image href='//elsewhere.example/a.png'/>",
            "<style>@import 'a.css'</style>",
            "<foreignObject/>",
            "<image href='data:image/svg+xml,x'/>",
            "<a href='&#106;avascript:x()'/>",
        ] {
            let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{inside}</svg>");
            assert!(check_svg(&svg).is_err(), "{inside}");
        }
        assert!(check_svg("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>").is_err());
    }

    #[test]
    fn a_phone_number_has_digits_and_what_people_put_between_them() {
        assert!(phone("+49 (30) 123-456").is_ok());
        for wrong in ["12", "call us", "+49 30 123;ext=4", ""] {
            assert!(phone(wrong).is_err(), "{wrong}");
        }
    }
}
