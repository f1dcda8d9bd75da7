//! The customer's page: an open link, a link that has ended, and an address that is none.

use askama::Template;

use super::RenderError;
use crate::domain::ceremony::Kind;
use crate::domain::clock::Timestamp;
use crate::domain::link::{CallInitiator, Closed};

/// An open link (200). Holds every screen the ceremony can lead to; the script shows one at a time.
#[derive(Template)]
#[template(path = "customer/verify.html")]
pub struct VerifyPage<'a> {
    /// The company's name, `RP_NAME`.
    pub company: &'a str,
    /// Who asks, as the customer reads it.
    pub requester: &'a str,
    pub kind: Kind,
    /// What the customer approves; `None`: just that it is them.
    pub statement: Option<&'a str>,
    pub call_initiator: Option<CallInitiator>,
    /// Staff's case number.
    pub reference: Option<&'a str>,
    pub expires_at: Timestamp,
    /// The link token; also where the page was reached by its short code.
    pub token: &'a str,
    /// The page's own link as SVG markup, trusted as it is; `None`: computers show no QR code.
    pub qr: Option<&'a str>,
    /// The language the page's words are in, a BCP 47 tag: `en`, until there are translations.
    pub lang: &'a str,
}

/// A link that can no longer be used (410).
#[derive(Debug, Template)]
#[template(path = "customer/ended.html")]
pub struct EndedPage<'a> {
    pub company: &'a str,
    pub ended: Closed,
    /// When it ended; `None` if that is not known.
    pub at: Option<Timestamp>,
    pub reference: Option<&'a str>,
    pub lang: &'a str,
}

/// A token or short code that is none (404).
#[derive(Debug, Template)]
#[template(path = "customer/unknown.html")]
pub struct UnknownPage<'a> {
    pub company: &'a str,
    pub lang: &'a str,
}

impl VerifyPage<'_> {
    /// # Errors
    /// None in practice: every value can be written.
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
    }

    fn registers(&self) -> bool {
        self.kind == Kind::Register
    }
}

impl EndedPage<'_> {
    /// # Errors
    /// As [`VerifyPage::render`].
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
    }

    /// The screen's name, as the open page's script would show it.
    fn name(&self) -> &'static str {
        match self.ended {
            Closed::Expired => "expired",
            Closed::Used => "used",
            Closed::Failed => "failed",
            Closed::Declined => "declined",
            Closed::Revoked => "revoked",
        }
    }
}

impl UnknownPage<'_> {
    /// # Errors
    /// As [`VerifyPage::render`].
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
    }
}

/// Leaves token and personal data out.
impl std::fmt::Debug for VerifyPage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyPage").field("kind", &self.kind).finish_non_exhaustive()
    }
}
