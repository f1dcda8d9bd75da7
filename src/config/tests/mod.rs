mod origin;
mod secrets;

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::domain::link::Enrolment;

const JWT: &str = "Zx3kQ9vT1mB7rLpW4cYhN8sDfG2jU6eKaX5oHiVtRqM";
const HOOK: &str = "q8Rw2nXc5vB1mK7jH4gF9dS3aP6";

/// A machine's working directory and the variables set there.
struct Machine {
    home: TempDir,
    variables: Vec<(String, String)>,
}

impl Machine {
    fn with(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            home: tempfile::tempdir().unwrap(),
            variables: variables.iter().map(owned).collect(),
        }
    }

    /// A public installation with everything it needs, and then these.
    fn public(more: &[(&str, &str)]) -> Self {
        let base = [
            ("ORIGIN", "https://verify.example.com"),
            ("RP_NAME", "Example Ltd"),
            ("JWT_SECRET", JWT),
        ];
        let kept = base.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        Self::with(&kept.chain(more.iter().copied()).collect::<Vec<_>>())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn load(&self) -> Result<Config, Problems> {
        let data = DataFolder::new(self.home.path().join("data"), &SystemRandom);
        Config::from_env(&self.variables.iter().cloned().collect(), &data)
    }

    fn config(&self) -> Config {
        self.load().unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// The variables that were refused, in order.
    fn refused(&self) -> Vec<String> {
        let problems = self.load().expect_err("nothing was refused");
        problems.iter().map(|problem| problem.variable.clone()).collect()
    }

    fn problem(&self) -> String {
        let problems = self.load().expect_err("nothing was refused");
        assert_eq!(problems.iter().count(), 1, "{problems}");
        problems.to_string()
    }
}

#[test]
fn with_nothing_set_it_runs_on_localhost() {
    let machine = Machine::with(&[]);
    let config = machine.config();
    assert_eq!(config.relying_party.origin, "http://localhost:8080");
    assert_eq!(config.relying_party.id, "localhost");
    assert_eq!(config.relying_party.name.as_str(), "Vouchlink");
    assert_eq!(config.http.host, IpAddr::from(Ipv4Addr::LOCALHOST));
    assert_eq!(config.http.port, 8080);
    assert!(config.http.rate_limit);
    assert_eq!(config.tokens.link_ttl, Duration::from_secs(900));
    assert_eq!(config.tokens.link_ttl_max, Duration::from_secs(86_400));
    assert_eq!(config.verification.verdict_ttl, Duration::from_secs(3600));
    assert_eq!(config.verification.max_attempts, 5);
    assert_eq!(config.verification.enrolment_default, Enrolment::Open);
    assert_eq!(config.verification.gate_min_assurance.level(), 0);
    assert_eq!(config.database, Database::Sqlite(machine.home.path().join("data/vouchlink.db")));
    assert_eq!(config.retention, Retention(Some(Duration::from_secs(400 * 86_400))));
    assert_eq!(config.webhook, None);
    assert_eq!(config.delivery.rate, Some(50));
    assert_eq!(config.delivery.concurrency, 8);
    assert_eq!(config.delivery.allow_cidrs.len(), 2);
    assert_eq!(config.bootstrap_api_key, None);
    assert_eq!(config.log, "info");
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn all_problems_come_together_each_with_a_remedy() {
    let machine = Machine::with(&[
        ("ORIGIN", "http://verify.example.com"),
        ("RP_ID", "com"),
        ("PORT", "80a"),
        ("MAX_ATTEMPTS", "0"),
        ("DATABASE_URL", "postgres://user:hush-hush@db/x?sslmode=on"),
        ("BOOTSTRAP_API_KEY", "hush-hush"),
        ("WEBHOOK_RATE", "-1"),
        ("CRM_WEBHOOK_URL", "ftp://crm.example.com"),
        ("CRM_WEBHOOK_KIND", "zoho"),
    ]);
    let problems = machine.load().unwrap_err();
    insta::assert_snapshot!(problems, @r#"
    PORT: "80a" is no whole number from 1 to 65535; for example PORT=8080, the default
    ORIGIN: "http://verify.example.com" is not https, and devices make passkeys on https pages only; for example ORIGIN=https://verify.example.com
    RP_ID: "com" is a public suffix, where anybody has domains; for example RP_ID=example.com
    MAX_ATTEMPTS: "0" is no whole number from 1 to 20; for example MAX_ATTEMPTS=5, the default
    DATABASE_URL: its value has an sslmode that is none of disable, prefer, require, verify-ca and verify-full; for example DATABASE_URL=sqlite:data/vouchlink.db, or postgres://USER:PASSWORD@HOST/DATABASE
    BOOTSTRAP_API_KEY: has only 9 of at least 32 characters; make one with: openssl rand -hex 32
    WEBHOOK_RATE: "-1" is no whole number from 0 to 10000; for example WEBHOOK_RATE=50, the default
    CRM_WEBHOOK_KIND: "zoho" is neither standard nor zoho_function; for example CRM_WEBHOOK_KIND=standard, the default
    CRM_WEBHOOK_URL: its value must begin with https:// (or http:// for an address in WEBHOOK_ALLOW_CIDRS); for example CRM_WEBHOOK_URL=https://crm.example.com/hooks/verification
    CRM_WEBHOOK_SECRET: is not set, and only localhost makes its own; make one with: openssl rand -hex 24
    JWT_SECRET: is not set, and only localhost makes its own; make one with: openssl rand -base64 48
    "#);
}

#[test]
fn a_public_installation_starts_with_secrets_of_its_own() {
    let config = Machine::public(&[]).config();
    assert_eq!(config.relying_party.id, "verify.example.com");
    assert_eq!(config.http.host, IpAddr::from(Ipv4Addr::UNSPECIFIED));
    assert_eq!(config.delivery.allow_cidrs, []);
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn numbers_have_their_ranges() {
    for (name, least, most) in [
        ("PORT", 1, 65_535),
        ("JWT_TTL_SECONDS", 5, 86_400),
        ("LINK_TTL_MAX_SECONDS", 5, 604_800),
        ("VERDICT_TTL_SECONDS", 1, 31_536_000),
        ("MAX_ATTEMPTS", 1, 20),
        ("GATE_MIN_ASSURANCE", 0, 4),
        ("WEBHOOK_RATE", 0, 10_000),
        ("WEBHOOK_CONCURRENCY", 1, 64),
    ] {
        for fine in [least, most] {
            Machine::public(&[(name, &fine.to_string())]).config();
        }
        for wrong in [least - 1, most + 1] {
            assert_eq!(Machine::public(&[(name, &wrong.to_string())]).refused(), [name], "{wrong}");
        }
    }
}

#[test]
fn records_are_kept_as_long_as_is_said() {
    assert_eq!(Machine::public(&[("RETENTION_DAYS", "0")]).config().retention, Retention(None));
    let month = Retention(Some(Duration::from_secs(30 * 86_400)));
    assert_eq!(Machine::public(&[("RETENTION_DAYS", "30")]).config().retention, month);
    assert_eq!(Machine::public(&[("RETENTION_DAYS", "3")]).refused(), ["RETENTION_DAYS"]);
}

#[test]
fn a_shorter_maximum_shortens_the_default_life_of_links() {
    let tokens = Machine::public(&[("LINK_TTL_MAX_SECONDS", "600")]).config().tokens;
    assert_eq!(tokens.link_ttl, Duration::from_secs(600));
    let both = [("LINK_TTL_MAX_SECONDS", "600"), ("JWT_TTL_SECONDS", "601")];
    assert_eq!(Machine::public(&both).refused(), ["JWT_TTL_SECONDS"]);
}

#[test]
fn plain_http_is_for_webhooks_to_listed_networks() {
    let secret = ("CRM_WEBHOOK_SECRET", HOOK);
    let url = |url| ("CRM_WEBHOOK_URL", url);
    assert_eq!(Machine::public(&[secret, url("http://10.0.0.5/")]).refused(), ["CRM_WEBHOOK_URL"]);
    let listed = ("WEBHOOK_ALLOW_CIDRS", "10.0.0.0/8, 192.0.2.7");
    for fine in ["http://10.0.0.5/", "http://192.0.2.7/", "http://crm.internal/"] {
        Machine::public(&[secret, listed, url(fine)]).config();
    }
    let outside = Machine::public(&[secret, listed, url("http://172.16.0.1/")]);
    assert_eq!(outside.refused(), ["CRM_WEBHOOK_URL"]);
}

#[test]
fn networks_that_are_none_are_named() {
    let problem = Machine::public(&[("TRUSTED_PROXIES", "10.0.0.0/8,proxy")]).problem();
    assert!(problem.contains("\"proxy\""), "{problem}");
}

#[test]
fn what_is_likely_not_meant_is_warned_about() {
    let warned = |variables: &[(&str, &str)]| Machine::public(variables).config().warnings.len();
    assert_eq!(warned(&[("CRM_WEBHOOK_SECERT", HOOK)]), 1);
    assert_eq!(warned(&[("CRM_WEBHOOK_SECRET", HOOK)]), 1, "a secret without a webhook");
    assert_eq!(warned(&[("RP_NAME", "")]), 1, "customers would read our name");
    assert_eq!(warned(&[("RATE_LIMIT", "off")]), 1);
    assert_eq!(warned(&[("TRUSTED_PROXIES", "0.0.0.0/0")]), 1);
    assert_eq!(warned(&[("ORIGIN", "http://localhost:9000")]), 1, "8080 is listened on");
}

#[test]
fn alerts_need_a_mail_server() {
    let alone = Machine::public(&[("ALERT_EMAIL", "ops@example.com")]);
    assert_eq!(alone.refused(), ["ALERT_EMAIL"]);
    assert!(alone.problem().contains("SMTP_URL"), "{}", alone.problem());
    let mail = [("SMTP_URL", "smtps://mail.example.com"), ("MAIL_FROM", "a@example.com")];
    let with = |alerts| [&mail[..], &[("ALERT_EMAIL", alerts)]].concat();
    let config = Machine::public(&with("ops@example.com, on-call@example.org")).config();
    assert_eq!(config.mail.as_ref().unwrap().alerts.len(), 2);
    assert!(config.summary().contains("ops@example.com,on-call@example.org"));
    assert_eq!(Machine::public(&with("ops")).refused(), ["ALERT_EMAIL"]);
    assert!(Machine::public(&mail).config().mail.unwrap().alerts.is_empty());
}
