//! Events: numbered per customer, frozen as the body that will be sent, and queued for delivery,
//! all in the transaction of what happened.

use super::super::{Context, Result};
use super::columns::Count;
use super::failure::unwritable;
use super::transaction::Tx;
use super::{customers, deliveries};
use crate::domain::ceremony::Means;
use crate::domain::customer::{Footing, UserId};
use crate::domain::event::{Event, EventType, Moment};
use crate::domain::gate::{self, Demand};
use crate::domain::id::{CredentialId, CustomerId, EndpointId, EventId, LinkId};
use crate::domain::link::Link;
use crate::domain::mail::Phone;

/// `link` is as it is after what happened, and so is `footing`; `sequence` is the number that
/// [`customers`] drew for this event.
pub(super) fn publish(
    tx: &Tx<'_>,
    kind: EventType,
    link: &Link,
    footing: &Footing,
    sequence: u64,
    context: &Context,
) -> Result<()> {
    let demand = Demand { max_age: None, min_assurance: context.gate_min_assurance };
    let answer = gate::ask(Some(footing), demand, context.seasoning, context.now);
    let (gate_open, recent_rebind) = (answer.verified(), answer.recent_rebind);
    let moment = Moment { at: context.now, gate_open, recent_rebind, sequence };
    let id = EventId::new(context.now, tx.random)?;
    let event = Event::of_link(id, kind, link, moment).map_err(|error| unwritable(&error))?;
    insert(tx, &event, None)
}

/// `link` was opened. Most often no endpoint asks to be told, and then there is no event: it could
/// never be sent, and the audit says the same.
pub(super) fn publish_opened(tx: &Tx<'_>, link: &Link, context: &Context) -> Result<()> {
    let kind = EventType::Opened;
    if !deliveries::is_asked_for(tx, kind)? {
        return Ok(());
    }
    let (footing, sequence) = customers::draw_sequence(tx, link.customer)?;
    publish(tx, kind, link, &footing, sequence, context)
}

/// Something happened to a passkey or an authenticator app of `owner`; it does not change where the
/// customer stands.
pub(super) fn publish_credential(
    tx: &Tx<'_>,
    kind: EventType,
    owner: (CustomerId, &UserId),
    credential: (CredentialId, Means),
    link: Option<LinkId>,
    context: &Context,
) -> Result<()> {
    let sequence = customers::next_sequence(tx, owner.0)?;
    // Such a body does not speak of the gate.
    let moment = Moment { at: context.now, gate_open: false, recent_rebind: false, sequence };
    let id = EventId::new(context.now, tx.random)?;
    let event = Event::of_credential(id, kind, owner, credential, link, moment)
        .map_err(|error| unwritable(&error))?;
    insert(tx, &event, None)
}

/// Staff want `link` sent by the company's own gateway; `false`, and nothing written, if no endpoint
/// asks for that.
pub(super) fn request_sending(
    tx: &Tx<'_>,
    link: &Link,
    short_url: &str,
    phone: Option<&Phone>,
    context: &Context,
) -> Result<bool> {
    if !deliveries::anybody_asks(tx, EventType::LinkSendRequested)? {
        return Ok(false);
    }
    let sequence = customers::next_sequence(tx, link.customer)?;
    let moment = Moment { at: context.now, gate_open: false, recent_rebind: false, sequence };
    let id = EventId::new(context.now, tx.random)?;
    let event = Event::of_send_request(id, link, short_url, phone, moment)
        .map_err(|error| unwritable(&error))?;
    insert(tx, &event, None)?;
    Ok(true)
}

/// Something befell an endpoint: it is told to the others.
pub(super) fn publish_endpoint(tx: &Tx<'_>, event: &Event, endpoint: EndpointId) -> Result<()> {
    insert(tx, event, Some(endpoint))
}

fn insert(tx: &Tx<'_>, event: &Event, about: Option<EndpointId>) -> Result<()> {
    tx.prepare_cached(
        "-- insert_event
         INSERT INTO events (id, type, customer, link, sequence, at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        event.id,
        event.kind,
        event.customer,
        event.link,
        Count(event.sequence),
        event.at,
        &event.body,
    ))?;
    deliveries::queue(tx, event, about)
}
