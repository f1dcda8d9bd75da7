//! The HTTP client of all tests.

/// Follows no redirect, uses no proxy.
pub(crate) fn client() -> reqwest::ClientBuilder {
    // Fails if another test installed it before, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy()
}
