//! What is asked of `/api/deliveries`: parsed field by field, every problem reported.

use std::str::FromStr;

use poem_openapi::Object;
use serde::Deserialize;

use super::fields::{Fields, one_of};
use super::problem::Problem;
use crate::domain::clock::Timestamp;
use crate::domain::customer::UserId;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::event::EventType;
use crate::domain::id::DeliveryId;
use crate::domain::replay::{Selection, Which};
use crate::domain::text::Line;
use crate::store::DeliveryFilter;

const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

/// The query of the list.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub endpoint: Option<String>,
    pub status: Option<String>,
    pub event: Option<String>,
    pub user_id: Option<String>,
    pub link_id: Option<String>,
    pub since: Option<String>,
    pub until: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

impl Listed {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(self) -> Result<(DeliveryFilter, Option<DeliveryId>, u32), Problem> {
        let mut fields = Fields::default();
        let filter = DeliveryFilter {
            endpoint: fields.read("endpoint", self.endpoint, |text| id(text, "an endpoint")),
            status: fields.word("status", self.status, DeliveryStatus::parse, DeliveryStatus::ALL),
            event: fields.word("type", self.event, EventType::parse, EventType::ALL),
            user_id: fields.read("user_id", self.user_id, UserId::parse),
            link: fields.read("link_id", self.link_id, |text| id(text, "a link")),
            since: fields.read("since", self.since, moment),
            until: fields.read("until", self.until, moment),
        };
        let after = fields.read("cursor", self.cursor, cursor);
        let limit = limit(&mut fields, self.limit);
        fields.finish()?;
        Ok((filter, after, limit))
    }
}

/// A page of something else.
///
/// # Errors
/// `validation` with everything that is wrong.
pub(super) fn page<T: FromStr>(
    after: Option<String>,
    size: Option<u32>,
) -> Result<(Option<T>, u32), Problem> {
    let mut fields = Fields::default();
    let after = fields.read("cursor", after, cursor);
    let limit = limit(&mut fields, size);
    fields.finish()?;
    Ok((after, limit))
}

fn id<T: FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("is not the id of {what}"))
}

fn cursor<T: FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "is no cursor")
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("must be a time such as 2026-11-21T10:00:00Z")
}

fn limit(fields: &mut Fields, limit: Option<u32>) -> u32 {
    let limit = limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        fields.wrong("limit", format!("must be 1 to {PAGE_MAX}"));
    }
    limit
}

/// Which deliveries are sent again: either `ids`, or those of `endpoint_id` that match the rest.
#[derive(Debug, Default, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub(super) struct CreateReplay {
    /// 1 to 500 deliveries.
    ids: Option<Vec<String>>,
    /// Of this endpoint, the oldest 10000 that match.
    endpoint_id: Option<String>,
    /// `exhausted`, `held`, `superseded`, `cancelled` or `delivered`; exhausted and held if absent.
    status: Option<String>,
    /// Only of this type of event.
    r#type: Option<String>,
    /// Only of events from this moment on (RFC 3339).
    since: Option<String>,
    /// Only of events before this moment (RFC 3339).
    until: Option<String>,
    /// Why, for whoever asks later: 1 to 200 characters.
    reason: Option<String>,
    /// Also what newer news of the same customer has replaced: a receiver that does not look at
    /// `sequence` then believes what is no longer so.
    include_superseded: Option<bool>,
}

/// Why one delivery is sent again.
#[derive(Debug, Default, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub(super) struct ReplayOne {
    /// Why, for whoever asks later: 1 to 200 characters.
    reason: Option<String>,
    /// Even if newer news of the same customer has replaced it.
    include_superseded: Option<bool>,
}

const IDS_MAX: usize = 500;

/// In which state something can be sent again.
const REPLAYABLE: &[DeliveryStatus] = &[
    DeliveryStatus::Exhausted,
    DeliveryStatus::Held,
    DeliveryStatus::Superseded,
    DeliveryStatus::Cancelled,
    DeliveryStatus::Delivered,
];

impl CreateReplay {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(self) -> Result<(Selection, Line<200>), Problem> {
        let mut fields = Fields::default();
        let reason = reason(&mut fields, self.reason);
        let endpoint = fields.read("endpoint_id", self.endpoint_id, |text| id(text, "an endpoint"));
        let status = fields.read("status", self.status, |text| {
            DeliveryStatus::parse(text)
                .filter(|status| status.may_be_replayed(true))
                .ok_or_else(|| one_of(REPLAYABLE))
        });
        let event = fields.word("type", self.r#type, EventType::parse, EventType::ALL);
        let since = fields.read("since", self.since, moment);
        let until = fields.read("until", self.until, moment);
        let filtered = status.is_some() || event.is_some() || since.is_some() || until.is_some();
        let which = match (self.ids, endpoint) {
            (Some(ids), None) if !filtered => these(&mut fields, &ids),
            (Some(_), _) => {
                fields.wrong("ids", "stands alone: leave out endpoint_id and the filters");
                None
            }
            (None, Some(endpoint)) => {
                Some(Which::Matching { endpoint, status, event, since, until })
            }
            (None, None) => {
                fields.wrong("endpoint_id", "is required, or ids instead");
                None
            }
        };
        let (which, reason) = fields.done(which.zip(reason))?;
        let forced = self.include_superseded.unwrap_or_default();
        Ok((Selection { which, forced }, reason))
    }
}

impl ReplayOne {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(self, id: DeliveryId) -> Result<(Selection, Line<200>), Problem> {
        let ids = Some(vec![id.to_string()]);
        let Self { reason, include_superseded } = self;
        CreateReplay { ids, reason, include_superseded, ..CreateReplay::default() }.parse()
    }
}

fn reason(fields: &mut Fields, text: Option<String>) -> Option<Line<200>> {
    if text.is_none() {
        fields.wrong("reason", "is required");
    }
    fields.read("reason", text, Line::parse)
}

fn these(fields: &mut Fields, ids: &[String]) -> Option<Which> {
    if !(1..=IDS_MAX).contains(&ids.len()) {
        fields.wrong("ids", format!("must be 1 to {IDS_MAX}"));
        return None;
    }
    let parsed: Result<Vec<DeliveryId>, _> = ids.iter().map(|id| id.parse()).collect();
    let parsed = parsed.map_err(|_| "holds something that is not the id of a delivery");
    fields.take("ids", parsed).map(Which::These)
}
