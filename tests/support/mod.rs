//! What tests stand on.

pub(crate) mod app;
pub(crate) mod attacks;
pub(crate) mod authenticator;
pub(crate) mod browser;
pub(crate) mod cbor;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod deliveries;
pub(crate) mod draft;
pub(crate) mod message;
pub(crate) mod receiver;
