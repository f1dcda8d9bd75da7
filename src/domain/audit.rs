//! The audit: what was done, by whom, written in the transaction that did it and never changed.

use std::fmt;

use serde::Serialize;

use super::clock::Timestamp;
use super::id::{ApiKeyId, CredentialId, CustomerId, LinkId};
use super::verdict::Binding;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An integrator or agent, by API key.
    ApiKey(ApiKeyId),
    /// Whoever held the link.
    Customer,
    /// A worker of ours.
    System,
    /// The operator, on the command line.
    Operator,
}

impl Actor {
    /// Reads what `Display` wrote; `None` if it is none of that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "customer" => Some(Self::Customer),
            "system" => Some(Self::System),
            "operator" => Some(Self::Operator),
            key => key.parse().ok().map(Self::ApiKey),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(id) => id.fmt(f),
            Self::Customer => f.write_str("customer"),
            Self::System => f.write_str("system"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    LinkCreated,
    LinkReissued,
    /// Staff want it sent; `detail` says which way, never where to.
    LinkSendRequested,
    /// The mail server took a mail with it.
    LinkSent,
    LinkSendFailed,
    LinkOpened,
    /// The customer said who called whom; `detail` says what.
    CallAnswered,
    CallCodeAccepted,
    /// A call code was wrong or too late; `detail` says which.
    CallCodeRefused,
    /// A ceremony's answer was refused; `detail` says why.
    AttemptRefused,
    /// The customer said that they have a new phone.
    NewPhoneAsked,
    LinkVerified,
    LinkFailed,
    LinkDeclined,
    LinkExpired,
    LinkRevoked,
    VerdictLapsed,
    CredentialBound,
    CredentialRevoked,
    CredentialSuspected,
    CredentialBackupChanged,
    AuthenticatorAppBound,
    AuthenticatorAppRevoked,
    /// `detail` says which of the list.
    RecoveryCodeUsed,
    /// The waiting period passed without objection, and it was used again.
    CredentialSeasoned,
    /// An owner was told of a passkey that came or went.
    NoticeSent,
    NoticeFailed,
    /// Staff took an address off.
    ContactRemoved,
    EvidenceRead,
    ApiKeyCreated,
    ApiKeyRevoked,
    EndpointCreated,
    /// `detail` names what changed, never a value.
    EndpointChanged,
    EndpointPaused,
    EndpointResumed,
    EndpointDisabled,
    EndpointRemoved,
    EndpointSecretRotated,
    EndpointTested,
    DeliveriesReplayed,
    DeliveriesCancelled,
    /// What was kept long enough was deleted; `detail` says how much of it.
    RecordsPurged,
}

impl Action {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LinkCreated => "link.created",
            Self::LinkReissued => "link.reissued",
            Self::LinkSendRequested => "link.send_requested",
            Self::LinkSent => "link.sent",
            Self::LinkSendFailed => "link.send_failed",
            Self::LinkOpened => "link.opened",
            Self::CallAnswered => "call.answered",
            Self::CallCodeAccepted => "call_code.accepted",
            Self::CallCodeRefused => "call_code.refused",
            Self::AttemptRefused => "attempt.refused",
            Self::NewPhoneAsked => "link.new_phone_asked",
            Self::LinkVerified => "link.verified",
            Self::LinkFailed => "link.failed",
            Self::LinkDeclined => "link.declined",
            Self::LinkExpired => "link.expired",
            Self::LinkRevoked => "link.revoked",
            Self::VerdictLapsed => "verdict.lapsed",
            Self::CredentialBound => "credential.bound",
            Self::CredentialRevoked => "credential.revoked",
            Self::CredentialSuspected => "credential.suspected",
            Self::CredentialBackupChanged => "credential.backup_changed",
            Self::AuthenticatorAppBound => "authenticator_app.bound",
            Self::AuthenticatorAppRevoked => "authenticator_app.revoked",
            Self::RecoveryCodeUsed => "recovery_code.used",
            Self::NoticeSent => "notice.sent",
            Self::NoticeFailed => "notice.failed",
            Self::CredentialSeasoned => "credential.seasoned",
            Self::ContactRemoved => "contact.removed",
            Self::EvidenceRead => "evidence.read",
            Self::ApiKeyCreated => "api_key.created",
            Self::ApiKeyRevoked => "api_key.revoked",
            Self::EndpointCreated => "endpoint.created",
            Self::EndpointChanged => "endpoint.changed",
            Self::EndpointPaused => "endpoint.paused",
            Self::EndpointResumed => "endpoint.resumed",
            Self::EndpointDisabled => "endpoint.disabled",
            Self::EndpointRemoved => "endpoint.removed",
            Self::EndpointSecretRotated => "endpoint.secret_rotated",
            Self::EndpointTested => "endpoint.tested",
            Self::DeliveriesReplayed => "deliveries.replayed",
            Self::DeliveriesCancelled => "deliveries.cancelled",
            Self::RecordsPurged => "records.purged",
        }
    }
}

/// One entry, before the store numbers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Timestamp,
    pub actor: Actor,
    pub action: Action,
    pub link: Option<LinkId>,
    pub customer: Option<CustomerId>,
    /// Facts for auditors, without secrets or texts a person wrote; `{}` if there are none.
    pub detail: serde_json::Value,
}

impl Entry {
    /// A passkey is worth more by time and use.
    #[must_use]
    pub fn seasoned(credential: CredentialId, customer: CustomerId, at: Timestamp) -> Self {
        Self {
            at,
            actor: Actor::System,
            action: Action::CredentialSeasoned,
            link: None,
            customer: Some(customer),
            detail: serde_json::json!({ "credential": credential, "binding": Binding::Seasoned }),
        }
    }
}

/// One line of a link's timeline, as staff read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimelineEntry {
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub detail: serde_json::Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_reads_back_as_it_was_written() {
        let key = Actor::ApiKey(ApiKeyId::from_bytes([7; 16]));
        for actor in [key, Actor::Customer, Actor::System, Actor::Operator] {
            assert_eq!(Actor::parse(&actor.to_string()), Some(actor));
        }
        assert_eq!(Actor::parse("nobody"), None);
    }
}
