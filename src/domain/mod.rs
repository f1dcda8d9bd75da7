//! What Vouchlink is about, without I/O, async or framework: plain values, their rules and their
//! transitions. Time and randomness come in as arguments.

pub mod aaguid;
pub mod api_key;
pub mod audit;
pub mod authenticator_app;
pub mod binding;
pub mod budget;
pub mod call;
pub mod ceremony;
pub mod clock;
pub mod colour;
pub mod credential;
pub mod crm;
pub mod customer;
pub mod delivery;
pub mod digest;
pub mod digits;
pub mod door;
pub mod encoding;
pub mod endpoint;
pub mod event;
pub mod evidence;
pub mod gate;
pub mod id;
pub mod link;
pub mod mail;
pub mod mail_answer;
pub mod random;
pub mod remedy;
pub mod replay;
pub mod secret;
pub mod session;
pub mod statement;
pub mod text;
pub mod totp;
pub mod verdict;
