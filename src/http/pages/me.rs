//! The customer's own view: words and empty forms of what the script fills in.

use askama::Template;

use super::RenderError;
use super::brand::Brand;
use crate::words::{Html, Lang, Words};

#[derive(Debug, Template)]
#[template(path = "customer/me.html")]
pub struct MePage<'a> {
    company: &'a str,
    brand: Brand<'a>,
    lang: Lang,
    words: Words<'a>,
}

impl<'a> MePage<'a> {
    #[must_use]
    pub fn new(company: &'a str, brand: Brand<'a>, lang: Lang) -> Self {
        let words = Words::new(lang).name("company", company);
        Self { company, brand, lang, words }
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
