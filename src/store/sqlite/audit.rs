//! The audit trail: appended by the transaction that did what it says.

use rusqlite::Connection;
use serde_json::Value;

use super::super::{Context, Result};
use super::columns::Json;
use super::transaction::Tx;
use crate::domain::audit::{Action, Entry, TimelineEntry};
use crate::domain::id::LinkId;
use crate::domain::link::Link;

pub(super) fn append(tx: &Tx<'_>, entry: &Entry) -> Result<()> {
    tx.prepare_cached(
        "-- append_audit
         INSERT INTO audit (at, actor, action, link, customer, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        entry.at,
        entry.actor,
        entry.action.as_str(),
        entry.link,
        entry.customer,
        Json(&entry.detail),
    ))?;
    Ok(())
}

/// Something was done to a link, or to what belongs to it.
pub(super) fn append_about(
    tx: &Tx<'_>,
    action: Action,
    link: &Link,
    detail: Value,
    context: &Context,
) -> Result<()> {
    append(
        tx,
        &Entry {
            at: context.now,
            actor: context.actor,
            action,
            link: Some(link.id),
            customer: Some(link.customer),
            detail,
        },
    )
}

/// How many entries of a link are shown.
const TIMELINE: u32 = 200;

/// The newest, oldest first.
pub(super) fn of_link(connection: &Connection, link: LinkId) -> Result<Vec<TimelineEntry>> {
    let mut statement = connection.prepare_cached(
        "-- link_timeline
         SELECT at, actor, action, detail FROM audit WHERE link = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let entries = statement.query_map((link, TIMELINE), |row| {
        Ok(TimelineEntry {
            at: row.get(0)?,
            actor: row.get(1)?,
            action: row.get(2)?,
            detail: row.get::<_, Json<Value>>(3)?.0,
        })
    })?;
    let mut entries = entries.collect::<rusqlite::Result<Vec<_>>>()?;
    entries.reverse();
    Ok(entries)
}
