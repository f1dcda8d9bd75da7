//! The real program as a process of its own: started, loaded, killed, started again.

mod cli;
mod cluster;
mod kill;
mod logs;
mod postgres;
pub(crate) mod server;
mod workers;
