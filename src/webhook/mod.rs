//! How webhooks go out: signed ([`sign`]), only to addresses that may be reached ([`guard`],
//! [`resolve`]), by one careful HTTP client ([`client`]), whose every outcome is an
//! [`exchange::Exchange`].

pub mod client;
pub mod exchange;
pub mod guard;
pub mod resolve;
pub mod sign;
