//! `/api/verification/status`: the gate.

use std::time::Duration;

use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::body::JsonReply;
use super::caller::Asker;
use super::links::Tag;
use super::problem::{FieldError, Problem};
use crate::domain::api_key::Scope;
use crate::domain::clock::Timestamp;
use crate::domain::customer::UserId;
use crate::domain::gate::GateReason;
use crate::domain::id::LinkId;
use crate::domain::verdict::{Assurance, Method, Verified};
use crate::flows::gate::Gate;

#[derive(Debug)]
pub(super) struct StatusApi {
    pub gate: Gate,
}

/// Whether service may go on for a customer.
#[derive(Debug, Serialize, Object)]
struct GateStatus {
    user_id: String,
    /// Go on only if true.
    verified: bool,
    reason: GateReason,
    /// When the customer was last verified; null after a refusal.
    verified_at: Option<Timestamp>,
    age_seconds: Option<u64>,
    verified_until: Option<Timestamp>,
    /// As little as the weaker of the two: the method's ceremony and its passkey's binding.
    assurance: Option<Assurance>,
    method: Option<Method>,
    /// The link the answer rests on.
    link_id: Option<LinkId>,
    /// The customer's passkeys were replaced by a new one less than `SEASONING_SECONDS` ago, after
    /// a lost phone for example; a demand of 3 or more is not met until that is over.
    recent_rebind: bool,
}

#[OpenApi(prefix_path = "/api/verification", tag = "Tag::Gate")]
impl StatusApi {
    /// Ask the gate
    ///
    /// May service go on for this customer? Ask before every protected step: an answer is true
    /// for its moment only.
    #[oai(path = "/status", method = "get", operation_id = "getStatus")]
    async fn status(
        &self,
        asker: Asker,
        /// Your id for the customer.
        user_id: Query<String>,
        /// How old the verification may be at most.
        max_age_seconds: Query<Option<u64>>,
        /// 0 to 4; `GATE_MIN_ASSURANCE` if absent.
        min_assurance: Query<Option<u8>>,
    ) -> Result<JsonReply<GateStatus>, Problem> {
        let read = asker.may(Scope::StatusRead)?;
        let wrong = |field: &str, message: String| {
            Problem::validation(vec![FieldError { field: field.to_owned(), message }])
        };
        let user_id = UserId::parse(&user_id).map_err(|bad| wrong("user_id", bad.to_string()))?;
        let min_assurance = match min_assurance.0 {
            None => None,
            Some(level) => Some(
                Assurance::new(level)
                    .ok_or_else(|| wrong("min_assurance", "must be 0 to 4".to_owned()))?,
            ),
        };
        let max_age = max_age_seconds.0.map(Duration::from_secs);
        let (answer, now) = self.gate.ask(&user_id, read, max_age, min_assurance).await?;
        let verified = answer.verification.as_ref().map(|(_, verified)| verified);
        Ok(JsonReply(GateStatus {
            user_id: user_id.to_string(),
            verified: answer.verified(),
            reason: answer.reason,
            verified_at: verified.map(|verified| verified.verified_at),
            age_seconds: verified.map(|verified| now.since(verified.verified_at).as_secs()),
            verified_until: verified.map(|verified| verified.verified_until),
            assurance: verified.map(Verified::assurance),
            method: answer.method(),
            link_id: answer.verification.as_ref().map(|(link, _)| *link).or(answer.refusal),
            recent_rebind: answer.recent_rebind,
        }))
    }
}
