//! Vouchlink.
pub mod domain;
pub mod store;
