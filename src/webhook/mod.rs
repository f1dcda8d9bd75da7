//! How webhooks go out: signed ([`sign`]), only to addresses that may be reached ([`guard`],
//! [`resolve`]), in the terms of whoever receives them ([`send`], [`crm`]), by one careful HTTP
//! client ([`client`]), whose every outcome is an [`exchange::Exchange`].

pub mod client;
pub mod crm;
pub mod exchange;
pub mod guard;
pub mod resolve;
pub mod send;
pub mod sign;
pub mod wire;
