//! Deliveries, attempts and replays as the API shows them.

use std::time::Duration;

use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;
use serde_json::Value;

use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Attempt, Class, DeliveryStatus, Trigger};
use crate::domain::event::EventType;
use crate::domain::id::{DeliveryId, EndpointId, EventId, LinkId, ReplayId};
use crate::domain::remedy::Remedy;
use crate::domain::replay::{Replay, ReplayStatus, Selection, Which};
use crate::store::{DeliveryLine, DeliveryPage, DeliveryRecord};

/// One HTTP try.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Attempt")]
pub(super) struct AttemptView {
    number: u32,
    started_at: Timestamp,
    milliseconds: u64,
    class: Class,
    http_status: Option<u16>,
    remote_addr: Option<String>,
    /// When the receiver asked us to come back (`Retry-After`), from the end of the attempt.
    retry_after_seconds: Option<u64>,
    /// The first 4 KiB of the answer.
    answer: String,
    /// What helps, if it failed.
    remedy: Option<RemedyView>,
    /// Why it was made.
    trigger: Trigger,
}

/// What staff can do.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Remedy")]
pub(super) struct RemedyView {
    /// Stable.
    code: Remedy,
    /// In words.
    sentence: String,
}

/// A delivery: an event's way to one endpoint.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "DeliveryLine")]
pub(super) struct DeliveryLineView {
    id: DeliveryId,
    endpoint_id: EndpointId,
    /// The `webhook-id`.
    event_id: EventId,
    r#type: EventType,
    /// When the event happened.
    at: Timestamp,
    user_id: Option<String>,
    link_id: Option<LinkId>,
    status: DeliveryStatus,
    /// How many were made.
    attempt_count: u32,
    /// When it is tried next; null if it is not.
    due_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

/// A delivery with all that is known of it.
#[derive(Debug, Serialize, Object)]
pub(super) struct DeliveryDetail {
    delivery: DeliveryLineView,
    /// The event's body, byte for byte as it is sent.
    body: String,
    attempts: Vec<AttemptView>,
}

/// Newest first.
#[derive(Debug, Serialize, Object)]
pub(super) struct DeliveryList {
    /// They may be fewer than `limit`, even none, with a next page.
    items: Vec<DeliveryLineView>,
    /// `cursor` of the next page; null on the last one.
    next_cursor: Option<DeliveryId>,
}

/// Deliveries that are sent again, five a second.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Replay")]
pub(super) struct ReplayView {
    id: ReplayId,
    status: ReplayStatus,
    /// Who asked for it: an API key, or `operator`.
    requested_by: String,
    reason: String,
    /// What was asked for.
    selection: Any<serde_json::Map<String, Value>>,
    /// Deliveries that were chosen, 10000 at most, oldest first.
    chosen: u32,
    /// Of those, on their way again so far.
    requeued: u32,
    /// Of those, left alone so far: on their way anyway, overtaken by newer news, or their endpoint
    /// is disabled or gone.
    skipped: u32,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

/// Newest first.
#[derive(Debug, Serialize, Object)]
pub(super) struct ReplayList {
    items: Vec<ReplayView>,
    next_cursor: Option<ReplayId>,
}

impl RemedyView {
    /// In other words than its own.
    pub(super) fn saying(code: Remedy, sentence: &str) -> Self {
        Self { code, sentence: sentence.to_owned() }
    }
}

impl From<Remedy> for RemedyView {
    fn from(remedy: Remedy) -> Self {
        Self { code: remedy, sentence: remedy.sentence().to_owned() }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at,
            milliseconds: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
            class: attempt.class,
            http_status: attempt.http_status,
            remote_addr: attempt.remote_addr,
            retry_after_seconds: attempt.retry_after.as_ref().map(Duration::as_secs),
            answer: attempt.answer,
            remedy: attempt.remedy.map(RemedyView::from),
            trigger: attempt.trigger,
        }
    }
}

impl From<DeliveryLine> for DeliveryLineView {
    fn from(line: DeliveryLine) -> Self {
        Self {
            id: line.id,
            endpoint_id: line.endpoint,
            event_id: line.event,
            r#type: line.kind,
            at: line.at,
            user_id: line.user_id.map(|user_id| user_id.to_string()),
            link_id: line.link,
            status: line.status,
            attempt_count: line.attempts,
            due_at: line.due_at,
            finished_at: line.finished_at,
        }
    }
}

impl From<DeliveryRecord> for DeliveryDetail {
    fn from(record: DeliveryRecord) -> Self {
        Self {
            delivery: record.line.into(),
            body: record.body,
            attempts: record.attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

impl From<DeliveryPage> for DeliveryList {
    fn from(page: DeliveryPage) -> Self {
        let items = page.items.into_iter().map(DeliveryLineView::from).collect();
        Self { items, next_cursor: page.next }
    }
}

impl From<Replay> for ReplayView {
    fn from(replay: Replay) -> Self {
        Self {
            id: replay.id,
            status: replay.status,
            requested_by: replay.by.to_string(),
            reason: replay.reason.to_string(),
            selection: Any(selection(&replay.selection)),
            chosen: replay.chosen,
            requeued: replay.requeued,
            skipped: replay.skipped,
            created_at: replay.created_at,
            finished_at: replay.finished_at,
        }
    }
}

/// As it is asked for.
fn selection(selection: &Selection) -> serde_json::Map<String, Value> {
    let mut shown = serde_json::Map::new();
    let mut add = |name: &str, value: Value| {
        if !value.is_null() {
            shown.insert(name.to_owned(), value);
        }
    };
    match &selection.which {
        Which::These(ids) => add("ids", serde_json::json!(ids)),
        Which::Matching { endpoint, status, event, since, until } => {
            add("endpoint_id", serde_json::json!(endpoint));
            add("status", serde_json::json!(status));
            add("type", serde_json::json!(event));
            add("since", serde_json::json!(since));
            add("until", serde_json::json!(until));
        }
    }
    add("include_superseded", serde_json::json!(selection.forced));
    shown
}

impl ReplayList {
    /// Of what was found, one more than asked for.
    pub(super) fn of(mut found: Vec<Replay>, limit: u32) -> Self {
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > size;
        found.truncate(size);
        let next_cursor = found.last().map(|replay| replay.id).filter(|_| more);
        Self { items: found.into_iter().map(ReplayView::from).collect(), next_cursor }
    }
}
