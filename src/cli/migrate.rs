//! `vouchlink migrate`: brings the database up to date; `serve` does so by itself.

use super::Failure;
use crate::app::App;
use crate::config::Config;

pub(super) async fn run(config: Config) -> Result<(), Failure> {
    let app = App::open(config).await?;
    app.close().await?;
    println!("The database is up to date.");
    Ok(())
}
