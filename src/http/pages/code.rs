//! The page for codes of an authenticator app, and for recovery codes: an app is set up here, or
//! asked.

use std::ops::Deref;

use askama::Template;

use super::RenderError;
use super::verify::VerifyPage;
use crate::domain::link::CallInitiator;

/// An open link that takes codes (200). It asks the same of the same customer as the link's own
/// page, so that it is made of what that page knows.
#[derive(Debug, Template)]
#[template(path = "customer/code.html")]
pub struct CodePage<'a> {
    pub page: VerifyPage<'a>,
    /// Nothing but a code would do, so that the link's own page is not offered.
    pub only: bool,
}

impl CodePage<'_> {
    /// # Errors
    /// As [`VerifyPage::render`].
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
    }
}

impl<'a> Deref for CodePage<'a> {
    type Target = VerifyPage<'a>;

    fn deref(&self) -> &VerifyPage<'a> {
        &self.page
    }
}
