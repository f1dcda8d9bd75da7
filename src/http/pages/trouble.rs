//! What a customer reads where their page cannot be shown just now.

use askama::Template;

use super::RenderError;
use super::brand::Brand;
use super::verify::calling;
use crate::words::{Html, Lang, Words};

/// Asked for too often (429), or we cannot answer (503). Trying again is what helps.
#[derive(Debug, Template)]
#[template(path = "customer/trouble.html")]
pub struct TroublePage<'a> {
    pub company: &'a str,
    pub brand: Brand<'a>,
    /// Too many asked from this customer's network; otherwise the trouble is ours.
    pub busy: bool,
    pub support_phone: Option<&'a str>,
    pub lang: Lang,
}

impl TroublePage<'_> {
    /// # Errors
    /// None in practice: every value can be written.
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
    }

    /// The screen's name.
    const fn name(&self) -> &'static str {
        if self.busy { "busy" } else { "server" }
    }

    fn words(&self) -> Words<'_> {
        Words::new(self.lang).name("company", self.company)
    }

    fn say(&self, key: &str) -> Html {
        self.words().html(key)
    }

    fn calling(&self, phone: &str) -> Html {
        calling(self.words(), phone)
    }
}
