//! The real program as a process of its own: started, loaded, killed, started again.

mod cli;
mod kill;
mod logs;
mod server;
