//! The page of `vouchlink demo`: the current link, and each webhook as it arrives.

use askama::Template;

use super::RenderError;
use crate::domain::clock::Timestamp;

/// The demo (200). Its button posts to `/demo/link`; its script polls `/demo/webhooks`, which
/// answers `{"webhooks":[{"received_at","event","signature_valid","body"}]}`, newest first.
#[derive(Template)]
#[template(path = "demo.html")]
pub struct DemoPage<'a> {
    pub company: &'a str,
    /// The current link.
    pub url: &'a str,
    /// The link as SVG markup, trusted as it is.
    pub qr: &'a str,
    /// What arrived so far, newest first.
    pub webhooks: &'a [DemoWebhook],
}

/// A webhook the demo received.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DemoWebhook {
    pub received_at: Timestamp,
    /// `verification.verified`.
    pub event: String,
    /// Whether its Standard Webhooks signature holds.
    pub signature_valid: bool,
    /// The body, indented for reading.
    pub body: String,
}

impl DemoPage<'_> {
    /// # Errors
    /// None in practice: every value can be written.
    pub fn render(&self) -> Result<String, RenderError> {
        Template::render(self)
    }

    /// Whether the link leads to this very computer, where no phone can follow.
    fn local(&self) -> bool {
        let host = url::Url::parse(self.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.is_some_and(|host| host == "localhost" || host.ends_with(".localhost"))
    }
}

/// Leaves the link out: it is as good as its token.
impl std::fmt::Debug for DemoPage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DemoPage").field("webhooks", &self.webhooks.len()).finish_non_exhaustive()
    }
}
