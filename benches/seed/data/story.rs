//! Planned links as the domain knows them, with everything that a person or a CRM would have said.

use serde_json::{Map, Value, json};
use vouchlink::domain::audit::Actor;
use vouchlink::domain::ceremony::{CHALLENGE_TTL, Ceremony, Kind, Means};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::customer::{UserId, Username};
use vouchlink::domain::event::{Event, EventType, Moment};
use vouchlink::domain::id::{ApiKeyId, CredentialId, CustomerId, Id};
use vouchlink::domain::link::{
    CallInitiator, CodeHash, CrmRecord, Enrolment, Handover, Link, LinkSecret, Request, State,
};
use vouchlink::domain::random::NoEntropy;
use vouchlink::domain::statement::{Nonce, Statement};
use vouchlink::domain::text::Line;
use vouchlink::domain::verdict::{Binding, Method, Verdict, Verified};

use super::Year;
use super::dice::{Dice, Draw};
use super::plan::{DAY, End, Planned};

/// How long a verification is good for.
pub(super) const VERDICT_TTL: std::time::Duration = std::time::Duration::from_secs(3600);
/// Teams that ask for links, each with an API key.
pub(super) const TEAMS: [&str; 5] =
    ["Support desk", "Billing", "Card services", "Branch North", "Night shift"];

const STATEMENTS: [&str; 6] = [
    "Change my delivery address",
    "Confirm that I am speaking with the support desk",
    "Release the payment of 1,250.00 to Harbour Supplies Ltd",
    "Reset the password of my account",
    "Lift the daily limit of my card for 24 hours",
    "Cancel my contract at the end of the month",
];

impl Year {
    pub(super) fn dice(&self, kind: Draw, number: u32) -> Dice {
        Dice::of(self.seed.number, kind, number)
    }

    /// The id that the `number`th thing of a kind got when it was made.
    pub(super) fn id<E>(&self, kind: Draw, number: u32, at: Timestamp) -> Id<E> {
        let made: Result<Id<E>, NoEntropy> = Id::new(at, &self.dice(kind, number));
        made.expect("dice never fail")
    }

    pub(super) fn customer_id(&self, customer: u32) -> CustomerId {
        self.id(Draw::Customer, customer, self.customers[customer as usize - 1].created_at)
    }

    /// Of a customer who has a passkey.
    pub(super) fn credential_id(&self, customer: u32) -> CredentialId {
        let left = &self.customers[customer as usize - 1];
        let bound = left.enrolled.map_or(left.created_at, |(at, _)| at);
        self.id(Draw::Credential, customer, bound)
    }

    pub(super) fn key_id(&self, team: u32) -> ApiKeyId {
        self.id(Draw::Key, team, self.begin())
    }

    /// The beginning of the year.
    pub(super) fn begin(&self) -> Timestamp {
        Timestamp::from_millis(self.seed.until.millis() - 365 * DAY)
    }

    pub(super) fn verified(&self, planned: &Planned, end: &End) -> Verified {
        Verified {
            method: Method::Passkey,
            binding: Binding::Link,
            first_use: planned.kind == Kind::Register,
            credential: self.credential_id(planned.customer),
            verified_at: end.at,
            verified_until: end.at.plus(VERDICT_TTL),
        }
    }

    pub(super) fn link(&self, planned: &Planned) -> Link {
        let secret = self.dice(Draw::Secret, planned.number);
        let state = match (planned.end, planned.opened_at) {
            (Some(end), opened_at) => {
                let verdict = match planned.verified() {
                    Some(end) => Verdict::Verified(self.verified(planned, &end)),
                    None => Verdict::NotVerified { reason: end.reason, decided_at: end.at },
                };
                State::Ended { opened_at, verdict }
            }
            (None, Some(at)) => State::Opened { at },
            (None, None) => State::Pending,
        };
        Link {
            id: self.id(Draw::Link, planned.number, planned.created_at),
            customer: self.customer_id(planned.customer),
            user_id: user_id(planned.customer),
            username: username(planned.customer),
            kind: planned.kind,
            request: self.request(planned),
            secret: LinkSecret {
                jti: secret.bytes(),
                code_hash: CodeHash(secret.bytes()),
                kid: "seeded".to_owned(),
                door: None,
            },
            handover: Handover::default(),
            state,
            attempts: planned.attempts,
            created_at: planned.created_at,
            expires_at: planned.expires_at,
        }
    }

    fn request(&self, planned: &Planned) -> Request {
        let Planned { number, customer, .. } = *planned;
        // The link's own dice made its id.
        let dice = self.dice(Draw::Link, !number);
        let team = dice.below_u32(5);
        let metadata = if dice.percent(20) {
            Map::from_iter([
                ("channel".to_owned(), json!("phone")),
                ("queue".to_owned(), json!(team)),
            ])
        } else {
            Map::new()
        };
        Request {
            requester: line(TEAMS[team as usize]),
            created_by: Actor::ApiKey(self.key_id(team)),
            statement: dice.percent(60).then(|| line(dice.one_of(&STATEMENTS))),
            call_initiator: dice.one_of(&[
                None,
                Some(CallInitiator::Customer),
                Some(CallInitiator::Company),
            ]),
            enrolment: Enrolment::Open,
            totp: false,
            locale: dice.one_of(&[None, None, Some("en"), Some("de-CH"), Some("he")]).map(line),
            // A case takes two links now and then.
            reference: dice.percent(50).then(|| line(&format!("case-{:07}", number / 2))),
            crm: dice.percent(30).then(|| CrmRecord {
                module: line("Contacts"),
                record_id: line(&format!(
                    "{:019}",
                    3_652_397_000_000_000_000 + u64::from(customer)
                )),
            }),
            metadata,
            return_url: dice.percent(10).then(|| "https://example.com/account".to_owned()),
        }
    }

    /// The ceremony in which a passkey was made.
    pub(super) fn ceremony(&self, planned: &Planned, link: &Link, end: &End) -> Ceremony {
        let created_at = planned.opened_at.unwrap_or(planned.created_at);
        let dice = self.dice(Draw::Ceremony, !planned.number);
        debug_assert!(created_at <= end.at);
        Ceremony {
            means: Means::Passkey,
            id: self.id(Draw::Ceremony, planned.number, created_at),
            link: link.id,
            kind: planned.kind,
            nonce: Nonce(dice.bytes()),
            statement: Statement::of(link, &self.seed.rp_id).expect("plain members"),
            created_at,
            expires_at: created_at.plus(CHALLENGE_TTL),
        }
    }

    /// The verdict's event.
    pub(super) fn verdict_event(&self, planned: &Planned, link: &Link, end: &End) -> Event {
        let kind = EventType::of_end(end.status).expect("an end");
        let moment = Moment {
            at: end.at,
            gate_open: planned.verified().is_some(),
            recent_rebind: false,
            sequence: u64::from(planned.sequence),
        };
        let id = self.id(Draw::Event, planned.number, end.at);
        Event::of_link(id, kind, link, moment).expect("plain members")
    }

    /// The event of the passkey that this link bound.
    pub(super) fn bound_event(&self, planned: &Planned, link: &Link, end: &End) -> Event {
        let moment = Moment {
            at: end.at,
            gate_open: false,
            recent_rebind: false,
            sequence: u64::from(planned.sequence) - 1,
        };
        let id = self.id(Draw::Bound, planned.number, end.at);
        let owner = (link.customer, &link.user_id);
        let credential = self.credential_id(planned.customer);
        let kind = EventType::CredentialBound;
        Event::of_credential(id, kind, owner, (credential, Means::Passkey), Some(link.id), moment)
            .expect("plain members")
    }
}

pub(super) fn user_id(customer: u32) -> UserId {
    UserId::parse(&format!("c-{customer:07}")).expect("a short line")
}

pub(super) fn username(customer: u32) -> Username {
    line(&format!("customer-{customer}@example.com"))
}

fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::parse(text).expect("a short line")
}

/// The facts of an audit entry.
pub(super) fn facts(value: &Value) -> String {
    value.to_string()
}
