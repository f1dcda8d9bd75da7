//! `vouchlink migrate --from ... --to ...`: everything from one database into another, empty one.

use super::progress::Progress;
use super::{Failure, WrongUse};
use crate::app;
use crate::config::{self, Database};
use crate::domain::clock::{Clock, SystemClock};
use crate::store::bulk::{Export, Import, Moved, transfer};
use crate::store::postgres::bulk::{PostgresExport, PostgresImport};
use crate::store::sqlite::bulk::{SqliteExport, SqliteImport};

/// What SQLite may keep in memory while it is filled, in KiB.
const CACHE: u32 = 64 << 10;

/// `to` is `DATABASE_URL` if it is left out.
pub(super) async fn run(from: &str, to: Option<&str>) -> Result<(), Failure> {
    let from = named("--from", from)?;
    let to = match to {
        Some(to) => named("--to", to)?,
        None => config::check()?.database,
    };
    if from == to {
        return Err(WrongUse("--from and --to are the same database".to_owned()).into());
    }
    let stop = app::signals()?;
    let begun = SystemClock.now();
    let mut progress = Progress::new();
    let moving = async {
        // The source first: if a server has it open, nothing is done to the target.
        let mut source = source(&from).await?;
        let target = target(&to).await?;
        Ok::<Moved, Failure>(transfer(&mut *source, target, &mut progress).await?)
    };
    let moved = tokio::select! {
        moved = moving => moved,
        () = stop => Err("stopped: the target is as empty as it was".into()),
    };
    progress.end();
    let moved = moved?;
    report(&moved);
    let rows: u64 = moved.iter().map(|(_, checksum)| checksum.rows).sum();
    let seconds = SystemClock.now().since(begun).as_secs();
    println!("{rows} rows are in {to}, read back and compared, after {seconds} s.");
    println!("{}", next(&from));
    Ok(())
}

/// The argument's text may hold a password, and is never shown.
fn named(argument: &str, text: &str) -> Result<Database, WrongUse> {
    Database::parse(text).map_err(|what| WrongUse(format!("{argument} {what}")))
}

async fn source(database: &Database) -> Result<Box<dyn Export>, Failure> {
    Ok(match database {
        Database::Sqlite(path) => Box::new(SqliteExport::open(path)?),
        Database::Postgres(server) => Box::new(PostgresExport::open(server).await?),
    })
}

async fn target(database: &Database) -> Result<Box<dyn Import>, Failure> {
    let now = SystemClock.now();
    Ok(match database {
        Database::Sqlite(path) => Box::new(SqliteImport::open(path, CACHE, now)?),
        Database::Postgres(server) => Box::new(PostgresImport::open(server, now).await?),
    })
}

fn report(moved: &Moved) {
    for (table, checksum) in moved {
        let hash = crate::domain::encoding::hex(&checksum.sha256);
        println!("  {:<12} {:>10}  sha256 {hash}", table.name, checksum.rows);
    }
}

/// What the operator does now.
fn next(from: &Database) -> String {
    let away = match from {
        Database::Sqlite(path) => {
            let path = path.display();
            format!("move the old file away, for example: mv {path} {path}.moved")
        }
        Database::Postgres(_) => "take the old database out of use".to_owned(),
    };
    format!(
        "Now: set DATABASE_URL to the new database; leave JWT_SECRET, DATA_KEY, ORIGIN,\n\
         RP_ID and CRM_WEBHOOK_SECRET as they are (generated ones are the files {data}/jwt-secret,\n\
         {data}/data-key and {data}/webhook-secret: they go where the server goes); {away}\n\
         Two servers, one on each database, would each know half of the truth.",
        data = config::DATA_FOLDER,
    )
}
