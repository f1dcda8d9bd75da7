//! The known door: one field for the code that the agent reads out.

use askama::Template;

use super::RenderError;
use super::brand::Brand;
use crate::words::{Html, Lang, Words};

/// What the page says of the code that was typed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// None was.
    Nothing,
    /// It opens nothing now, whatever it once was (422).
    Wrong,
    /// Too many were typed, by this customer or by others (429).
    Wait,
}

/// The page, which works without scripts.
#[derive(Debug, Template)]
#[template(path = "customer/door.html")]
pub struct DoorPage<'a> {
    company: &'a str,
    brand: Brand<'a>,
    lang: Lang,
    words: Words<'a>,
    saying: Saying,
}

impl<'a> DoorPage<'a> {
    #[must_use]
    pub fn new(company: &'a str, brand: Brand<'a>, lang: Lang, saying: Saying) -> Self {
        let words = Words::new(lang).name("company", company);
        Self { company, brand, lang, words, saying }
    }

    /// # Errors
    /// None in practice: every value can be written.
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
    }

    fn say(&self, key: &str) -> Html {
        self.words.html(key)
    }
}
