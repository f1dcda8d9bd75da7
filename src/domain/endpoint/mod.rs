//! Endpoints: where webhooks go, whose terms they speak, and how they fare.

mod events;
mod headers;
mod health;
mod key;
mod url;

use std::time::Duration;

pub use self::events::{BadEvents, Events};
pub use self::headers::{BadHeader, CustomHeader, CustomHeaders};
pub use self::health::{Failing, Health, Notice, Open};
pub use self::key::{BadKey, KEY_MAX, KEY_MIN, draw_key, parse_key, rotate, show_key};
pub use self::url::{BadEndpointUrl, EndpointUrl};
use super::clock::Timestamp;
use super::id::EndpointId;
use super::text::Line;
use super::verdict::words;

/// The endpoint that `CRM_WEBHOOK_URL` describes; the same in every installation.
pub const BUILT_IN: EndpointId = EndpointId::from_bytes([0; 16]);

/// Endpoints an installation may have, those that were removed not counted.
pub const MOST: u32 = 20;

words! {
    /// Whose terms an endpoint is spoken to in.
    Kind {
        /// Standard Webhooks, to a receiver of the company's own.
        Standard = "standard",
        /// A Deluge function with a `zapikey` in its URL.
        ZohoFunction = "zoho_function",
        /// Zoho CRM's REST API, version 8.
        ZohoCrm = "zoho_crm",
        Hubspot = "hubspot",
        Salesforce = "salesforce",
        Pipedrive = "pipedrive",
        Zendesk = "zendesk",
        Freshdesk = "freshdesk",
    }
}

impl Kind {
    /// Whether it is given a URL; the others' follows from their settings.
    #[must_use]
    pub const fn has_url(self) -> bool {
        matches!(self, Self::Standard | Self::ZohoFunction)
    }

    /// Whether what it is sent is signed with a key of the endpoint's own.
    #[must_use]
    pub const fn signs(self) -> bool {
        matches!(self, Self::Standard | Self::ZohoFunction)
    }

    /// How the signature travels, unless staff say otherwise.
    #[must_use]
    pub const fn body_mode(self) -> BodyMode {
        match self {
            // Deluge sees headers unreliably, and a body that was parsed and written again.
            Self::ZohoFunction => BodyMode::Envelope,
            _ => BodyMode::Standard,
        }
    }

    /// How long an attempt may take, unless staff say otherwise.
    #[must_use]
    pub const fn timeout(self) -> Duration {
        match self {
            Self::ZohoFunction => Duration::from_secs(30),
            _ => Duration::from_secs(15),
        }
    }

    /// Requests a second, unless staff say otherwise: CRMs count them. `None`: as
    /// `WEBHOOK_RATE` says.
    #[must_use]
    pub const fn rate(self) -> Option<u32> {
        match self {
            Self::Standard => None,
            _ => Some(5),
        }
    }

    /// Requests at once, unless staff say otherwise. `None`: as `WEBHOOK_CONCURRENCY` says.
    #[must_use]
    pub const fn concurrency(self) -> Option<u32> {
        match self {
            Self::Standard => None,
            _ => Some(2),
        }
    }
}

words! {
    /// How a webhook's signature travels.
    BodyMode {
        /// In headers, over the body as it is sent.
        Standard = "standard",
        /// In the body, beside the event as a text, for receivers that see neither headers nor
        /// the bytes they were sent.
        Envelope = "envelope",
    }
}

words! {
    /// Whether an endpoint gets its deliveries.
    EndpointStatus {
        Active = "active",
        /// By staff: its deliveries wait.
        Paused = "paused",
        /// By rule: its deliveries are held until staff have mended it.
        Disabled = "disabled",
        /// It is kept for what was sent to it only.
        Removed = "removed",
    }
}

words! {
    /// Why an endpoint was disabled.
    DisabledReason {
        /// It said 410: it wants no more.
        Gone = "gone",
        /// It failed for a week, again and again.
        Failing = "failing",
    }
}

/// What is kept encrypted: `DATA_KEY` opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A signing key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// The first 8 bytes of the key's SHA-256, in hexadecimal: tells keys apart, gives none away.
    pub fingerprint: String,
    pub sealed: Sealed,
    pub created_at: Timestamp,
    /// It signs until then, beside its successor; `None` for the newest.
    pub retires_at: Option<Timestamp>,
}

/// Keys that sign at once: a receiver's header stays short.
pub const LIVE_KEYS: usize = 2;

/// An endpoint as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    pub id: EndpointId,
    pub name: Line<64>,
    pub kind: Kind,
    /// What of its URL may be shown.
    pub shown_url: String,
    pub body_mode: BodyMode,
    pub events: Events,
    /// For one attempt, all its requests together.
    pub timeout: Duration,
    /// Requests a second; `None` for the kind's or the installation's own.
    pub rate: Option<u32>,
    /// Requests at once; `None` as for `rate`.
    pub concurrency: Option<u32>,
    /// What its kind needs to know and may be shown: data centre, module, field mapping.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// URL, custom headers and credentials together; `None` for the built-in one, whose are in
    /// the environment.
    pub sealed: Option<Sealed>,
    /// Newest first; none for the built-in one, and for kinds that sign nothing.
    pub keys: Vec<KeptKey>,
    pub status: EndpointStatus,
    pub disabled: Option<DisabledReason>,
    pub health: Health,
    pub created_at: Timestamp,
    /// Grows by one with each change by staff: who changes names the one that was read.
    pub revision: u32,
}

impl Endpoint {
    /// The keys that sign at `now`, newest first.
    pub fn live_keys(&self, now: Timestamp) -> impl Iterator<Item = &KeptKey> {
        let live = move |key: &&KeptKey| key.retires_at.is_none_or(|end| end > now);
        self.keys.iter().filter(live).take(LIVE_KEYS)
    }
}
