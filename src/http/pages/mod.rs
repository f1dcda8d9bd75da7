//! What people see: views that turn plain values into HTML. Routes, headers and status codes are
//! not here. Every page lives under `default-src 'none'; script-src 'self'; style-src 'self';
//! img-src 'self' data:; connect-src 'self'; form-action 'self'`.

pub mod assets;
pub mod brand;
pub mod code;
pub mod demo;
pub mod docs;
pub mod door;
mod lang;
pub mod me;
mod openapi;
pub mod trouble;
pub mod verify;

pub use askama::Error as RenderError;
