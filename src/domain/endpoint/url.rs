//! An endpoint's URL, which may itself be a secret.

use std::fmt;

use url::Url;

/// A URL that webhooks may be sent to in principle; whether its address may be reached is the
/// guard's question at every attempt. The whole URL may be a secret (a Zoho function's carries
/// its key), so `Debug` and `Display` show the host only.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl(Url);

/// Why a URL was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEndpointUrl {
    #[error("is not a URL such as https://crm.example.com/hooks/verification")]
    NotAUrl,
    #[error("must begin with https:// (or http:// for an address in WEBHOOK_ALLOW_CIDRS)")]
    Scheme,
    #[error("must not hold a user name or password: use a header")]
    Credentials,
    #[error("must not have a fragment (#...)")]
    Fragment,
    #[error("must have at most 2048 characters")]
    TooLong,
    #[error("must name a host")]
    NoHost,
}

impl EndpointUrl {
    /// # Errors
    /// [`BadEndpointUrl`] as its texts say.
    pub fn parse(text: &str) -> Result<Self, BadEndpointUrl> {
        if text.len() > 2048 {
            return Err(BadEndpointUrl::TooLong);
        }
        let url = Url::parse(text).map_err(|_| BadEndpointUrl::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(BadEndpointUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadEndpointUrl::Credentials);
        }
        if url.fragment().is_some() {
            return Err(BadEndpointUrl::Fragment);
        }
        if url.host().is_none() {
            return Err(BadEndpointUrl::NoHost);
        }
        Ok(Self(url))
    }

    /// The URL itself; name the use at the call, it may be a secret.
    #[must_use]
    pub const fn expose(&self) -> &Url {
        &self.0
    }

    /// For staff: without the query, which is where a Zoho function's key stands, and with as much
    /// of the path as tells one endpoint from another.
    #[must_use]
    pub fn shown(&self) -> String {
        let hidden = if self.0.query().is_some() { "?..." } else { "" };
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{self}{port}{}{hidden}", self.0.path())
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
