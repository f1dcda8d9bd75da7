//! The configuration as an operator may print it: what holds, without any secret.

use std::fmt::{Display, Write};
use std::time::Duration;

use super::postgres::Roots;
use super::variables as v;
use super::{Config, Database};
use crate::domain::endpoint::Kind;
use crate::domain::mail::EmailAddress;
use v::Variable;

const HIDDEN: &str = "set, not shown";
const NONE: &str = "none";

impl Config {
    /// One line for each variable with what holds, defaults included; secrets are not shown.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        for variable in v::all() {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{:<22}  {}", variable.name, self.shown(variable));
        }
        text
    }

    fn shown(&self, variable: &Variable) -> String {
        let hidden = |is_set: bool| if is_set { HIDDEN } else { NONE }.to_owned();
        let webhook = self.webhook.as_ref();
        match *variable {
            v::ORIGIN => self.relying_party.origin.clone(),
            v::RP_ID => self.relying_party.id.clone(),
            v::RP_NAME => self.relying_party.name.to_string(),
            v::BRAND_COLOR => or_none(self.brand.colour),
            v::BRAND_LOGO => match &self.brand.logo {
                Some(logo) => format!("{} bytes", logo.bytes.len()),
                None => NONE.to_owned(),
            },
            v::SUPPORT_PHONE => or_none(self.brand.support_phone.as_ref()),
            v::HOST => self.http.host.to_string(),
            v::PORT => self.http.port.to_string(),
            v::TRUSTED_PROXIES => list(&self.http.trusted_proxies),
            v::RATE_LIMIT => if self.http.rate_limit { "on" } else { "off" }.to_owned(),
            v::LOG => self.log.clone(),
            v::JWT_SECRET => format!("{} {HIDDEN}", self.tokens.secrets.len()),
            v::DATA_KEY => match self.data_keys.0.len() {
                0 => NONE.to_owned(),
                keys => format!("{keys} {HIDDEN}"),
            },
            v::JWT_TTL_SECONDS => seconds(self.tokens.link_ttl),
            v::LINK_TTL_MAX_SECONDS => seconds(self.tokens.link_ttl_max),
            v::BOOTSTRAP_API_KEY => hidden(self.bootstrap_api_key.is_some()),
            v::VERDICT_TTL_SECONDS => seconds(self.verification.verdict_ttl),
            v::MAX_ATTEMPTS => self.verification.max_attempts.to_string(),
            v::ENROLMENT_DEFAULT => self.verification.enrolment_default.to_string(),
            v::GATE_MIN_ASSURANCE => self.verification.gate_min_assurance.level().to_string(),
            v::TOTP_ENABLED => self.verification.totp.to_string(),
            v::SEASONING_SECONDS => seconds(self.verification.seasoning),
            v::DATABASE_URL => self.database.to_string(),
            v::DATABASE_POOL => match &self.database {
                Database::Sqlite(_) => NONE.to_owned(),
                Database::Postgres(server) => server.pool.to_string(),
            },
            v::RETENTION_DAYS => {
                let days = |keep: Duration| keep.as_secs() / 86_400;
                self.retention.0.map_or(0, days).to_string()
            }
            v::CRM_WEBHOOK_URL => webhook
                .map_or_else(|| NONE.to_owned(), |webhook| format!("{} (host only)", webhook.url)),
            v::CRM_WEBHOOK_SECRET => hidden(webhook.is_some()),
            v::CRM_WEBHOOK_TOKEN => hidden(webhook.is_some_and(|webhook| webhook.token.is_some())),
            v::CRM_WEBHOOK_KIND => {
                webhook.map_or(Kind::Standard, |webhook| webhook.kind).to_string()
            }
            v::WEBHOOK_RETRY_SCHEDULE => {
                list(self.delivery.schedule.waits().iter().map(Duration::as_secs))
            }
            v::WEBHOOK_RATE => self.delivery.rate.unwrap_or(0).to_string(),
            v::WEBHOOK_CONCURRENCY => self.delivery.concurrency.to_string(),
            v::WEBHOOK_ALLOW_CIDRS => list(&self.delivery.allow_cidrs),
            v::SMTP_URL => self.mail.as_ref().map_or_else(
                || NONE.to_owned(),
                |mail| format!("{}:{} (host only)", mail.server.host, mail.server.port),
            ),
            v::SMTP_CA_FILE => match self.mail.as_ref().map(|mail| &mail.server.roots) {
                Some(Roots::File(path)) => path.display().to_string(),
                Some(Roots::System) | None => "the system's".to_owned(),
            },
            v::MAIL_FROM => self
                .mail
                .as_ref()
                .map_or_else(|| NONE.to_owned(), |mail| mail.from.as_str().to_owned()),
            v::ALERT_EMAIL => {
                let alerts = self.mail.iter().flat_map(|mail| &mail.alerts);
                list(alerts.map(EmailAddress::as_str))
            }
            _ => String::new(),
        }
    }
}

fn seconds(span: Duration) -> String {
    span.as_secs().to_string()
}

fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.to_string())
}

fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { NONE.to_owned() } else { items.join(",") }
}
