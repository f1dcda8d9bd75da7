//! Pages in a real browser with a virtual authenticator.

mod harness;
mod page;
