//! The gate: may service go on for this customer?

use std::time::Duration;

use super::clock::Timestamp;
use super::customer::{Footing, Refused, Standing};
use super::id::LinkId;
use super::verdict::{Assurance, Method, Verified, words};

words! {
    /// Why the gate is open or closed.
    GateReason {
        /// Open: verified, recently enough, with enough assurance.
        Fresh = "fresh",
        /// The last verification is too old.
        Stale = "stale",
        /// There is no verification.
        Never = "never",
        /// The last ceremony failed or was declined.
        Refused = "refused",
        /// Verified recently, but with less assurance than asked for; or asked for 3 or more soon
        /// after the customer's passkeys were replaced.
        Assurance = "assurance",
    }
}

/// What the asker demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// `None`: as long as the verdict itself is good.
    pub max_age: Option<Duration>,
    pub min_assurance: Assurance,
}

/// The gate's answer. It is open only if `reason` is `fresh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub reason: GateReason,
    /// The verification the answer rests on, if the last word was one.
    pub verification: Option<(LinkId, Verified)>,
    /// The link whose refusal closed the gate.
    pub refusal: Option<LinkId>,
    /// The customer's passkeys were replaced by a new one, less than the waiting period ago.
    pub recent_rebind: bool,
}

impl Answer {
    #[must_use]
    pub fn verified(&self) -> bool {
        self.reason == GateReason::Fresh
    }

    #[must_use]
    pub fn method(&self) -> Option<Method> {
        self.verification.as_ref().map(|(_, verified)| verified.method)
    }
}

/// Asks the gate. `None` for a customer nobody has heard of; `seasoning`: the waiting period.
#[must_use]
pub fn ask(
    footing: Option<&Footing>,
    demand: Demand,
    seasoning: Duration,
    now: Timestamp,
) -> Answer {
    let recent_rebind = footing.is_some_and(|footing| footing.recent_rebind(seasoning, now));
    let closed = |reason| Answer { reason, verification: None, refusal: None, recent_rebind };
    match footing.map(|footing| &footing.standing) {
        None | Some(Standing::Never) => closed(GateReason::Never),
        Some(Standing::Refused(Refused { link, .. })) => {
            Answer { refusal: Some(*link), ..closed(GateReason::Refused) }
        }
        Some(Standing::Verified { link, verified, lapsed }) => {
            let too_old = demand.max_age.is_some_and(|max| now.since(verified.verified_at) > max);
            let too_new = recent_rebind && demand.min_assurance >= Assurance::NEEDS_NO_REBIND;
            let reason = if *lapsed || too_old || now >= verified.verified_until {
                GateReason::Stale
            } else if verified.assurance() < demand.min_assurance || too_new {
                GateReason::Assurance
            } else {
                GateReason::Fresh
            };
            Answer { verification: Some((*link, verified.clone())), ..closed(reason) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::CredentialId;
    use crate::domain::verdict::Binding;

    const T0: Timestamp = Timestamp::from_millis(1_000_000);
    const DEMAND: Demand = Demand { max_age: None, min_assurance: Assurance::LOWEST };

    fn verified() -> Standing {
        Standing::Verified {
            link: LinkId::from_bytes([1; 16]),
            verified: Verified {
                method: Method::Passkey,
                binding: Binding::Link,
                first_use: false,
                credential: CredentialId::from_bytes([2; 16]),
                verified_at: T0,
                verified_until: T0.plus(Duration::from_secs(60)),
            },
            lapsed: false,
        }
    }

    const SEASONING: Duration = Duration::from_secs(30);

    fn reason(standing: Option<&Standing>, demand: Demand, seconds: u64) -> GateReason {
        let footing = standing.map(|standing| rebound(standing.clone(), None));
        ask(footing.as_ref(), demand, SEASONING, T0.plus(Duration::from_secs(seconds))).reason
    }

    fn rebound(standing: Standing, rebound_at: Option<Timestamp>) -> Footing {
        Footing { standing, rebound_at }
    }

    #[test]
    fn the_gate_is_open_until_the_verdict_runs_out() {
        assert_eq!(reason(Some(&verified()), DEMAND, 59), GateReason::Fresh);
        assert_eq!(reason(Some(&verified()), DEMAND, 60), GateReason::Stale);
    }

    #[test]
    fn an_asker_can_demand_a_younger_verification_but_not_an_older_one() {
        let demand = |seconds| Demand { max_age: Some(Duration::from_secs(seconds)), ..DEMAND };
        assert_eq!(reason(Some(&verified()), demand(10), 10), GateReason::Fresh);
        assert_eq!(reason(Some(&verified()), demand(10), 11), GateReason::Stale);
        assert_eq!(reason(Some(&verified()), demand(900), 60), GateReason::Stale);
    }

    #[test]
    fn too_little_assurance_closes_the_gate() {
        let demand = Demand { min_assurance: Assurance::new(1).unwrap(), ..DEMAND };
        assert_eq!(reason(Some(&verified()), demand, 1), GateReason::Assurance);
    }

    #[test]
    fn whoever_demands_much_waits_until_a_new_passkey_is_no_longer_new() {
        let mut standing = verified();
        if let Standing::Verified { verified, .. } = &mut standing {
            verified.binding = Binding::Proofed;
        }
        let footing = rebound(standing, Some(T0));
        let asked = |level, seconds| {
            let demand = Demand { min_assurance: Assurance::new(level).unwrap(), ..DEMAND };
            let now = T0.plus(Duration::from_secs(seconds));
            let answer = ask(Some(&footing), demand, SEASONING, now);
            (answer.reason, answer.recent_rebind)
        };
        for level in 0..=4 {
            let met = if level < 3 { GateReason::Fresh } else { GateReason::Assurance };
            assert_eq!(asked(level, 29), (met, true), "{level}");
            assert_eq!(asked(level, 30), (GateReason::Fresh, false), "{level}");
        }
    }

    #[test]
    fn no_word_and_a_refusal_close_the_gate() {
        assert_eq!(reason(None, DEMAND, 0), GateReason::Never);
        let refused = Standing::Refused(Refused { link: LinkId::from_bytes([3; 16]), at: T0 });
        assert_eq!(reason(Some(&refused), DEMAND, 0), GateReason::Refused);
    }
}
