//! `vouchlink serve`.

use std::num::NonZero;

use clap::{Args, ValueEnum};

use super::Failure;
use crate::app::{self, App};
use crate::config::{Config, Database};
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Whether this process delivers webhooks and ends what is overdue
    #[arg(long, value_enum, default_value_t = Workers::On)]
    workers: Workers,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Workers {
    /// Serve and work: all that one process needs
    On,
    /// Serve only: another process on the same database must work
    Off,
    /// Work only: of HTTP nothing but /healthz, /readyz and /metrics
    Only,
}

impl From<Workers> for app::Workers {
    fn from(workers: Workers) -> Self {
        match workers {
            Workers::On => Self::On,
            Workers::Off => Self::Off,
            Workers::Only => Self::Only,
        }
    }
}

/// For requests and what is sent. SQLite's writer has a thread of its own, as busy as all of these
/// together; as many as there are processors beside it only wake each other up. Their own reads are
/// short, and one connection is kept for them.
pub(super) fn threads(database: &Database) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    match database {
        Database::Sqlite(_) => processors.saturating_sub(1).max(1),
        Database::Postgres(_) => processors,
    }
}

pub(super) async fn run(arguments: &Arguments, config: Config) -> Result<(), Failure> {
    telemetry::start(&config.log)?;
    let stop = app::signals()?;
    let mut app = App::open(config).await?;
    app.workers = arguments.workers.into();
    let listener = app.listen()?;
    println!(
        "Vouchlink {} listens on http://{}",
        env!("CARGO_PKG_VERSION"),
        listener.local_addr()?
    );
    print!("{}", introduction(arguments.workers, &app.config));
    app.run(listener, None, stop).await?;
    Ok(())
}

/// What runs here, and what the operator may want to do next.
fn introduction(workers: Workers, config: &Config) -> String {
    let origin = &config.relying_party.origin;
    let database = &config.database;
    let crm = config.webhook.as_ref().map(|webhook| webhook.url.to_string());
    let serving =
        format!("  customers reach it at  {origin}\n  API documentation      {origin}/docs\n");
    let storing = format!("  database               {database}\n");
    let working = format!(
        "  webhooks go to         {}\n",
        crm.as_deref().unwrap_or("the endpoints of the API; CRM_WEBHOOK_URL adds one")
    );
    let key = "Make an API key:  vouchlink key create --name \"Support desk\"\n";
    let stop = "Stop with Ctrl+C.\n";
    match workers {
        Workers::On => [&*serving, &storing, &working, key, stop].concat(),
        Workers::Off => {
            let elsewhere = "  workers                none here: run another process with \
                             vouchlink serve --workers=only\n";
            [&*serving, &storing, elsewhere, key, stop].concat()
        }
        Workers::Only => {
            let probes =
                "  workers only           no API and no pages: /healthz, /readyz, /metrics\n";
            [probes, &storing, &working, stop].concat()
        }
    }
}
