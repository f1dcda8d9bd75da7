//! What became of verdicts' webhooks: most arrived at once, some are to be tried again or held.

use vouchlink::domain::delivery::{Class, Trigger};
use vouchlink::domain::endpoint::BUILT_IN;
use vouchlink::domain::id::{DeliveryId, EventId};
use vouchlink::domain::remedy::Remedy;
use vouchlink::store::bulk::{Result, Value};

use super::Year;
use super::dice::Draw;
use super::plan::{End, Fate, Planned};
use super::rows::Sink;

/// How often a delivery was tried that is to be tried again.
fn tries(planned: &Planned) -> i64 {
    i64::from(planned.number % 3) + 1
}

fn delivery_id(year: &Year, planned: &Planned, end: &End) -> DeliveryId {
    year.id(Draw::Delivery, planned.number, end.at)
}

pub(super) fn delivery(year: &Year, planned: &Planned, end: &End, sink: Sink<'_>) -> Result<()> {
    let id = delivery_id(year, planned, end);
    let event: EventId = year.id(Draw::Event, planned.number, end.at);
    let wait = year.dice(Draw::Delivery, !planned.number).seconds(60, 3600);
    let (status, attempts, due_at, finished_at) = match end.delivery {
        Fate::Delivered => ("delivered", 1, None, Some(end.at.millis() + took(planned))),
        Fate::Retrying => ("retrying", tries(planned), Some(year.seed.until.millis() + wait), None),
        Fate::Held => ("held", 1, None, None),
    };
    sink(&[
        Value::Bytes(id.as_bytes()),
        Value::Bytes(event.as_bytes()),
        Value::Bytes(BUILT_IN.as_bytes()),
        Value::Bytes(year.customer_id(planned.customer).as_bytes()),
        Value::Integer(i64::from(planned.sequence)),
        Value::Text(status),
        Value::Integer(attempts),
        due_at.map_or(Value::Null, Value::Integer),
        Value::Null,
        finished_at.map_or(Value::Null, Value::Integer),
        // Whoever has something to arrive gets nothing new in this year.
        Value::Bool(false),
        Value::Integer(0),
        Value::Text(Trigger::Auto.as_str()),
    ])
}

/// Milliseconds of an attempt.
fn took(planned: &Planned) -> i64 {
    40 + i64::from(planned.number % 160)
}

pub(super) fn attempts(year: &Year, planned: &Planned, end: &End, sink: Sink<'_>) -> Result<()> {
    let id = delivery_id(year, planned, end);
    let (tries, class, http_status, answer) = match end.delivery {
        Fate::Delivered => (1, Class::Success, Some(200), "{\"status\":\"ok\"}"),
        Fate::Retrying if planned.number.is_multiple_of(2) => {
            (tries(planned), Class::Unavailable, Some(503), "Service Unavailable")
        }
        Fate::Retrying => (tries(planned), Class::Timeout, None, "no answer in time"),
        Fate::Held => (1, Class::Gone, Some(410), "Gone"),
    };
    for number in 1..=tries {
        sink(&[
            Value::Bytes(id.as_bytes()),
            Value::Integer(number),
            Value::Integer(end.at.millis() + (number - 1) * 2000),
            Value::Integer(took(planned)),
            Value::Text(class.as_str()),
            http_status.map_or(Value::Null, Value::Integer),
            Value::Text("192.0.2.10:443"),
            Value::Null,
            Value::Text(answer),
            Remedy::of(class).map_or(Value::Null, |remedy| Value::Text(remedy.as_str())),
            Value::Text(Trigger::Auto.as_str()),
        ])?;
    }
    Ok(())
}
