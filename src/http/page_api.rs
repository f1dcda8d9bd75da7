//! What the customer's page asks and tells beside its ceremony: how the link stands, and what went
//! wrong on a device.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::body::{JsonBody, JsonReply};
use super::links::Tag;
use super::problem::{FieldError, Problem};
use super::same_origin::OurPage;
use crate::domain::link::Closed;
use crate::flows::verify::{Stopped, Verify};
use crate::metrics::Metrics;

#[derive(Debug)]
pub(super) struct PageApi {
    pub verify: Verify,
    pub metrics: Arc<Metrics>,
}

/// The link's token.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Asked {
    token: String,
}

/// How the link stands, and nothing more.
#[derive(Debug, Serialize, Object)]
struct Standing {
    /// `open`, or how it ended: `verified`, `failed`, `declined`, `expired` or `revoked`.
    status: String,
}

/// What went wrong on a device. Words of a closed list, nothing about whose device it is.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Diagnostics {
    /// The screen that the page showed then.
    screen: String,
    /// The name of the browser's error (Web IDL, section 2.8.1); names not known count as `other`.
    error: String,
    /// How long the device took to refuse, milliseconds; more than ten minutes count as ten.
    ms: u64,
    /// `ready`, `locked` or `none`: what the page found before the first tap.
    probe: String,
    /// `ios`, `android` or `computer`.
    client: String,
}

/// Taken note of.
#[derive(Debug, Serialize, Object)]
struct Noted {
    noted: bool,
}

const SCREENS: &[&str] =
    &["already", "cancelled", "misfit", "no-passkey", "open", "timeout", "trouble", "unable"];
const PROBES: &[&str] = &["ready", "locked", "none"];
const CLIENTS: &[&str] = &["ios", "android", "computer"];
const ERRORS: &[&str] = &[
    "AbortError",
    "ConstraintError",
    "DataError",
    "EncodingError",
    "InvalidStateError",
    "NotAllowedError",
    "NotReadableError",
    "NotSupportedError",
    "OperationError",
    "SecurityError",
    "TimeoutError",
    "TypeError",
    "UnknownError",
];
const MS_MAX: u64 = 600_000;

#[OpenApi(prefix_path = "/api/ceremony", tag = "Tag::Ceremonies")]
impl PageApi {
    /// Ask how the link stands
    ///
    /// For a page that shows its link as a QR code and waits for the phone. Changes nothing.
    #[oai(path = "/status", method = "post", operation_id = "linkStanding")]
    async fn status(
        &self,
        _page: OurPage,
        body: JsonBody<Asked>,
    ) -> Result<JsonReply<Standing>, Problem> {
        let open = match self.verify.look(&body.value.token).await {
            Ok(link) => link.check_open(self.verify.clock.now()),
            Err(Stopped::Closed(closed)) => Err(closed),
            Err(other) => return Err(other.into()),
        };
        Ok(JsonReply(Standing { status: open.map_or_else(how, |()| "open").to_owned() }))
    }

    /// Tell what went wrong on a device
    ///
    /// Counted in the metrics, with one line in the log. Never needed for anything else.
    #[expect(clippy::unused_async, reason = "the macro awaits every operation")]
    #[oai(path = "/diagnostics", method = "post", operation_id = "tellDiagnostics")]
    async fn diagnostics(
        &self,
        _page: OurPage,
        body: JsonBody<Diagnostics>,
    ) -> Result<JsonReply<Noted>, Problem> {
        let Diagnostics { screen, error, ms, probe, client } = body.value;
        let mut errors = Vec::new();
        let mut word = |field: &str, list: &'static [&'static str], text: &str| {
            let known = list.iter().copied().find(|known| *known == text);
            if known.is_none() {
                let message = format!("must be one of {}", list.join(", "));
                errors.push(FieldError { field: field.to_owned(), message });
            }
            known.unwrap_or_default()
        };
        let screen = word("screen", SCREENS, &screen);
        let probe = word("probe", PROBES, &probe);
        let client = word("client", CLIENTS, &client);
        if !errors.is_empty() {
            return Err(Problem::validation(errors));
        }
        let error = ERRORS.iter().copied().find(|known| *known == error).unwrap_or("other");
        self.metrics.device_refused(client, error, screen);
        tracing::info!(screen, error, ms = ms.min(MS_MAX), probe, client, "a device refused");
        if error == "SecurityError" {
            tracing::warn!(
                client,
                "a browser says that RP_ID does not fit the page; see check-config"
            );
        }
        Ok(JsonReply(Noted { noted: true }))
    }
}

const fn how(closed: Closed) -> &'static str {
    match closed {
        Closed::Used => "verified",
        Closed::Failed => "failed",
        Closed::Declined => "declined",
        Closed::Expired => "expired",
        Closed::Revoked => "revoked",
    }
}
