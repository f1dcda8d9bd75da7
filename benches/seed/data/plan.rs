//! What happened in the year before: every link in the order it was made, with how it ended. Cheap
//! enough to be gone through again for every table, so that nothing of it is kept but a few words
//! per customer.

use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::link::Status;
use vouchlink::domain::verdict::Reason;

use super::Seed;
use super::dice::{Dice, Draw};
use super::passkeys::REAL;

pub(crate) const DAY: i64 = 86_400_000;
const YEAR: i64 = 365 * DAY;
/// As links live by default.
const TTL: i64 = 900_000;

/// One link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planned {
    /// From 0, in the order of creation.
    pub(crate) number: u32,
    /// From 1, in the order of their first link.
    pub(crate) customer: u32,
    pub(crate) kind: Kind,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) opened_at: Option<Timestamp>,
    pub(crate) attempts: u32,
    /// `None`: open still.
    pub(crate) end: Option<End>,
    /// The number of its verdict's event; of an open link the customer's last.
    pub(crate) sequence: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) at: Timestamp,
    pub(crate) status: Status,
    pub(crate) reason: Reason,
    pub(crate) delivery: Fate,
}

/// What became of a verdict's webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Delivered,
    Retrying,
    Held,
}

impl Planned {
    /// Whether this link bound its customer's passkey.
    pub(crate) fn enrols(&self) -> bool {
        self.kind == Kind::Register && self.verified().is_some()
    }

    pub(crate) fn verified(&self) -> Option<End> {
        self.end.filter(|end| end.status == Status::Verified)
    }
}

/// What the plan remembers of a customer.
#[derive(Clone, Copy, Debug)]
struct Customer {
    busy_until: i64,
    sequence: u32,
    enrolled: bool,
}

/// Goes through the plan.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    seed: &'a Seed,
    number: u32,
    customers: Vec<Customer>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(seed: &'a Seed) -> Self {
        let customers = Vec::with_capacity(seed.customers as usize);
        Self { seed, number: 0, customers }
    }

    /// Whom the next link is for. The first thousand customers come at once, the others one by one
    /// over the year.
    fn choose(&mut self, dice: &Dice, now: i64) -> u32 {
        let Seed { customers, links, .. } = *self.seed;
        let early = customers.min(REAL);
        let known = u32::try_from(self.customers.len()).unwrap_or(u32::MAX);
        let due = u64::from(early)
            + u64::from(self.number.saturating_sub(early) + 1) * u64::from(customers - early)
                / u64::from((links - early).max(1));
        if known < early || u64::from(known) < due.min(u64::from(customers)) {
            self.customers.push(Customer { busy_until: i64::MIN, sequence: 0, enrolled: false });
            return known + 1;
        }
        // More links at once than customers: no such year can be.
        let mut tries = (0..100_000).map(|_| dice.below_u32(known));
        let free = tries.find(|customer| self.customers[*customer as usize].busy_until < now);
        free.expect("too few customers for so many links") + 1
    }
}

impl Iterator for Walk<'_> {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        let Seed { number: seed, links, until, .. } = *self.seed;
        if self.number >= links {
            return None;
        }
        let number = self.number;
        let dice = Dice::of(seed, Draw::Plan, number);
        let slot = YEAR / i64::from(links);
        let jitter = i64::try_from(dice.below(slot.unsigned_abs().max(1))).unwrap_or_default();
        let created = until.millis() - YEAR + i64::from(number) * YEAR / i64::from(links) + jitter;
        let customer = self.choose(&dice, created);
        self.number += 1;

        let left = links - number;
        let state = &mut self.customers[customer as usize - 1];
        let kind = if state.enrolled { Kind::Authenticate } else { Kind::Register };
        let certain = kind == Kind::Register && customer <= REAL;
        let (mut life, mut end) = course(&dice, created, certain);
        let newest =
            left <= (self.seed.customers / 25).max(40) && until.millis() - created < 6 * DAY;
        let kept_open = newest && !certain && dice.percent(50);
        if kept_open {
            life.expires = until.millis() + dice.seconds(3600, 86_400);
        }
        let open = kept_open || end.at > until;
        if open {
            life.attempts = life.attempts.min(1);
            state.busy_until = i64::MAX;
        } else {
            end.delivery = match dice.below(10) {
                0..2 if left <= (links / 500).max(24) => Fate::Held,
                2..6 if left <= (links / 500).max(24) => Fate::Retrying,
                _ => Fate::Delivered,
            };
            // What has not arrived must not be overtaken.
            let delivered = end.delivery == Fate::Delivered;
            state.busy_until = if delivered { end.at.millis() } else { i64::MAX };
            // `credential.bound`, and the verdict.
            let enrols = kind == Kind::Register && end.status == Status::Verified;
            state.sequence += 1 + u32::from(enrols);
            state.enrolled |= enrols;
        }
        let opened = life.opened.filter(|at| *at <= until.millis());
        Some(Planned {
            number,
            customer,
            kind,
            created_at: Timestamp::from_millis(created),
            expires_at: Timestamp::from_millis(life.expires),
            opened_at: opened.map(Timestamp::from_millis),
            attempts: if opened.is_some() { life.attempts } else { 0 },
            end: (!open).then_some(end),
            sequence: state.sequence,
        })
    }
}

/// A link's life but for its end.
struct Life {
    opened: Option<i64>,
    expires: i64,
    attempts: u32,
}

/// How a link goes: 78 in a hundred are verified, 9 run out, 6 are revoked, 4 declined, 3 fail.
fn course(dice: &Dice, created: i64, certain: bool) -> (Life, End) {
    let opened = created + dice.seconds(10, 400);
    let expires = created + TTL;
    let maybe = |share| dice.percent(share).then_some(opened);
    let (opened, status, reason, at, attempts) = match dice.below(100) {
        lot if certain || lot < 78 => {
            let at = opened + dice.seconds(3, 60);
            (Some(opened), Status::Verified, Reason::Ok, at, 1 + u32::from(lot % 16 == 0))
        }
        78..87 => (maybe(30), Status::Expired, Reason::Expired, expires + dice.seconds(0, 5), 0),
        87..93 => (maybe(30), Status::Revoked, Reason::Revoked, opened + dice.seconds(5, 60), 0),
        93..97 => {
            let reason = dice.one_of(&[Reason::NotMe, Reason::CalledByStranger, Reason::Other]);
            (maybe(70), Status::Declined, reason, opened + dice.seconds(5, 90), 0)
        }
        99 => {
            let at = opened + dice.seconds(5, 90);
            (Some(opened), Status::Failed, Reason::CloneSuspected, at, 5)
        }
        _ => {
            let at = opened + dice.seconds(60, 200);
            (Some(opened), Status::Failed, Reason::TooManyAttempts, at, 5)
        }
    };
    let at = Timestamp::from_millis(at);
    (Life { opened, expires, attempts }, End { at, status, reason, delivery: Fate::Delivered })
}

/// How the year left a customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    pub(crate) created_at: Timestamp,
    pub(crate) sequence: u32,
    /// When, by which link, and whether it was a verification or a refusal.
    pub(crate) standing: Option<(Timestamp, u32, bool)>,
    /// When the link was made by which the standing came about.
    pub(crate) standing_made: Timestamp,
    /// When and by which link the passkey was bound.
    pub(crate) enrolled: Option<(Timestamp, u32)>,
    /// When the link was made in which the passkey was bound.
    pub(crate) enrolled_made: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Goes through the whole plan once.
pub(crate) fn outcome(seed: &Seed) -> Vec<Left> {
    let mut all: Vec<Left> = Vec::with_capacity(seed.customers as usize);
    for link in Walk::new(seed) {
        if link.customer as usize > all.len() {
            all.push(Left {
                created_at: link.created_at,
                sequence: 0,
                standing: None,
                standing_made: link.created_at,
                enrolled: None,
                enrolled_made: link.created_at,
                last_used_at: None,
            });
        }
        let left = &mut all[link.customer as usize - 1];
        left.sequence = link.sequence;
        let Some(end) = link.end else { continue };
        match end.status {
            Status::Verified if link.enrols() => {
                left.enrolled = Some((end.at, link.number));
                left.enrolled_made = link.created_at;
            }
            Status::Verified => left.last_used_at = Some(end.at),
            _ => {}
        }
        if matches!(end.status, Status::Verified | Status::Failed | Status::Declined) {
            left.standing = Some((end.at, link.number, end.status == Status::Verified));
            left.standing_made = link.created_at;
        }
    }
    all
}
