//! Logging: one line an event, to standard error; for people on a terminal, as JSON elsewhere.
//!
//! What is never logged: tokens, codes, API keys, secrets, webhook URLs and bodies, statements,
//! customers' ids and names. A test runs the whole main path and greps its log.

mod json;
mod lines;

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing::Metadata;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

use self::lines::Lines;

/// Of lines that are for machines: people look at theirs as they come.
static LINES: OnceLock<Lines> = OnceLock::new();

/// `LOG` does not read as directives such as `info` or `vouchlink=debug,info`.
#[derive(Debug, thiserror::Error)]
#[error("LOG is not a list of directives such as info or vouchlink=debug,info")]
pub struct BadDirectives;

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Directives(#[from] BadDirectives),
    #[error("the log's thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Starts logging for the whole process, which must [`finish`] it before it ends. A second call
/// changes nothing.
///
/// # Errors
/// [`StartError`] as its texts say.
pub fn start(directives: &str) -> Result<(), StartError> {
    // The framework logs connections at `info`.
    let filter = EnvFilter::try_new(format!("{directives},poem=warn"));
    let filter = filter.map_err(|_| BadDirectives)?;
    let subscriber = registry().with(filter).with(filter_fn(may_be_logged));
    let started = if std::io::stderr().is_terminal() {
        let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).compact();
        subscriber.with(lines).try_init()
    } else {
        let lines = match LINES.get() {
            Some(lines) => lines.clone(),
            None => Lines::start(std::io::stderr())?,
        };
        let lines = LINES.get_or_init(|| lines).clone();
        subscriber.with(fmt::layer().with_writer(lines).event_format(json::Json)).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
    Ok(())
}

/// Sees to it that everything logged so far is written.
pub fn finish() {
    if let Some(lines) = LINES.get() {
        lines.finish();
    }
}

/// The WebAuthn library logs whole states at `trace` and every refused answer as an error; refusals
/// are logged by us. A directive for one of its modules would win over one that switches all of it
/// off, so it is no matter of directives. The PostgreSQL library logs each statement's parameters at
/// `debug`.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    !target.starts_with("webauthn_") && !target.starts_with("tokio_postgres")
}
