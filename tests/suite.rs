//! All tests that need more than one module, in one program (one link step).

// Says to clippy that the functions beside the tests belong to tests, too.
#![cfg(test)]

mod api;
mod browser;
mod bulk;
mod mail;
mod pages;
mod passkey;
mod process;
mod repo;
mod store;
mod support;
mod webhook;
