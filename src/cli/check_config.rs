//! `vouchlink check-config`: the configuration as it would be used, secrets left out.

use super::Failure;
use crate::config;

pub(super) fn run() -> Result<(), Failure> {
    let config = config::check()?;
    for warning in &config.warnings {
        eprintln!("warning: {warning}");
    }
    println!("{}", config.summary());
    println!("The configuration is good.");
    Ok(())
}
