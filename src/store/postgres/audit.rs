//! The audit trail: appended by the transaction that did what it says.

use serde_json::Value;

use super::super::Context;
use super::columns::{Json, read};
use super::query::{Query, params};
use super::transaction::Tx;
use crate::domain::audit::{Action, Entry, TimelineEntry};
use crate::domain::id::LinkId;
use crate::domain::link::Link;

pub(super) fn append(tx: &mut Tx, entry: Entry) {
    let Entry { at, actor, action, link, customer, detail } = entry;
    tx.write(
        "-- append_audit
         INSERT INTO audit (at, actor, action, link, customer, detail)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![at, actor, action.as_str(), link, customer, Json(detail)],
    );
}

/// Something was done to a link, or to what belongs to it.
pub(super) fn append_about(
    tx: &mut Tx,
    action: Action,
    link: &Link,
    detail: Value,
    context: &Context,
) {
    let (link, customer) = (Some(link.id), Some(link.customer));
    let Context { now: at, actor, .. } = *context;
    append(tx, Entry { at, actor, action, link, customer, detail });
}

/// How many entries of a link are shown.
const TIMELINE: i64 = 200;

/// The newest, oldest first.
pub(super) fn of_link(link: LinkId) -> Query<Vec<TimelineEntry>> {
    Query::list(
        "-- link_timeline
         SELECT at, actor, action, detail FROM audit WHERE link = $1 ORDER BY id DESC LIMIT $2",
        params![link, TIMELINE],
        |row| {
            Ok(TimelineEntry {
                at: read(row, 0)?,
                actor: read(row, 1)?,
                action: read(row, 2)?,
                detail: read::<Json<Value>>(row, 3)?.0,
            })
        },
    )
    .map(|mut entries| {
        entries.reverse();
        Ok(entries)
    })
}
