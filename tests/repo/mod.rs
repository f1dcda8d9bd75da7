//! The repository's own rules, read from its files: who may use whom, where foreign crates live,
//! what tells the time, how long files are, and which documents must agree with the code.
//!
//! Each rule is a function over paths and texts, so that it can be shown to fail.

mod arrows;
mod claims;
mod crates;
mod documents;
mod examples;
mod habits;
mod lexer;
mod migrations;
mod time;
pub(crate) mod tree;
