//! Replays: deliveries that staff want sent again, one after another.

use serde_json::{Value, json};

use super::audit::Actor;
use super::clock::Timestamp;
use super::delivery::DeliveryStatus;
use super::event::EventType;
use super::id::{DeliveryId, EndpointId, ReplayId};
use super::text::Line;
use super::verdict::words;

/// Deliveries one replay may be asked for.
pub const MOST: u32 = 10_000;

words! {
    /// Where a replay is.
    ReplayStatus {
        Running = "running",
        Done = "done",
        /// By staff; what was sent on its way already goes on.
        Cancelled = "cancelled",
    }
}

/// Which deliveries are meant. What was superseded is left out unless `forced`: newer news of the
/// same customer has arrived, or will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub which: Which,
    pub forced: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These, in this order; at most [`MOST`].
    These(Vec<DeliveryId>),
    /// Those of one endpoint that match everything given.
    Matching {
        endpoint: EndpointId,
        /// None for those that did not arrive: exhausted and held.
        status: Option<DeliveryStatus>,
        event: Option<EventType>,
        /// Of events from this moment on.
        since: Option<Timestamp>,
        /// Of events before this moment.
        until: Option<Timestamp>,
    },
}

/// A replay as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    pub id: ReplayId,
    pub by: Actor,
    /// Why, in the words of who asked.
    pub reason: Line<200>,
    pub selection: Selection,
    pub status: ReplayStatus,
    /// Deliveries that were chosen when it began.
    pub chosen: u32,
    /// Of those, sent on their way again.
    pub requeued: u32,
    /// Of those, left alone: on their way anyway, superseded, or gone.
    pub skipped: u32,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

impl Selection {
    /// As it is kept and shown.
    #[must_use]
    pub fn as_json(&self) -> Value {
        match &self.which {
            Which::These(ids) => json!({ "ids": ids, "forced": self.forced }),
            Which::Matching { endpoint, status, event, since, until } => json!({
                "endpoint_id": endpoint,
                "status": status,
                "type": event,
                "since": since.map(Timestamp::millis),
                "until": until.map(Timestamp::millis),
                "forced": self.forced,
            }),
        }
    }

    /// Reads what [`as_json`](Self::as_json) wrote; `None` if it is none of that.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        let forced = value.get("forced")?.as_bool()?;
        let which = match value.get("ids") {
            Some(ids) => Which::These(
                ids.as_array()?
                    .iter()
                    .map(|id| id.as_str()?.parse().ok())
                    .collect::<Option<_>>()?,
            ),
            None => Which::Matching {
                endpoint: value.get("endpoint_id")?.as_str()?.parse().ok()?,
                status: match value.get("status")? {
                    Value::Null => None,
                    word => Some(DeliveryStatus::parse(word.as_str()?)?),
                },
                event: match value.get("type")? {
                    Value::Null => None,
                    word => Some(EventType::parse(word.as_str()?)?),
                },
                since: match value.get("since")? {
                    Value::Null => None,
                    millis => Some(Timestamp::from_millis(millis.as_i64()?)),
                },
                until: match value.get("until")? {
                    Value::Null => None,
                    millis => Some(Timestamp::from_millis(millis.as_i64()?)),
                },
            },
        };
        Some(Self { which, forced })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_reads_back_as_it_was_written() {
        let endpoint = EndpointId::from_bytes([7; 16]);
        let nothing =
            Which::Matching { endpoint, status: None, event: None, since: None, until: None };
        let everything = Which::Matching {
            endpoint,
            status: Some(DeliveryStatus::Held),
            event: Some(EventType::Verified),
            since: Some(Timestamp::from_millis(1)),
            until: Some(Timestamp::from_millis(2)),
        };
        let these = Which::These(vec![DeliveryId::from_bytes([9; 16])]);
        for which in [nothing, everything, these] {
            for forced in [false, true] {
                let selection = Selection { which: which.clone(), forced };
                assert_eq!(Selection::from_json(&selection.as_json()), Some(selection));
            }
        }
        assert_eq!(Selection::from_json(&json!({ "forced": true })), None);
        assert_eq!(Selection::from_json(&json!({ "forced": true, "ids": ["x"] })), None);
    }
}
