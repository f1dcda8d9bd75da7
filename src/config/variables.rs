//! Every variable there is, with its default and its meaning: the one list that the readers, the
//! spelling check and `.env.example` stand on.

/// A variable of the environment. Each may also be given as `NAME_FILE`: the file that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// What it means, with its unit; one line each.
    pub doc: &'static [&'static str],
    pub preset: Preset,
}

/// What holds if a variable is not set, and what an operator is told to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The default, as it would be written.
    Fixed(&'static str),
    /// The default depends on other variables, or there is none; with an example.
    Derived(&'static str),
    /// Never shown, not even when it is wrong; with how to come by one.
    Secret(&'static str),
}

impl Variable {
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.preset, Preset::Secret(_))
    }

    /// The default, if it is a fixed one.
    #[must_use]
    pub const fn default(&self) -> Option<&'static str> {
        match self.preset {
            Preset::Fixed(text) => Some(text),
            Preset::Derived(_) | Preset::Secret(_) => None,
        }
    }

    /// What to write instead of a value that was refused.
    #[must_use]
    pub fn advice(&self) -> String {
        match self.preset {
            Preset::Fixed(text) => format!("for example {}={text}, the default", self.name),
            Preset::Derived(text) => format!("for example {}={text}", self.name),
            Preset::Secret(how) => how.to_owned(),
        }
    }
}

/// Defines a constant per variable and lists them all, so that the list cannot miss one.
macro_rules! variables {
    ($($title:literal { $($(#[doc = $doc:literal])+ $name:ident: $kind:ident($text:expr),)+ })+) => {
        $($(
            $(#[doc = $doc])+
            pub const $name: Variable = Variable {
                name: stringify!($name),
                doc: &[$($doc),+],
                preset: Preset::$kind($text),
            };
        )+)+

        /// All variables under the titles of their sections.
        pub const SECTIONS: &[(&str, &[&Variable])] = &[$(($title, &[$(&$name),+])),+];
    };
}

variables! {
    "Who asks, and where" {
        /// Where customers reach the service: scheme, host and, if not the scheme's own, port.
        /// Default: `http://localhost` with `PORT`. Any other host needs https.
        ORIGIN: Derived("https://verify.example.com"),
        /// The domain that passkeys belong to: `ORIGIN`'s host (the default) or a domain above it.
        /// Passkeys are lost to customers when it changes.
        RP_ID: Derived("example.com"),
        /// The company's name as customers read it, at most 64 characters.
        RP_NAME: Fixed("Vouchlink"),
    }
    "What customers see" {
        /// The company's colour, #rrggbb: 4.5:1 or more with white, and lightened by us in the dark.
        BRAND_COLOR: Derived("'#1d4ed8'"),
        /// The company's logo: a PNG, WebP or SVG file of up to 64 KiB, without scripts and without
        /// references. Default: the initial of `RP_NAME`.
        BRAND_LOGO: Derived("data/logo.svg"),
        /// Where customers may call for help, shown as it is written. None by default.
        SUPPORT_PHONE: Derived("'+1 555 0100'"),
    }
    "Listening" {
        /// The address to listen on. Default: 127.0.0.1 while `ORIGIN` is localhost, else 0.0.0.0.
        HOST: Derived("127.0.0.1"),
        /// The TCP port to listen on.
        PORT: Fixed("8080"),
        /// Networks of reverse proxies whose `X-Forwarded-For` is believed, comma list; none by default.
        TRUSTED_PROXIES: Derived("10.0.0.0/8,fd00::/8"),
        /// Whether callers are limited in how often they may ask: on or off.
        RATE_LIMIT: Fixed("on"),
        /// What is logged: a level (error, warn, info, debug, trace), or directives of tracing.
        LOG: Fixed("info"),
    }
    "Links" {
        /// Signs links. Comma list of up to 5: the first signs, all verify; each 32 bytes or more.
        /// Default while `ORIGIN` is localhost: generated and kept in `data/jwt-secret`.
        JWT_SECRET: Secret("make one with: openssl rand -base64 48"),
        /// Seals endpoints' secrets. Comma list of up to 5: the first seals, all open; each 32
        /// bytes or more. Default while `ORIGIN` is localhost: generated, kept in `data/data-key`.
        DATA_KEY: Secret("make one with: openssl rand -base64 48"),
        /// How long a link lives if its maker does not say, seconds (5 to `LINK_TTL_MAX_SECONDS`).
        JWT_TTL_SECONDS: Fixed("900"),
        /// The longest life a link's maker may ask for, seconds (5 to 604800, a week).
        LINK_TTL_MAX_SECONDS: Fixed("86400"),
        /// An API key with every scope, 32 characters or more, for containers and automation.
        /// None by default: keys are made with the command `key create`.
        BOOTSTRAP_API_KEY: Secret("make one with: openssl rand -hex 32"),
    }
    "Verdicts" {
        /// How long a verification is good for, seconds (1 to 31536000, a year).
        VERDICT_TTL_SECONDS: Fixed("3600"),
        /// Refused answers after which a link fails (1 to 20).
        MAX_ATTEMPTS: Fixed("5"),
        /// Whether a link may bind a customer's first passkey: open, with the code that the agent
        /// reads out (`call_code`), or never (existing).
        ENROLMENT_DEFAULT: Fixed("open"),
        /// The assurance the gate demands if the asker does not say (0 to 4).
        GATE_MIN_ASSURANCE: Fixed("0"),
    }
    "Authenticator apps" {
        /// Whether links may also take codes of authenticator apps and recovery codes, which are worth
        /// less than passkeys: true or false. Needs `DATA_KEY`.
        TOTP_ENABLED: Fixed("false"),
    }
    "Waiting period" {
        /// How long a passkey waits until it is worth more, and how long customers whose passkeys
        /// were replaced are marked `recent_rebind`, seconds (1 to 31536000, a year).
        SEASONING_SECONDS: Fixed("259200"),
    }
    "Storage" {
        /// The database: a SQLite file (default: `vouchlink.db` in `data/`), or a PostgreSQL server with
        /// `sslmode` (prefer), `sslrootcert`, `connect_timeout` (5), `application_name`, `options`.
        DATABASE_URL: Secret(
            "for example DATABASE_URL=sqlite:data/vouchlink.db, or postgres://USER:PASSWORD@HOST/DATABASE"
        ),
        /// Connections to PostgreSQL that this instance opens at most (2 to 500); all instances together
        /// must stay below the server's `max_connections`.
        DATABASE_POOL: Fixed("16"),
        /// How long links that ended are kept, with verdict, evidence and webhooks, days (7 to 3650);
        /// 0 for ever. Where a customer stands, passkeys and the audit stay.
        RETENTION_DAYS: Fixed("400"),
    }
    "Webhook" {
        /// Where verdicts are posted; none by default. It may hold a key, and is treated as secret.
        CRM_WEBHOOK_URL: Secret("for example CRM_WEBHOOK_URL=https://crm.example.com/hooks/verification"),
        /// Signs webhooks: `whsec_` and base64 of 24 to 64 bytes, or plain text of 24 to 64 characters.
        /// Default while `ORIGIN` is localhost: generated and kept in `data/webhook-secret`.
        CRM_WEBHOOK_SECRET: Secret("make one with: openssl rand -hex 24"),
        /// Sent as `Authorization: Bearer` with every webhook; none by default.
        CRM_WEBHOOK_TOKEN: Secret("write the token alone, without the word Bearer"),
        /// The form of the webhook: `standard` (Standard Webhooks v1) or `zoho_function` (a Zoho function's
        /// URL with its key). Endpoints of other kinds: `POST /api/endpoints`.
        CRM_WEBHOOK_KIND: Fixed("standard"),
    }
    "Delivery of webhooks" {
        /// Seconds before each attempt, comma list of up to 50; the first is 0, at once.
        WEBHOOK_RETRY_SCHEDULE: Fixed(
            "0,2,8,30,120,300,900,1800,3600,7200,14400,28800,43200,43200,57600,57600"
        ),
        /// Requests per endpoint and second (0 to 10000); 0 for no limit.
        WEBHOOK_RATE: Fixed("50"),
        /// Requests to one endpoint at the same time (1 to 64).
        WEBHOOK_CONCURRENCY: Fixed("8"),
        /// Private networks that webhooks may reach, over http too; comma list.
        /// Default: none, and `127.0.0.0/8,::1/128` while `ORIGIN` is localhost.
        WEBHOOK_ALLOW_CIDRS: Derived("10.20.0.0/16"),
    }
    "Mail" {
        /// The server that mails links and notices; none by default. `smtps://` (TLS, port 465), or
        /// `smtp://` (STARTTLS, which it must offer, port 587; `?tls=none` for one on this machine).
        SMTP_URL: Secret("for example SMTP_URL=smtps://USER:PASSWORD@mail.example.com:465"),
        /// A PEM file with the authorities that may vouch for the mail server; the system's by default.
        SMTP_CA_FILE: Derived("/etc/ssl/our-authority.pem"),
        /// Who mails come from: an address, or a name and an address. The name is `RP_NAME` by default.
        MAIL_FROM: Derived("Example <no-reply@example.com>"),
        /// Who is mailed when webhooks do not arrive: one address or several, comma list of up to 10.
        /// Needs `SMTP_URL`; nobody by default.
        ALERT_EMAIL: Derived("ops@example.com,on-call@example.com"),
    }
}

/// All variables in order.
pub fn all() -> impl Iterator<Item = &'static Variable> {
    SECTIONS.iter().flat_map(|(_, variables)| variables.iter().copied())
}
