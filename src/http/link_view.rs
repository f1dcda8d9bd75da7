//! Links as the API shows them.

use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;
use serde_json::{Map, Value};

use super::delivery_view::AttemptView;
use crate::domain::audit::TimelineEntry;
use crate::domain::call::Digits;
use crate::domain::ceremony::{Kind, Means};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::event::EventType;
use crate::domain::id::{CredentialId, DeliveryId, EventId, LinkId};
use crate::domain::link::{CallCode, CallInitiator, CrmRecord, Enrolment, Link, Status};
use crate::domain::mail::{MailStatus, SentMail};
use crate::domain::verdict::{Assurance, Binding, Method, Reason, Verdict};
use crate::flows::issue::{Detail, Issued};
use crate::store::{DeliverySummary, Page};

/// A link and, this once, what opens it.
#[derive(Serialize, Object)]
pub(super) struct IssuedView {
    id: LinkId,
    /// For the customer. Whoever has it can use it: send it to nobody else.
    url: String,
    /// The same, short enough for an SMS.
    short_url: String,
    /// Where the customer can type `door_code` instead of opening a link.
    door_url: String,
    /// Twelve digits in groups of four, to be read out: they open the link for ten minutes at the
    /// most, absent from then on. Reissue the link for new ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    door_code: Option<String>,
    token: String,
    status: Status,
    expires_at: Timestamp,
    /// With `enrolment: call_code`, if the customer has no passkey yet: six digits. Read them out
    /// on the phone; send them to nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    call_code: Option<String>,
    /// Until when the customer may type them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    call_code_expires_at: Option<Timestamp>,
}

/// Leaves out whatever opens the link.
impl std::fmt::Debug for IssuedView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedView").field("id", &self.id).finish_non_exhaustive()
    }
}

impl From<Issued> for IssuedView {
    fn from(issued: Issued) -> Self {
        Self {
            id: issued.link.id,
            url: issued.url,
            short_url: issued.short_url,
            door_url: issued.door_url,
            door_code: issued.door_code.map(|code| code.to_string()),
            token: issued.token,
            status: issued.link.state.status(),
            expires_at: issued.link.expires_at,
            call_code: issued.call_code.as_ref().map(Digits::reveal),
            call_code_expires_at: issued.link.handover.call_code.map(|code| code.until),
        }
    }
}

/// A link.
#[derive(Debug, Serialize, Object)]
pub(super) struct LinkView {
    id: LinkId,
    user_id: String,
    username: String,
    /// Which ceremony it asks for.
    kind: Kind,
    status: Status,
    /// The API key that made it.
    created_by: String,
    requester: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// When the first ceremony began.
    opened_at: Option<Timestamp>,
    /// Answers that were checked so far.
    attempts: u32,
    statement: Option<String>,
    call_initiator: Option<CallInitiator>,
    /// Who called whom, as the customer says.
    call_answer: Option<CallInitiator>,
    /// Where the customer has to type a call code: how that goes.
    call_code_state: Option<CallCodeState>,
    enrolment: Enrolment,
    /// With what the customer may verify.
    methods: Vec<Means>,
    locale: Option<String>,
    reference: Option<String>,
    crm: Option<CrmView>,
    metadata: Any<Map<String, Value>>,
    return_url: Option<String>,
    /// When the customer said that they have a new phone.
    new_phone_asked_at: Option<Timestamp>,
    /// Once it ended.
    verdict: Option<VerdictView>,
    /// What happened, oldest first; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    timeline: Option<Vec<TimelineEntry>>,
    /// Its webhooks; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    deliveries: Option<Vec<DeliveryView>>,
    /// The mails with it; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    sent: Option<Vec<SentView>>,
}

/// Where a link is.
#[derive(Debug, Serialize, Object)]
pub(super) struct LinkStatus {
    id: LinkId,
    status: Status,
    /// When the first ceremony began.
    opened_at: Option<Timestamp>,
    /// Answers that were checked so far.
    attempts: u32,
    expires_at: Timestamp,
    /// Who called whom, as the customer says.
    call_answer: Option<CallInitiator>,
    /// Where the customer has to type a call code: how that goes.
    call_code_state: Option<CallCodeState>,
    /// When the customer said that they have a new phone.
    new_phone_asked_at: Option<Timestamp>,
    /// Once it ended.
    verdict: Option<VerdictView>,
}

/// How a call code fares.
#[derive(Debug, Serialize, Object)]
struct CallCodeState {
    /// Until when it may be typed.
    expires_at: Timestamp,
    /// When it was typed rightly.
    given_at: Option<Timestamp>,
    /// Wrong codes left before the link fails.
    tries_left: u32,
}

/// How a link ended.
#[derive(Debug, Serialize, Object)]
struct VerdictView {
    verified: bool,
    reason: Reason,
    decided_at: Timestamp,
    method: Option<Method>,
    assurance: Option<Assurance>,
    binding: Option<Binding>,
    /// The passkey was made, or the authenticator app set up, in this very link.
    first_use: bool,
    /// The passkey, or the authenticator app.
    credential_id: Option<CredentialId>,
    verified_at: Option<Timestamp>,
    /// The gate says `stale` from then on.
    verified_until: Option<Timestamp>,
}

/// A CRM record.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "CrmRecord")]
struct CrmView {
    module: String,
    record_id: String,
}

/// A webhook's way to its endpoint.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Delivery")]
struct DeliveryView {
    id: DeliveryId,
    /// The `webhook-id`.
    event_id: EventId,
    r#type: EventType,
    status: DeliveryStatus,
    /// When it is tried next.
    due_at: Option<Timestamp>,
    attempts: Vec<AttemptView>,
}

/// A mail with a link.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "SentMail")]
struct SentView {
    /// As `d***@example.com`.
    to: String,
    status: MailStatus,
    attempts: u32,
    created_at: Timestamp,
    /// When the mail server took it, or it was given up.
    finished_at: Option<Timestamp>,
    /// What the mail server said last, without addresses.
    answer: Option<String>,
    /// Why it was not sent yet, or never will be, in words.
    trouble: Option<String>,
}

/// One page of links.
#[derive(Debug, Serialize, Object)]
pub(super) struct LinkList {
    items: Vec<LinkView>,
    /// `cursor` of the next page.
    next_cursor: Option<LinkId>,
}

impl From<Link> for LinkView {
    fn from(link: Link) -> Self {
        let opened_at = link.state.opened_at();
        let verdict = link.state.verdict().map(VerdictView::from);
        let text = |line: &dyn std::fmt::Display| line.to_string();
        Self {
            id: link.id,
            user_id: link.user_id.to_string(),
            username: link.username.to_string(),
            kind: link.kind,
            status: link.state.status(),
            created_by: link.request.created_by.to_string(),
            requester: link.request.requester.to_string(),
            created_at: link.created_at,
            expires_at: link.expires_at,
            opened_at,
            attempts: link.attempts,
            statement: link.request.statement.as_ref().map(|line| text(line)),
            call_initiator: link.request.call_initiator,
            call_answer: link.handover.call_answer,
            call_code_state: link.handover.call_code.map(CallCodeState::from),
            enrolment: link.request.enrolment,
            methods: if link.request.totp { Means::ALL.to_vec() } else { vec![Means::Passkey] },
            locale: link.request.locale.as_ref().map(|line| text(line)),
            reference: link.request.reference.as_ref().map(|line| text(line)),
            crm: link.request.crm.as_ref().map(CrmView::from),
            metadata: Any(link.request.metadata),
            return_url: link.request.return_url,
            new_phone_asked_at: link.handover.new_phone_asked_at,
            verdict,
            timeline: None,
            deliveries: None,
            sent: None,
        }
    }
}

impl From<&Link> for LinkStatus {
    fn from(link: &Link) -> Self {
        Self {
            id: link.id,
            status: link.state.status(),
            opened_at: link.state.opened_at(),
            attempts: link.attempts,
            expires_at: link.expires_at,
            call_answer: link.handover.call_answer,
            call_code_state: link.handover.call_code.map(CallCodeState::from),
            new_phone_asked_at: link.handover.new_phone_asked_at,
            verdict: link.state.verdict().map(VerdictView::from),
        }
    }
}

impl From<CallCode> for CallCodeState {
    fn from(code: CallCode) -> Self {
        Self { expires_at: code.until, given_at: code.given_at, tries_left: code.tries_left() }
    }
}

impl From<Detail> for LinkView {
    fn from(detail: Detail) -> Self {
        let deliveries = detail.deliveries.into_iter().map(DeliveryView::from).collect();
        Self {
            timeline: Some(detail.timeline),
            deliveries: Some(deliveries),
            sent: Some(detail.mails.into_iter().map(SentView::from).collect()),
            ..Self::from(detail.link)
        }
    }
}

impl From<Page<Link>> for LinkList {
    fn from(page: Page<Link>) -> Self {
        let items = page.items.into_iter().map(LinkView::from).collect();
        Self { items, next_cursor: page.next }
    }
}

impl From<&Verdict> for VerdictView {
    fn from(verdict: &Verdict) -> Self {
        let verified = verdict.verified();
        Self {
            verified: verified.is_some(),
            reason: verdict.reason(),
            decided_at: verdict.decided_at(),
            method: verified.map(|verified| verified.method),
            assurance: verified.map(crate::domain::verdict::Verified::assurance),
            binding: verified.map(|verified| verified.binding),
            first_use: verified.is_some_and(|verified| verified.first_use),
            credential_id: verified.map(|verified| verified.credential),
            verified_at: verified.map(|verified| verified.verified_at),
            verified_until: verified.map(|verified| verified.verified_until),
        }
    }
}

impl From<&CrmRecord> for CrmView {
    fn from(crm: &CrmRecord) -> Self {
        Self { module: crm.module.to_string(), record_id: crm.record_id.to_string() }
    }
}

impl From<SentMail> for SentView {
    fn from(mail: SentMail) -> Self {
        Self {
            trouble: mail.trouble().map(str::to_owned),
            to: mail.recipient.masked(),
            status: mail.status,
            attempts: mail.attempts,
            created_at: mail.created_at,
            finished_at: mail.finished_at,
            answer: mail.answer,
        }
    }
}

impl From<DeliverySummary> for DeliveryView {
    fn from(delivery: DeliverySummary) -> Self {
        Self {
            id: delivery.id,
            event_id: delivery.event.id,
            r#type: delivery.event.kind,
            status: delivery.status,
            due_at: delivery.due_at,
            attempts: delivery.attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}
