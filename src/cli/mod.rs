//! Commands. Exit codes: 0 done, 1 failed, 2 wrong use.

mod check_config;
mod demo;
mod key;
mod link;
mod migrate;
pub mod progress;
mod serve;
mod transfer;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

use crate::config::{self, Config};
use crate::telemetry;

/// One-time identity-verification links: the customer confirms on their own device, your CRM
/// learns it by signed webhook.
#[derive(Debug, Parser)]
#[command(name = "vouchlink", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// See the whole path in a minute: server, a sample link with QR, and every webhook as it comes
    Demo,
    /// Bring the database up to date; with --from, move everything out of another one
    Migrate {
        /// Read this one (sqlite:PATH or postgres://...), which nobody may be using and which is
        /// not changed
        #[arg(long)]
        from: Option<String>,
        /// Fill this empty one; left out, the configured one
        #[arg(long, requires = "from")]
        to: Option<String>,
    },
    /// Read the configuration and say everything that is wrong with it
    CheckConfig,
    /// API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Links
    #[command(subcommand)]
    Link(link::Command),
    /// Webhooks: try an endpoint out, send again what did not arrive
    #[command(subcommand)]
    Webhook(webhook::Command),
}

/// Why a command failed, in words for the operator.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The command was given what cannot be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUse(String);

/// Runs the command the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    // Wrong use ends here, with exit code 2.
    let arguments = Arguments::parse();
    let outcome = run(arguments.command);
    telemetry::finish();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("vouchlink: {failure}");
            let mut cause = failure.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            if failure.is::<WrongUse>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(arguments) => {
            let config = configured()?;
            let threads = serve::threads(&config.database);
            runtime().worker_threads(threads).build()?.block_on(serve::run(&arguments, config))
        }
        Command::Demo => wait(demo::run(configured()?)),
        Command::Migrate { from: Some(from), to } => wait(transfer::run(&from, to.as_deref())),
        Command::Migrate { from: None, .. } => wait(migrate::run(configured()?)),
        Command::CheckConfig => check_config::run(),
        Command::Key(command) => wait(key::run(command, configured()?)),
        Command::Link(command) => wait(link::run(command, configured()?)),
        Command::Webhook(command) => wait(webhook::run(command, configured()?)),
    }
}

fn wait(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime().build()?.block_on(work)
}

fn runtime() -> Builder {
    let mut runtime = Builder::new_multi_thread();
    runtime.enable_all();
    runtime
}

fn configured() -> Result<Config, Failure> {
    Ok(config::load()?)
}
