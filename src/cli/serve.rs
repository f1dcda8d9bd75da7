//! `vouchlink serve`.

use super::Failure;
use crate::app::{self, App};
use crate::config::{Config, Database};
use crate::telemetry;

pub(super) async fn run(config: Config) -> Result<(), Failure> {
    telemetry::start(&config.log)?;
    let origin = config.relying_party.origin.clone();
    let Database::Sqlite(database) = config.database.clone();
    let crm = config.webhook.as_ref().map(|webhook| webhook.url.to_string());
    let stop = app::signals()?;
    let app = App::open(config)?;
    let listener = app.listen()?;
    println!(
        "Vouchlink {} listens on http://{}",
        env!("CARGO_PKG_VERSION"),
        listener.local_addr()?
    );
    println!("  customers reach it at  {origin}");
    println!("  API documentation      {origin}/docs");
    println!("  database               {}", database.display());
    println!(
        "  webhooks go to         {}",
        crm.as_deref().unwrap_or("nowhere: set CRM_WEBHOOK_URL")
    );
    println!("Make an API key:  vouchlink key create --name \"Support desk\"");
    println!("Stop with Ctrl+C.");
    app.run(listener, None, stop).await?;
    Ok(())
}
