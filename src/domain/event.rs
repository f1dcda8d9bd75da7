//! Events: what happened, and how a webhook says it.

use serde::Serialize;

use super::ceremony::Means;
use super::clock::Timestamp;
use super::customer::UserId;
use super::endpoint::{DisabledReason, Health};
use super::id::{CustomerId, EndpointId, EventId, LinkId};
use super::link::{CrmRecord, Link, Status};
use super::mail::Phone;
use super::text::Line;
use super::verdict::{Assurance, Binding, Method, Reason, Verdict, words};

words! {
    /// What can happen.
    EventType {
        Verified = "verification.verified",
        Failed = "verification.failed",
        Declined = "verification.declined",
        Expired = "verification.expired",
        Revoked = "verification.revoked",
        Opened = "verification.opened",
        Lapsed = "verification.lapsed",
        CredentialBound = "credential.bound",
        CredentialRevoked = "credential.revoked",
        CredentialSuspected = "credential.suspected",
        /// Staff want a link sent to its customer by the company's own gateway.
        LinkSendRequested = "link.send_requested",
        /// An endpoint has been failing for a while.
        EndpointFailing = "endpoint.failing",
        EndpointDisabled = "endpoint.disabled",
    }
}

impl EventType {
    /// Whether the built-in endpoint gets it: verdicts do. `opened` does not, as mail scanners
    /// press buttons too and a CRM would take it for the customer's act; nor do passkeys' own
    /// events, whose body has no verdict.
    #[must_use]
    pub const fn is_verdict(self) -> bool {
        match self {
            Self::Verified
            | Self::Failed
            | Self::Declined
            | Self::Expired
            | Self::Revoked
            | Self::Lapsed => true,
            Self::Opened
            | Self::CredentialBound
            | Self::CredentialRevoked
            | Self::CredentialSuspected
            | Self::LinkSendRequested
            | Self::EndpointFailing
            | Self::EndpointDisabled => false,
        }
    }

    /// Whether it says anew where the customer stands, so that older verdicts that have not
    /// arrived yet need not any more. A link that merely ends undoes nothing, and what it says of
    /// a verification is not what the verification's own event said.
    #[must_use]
    pub const fn supersedes(self) -> bool {
        matches!(self, Self::Verified | Self::Failed | Self::Declined | Self::Lapsed)
    }

    /// The event of a link that ended so; `None` for a status that is no end.
    #[must_use]
    pub const fn of_end(status: Status) -> Option<Self> {
        match status {
            Status::Verified => Some(Self::Verified),
            Status::Failed => Some(Self::Failed),
            Status::Declined => Some(Self::Declined),
            Status::Expired => Some(Self::Expired),
            Status::Revoked => Some(Self::Revoked),
            Status::Pending | Status::Opened => None,
        }
    }
}

/// An event, ready to be stored and sent: the body is frozen, so that every delivery of it says
/// the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub kind: EventType,
    /// Whom it is about; `None` for what befell an endpoint.
    pub customer: Option<CustomerId>,
    pub link: Option<LinkId>,
    /// This customer's event number; 0 for an endpoint's.
    pub sequence: u64,
    pub at: Timestamp,
    /// The webhook's JSON body.
    pub body: String,
}

impl Event {
    /// Whose queue its deliveries stand in: its customer's, or one of its own, in which it waits
    /// for nobody.
    #[must_use]
    pub fn queue(&self) -> CustomerId {
        self.customer.unwrap_or_else(|| CustomerId::from_bytes(*self.id.as_bytes()))
    }
}

/// What an event says of a customer at the moment it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: Timestamp,
    /// The gate's answer for the customer at this moment.
    pub gate_open: bool,
    /// The customer's passkeys were replaced less than the waiting period ago.
    pub recent_rebind: bool,
    /// This customer's event number.
    pub sequence: u64,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: EventType,
    timestamp: Timestamp,
    user_id: &'a UserId,
    verified: bool,
    ts: i64,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    link_id: LinkId,
    status: Status,
    reason: Option<Reason>,
    method: Option<Method>,
    assurance: Option<Assurance>,
    binding: Option<Binding>,
    first_use: bool,
    recent_rebind: bool,
    verified_at: Option<Timestamp>,
    verified_until: Option<Timestamp>,
    sequence: u64,
    reference: Option<&'a Line<128>>,
    crm: Option<&'a CrmRecord>,
    metadata: &'a serde_json::Map<String, serde_json::Value>,
}

impl Event {
    /// About a customer, and maybe one of their links.
    fn written(
        id: EventId,
        kind: EventType,
        (customer, link): (CustomerId, Option<LinkId>),
        moment: Moment,
        body: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id,
            kind,
            customer: Some(customer),
            link,
            sequence: moment.sequence,
            at: moment.at,
            body: serde_json::to_string(body)?,
        })
    }

    /// An event about a link, whose `state` is the one after it happened.
    ///
    /// # Errors
    /// None in practice: every member can be written as JSON.
    pub fn of_link(
        id: EventId,
        kind: EventType,
        link: &Link,
        moment: Moment,
    ) -> Result<Self, serde_json::Error> {
        let verdict = link.state.verdict();
        let verified = verdict.and_then(Verdict::verified);
        let reason = match kind {
            EventType::Lapsed => Some(Reason::Lapsed),
            _ => verdict.map(Verdict::reason),
        };
        let body = Body {
            r#type: kind,
            timestamp: moment.at,
            user_id: &link.user_id,
            verified: moment.gate_open,
            ts: moment.at.seconds(),
            data: Data {
                link_id: link.id,
                status: link.state.status(),
                reason,
                method: verified.map(|verified| verified.method),
                assurance: verified.map(super::verdict::Verified::assurance),
                binding: verified.map(|verified| verified.binding),
                first_use: verified.is_some_and(|verified| verified.first_use),
                recent_rebind: moment.recent_rebind,
                verified_at: verified.map(|verified| verified.verified_at),
                verified_until: verified.map(|verified| verified.verified_until),
                sequence: moment.sequence,
                reference: link.request.reference.as_ref(),
                crm: link.request.crm.as_ref(),
                metadata: &link.request.metadata,
            },
        };
        Self::written(id, kind, (link.customer, Some(link.id)), moment, &body)
    }
}

#[derive(Serialize)]
struct CredentialBody<'a> {
    r#type: EventType,
    timestamp: Timestamp,
    user_id: &'a UserId,
    data: CredentialData,
}

#[derive(Serialize)]
struct CredentialData {
    credential_id: super::id::CredentialId,
    /// `passkey`, or `totp` for an authenticator app.
    method: Means,
    link_id: Option<LinkId>,
    sequence: u64,
}

impl Event {
    /// An event about a customer's passkey or authenticator app.
    ///
    /// # Errors
    /// None in practice: every member can be written as JSON.
    pub fn of_credential(
        id: EventId,
        kind: EventType,
        owner: (CustomerId, &UserId),
        (credential, means): (super::id::CredentialId, Means),
        link: Option<LinkId>,
        moment: Moment,
    ) -> Result<Self, serde_json::Error> {
        let body = CredentialBody {
            r#type: kind,
            timestamp: moment.at,
            user_id: owner.1,
            data: CredentialData {
                credential_id: credential,
                method: means,
                link_id: link,
                sequence: moment.sequence,
            },
        };
        Self::written(id, kind, (owner.0, link), moment, &body)
    }
}

#[derive(Serialize)]
struct SendBody<'a> {
    r#type: EventType,
    timestamp: Timestamp,
    user_id: &'a UserId,
    data: SendData<'a>,
}

#[derive(Serialize)]
struct SendData<'a> {
    link_id: LinkId,
    /// What opens the link: this event exists to hand it over.
    short_url: &'a str,
    phone: Option<&'a str>,
    expires_at: Timestamp,
    locale: Option<&'a Line<35>>,
    sequence: u64,
    reference: Option<&'a Line<128>>,
    crm: Option<&'a CrmRecord>,
    metadata: &'a serde_json::Map<String, serde_json::Value>,
}

impl Event {
    /// Staff want `link` sent by the company's own gateway, to this number if they gave one.
    ///
    /// # Errors
    /// None in practice: every member can be written as JSON.
    pub fn of_send_request(
        id: EventId,
        link: &Link,
        short_url: &str,
        phone: Option<&Phone>,
        moment: Moment,
    ) -> Result<Self, serde_json::Error> {
        let kind = EventType::LinkSendRequested;
        let body = SendBody {
            r#type: kind,
            timestamp: moment.at,
            user_id: &link.user_id,
            data: SendData {
                link_id: link.id,
                short_url,
                phone: phone.map(Phone::as_str),
                expires_at: link.expires_at,
                locale: link.request.locale.as_ref(),
                sequence: moment.sequence,
                reference: link.request.reference.as_ref(),
                crm: link.request.crm.as_ref(),
                metadata: &link.request.metadata,
            },
        };
        Self::written(id, kind, (link.customer, Some(link.id)), moment, &body)
    }
}

#[derive(Serialize)]
struct EndpointBody<'a> {
    r#type: EventType,
    timestamp: Timestamp,
    data: EndpointData<'a>,
}

#[derive(Serialize)]
struct EndpointData<'a> {
    endpoint_id: EndpointId,
    name: &'a Line<64>,
    failing_since: Option<Timestamp>,
    attempts: u32,
    reason: Option<DisabledReason>,
}

impl Event {
    /// An event about an endpoint of ours, for the others: `endpoint.disabled` with a reason,
    /// else `endpoint.failing`.
    ///
    /// # Errors
    /// None in practice: every member can be written as JSON.
    pub fn of_endpoint(
        id: EventId,
        endpoint: (EndpointId, &Line<64>),
        health: &Health,
        reason: Option<DisabledReason>,
        at: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        let kind = match reason {
            Some(_) => EventType::EndpointDisabled,
            None => EventType::EndpointFailing,
        };
        let body = serde_json::to_string(&EndpointBody {
            r#type: kind,
            timestamp: at,
            data: EndpointData {
                endpoint_id: endpoint.0,
                name: endpoint.1,
                failing_since: health.failing.map(|failing| failing.since),
                attempts: health.failing.map_or(0, |failing| failing.attempts),
                reason,
            },
        })?;
        Ok(Self { id, kind, customer: None, link: None, sequence: 0, at, body })
    }
}
