//! Pages in a real browser with a virtual authenticator.

mod door;
mod harness;
mod me;
mod packages;
mod page;
mod places;
mod screens;
mod simplewebauthn;
mod steps;
