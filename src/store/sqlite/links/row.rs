//! A link's row, with its customer's names and its verdict, as a [`Link`]. Everything that lists
//! or looks links up finds ids first and loads them here.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value};

use super::super::super::Result;
use super::super::columns::Json;
use super::super::failure::missing;
use crate::domain::clock::Timestamp;
use crate::domain::customer::UserHandle;
use crate::domain::door::{Door, DoorHash};
use crate::domain::id::{CeremonyId, LinkId};
use crate::domain::link::{
    CallCode, CodeHash, CrmRecord, Handover, Link, LinkSecret, Request, State, Status,
};
use crate::domain::text::Line;
use crate::domain::verdict::{Reason, Verdict, Verified};

pub(in super::super) fn load(connection: &Connection, id: LinkId) -> Result<Option<Link>> {
    Ok(load_whole(connection, id)?.map(|found| found.link))
}

/// A link that another row names.
pub(in super::super) fn must_load(connection: &Connection, id: LinkId) -> Result<Link> {
    load(connection, id)?.ok_or_else(|| missing("a link"))
}

/// By its code or a former one.
pub(super) fn load_by_code(connection: &Connection, code: CodeHash) -> Result<Option<Link>> {
    let id = connection
        .prepare_cached(
            "-- find_link_by_code
             SELECT id FROM links WHERE code_hash = ?1
             UNION ALL SELECT link FROM former_codes WHERE code_hash = ?1
             LIMIT 1",
        )?
        .query_row([code], |row| row.get(0))
        .optional()?;
    match id {
        Some(id) => load(connection, id),
        None => Ok(None),
    }
}

/// The open link that this code of the known door opens, if it is in time or not.
pub(super) fn load_by_door(connection: &Connection, door: DoorHash) -> Result<Option<Link>> {
    let id = connection
        .prepare_cached("-- find_link_by_door\nSELECT id FROM links WHERE door_hash = ?1")?
        .query_row([door], |row| row.get(0))
        .optional()?;
    match id {
        Some(id) => load(connection, id),
        None => Ok(None),
    }
}

/// A link with what only its ceremonies need.
pub(in super::super) struct Loaded {
    pub link: Link,
    /// The customer's.
    pub handle: UserHandle,
    /// The one whose challenge is live.
    pub ceremony: Option<CeremonyId>,
}

pub(in super::super) fn load_whole(connection: &Connection, id: LinkId) -> Result<Option<Loaded>> {
    let found = connection
        .prepare_cached(
            "-- load_link
             SELECT l.customer, c.user_id, c.handle, l.username, l.kind, l.status, l.requester,
                    l.created_by, l.statement, l.call_initiator, l.enrolment, l.locale,
                    l.reference, l.crm_module, l.crm_record_id, l.metadata, l.return_url, l.jti,
                    l.code_hash, l.kid, l.attempts, l.created_at, l.opened_at, l.expires_at,
                    v.reason, v.decided_at, v.method, v.binding, v.first_use, v.credential,
                    v.verified_until, l.sent_at, l.call_code_until, l.call_code_given_at,
                    l.call_code_tries, l.call_answer, l.authorised_by, l.new_phone_asked_at,
                    l.door_hash, l.door_until, l.totp, l.ceremony
             FROM links l
             JOIN customers c ON c.id = l.customer
             LEFT JOIN verdicts v ON v.link = l.id
             WHERE l.id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Loaded { link: link(id, row)?, handle: row.get(2)?, ceremony: row.get(41)? })
        })
        .optional()?;
    Ok(found)
}

fn link(id: LinkId, row: &Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        id,
        customer: row.get(0)?,
        user_id: row.get(1)?,
        username: row.get(3)?,
        kind: row.get(4)?,
        request: request(row)?,
        secret: secret(row)?,
        handover: handover(row)?,
        state: state(row)?,
        attempts: row.get(20)?,
        created_at: row.get(21)?,
        expires_at: row.get(23)?,
    })
}

fn secret(row: &Row<'_>) -> rusqlite::Result<LinkSecret> {
    let (hash, until): (Option<_>, Option<_>) = (row.get(38)?, row.get(39)?);
    Ok(LinkSecret {
        jti: row.get(17)?,
        code_hash: row.get(18)?,
        kid: row.get(19)?,
        door: hash.zip(until).map(|(hash, until)| Door { hash, until }),
    })
}

fn request(row: &Row<'_>) -> rusqlite::Result<Request> {
    let module: Option<Line<64>> = row.get(13)?;
    let record_id: Option<Line<64>> = row.get(14)?;
    let metadata: Option<Json<Map<String, Value>>> = row.get(15)?;
    Ok(Request {
        requester: row.get(6)?,
        created_by: row.get(7)?,
        statement: row.get(8)?,
        call_initiator: row.get(9)?,
        enrolment: row.get(10)?,
        totp: row.get(40)?,
        locale: row.get(11)?,
        reference: row.get(12)?,
        crm: module.zip(record_id).map(|(module, record_id)| CrmRecord { module, record_id }),
        metadata: metadata.map(|Json(metadata)| metadata).unwrap_or_default(),
        return_url: row.get(16)?,
    })
}

fn handover(row: &Row<'_>) -> rusqlite::Result<Handover> {
    let until: Option<Timestamp> = row.get(32)?;
    let (given_at, tries) = (row.get(33)?, row.get(34)?);
    Ok(Handover {
        sent_at: row.get(31)?,
        call_code: until.map(|until| CallCode { until, given_at, tries }),
        call_answer: row.get(35)?,
        authorised_by: row.get(36)?,
        new_phone_asked_at: row.get(37)?,
    })
}

fn state(row: &Row<'_>) -> rusqlite::Result<State> {
    let status: Status = row.get(5)?;
    let state = match status {
        Status::Pending => State::Pending,
        Status::Opened => State::Opened { at: row.get(22)? },
        Status::Verified
        | Status::Failed
        | Status::Declined
        | Status::Expired
        | Status::Revoked => State::Ended { opened_at: row.get(22)?, verdict: verdict(row)? },
    };
    if state.status() == status {
        Ok(state)
    } else {
        let why = "the status and the verdict disagree";
        Err(rusqlite::Error::FromSqlConversionFailure(5, Type::Text, why.into()))
    }
}

fn verdict(row: &Row<'_>) -> rusqlite::Result<Verdict> {
    let decided_at = row.get(25)?;
    match row.get(24)? {
        Reason::Ok => Ok(Verdict::Verified(Verified {
            method: row.get(26)?,
            binding: row.get(27)?,
            first_use: row.get(28)?,
            credential: row.get(29)?,
            verified_at: decided_at,
            verified_until: row.get(30)?,
        })),
        reason => Ok(Verdict::NotVerified { reason, decided_at }),
    }
}
