//! Configuration: sections read from the environment, every problem reported together. What
//! each variable means stands at its field and in `.env.example`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::domain::delivery::Schedule;
use crate::domain::endpoint::EndpointUrl;
use crate::domain::link::Enrolment;
use crate::domain::secret::Secret;
use crate::domain::text::Line;
use crate::domain::verdict::Assurance;

/// Everything that can be configured.
#[derive(Clone, Debug)]
pub struct Config {
    pub relying_party: RelyingParty,
    pub http: Http,
    pub tokens: Tokens,
    pub database: Database,
    pub verification: Verification,
    pub webhook: Option<Webhook>,
    pub delivery: Delivery,
    /// `BOOTSTRAP_API_KEY`: an integrator key with every scope, 32 characters or more.
    pub bootstrap_api_key: Option<Secret>,
    /// `LOG`: what is logged, as `tracing`'s directives; `info` by default.
    pub log: String,
}

/// Who the customer's device makes a passkey for (WebAuthn Level 3, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// `RP_ID`: the domain passkeys belong to; the origin's host by default.
    pub id: String,
    /// `RP_NAME`: the company's name, as customers know it.
    pub name: Line<64>,
    /// `ORIGIN`: where customers reach us, `https://verify.example.com`; scheme, host and, if not
    /// the scheme's own, port; no path, no trailing slash; compared byte for byte.
    pub origin: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// `HOST`: the address to listen on.
    pub host: IpAddr,
    /// `PORT`.
    pub port: u16,
    /// `RATE_LIMIT`: `on` or `off`.
    pub rate_limit: bool,
    /// `TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// `JWT_SECRET`: the first signs, all verify. Never empty.
    pub secrets: Vec<Secret>,
    /// `JWT_TTL_SECONDS`: how long a link lives if its maker does not say.
    pub link_ttl: Duration,
    /// `LINK_TTL_MAX_SECONDS`: the most its maker may say.
    pub link_ttl_max: Duration,
}

/// `DATABASE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// `VERDICT_TTL_SECONDS`: how long a verification is good for.
    pub verdict_ttl: Duration,
    /// `MAX_ATTEMPTS`: refused answers after which a link fails.
    pub max_attempts: u32,
    /// `ENROLMENT_DEFAULT`.
    pub enrolment_default: Enrolment,
    /// `GATE_MIN_ASSURANCE`: what the gate demands if the asker does not say.
    pub gate_min_assurance: Assurance,
}

/// The built-in endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// `CRM_WEBHOOK_URL`.
    pub url: EndpointUrl,
    /// `CRM_WEBHOOK_SECRET`: the HMAC key's bytes (decoded, if it was given as `whsec_...`).
    pub secret: Secret,
    /// `CRM_WEBHOOK_TOKEN`: sent as `Authorization: Bearer`.
    pub token: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `WEBHOOK_RETRY_SCHEDULE`: seconds before each attempt.
    pub schedule: Schedule,
    /// `WEBHOOK_RATE`: requests per endpoint and second; `None` for unlimited.
    pub rate: Option<u32>,
    /// `WEBHOOK_CONCURRENCY`: requests to one endpoint at once.
    pub concurrency: u32,
    /// `WEBHOOK_ALLOW_CIDRS`: private networks that webhooks may reach, over http too.
    pub allow_cidrs: Vec<IpNet>,
}
