//! Pages in a real browser with a virtual authenticator.

mod browsers;
mod code;
mod code_screens;
mod code_trouble;
mod demo;
mod door;
mod gallery;
mod harness;
mod keyboard;
mod me;
mod new_phone;
mod packages;
mod page;
mod places;
mod screens;
mod simplewebauthn;
mod steps;
