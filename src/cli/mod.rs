//! Commands. Exit codes: 0 done, 1 failed, 2 wrong use.

mod check_config;
mod demo;
mod key;
mod link;
mod migrate;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config};

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
    Serve,
    /// See the whole path in a minute: server, a sample link with QR, and every webhook as it comes
    Demo,
    /// Bring the database up to date
    Migrate,
    /// Read the configuration and say everything that is wrong with it
    CheckConfig,
    /// API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Links
    #[command(subcommand)]
    Link(link::Command),
}

/// Why a command failed, in words for the operator.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    // Wrong use ends here, with exit code 2.
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("vouchlink: {failure}");
            let mut cause = failure.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(configured()?).await,
            Command::Demo => demo::run(configured()?).await,
            Command::Migrate => migrate::run(configured()?).await,
            Command::CheckConfig => check_config::run(),
            Command::Key(command) => key::run(command, configured()?).await,
            Command::Link(command) => link::run(command, configured()?).await,
        }
    })
}

fn configured() -> Result<Config, Failure> {
    Ok(config::load()?)
}
