//! Configuration: sections read from the environment, every problem reported together. What each
//! variable means stands in `variables.rs` and, from there, in `.env.example`.

mod brand;
mod data_folder;
mod database;
mod http;
mod mail;
pub mod postgres;
mod problems;
mod reader;
mod relying_party;
mod retention;
mod source;
mod spelling;
mod strength;
mod summary;
mod tokens;
pub mod variables;
mod verification;
mod webhook;

use std::path::Path;

pub use brand::{Brand, Logo, LogoFormat};
pub use data_folder::DataFolder;
pub use database::Database;
pub use http::Http;
pub use mail::{Login, Mail, MailServer, MailTls};
pub use problems::{Problem, Problems};
pub use relying_party::RelyingParty;
pub use retention::Retention;
pub use source::Source;
pub use tokens::{DataKeys, Tokens};
pub use verification::Verification;
pub use webhook::{Delivery, Webhook, loopback};

use crate::domain::random::SystemRandom;
use crate::domain::secret::Secret;
use reader::Reader;
use relying_party::Reach;
use variables::{
    BOOTSTRAP_API_KEY, CRM_WEBHOOK_SECRET, CRM_WEBHOOK_TOKEN, DATA_KEY, JWT_SECRET, TOTP_ENABLED,
    Variable,
};

/// The folder of generated secrets and, by default, of the database; in the working directory.
pub const DATA_FOLDER: &str = "data";

/// Everything that can be configured.
#[derive(Clone, Debug)]
pub struct Config {
    pub relying_party: RelyingParty,
    pub brand: Brand,
    pub http: Http,
    pub tokens: Tokens,
    pub data_keys: DataKeys,
    pub database: Database,
    pub retention: Retention,
    pub verification: Verification,
    pub webhook: Option<Webhook>,
    pub delivery: Delivery,
    /// How links and notices are mailed; `None`: they are not.
    pub mail: Option<Mail>,
    /// `BOOTSTRAP_API_KEY`: an integrator key with every scope, 32 characters or more.
    pub bootstrap_api_key: Option<Secret>,
    /// `LOG`: what is logged, as `tracing`'s directives; `info` by default.
    pub log: String,
    /// What is allowed but likely not meant; for the operator's eyes, without secrets.
    pub warnings: Vec<String>,
}

/// The configuration of this process: its environment, `.env` in the working directory beneath
/// it, and generated secrets in `data/`.
///
/// # Errors
/// Every problem there is.
pub fn load() -> Result<Config, Problems> {
    Config::from_env(&process(), &DataFolder::new(DATA_FOLDER, &SystemRandom))
}

/// As [`load`], but nothing is written: secrets that would be generated hold for this process only.
///
/// # Errors
/// As [`load`].
pub fn check() -> Result<Config, Problems> {
    Config::from_env(&process(), &DataFolder::look_only(DATA_FOLDER, &SystemRandom))
}

fn process() -> Source {
    Source::process().over_file(Path::new(".env"))
}

impl Config {
    /// Reads all sections. Secrets are generated only where the origin is `localhost` and nothing
    /// else is wrong.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn from_env(source: &Source, data: &DataFolder<'_>) -> Result<Self, Problems> {
        let mut reader = Reader::new(source);
        let port = http::port(&mut reader);
        let (relying_party, reach) = relying_party::read(&mut reader, port);
        let brand = brand::read(&mut reader);
        let http = http::read(&mut reader, port, reach);
        let log = http::log(&mut reader);
        let verification = verification::read(&mut reader);
        let database = database::read(&mut reader, data);
        let retention = retention::read(&mut reader);
        let bootstrap_api_key = tokens::bootstrap_api_key(&mut reader, reach);
        let delivery = webhook::read_delivery(&mut reader, reach);
        let mail = mail::read(&mut reader, reach);
        // Last, because they may have to generate.
        let webhook = webhook::read(&mut reader, reach, delivery.as_ref(), data);
        let tokens = tokens::read(&mut reader, reach, data);
        let data_keys = tokens::data_keys(&mut reader, reach, data);
        let totp = verification.as_ref().is_some_and(|verification| verification.totp);
        if totp && data_keys.as_ref().is_some_and(|keys| keys.0.is_empty()) {
            let what = "is true, and apps' secrets are not kept without DATA_KEY".to_owned();
            reader.refuse(&TOTP_ENABLED, what, DATA_KEY.advice());
        }
        if reach == Reach::Public {
            let (data_keys, key) = (data_keys.as_ref(), bootstrap_api_key.as_ref());
            refuse_shared(&mut reader, tokens.as_ref(), data_keys, webhook.as_ref(), key);
        }
        let (problems, mut warnings) = reader.finish();
        warnings.extend(spelling::warnings(source));
        let config = || {
            Some(Self {
                relying_party: relying_party?,
                brand,
                http: http?,
                tokens: tokens?,
                data_keys: data_keys?,
                database: database?,
                retention: retention?,
                verification: verification?,
                webhook,
                delivery: delivery?,
                mail,
                bootstrap_api_key,
                log: log?,
                warnings,
            })
        };
        if problems.is_empty() { config() } else { None }.ok_or_else(|| Problems::new(problems))
    }
}

/// Each secret is known to other people: who holds one must not be able to use it as another.
fn refuse_shared(
    reader: &mut Reader<'_>,
    tokens: Option<&Tokens>,
    data_keys: Option<&DataKeys>,
    webhook: Option<&Webhook>,
    bootstrap_api_key: Option<&Secret>,
) {
    let mut known: Vec<(&Variable, &Secret)> = Vec::new();
    known.extend(tokens.into_iter().flat_map(|tokens| &tokens.secrets).map(|s| (&JWT_SECRET, s)));
    known.extend(data_keys.into_iter().flat_map(|keys| &keys.0).map(|s| (&DATA_KEY, s)));
    known.extend(webhook.map(|webhook| (&CRM_WEBHOOK_SECRET, &webhook.secret)));
    known.extend(webhook.and_then(|webhook| Some((&CRM_WEBHOOK_TOKEN, webhook.token.as_ref()?))));
    known.extend(bootstrap_api_key.map(|key| (&BOOTSTRAP_API_KEY, key)));
    for (index, (variable, secret)) in known.iter().enumerate() {
        let other =
            known.iter().take(index).find(|(other, same)| other != variable && same == secret);
        if let Some((other, _)) = other {
            let what = format!("has the same value as {}", other.name);
            reader.refuse(variable, what, "give each secret a value of its own");
        }
    }
}

#[cfg(test)]
mod tests;
