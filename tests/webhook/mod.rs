//! Webhooks on their way to receivers of every kind.

mod client;
mod deliver;
mod worker;
