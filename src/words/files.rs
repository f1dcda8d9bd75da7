//! The files of texts, embedded in the program. A new file is one line here, and one in each
//! language's folder.

use super::Lang;

macro_rules! folder {
    ($lang:literal) => {
        &[
            ("page", include_str!(concat!("../../templates/locales/", $lang, "/page.ftl"))),
            ("time", include_str!(concat!("../../templates/locales/", $lang, "/time.ftl"))),
            ("door", include_str!(concat!("../../templates/locales/", $lang, "/door.ftl"))),
            ("me", include_str!(concat!("../../templates/locales/", $lang, "/me.ftl"))),
            ("code", include_str!(concat!("../../templates/locales/", $lang, "/code.ftl"))),
            ("mail", include_str!(concat!("../../templates/locales/", $lang, "/mail.ftl"))),
        ]
    };
}

/// Name and content of every file of a language.
pub(super) const fn of(lang: Lang) -> &'static [(&'static str, &'static str)] {
    match lang {
        Lang::En => folder!("en"),
        Lang::Es => folder!("es"),
        Lang::Fr => folder!("fr"),
        Lang::De => folder!("de"),
        Lang::Pt => folder!("pt"),
        Lang::It => folder!("it"),
        Lang::Nl => folder!("nl"),
        Lang::He => folder!("he"),
        Lang::Ar => folder!("ar"),
        Lang::Hi => folder!("hi"),
        Lang::Ja => folder!("ja"),
    }
}
