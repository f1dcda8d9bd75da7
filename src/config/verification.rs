//! What a verification is good for and what it takes.

use std::time::Duration;

use super::reader::Reader;
use super::variables::{
    ENROLMENT_DEFAULT, GATE_MIN_ASSURANCE, MAX_ATTEMPTS, SEASONING_SECONDS, TOTP_ENABLED,
    VERDICT_TTL_SECONDS,
};
use crate::domain::link::Enrolment;
use crate::domain::verdict::Assurance;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// `VERDICT_TTL_SECONDS`: how long a verification is good for.
    pub verdict_ttl: Duration,
    /// `MAX_ATTEMPTS`: refused answers after which a link fails.
    pub max_attempts: u32,
    /// `ENROLMENT_DEFAULT`.
    pub enrolment_default: Enrolment,
    /// `GATE_MIN_ASSURANCE`: what the gate demands if the asker does not say.
    pub gate_min_assurance: Assurance,
    /// `SEASONING_SECONDS`: the waiting period of new passkeys.
    pub seasoning: Duration,
    /// `TOTP_ENABLED`: whether codes of authenticator apps are taken.
    pub totp: bool,
}

const YEAR: u32 = 365 * 86_400;

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Verification> {
    let verdict_ttl = reader.seconds(&VERDICT_TTL_SECONDS, 1..=YEAR);
    let max_attempts = reader.number(&MAX_ATTEMPTS, 1..=20);
    let enrolment_default = reader.read(&ENROLMENT_DEFAULT, |text| match Enrolment::parse(text) {
        Some(enrolment @ (Enrolment::Open | Enrolment::CallCode | Enrolment::Existing)) => {
            Ok(enrolment)
        }
        // Replacing revokes the customer's keys: never what happens unasked.
        Some(Enrolment::Replace | Enrolment::Add) | None => {
            Err("is none of open, call_code and existing")
        }
    });
    let gate_min_assurance = reader.read(&GATE_MIN_ASSURANCE, |text| {
        text.parse().ok().and_then(Assurance::new).ok_or("is no whole number from 0 to 4")
    });
    let seasoning = reader.seconds(&SEASONING_SECONDS, 1..=YEAR);
    let totp = reader.read(&TOTP_ENABLED, |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("is neither true nor false"),
    });
    Some(Verification {
        verdict_ttl: verdict_ttl?,
        max_attempts: max_attempts?,
        enrolment_default: enrolment_default?,
        gate_min_assurance: gate_min_assurance?,
        seasoning: seasoning?,
        totp: totp?,
    })
}
