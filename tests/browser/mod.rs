//! Pages in a real browser with a virtual authenticator.

mod browsers;
mod code;
mod code_trouble;
mod demo;
mod door;
mod gallery;
mod harness;
mod hurry;
mod keyboard;
mod mails;
mod me;
mod new_phone;
mod own_app;
mod packages;
mod page;
mod places;
mod refusals;
mod screens;
mod simplewebauthn;
mod steps;
