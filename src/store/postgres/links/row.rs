//! A link's row, with its customer's names and its verdict, as a [`Link`]. Everything that lists
//! or looks links up finds ids first and loads them here.

use serde_json::{Map, Value};
use tokio_postgres::Row;

use super::super::columns::{Bytes, Json, Whole, read};
use super::super::failure::{Done, corrupt, missing};
use super::super::query::{Query, params};
use crate::domain::clock::Timestamp;
use crate::domain::customer::UserHandle;
use crate::domain::door::{Door, DoorHash};
use crate::domain::id::LinkId;
use crate::domain::link::{
    CallCode, CodeHash, CrmRecord, Handover, Link, LinkSecret, Request, State, Status,
};
use crate::domain::text::Line;
use crate::domain::verdict::{Reason, Verdict, Verified};

pub(in super::super) fn load(id: LinkId) -> Query<Option<Link>> {
    load_with_handle(id).map(|found| Ok(found.map(|(link, _)| link)))
}

/// A link that another row names.
pub(in super::super) fn must_load(id: LinkId) -> Query<Link> {
    load(id).map(|link| link.ok_or_else(|| missing("a link")))
}

/// By its code or a former one.
pub(super) fn find_by_code(code: CodeHash) -> Query<Option<LinkId>> {
    Query::optional(
        "-- find_link_by_code
         SELECT id FROM links WHERE code_hash = $1
         UNION ALL SELECT link FROM former_codes WHERE code_hash = $1
         LIMIT 1",
        params![code],
        |row| read(row, 0),
    )
}

/// The open link that this code of the known door opens, if it is in time or not.
pub(super) fn find_by_door(door: DoorHash) -> Query<Option<LinkId>> {
    Query::optional(
        "-- find_link_by_door\nSELECT id FROM links WHERE door_hash = $1",
        params![door],
        |row| read(row, 0),
    )
}

/// With the customer's user handle.
pub(in super::super) fn load_with_handle(id: LinkId) -> Query<Option<(Link, UserHandle)>> {
    load_all(vec![id]).map(|mut links| Ok(links.pop()))
}

/// Newest first.
pub(super) fn load_all(ids: Vec<LinkId>) -> Query<Vec<(Link, UserHandle)>> {
    Query::list(
        "-- load_links
         SELECT l.customer, c.user_id, c.handle, l.username, l.kind, l.status, l.requester,
                l.created_by, l.statement, l.call_initiator, l.enrolment, l.locale,
                l.reference, l.crm_module, l.crm_record_id, l.metadata, l.return_url, l.jti,
                l.code_hash, l.kid, l.attempts, l.created_at, l.opened_at, l.expires_at,
                v.reason, v.decided_at, v.method, v.binding, v.first_use, v.credential,
                v.verified_until, l.id, l.sent_at, l.call_code_until, l.call_code_given_at,
                l.call_code_tries, l.call_answer, l.authorised_by, l.new_phone_asked_at,
                l.door_hash, l.door_until, l.totp
         FROM links l
         JOIN customers c ON c.id = l.customer
         LEFT JOIN verdicts v ON v.link = l.id
         WHERE l.id = ANY ($1)
         ORDER BY l.id DESC",
        params![ids],
        |row| Ok((link(row)?, read(row, 2)?)),
    )
}

fn link(row: &Row) -> Done<Link> {
    Ok(Link {
        id: read(row, 31)?,
        customer: read(row, 0)?,
        user_id: read(row, 1)?,
        username: read(row, 3)?,
        kind: read(row, 4)?,
        request: request(row)?,
        secret: secret(row)?,
        handover: handover(row)?,
        state: state(row)?,
        attempts: read::<Whole<u32>>(row, 20)?.0,
        created_at: read(row, 21)?,
        expires_at: read(row, 23)?,
    })
}

fn secret(row: &Row) -> Done<LinkSecret> {
    let (hash, until): (Option<_>, Option<_>) = (read(row, 39)?, read(row, 40)?);
    Ok(LinkSecret {
        jti: read::<Bytes<16>>(row, 17)?.0,
        code_hash: read(row, 18)?,
        kid: read(row, 19)?,
        door: hash.zip(until).map(|(hash, until)| Door { hash, until }),
    })
}

fn request(row: &Row) -> Done<Request> {
    let module: Option<Line<64>> = read(row, 13)?;
    let record_id: Option<Line<64>> = read(row, 14)?;
    let metadata: Option<Json<Map<String, Value>>> = read(row, 15)?;
    Ok(Request {
        requester: read(row, 6)?,
        created_by: read(row, 7)?,
        statement: read(row, 8)?,
        call_initiator: read(row, 9)?,
        enrolment: read(row, 10)?,
        totp: read(row, 41)?,
        locale: read(row, 11)?,
        reference: read(row, 12)?,
        crm: module.zip(record_id).map(|(module, record_id)| CrmRecord { module, record_id }),
        metadata: metadata.map(|Json(metadata)| metadata).unwrap_or_default(),
        return_url: read(row, 16)?,
    })
}

fn handover(row: &Row) -> Done<Handover> {
    let until: Option<Timestamp> = read(row, 33)?;
    let (given_at, tries) = (read(row, 34)?, read::<Whole<u32>>(row, 35)?.0);
    Ok(Handover {
        sent_at: read(row, 32)?,
        call_code: until.map(|until| CallCode { until, given_at, tries }),
        call_answer: read(row, 36)?,
        authorised_by: read(row, 37)?,
        new_phone_asked_at: read(row, 38)?,
    })
}

fn state(row: &Row) -> Done<State> {
    let status: Status = read(row, 5)?;
    let state = match status {
        Status::Pending => State::Pending,
        Status::Opened => State::Opened { at: read(row, 22)? },
        Status::Verified
        | Status::Failed
        | Status::Declined
        | Status::Expired
        | Status::Revoked => State::Ended { opened_at: read(row, 22)?, verdict: verdict(row)? },
    };
    if state.status() == status {
        Ok(state)
    } else {
        Err(corrupt("the status and the verdict of a link disagree"))
    }
}

fn verdict(row: &Row) -> Done<Verdict> {
    let decided_at = read(row, 25)?;
    match read(row, 24)? {
        Reason::Ok => Ok(Verdict::Verified(Verified {
            method: read(row, 26)?,
            binding: read(row, 27)?,
            first_use: read(row, 28)?,
            credential: read(row, 29)?,
            verified_at: decided_at,
            verified_until: read(row, 30)?,
        })),
        reason => Ok(Verdict::NotVerified { reason, decided_at }),
    }
}
