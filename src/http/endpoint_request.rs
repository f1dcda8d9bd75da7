//! The bodies of `/api/endpoints`: parsed field by field, every problem reported.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use poem_openapi::Object;
use poem_openapi::types::{Any, MaybeUndefined};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fields::{Fields, one_of};
use super::problem::Problem;
use crate::domain::endpoint::{BodyMode, EndpointUrl, Events, Kind, parse_key};
use crate::domain::text::Line;
use crate::flows::endpoints::{Change, Changes, Draft, Rotation};

/// What an endpoint is to be.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub(super) struct CreateEndpoint {
    /// Where events are posted: `https`, public. For kinds whose URL follows from their settings:
    /// none. It may hold a secret; then as much of it as may be seen is shown later.
    url: Option<String>,
    /// Yours for it, 1 to 64 characters; its host if absent.
    name: Option<String>,
    /// Whose terms it is spoken to in; `standard` (Standard Webhooks) if absent.
    kind: Option<String>,
    /// Which events it gets; all verdicts if absent.
    events: Option<Vec<String>>,
    /// Headers of your own, 10 at most, kept secret.
    headers: Option<BTreeMap<String, String>>,
    /// How the signature travels: `standard` (in headers) or `envelope` (in the body, for receivers
    /// that see neither headers nor the bytes they were sent).
    body_mode: Option<String>,
    /// For one attempt: 3 to 30.
    timeout_seconds: Option<u64>,
    /// Requests a second at most, 0 for unlimited; the kind's own or `WEBHOOK_RATE` if absent.
    rate: Option<u32>,
    /// Requests at once, 1 to 64; the kind's own or `WEBHOOK_CONCURRENCY` if absent.
    concurrency: Option<u32>,
    /// What the kind needs to know and may be shown: data centre, module, field mapping.
    settings: Option<Any<Map<String, Value>>>,
    /// What the CRM knows us by; kept secret.
    credentials: Option<Any<Map<String, Value>>>,
    /// What signs: `whsec_` and the base64 of 24 to 64 bytes, or 24 to 64 ASCII characters. Leave
    /// it out, and one is made.
    secret: Option<String>,
}

/// What is to be otherwise: fields that are absent stay, null sets back to what would be if nobody
/// had said anything. Of `headers`, `settings` and `credentials` only the members that are named
/// change; null takes one away.
#[derive(Debug, Default, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub(super) struct ChangeEndpoint {
    url: MaybeUndefined<String>,
    name: MaybeUndefined<String>,
    events: MaybeUndefined<Vec<String>>,
    headers: MaybeUndefined<BTreeMap<String, Option<String>>>,
    body_mode: MaybeUndefined<String>,
    /// 3 to 30.
    timeout_seconds: MaybeUndefined<u64>,
    /// 0 for unlimited.
    rate: MaybeUndefined<u32>,
    /// 1 to 64.
    concurrency: MaybeUndefined<u32>,
    settings: MaybeUndefined<Any<Map<String, Value>>>,
    credentials: MaybeUndefined<Any<Map<String, Value>>>,
    /// The one you saw: if the endpoint has another by now, nothing is changed, and the answer is
    /// `conflict`.
    revision: Option<u32>,
}

/// A new secret.
#[derive(Debug, Default, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub(super) struct RotateSecret {
    /// How long the former one signs beside it: 0 (no more from now on) to 604800; 86400 if absent.
    overlap_seconds: Option<u64>,
    /// The new one; made, if absent.
    secret: Option<String>,
}

const SETTINGS_MAX: usize = 16 * 1024;
const RATE_MAX: u32 = 10_000;

impl CreateEndpoint {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(self) -> Result<Draft, Problem> {
        fn maybe<T>(value: Option<T>) -> MaybeUndefined<T> {
            value.map_or(MaybeUndefined::Undefined, MaybeUndefined::Value)
        }
        let mut fields = Fields::default();
        let kind = fields.word("kind", self.kind, Kind::parse, Kind::ALL);
        let secret = fields.read("secret", self.secret, parse_key);
        let headers = self
            .headers
            .map(|headers| headers.into_iter().map(|(name, value)| (name, Some(value))).collect());
        let changes = ChangeEndpoint {
            url: maybe(self.url),
            name: maybe(self.name),
            events: maybe(self.events),
            headers: maybe(headers),
            body_mode: maybe(self.body_mode),
            timeout_seconds: maybe(self.timeout_seconds),
            rate: maybe(self.rate),
            concurrency: maybe(self.concurrency),
            settings: maybe(self.settings),
            credentials: maybe(self.credentials),
            revision: None,
        };
        let changes = changes.changes(&mut fields);
        fields.finish()?;
        Ok(Draft { kind: kind.unwrap_or(Kind::Standard), fields: changes, secret })
    }
}

impl ChangeEndpoint {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(self) -> Result<(Changes, Option<u32>), Problem> {
        let mut fields = Fields::default();
        let revision = self.revision;
        let changes = self.changes(&mut fields);
        fields.finish()?;
        Ok((changes, revision))
    }

    fn changes(self, fields: &mut Fields) -> Changes {
        Changes {
            name: change(fields, "name", self.name, |text| Line::parse(&text)),
            url: change(fields, "url", self.url, |text| EndpointUrl::parse(text.trim())),
            events: change(fields, "events", self.events, |names| {
                Events::parse(names.iter().map(String::as_str))
            }),
            headers: change(fields, "headers", self.headers, |headers| {
                Ok::<_, String>(headers.into_iter().collect())
            }),
            body_mode: change(fields, "body_mode", self.body_mode, |text| {
                BodyMode::parse(&text).ok_or_else(|| one_of(BodyMode::ALL))
            }),
            timeout: change(fields, "timeout_seconds", self.timeout_seconds, |seconds| {
                let fits = (3..=30).contains(&seconds);
                fits.then_some(Duration::from_secs(seconds)).ok_or("must be 3 to 30")
            }),
            rate: change(fields, "rate", self.rate, |rate| {
                let fits = rate <= RATE_MAX;
                fits.then_some(rate).ok_or_else(|| format!("must be 0 to {RATE_MAX}"))
            }),
            concurrency: change(fields, "concurrency", self.concurrency, |most| {
                (1..=64).contains(&most).then_some(most).ok_or("must be 1 to 64")
            }),
            settings: change(fields, "settings", self.settings, small),
            credentials: change(fields, "credentials", self.credentials, small),
        }
    }
}

impl RotateSecret {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(self) -> Result<Rotation, Problem> {
        let mut fields = Fields::default();
        let secret = fields.read("secret", self.secret, parse_key);
        let overlap = self.overlap_seconds.map_or(Rotation::USUAL, Duration::from_secs);
        if overlap > Rotation::MOST {
            fields.wrong("overlap_seconds", format!("must be 0 to {}", Rotation::MOST.as_secs()));
        }
        fields.finish()?;
        Ok(Rotation { overlap, secret })
    }
}

fn small(Any(members): Any<Map<String, Value>>) -> Result<Map<String, Value>, String> {
    let length = serde_json::to_string(&members).map_or(usize::MAX, |text| text.len());
    if length > SETTINGS_MAX {
        return Err(format!("may have {SETTINGS_MAX} bytes as JSON"));
    }
    Ok(members)
}

fn change<T, U, E: Display>(
    fields: &mut Fields,
    name: &str,
    value: MaybeUndefined<T>,
    parse: impl FnOnce(T) -> Result<U, E>,
) -> Change<U> {
    match value {
        MaybeUndefined::Undefined => Change::Keep,
        MaybeUndefined::Null => Change::Reset,
        MaybeUndefined::Value(value) => {
            fields.take(name, parse(value)).map_or(Change::Keep, Change::To)
        }
    }
}
