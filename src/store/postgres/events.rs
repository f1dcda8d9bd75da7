//! Events: numbered per customer, frozen as the body that will be sent, and queued for delivery,
//! all in the transaction of what happened.

use super::super::Context;
use super::columns::Whole;
use super::customers::Owner;
use super::deliveries;
use super::endpoints::Addressee;
use super::failure::{Done, unwritable};
use super::query::params;
use super::transaction::Tx;
use crate::domain::ceremony::Means;
use crate::domain::endpoint::EndpointStatus;
use crate::domain::event::{Event, EventType, Moment};
use crate::domain::gate::{self, Demand};
use crate::domain::id::{CredentialId, EventId, LinkId};
use crate::domain::link::Link;
use crate::domain::mail::Phone;

/// `link` and its owner's standing are as they are after what happened; `sequence` is the number
/// that was drawn for this event.
pub(super) fn publish(
    tx: &mut Tx,
    kind: EventType,
    link: &Link,
    owner: &Owner,
    sequence: u64,
    context: &Context,
) -> Done<()> {
    let demand = Demand { max_age: None, min_assurance: context.gate_min_assurance };
    let answer = gate::ask(Some(&owner.footing), demand, context.seasoning, context.now);
    let (gate_open, recent_rebind) = (answer.verified(), answer.recent_rebind);
    let moment = Moment { at: context.now, gate_open, recent_rebind, sequence };
    let id = EventId::new(context.now, tx.random())?;
    let event = Event::of_link(id, kind, link, moment).map_err(|error| unwritable(&error))?;
    insert(tx, &owner.endpoints, event)
}

/// `link` was opened. Most often no endpoint asks to be told, and then there is no event: it could
/// never be sent, and the audit says the same.
pub(super) fn publish_opened(
    tx: &mut Tx,
    owner: &mut Owner,
    link: &Link,
    context: &Context,
) -> Done<()> {
    let kind = EventType::Opened;
    if !owner.endpoints.iter().any(|endpoint| endpoint.asks_for(kind)) {
        return Ok(());
    }
    let sequence = owner.next_sequence(tx);
    publish(tx, kind, link, owner, sequence, context)
}

/// Something happened to a passkey or an authenticator app of `owner`; it does not change where the
/// customer stands.
pub(super) fn publish_credential(
    tx: &mut Tx,
    kind: EventType,
    owner: &mut Owner,
    credential: (CredentialId, Means),
    link: Option<LinkId>,
    context: &Context,
) -> Done<()> {
    let sequence = owner.next_sequence(tx);
    // Such a body does not speak of the gate.
    let moment = Moment { at: context.now, gate_open: false, recent_rebind: false, sequence };
    let id = EventId::new(context.now, tx.random())?;
    let whose = (owner.id, &owner.user_id);
    let event = Event::of_credential(id, kind, whose, credential, link, moment)
        .map_err(|error| unwritable(&error))?;
    insert(tx, &owner.endpoints, event)
}

/// Staff want `link` sent by the company's own gateway; `false`, and nothing noted, if no endpoint
/// asks for that.
pub(super) fn request_sending(
    tx: &mut Tx,
    owner: &mut Owner,
    link: &Link,
    short_url: &str,
    phone: Option<&Phone>,
    context: &Context,
) -> Done<bool> {
    let kind = EventType::LinkSendRequested;
    let asks =
        |endpoint: &Addressee| endpoint.status == EndpointStatus::Active && endpoint.asks_for(kind);
    if !owner.endpoints.iter().any(asks) {
        return Ok(false);
    }
    let sequence = owner.next_sequence(tx);
    let moment = Moment { at: context.now, gate_open: false, recent_rebind: false, sequence };
    let id = EventId::new(context.now, tx.random())?;
    let event = Event::of_send_request(id, link, short_url, phone, moment)
        .map_err(|error| unwritable(&error))?;
    insert(tx, &owner.endpoints, event)?;
    Ok(true)
}

/// Something befell an endpoint: it is told to the others.
pub(super) fn publish_endpoint(tx: &mut Tx, others: &[Addressee], event: Event) -> Done<()> {
    insert(tx, others, event)
}

fn insert(tx: &mut Tx, endpoints: &[Addressee], event: Event) -> Done<()> {
    let news = deliveries::News::from(&event);
    tx.write(
        "-- insert_event
         INSERT INTO events (id, type, customer, link, sequence, at, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            event.id,
            event.kind,
            event.customer,
            event.link,
            Whole(event.sequence),
            event.at,
            event.body
        ],
    );
    deliveries::queue(tx, endpoints, &news)
}
