//! Columns that hold one of the domain's words, whatever the engine.

use std::collections::BTreeSet;

use vouchlink::domain::alert::News;
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::credential::Attachment;
use vouchlink::domain::delivery::{Class, DeliveryStatus, Trigger};
use vouchlink::domain::endpoint::{BodyMode, DisabledReason, EndpointStatus, Kind as EndpointKind};
use vouchlink::domain::event::EventType;
use vouchlink::domain::link::{CallInitiator, Enrolment, Status};
use vouchlink::domain::mail::{MailKind, MailStatus};
use vouchlink::domain::replay::ReplayStatus;
use vouchlink::domain::verdict::{Binding, Method, Reason};

/// Table, column, and all words that may stand in it.
pub(super) fn columns() -> Vec<(&'static str, &'static str, BTreeSet<String>)> {
    macro_rules! columns {
        ($($table:literal $column:literal $words:ident,)*) => {
            vec![$((
                $table,
                $column,
                $words::ALL.iter().map(|word| word.as_str().to_owned()).collect(),
            ),)*]
        };
    }
    columns! {
        "alerts" "news" News,
        "attempts" "class" Class,
        "attempts" "trigger" Trigger,
        "ceremonies" "kind" Kind,
        "credentials" "attachment" Attachment,
        "credentials" "binding" Binding,
        "customers" "binding" Binding,
        "customers" "method" Method,
        "deliveries" "status" DeliveryStatus,
        "deliveries" "trigger" Trigger,
        "endpoints" "body_mode" BodyMode,
        "endpoints" "disabled" DisabledReason,
        "endpoints" "kind" EndpointKind,
        "endpoints" "status" EndpointStatus,
        "events" "type" EventType,
        "evidence" "binding" Binding,
        "links" "call_answer" CallInitiator,
        "links" "call_initiator" CallInitiator,
        "links" "enrolment" Enrolment,
        "links" "kind" Kind,
        "links" "status" Status,
        "mails" "kind" MailKind,
        "mails" "status" MailStatus,
        "replays" "status" ReplayStatus,
        "verdicts" "binding" Binding,
        "verdicts" "method" Method,
        "verdicts" "reason" Reason,
    }
}
