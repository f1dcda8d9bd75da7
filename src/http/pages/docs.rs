//! The API's documentation, rendered from its OpenAPI document. No script, no third party.

use askama::Template;
use serde_json::Value;

use super::RenderError;
use super::openapi::Outline;

/// The documentation page (200).
#[derive(Debug)]
pub struct DocsPage<'a> {
    pub company: &'a str,
    /// An OpenAPI 3 document.
    pub document: &'a Value,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct View<'a> {
    company: &'a str,
    outline: Outline<'a>,
}

impl DocsPage<'_> {
    /// # Errors
    /// None in practice: every value can be written.
    pub fn render(&self) -> Result<String, RenderError> {
        View { company: self.company, outline: Outline::of(self.document) }.render()
    }
}
