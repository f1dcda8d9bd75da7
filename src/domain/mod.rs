//! What Vouchlink is about, without I/O, async or framework: plain values, their rules and their
//! transitions. Time and randomness come in as arguments.

pub mod api_key;
pub mod audit;
pub mod ceremony;
pub mod clock;
pub mod credential;
pub mod crm;
pub mod customer;
pub mod delivery;
pub mod digest;
pub mod encoding;
pub mod endpoint;
pub mod event;
pub mod evidence;
pub mod gate;
pub mod id;
pub mod link;
pub mod random;
pub mod remedy;
pub mod replay;
pub mod secret;
pub mod statement;
pub mod text;
pub mod verdict;
