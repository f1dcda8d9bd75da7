//! Logging: one line an event, to standard error; for people on a terminal, as JSON elsewhere.
//!
//! What is never logged: tokens, codes, API keys, secrets, webhook URLs and bodies, statements,
//! customers' ids and names. A test runs the whole main path and greps its log.

mod json;

use std::io::IsTerminal;

use tracing::Metadata;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

/// `LOG` does not read as directives such as `info` or `vouchlink=debug,info`.
#[derive(Debug, thiserror::Error)]
#[error("LOG is not a list of directives such as info or vouchlink=debug,info")]
pub struct BadDirectives;

/// Starts logging for the whole process. A second call changes nothing.
///
/// # Errors
/// [`BadDirectives`].
pub fn start(directives: &str) -> Result<(), BadDirectives> {
    // The framework logs connections at `info`.
    let filter = EnvFilter::try_new(format!("{directives},poem=warn"));
    let filter = filter.map_err(|_| BadDirectives)?;
    let subscriber = registry().with(filter).with(filter_fn(may_be_logged));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        subscriber.with(lines.with_target(false).compact()).try_init()
    } else {
        subscriber.with(lines.event_format(json::Json)).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
    Ok(())
}

/// The WebAuthn library logs whole states at `trace` and every refused answer as an error; refusals
/// are logged by us. A directive for one of its modules would win over one that switches all of it
/// off, so it is no matter of directives. The PostgreSQL library logs each statement's parameters at
/// `debug`.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    !target.starts_with("webauthn_") && !target.starts_with("tokio_postgres")
}
