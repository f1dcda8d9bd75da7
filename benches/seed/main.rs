//! Fills an empty database for tests and measurements; not for production.
//!
//! `cargo bench --bench seed -- --to sqlite:/tmp/million.db --customers 1000000 --links 5000000`
//!
//! What it makes up, and how to sign with its passkeys: `data/mod.rs`, `data/passkeys.rs`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "made-up data that is wrong must stop the program"
)]

mod data;

use std::process::ExitCode;

use clap::Parser;
use vouchlink::cli::progress::Progress;
use vouchlink::config::Database;
use vouchlink::domain::clock::{Clock, SystemClock, Timestamp};
use vouchlink::store::bulk::Import;
use vouchlink::store::postgres::bulk::PostgresImport;
use vouchlink::store::sqlite::bulk::SqliteImport;

use data::Seed;

/// Fill an empty database with made-up customers and links.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to: sqlite:PATH, made if it is not there, or postgres://...
    #[arg(long)]
    to: String,
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=9_999_999))]
    customers: u32,
    /// At least as many as customers
    #[arg(long, default_value_t = 5000)]
    links: u32,
    /// The same seed, sizes and end make the same rows
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The end of the year that is made up, in milliseconds since 1970; now, if it is left out
    #[arg(long)]
    until: Option<i64>,
    #[arg(long, default_value = "localhost")]
    rp_id: String,
    /// As the evidence names it
    #[arg(long, default_value = "http://localhost:8080")]
    origin: String,
    /// Cargo says so to benches
    #[arg(long, hide = true)]
    bench: bool,
}

/// What SQLite may keep in memory while it fills the file, in KiB.
const CACHE: u32 = 512 << 10;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { to, customers, links, seed, until, rp_id, origin, .. } = arguments;
    if links < customers {
        return Err("there must be at least as many links as customers".into());
    }
    let now = SystemClock.now();
    let until = until.map_or(now, Timestamp::from_millis);
    let seed = Seed { number: seed, customers, links, until, rp_id, origin };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let target: Box<dyn Import> = match Database::parse(&to)? {
            Database::Sqlite(path) => Box::new(SqliteImport::open(&path, CACHE, now)?),
            Database::Postgres(server) => Box::new(PostgresImport::open(&server, now).await?),
        };
        let mut progress = Progress::new();
        data::fill(seed, target, &mut progress).await?;
        progress.end();
        Ok(())
    })
}
