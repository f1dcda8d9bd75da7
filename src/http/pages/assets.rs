//! Styles, scripts and the icon, embedded in the program.

use std::sync::LazyLock;

use crate::domain::digest::sha256;
use crate::domain::encoding::hex;

/// Where assets are served.
pub const PREFIX: &str = "/static/";

/// Name, content type and bytes of every asset.
pub const ASSETS: &[(&str, &str, &[u8])] = &[
    ("demo.css", CSS, include_bytes!("../../../static/demo.css")),
    ("demo.js", JAVASCRIPT, include_bytes!("../../../static/demo.js")),
    ("docs.css", CSS, include_bytes!("../../../static/docs.css")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../../static/icon.svg")),
    ("theme.css", CSS, include_bytes!("../../../static/theme.css")),
    ("verify.css", CSS, include_bytes!("../../../static/verify.css")),
    ("verify.js", JAVASCRIPT, include_bytes!("../../../static/verify.js")),
];

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The URL of each of [`ASSETS`], in their order.
static URLS: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    ASSETS
        .iter()
        .map(|(name, _, bytes)| (*name, format!("{PREFIX}{name}?v={}", version(bytes))))
        .collect()
});

/// Content type and bytes of the asset `name`; `None` if there is none.
#[must_use]
pub fn find(name: &str) -> Option<(&'static str, &'static [u8])> {
    ASSETS.iter().find(|(known, ..)| *known == name).map(|(_, kind, bytes)| (*kind, *bytes))
}

/// Where a page finds the asset `name`, `/static/verify.js?v=1a2b3c4d`. The version changes with
/// the content, so that the answer may be cached for ever.
#[must_use]
pub fn url(name: &str) -> &'static str {
    URLS.iter().find(|(known, _)| *known == name).map_or("", |(_, url)| url)
}

/// The first 8 hexadecimal digits of the content's SHA-256.
fn version(bytes: &[u8]) -> String {
    hex(&sha256(&[bytes])).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_asset_and_its_content() {
        let (kind, bytes) = find("verify.js").unwrap();
        assert_eq!(kind, "text/javascript; charset=utf-8");
        let hash = hex(&sha256(&[bytes]));
        assert_eq!(url("verify.js"), format!("/static/verify.js?v={}", hash.split_at(8).0));
        assert_eq!(find("../Cargo.toml"), None);
    }
}
