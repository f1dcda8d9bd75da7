//! The real program as a process of its own: started, loaded, killed, started again.

mod cli;
mod cluster;
mod kill;
mod logs;
mod mails;
mod postgres;
mod replay;
pub(crate) mod server;
mod storm;
mod workers;
