//! What staff can do about an attempt that failed.

use super::delivery::Class;
use super::verdict::words;

words! {
    /// One step that helps, by a stable name; [`Remedy::sentence`] says it in words.
    Remedy {
        Wait = "wait",
        CheckReceiver = "check_receiver",
        CheckUrl = "check_url",
        CheckTls = "check_tls",
        FollowRedirect = "follow_redirect",
        ChangeAddress = "change_address",
        Enable = "enable",
        Reconnect = "reconnect",
        CheckPermission = "check_permission",
        CheckDataCentre = "check_data_centre",
        CheckRecord = "check_record",
        CheckFields = "check_fields",
        CheckFunction = "check_function",
        SlowDown = "slow_down",
    }
}

impl Remedy {
    /// What an agent reads.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Wait => "Nothing to do: it is tried again by itself.",
            Self::CheckReceiver => {
                "The receiver refused the message. Look at its answer and its own log, and check \
                 the secret it verifies with."
            }
            Self::CheckUrl => "Check the endpoint's URL: nothing answers there.",
            Self::CheckTls => {
                "The receiver's certificate or TLS set-up is wrong. Whoever runs the receiver must \
                 mend it."
            }
            Self::FollowRedirect => {
                "The receiver has moved. Redirects are never followed: set the endpoint's URL to \
                 the new address."
            }
            Self::ChangeAddress => {
                "The URL leads to a private address. Change it, or let the operator allow that \
                 network in WEBHOOK_ALLOW_CIDRS."
            }
            Self::Enable => {
                "The receiver said that it wants no more messages. Mend it, then resume the \
                 endpoint and replay what was held."
            }
            Self::Reconnect => {
                "The CRM does not accept our credentials any more. Connect it again: make new \
                 credentials there and put them into the endpoint."
            }
            Self::CheckPermission => {
                "The CRM user behind the endpoint may not change this record. Give it the right \
                 to edit the module and its verification fields."
            }
            Self::CheckDataCentre => {
                "The CRM does not know the account here. Check the endpoint's data centre or domain."
            }
            Self::CheckRecord => {
                "The CRM has no such record, or the link named none. Check crm.module and \
                 crm.record_id where the link is made, then replay."
            }
            Self::CheckFields => {
                "The CRM did not take a field. Check the endpoint's mapping against the fields and \
                 types of the CRM's module, then replay."
            }
            Self::CheckFunction => {
                "The CRM's function ran but did not say that it succeeded. Look at its log in the \
                 CRM."
            }
            Self::SlowDown => {
                "The CRM's limit of calls is used up. It is tried again by itself; if this happens \
                 often, lower the endpoint's rate or raise the limit in the CRM."
            }
        }
    }

    /// What helps with an attempt of this class, if nothing more is known; `None` after success.
    #[must_use]
    pub const fn of(class: Class) -> Option<Self> {
        match class {
            Class::Success => None,
            Class::Unavailable | Class::Timeout | Class::Protocol => Some(Self::Wait),
            Class::Config | Class::Rejected => Some(Self::CheckReceiver),
            Class::Gone => Some(Self::Enable),
            Class::Redirect => Some(Self::FollowRedirect),
            Class::Dns | Class::Connect => Some(Self::CheckUrl),
            Class::Tls => Some(Self::CheckTls),
            Class::SsrfBlocked => Some(Self::ChangeAddress),
        }
    }
}
