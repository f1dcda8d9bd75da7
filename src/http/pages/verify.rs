//! The customer's page: an open link, a link that has ended, and an address that is none.

use askama::Template;

use super::RenderError;
use super::brand::Brand;
use super::lang::Here;
use crate::domain::ceremony::Kind;
use crate::domain::clock::Timestamp;
use crate::domain::link::{CallInitiator, Closed};
use crate::words::{Html, Lang, Words};

/// An open link (200). Holds every screen the ceremony can lead to; the script shows one at a time.
#[derive(Template)]
#[template(path = "customer/verify.html")]
pub struct VerifyPage<'a> {
    /// The company's name, `RP_NAME`.
    pub company: &'a str,
    pub brand: Brand<'a>,
    /// Who asks, as the customer reads it.
    pub requester: &'a str,
    pub kind: Kind,
    /// What the customer approves; `None`: just that it is them.
    pub statement: Option<&'a str>,
    /// Who called whom, as staff say. The customer is asked first of all.
    pub call_initiator: Option<CallInitiator>,
    /// Whether the customer types the digits that the agent reads out.
    pub asks_call_code: bool,
    /// Staff's case number.
    pub reference: Option<&'a str>,
    pub expires_at: Timestamp,
    /// The link token; also where the page was reached by its short code.
    pub token: &'a str,
    /// The page's own link as SVG markup, trusted as it is; `None`: computers show no QR code.
    pub qr: Option<&'a str>,
    /// Whether an authenticator app's code is taken too, on a page of its own.
    pub takes_codes: bool,
    /// Where to call for help, as people write it.
    pub support_phone: Option<&'a str>,
    pub lang: Lang,
}

/// A link that can no longer be used (410).
#[derive(Debug, Template)]
#[template(path = "customer/ended.html")]
pub struct EndedPage<'a> {
    pub company: &'a str,
    pub brand: Brand<'a>,
    pub ended: Closed,
    /// When it ended; `None` if that is not known.
    pub at: Option<Timestamp>,
    pub reference: Option<&'a str>,
    pub support_phone: Option<&'a str>,
    pub lang: Lang,
}

/// A token or short code that is none (404).
#[derive(Debug, Template)]
#[template(path = "customer/unknown.html")]
pub struct UnknownPage<'a> {
    pub company: &'a str,
    pub brand: Brand<'a>,
    pub support_phone: Option<&'a str>,
    pub lang: Lang,
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

    /// The screen that shows first.
    pub(super) fn first(&self) -> &'static str {
        if self.call_initiator.is_some() { "direction" } else { "start" }
    }

    /// The screen whose button makes the device ask.
    fn last(&self) -> &'static str {
        if self.asks_call_code {
            "code"
        } else if self.statement.is_some() {
            "statement"
        } else {
            "start"
        }
    }

    /// The text that says who asks.
    fn who(&self) -> &'static str {
        match (self.registers(), self.requester == self.company) {
            (false, false) => "start-who",
            (false, true) => "start-who-company",
            (true, false) => "start-who-register",
            (true, true) => "start-who-register-company",
        }
    }

    fn words(&self) -> Words<'_> {
        Words::new(self.lang).name("company", self.company).name("requester", self.requester)
    }

    pub(super) fn say(&self, key: &str) -> Html {
        self.words().html(key)
    }

    /// A text that differs between phones and computers.
    pub(super) fn here(&self, key: &str) -> Here {
        Here::of(&self.words(), key)
    }

    /// For attributes, where there is no markup.
    pub(super) fn text(&self, key: &str) -> String {
        self.words().text(key)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    pub(super) fn moment(&self, time: &Timestamp) -> String {
        self.words().moment(*time)
    }

    pub(super) fn tries(&self, left: i64) -> Html {
        self.words().number("left", left).html("code-wrong")
    }

    pub(super) fn calling(&self, phone: &str) -> Html {
        calling(self.words(), phone)
    }
}

pub(super) fn calling<'a>(words: Words<'a>, phone: &'a str) -> Html {
    words.name("phone", phone).html("call-support")
}

/// A phone number as `tel:` takes it (RFC 3966).
pub(super) fn dialled(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
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

    fn words(&self) -> Words<'_> {
        Words::new(self.lang).name("company", self.company)
    }

    fn say(&self, key: &str) -> Html {
        self.words().html(key)
    }

    fn calling(&self, phone: &str) -> Html {
        calling(self.words(), phone)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    fn moment(&self, time: &Timestamp) -> String {
        Words::new(self.lang).moment(*time)
    }
}

impl UnknownPage<'_> {
    /// # Errors
    /// As [`VerifyPage::render`].
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
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

/// Leaves token and personal data out.
impl std::fmt::Debug for VerifyPage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyPage").field("kind", &self.kind).finish_non_exhaustive()
    }
}
