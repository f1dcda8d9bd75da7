//! Webhooks on their way to receivers of every kind.

mod client;
mod crm;
mod crm_scripts;
mod deliver;
mod endpoints;
mod hostile;
mod new_ones;
mod reach;
mod receivers;
mod tls;
mod worker;
