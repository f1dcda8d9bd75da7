//! The company's style and logo as files of ours, under names that change with their content.

use std::sync::Arc;

use super::pages::assets::{self, PREFIX};
use super::pages::brand::{self, Brand};
use crate::config;
use crate::config::LogoFormat;

/// What is served of the brand.
#[derive(Clone, Debug, Default)]
pub(super) struct BrandFiles {
    style: Option<Arc<BrandFile>>,
    logo: Option<Arc<BrandFile>>,
}

#[derive(Debug)]
pub(super) struct BrandFile {
    pub kind: &'static str,
    pub bytes: Vec<u8>,
    url: String,
}

impl BrandFiles {
    pub(super) fn new(brand: &config::Brand) -> Self {
        let style = brand.colour.map(|colour| {
            file("brand", "css", "text/css; charset=utf-8", brand::style(colour).into_bytes())
        });
        let logo = brand.logo.as_ref().map(|logo| {
            let (ending, kind) = match logo.format {
                LogoFormat::Png => ("png", "image/png"),
                LogoFormat::Svg => ("svg", "image/svg+xml"),
                LogoFormat::Webp => ("webp", "image/webp"),
            };
            file("logo", ending, kind, logo.bytes.clone())
        });
        Self { style, logo }
    }

    /// For the pages.
    pub(super) fn on_page(&self) -> Brand<'_> {
        Brand {
            style: self.style.as_ref().map(|file| file.url.as_str()),
            logo: self.logo.as_ref().map(|file| file.url.as_str()),
        }
    }

    /// The file of this name; `None` if there is none.
    pub(super) fn find(&self, name: &str) -> Option<&BrandFile> {
        let mut files = [&self.style, &self.logo].into_iter().flatten();
        files.find(|file| file.url.strip_prefix(PREFIX) == Some(name)).map(AsRef::as_ref)
    }
}

fn file(name: &str, ending: &str, kind: &'static str, bytes: Vec<u8>) -> Arc<BrandFile> {
    let url = format!("{PREFIX}{name}-{}.{ending}", assets::version(&bytes));
    Arc::new(BrandFile { kind, bytes, url })
}
