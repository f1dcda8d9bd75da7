//! The HTTP client of all tests.

use std::time::Duration;

/// Follows no redirect, uses no proxy, and takes no connection up again that the server may be about
/// to close: it does so after 75 s.
pub(crate) fn client() -> reqwest::ClientBuilder {
    // Fails if another test installed it before, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let idle = Duration::from_secs(60);
    let builder = reqwest::Client::builder().pool_idle_timeout(idle).no_proxy();
    builder.redirect(reqwest::redirect::Policy::none())
}
