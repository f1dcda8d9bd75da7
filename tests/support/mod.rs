//! What tests stand on.

pub(crate) mod app;
pub(crate) mod attacks;
pub(crate) mod authenticator;
pub(crate) mod browser;
pub(crate) mod cbor;
pub(crate) mod certificates;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod deliveries;
pub(crate) mod draft;
pub(crate) mod events;
pub(crate) mod mail;
pub(crate) mod message;
pub(crate) mod postgres;
pub(crate) mod proxy;
pub(crate) mod receiver;
#[path = "../../benches/seed/data/mod.rs"]
pub(crate) mod seed;
pub(crate) mod smtp;
pub(crate) mod totp;
pub(crate) mod vendors;
