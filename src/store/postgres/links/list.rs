//! Lists of links, newest first. Ids are ordered by time, so each filter walks one index backwards
//! from where the last page ended; the narrowest filter given chooses the index, the others are
//! checked on the way.

use super::super::super::Page;
use super::super::columns::read;
use super::super::failure::Done;
use super::super::query::{Param, Query, params};
use super::super::transaction::Tx;
use super::row::load_all;
use crate::domain::id::LinkId;
use crate::domain::link::{Filter, Link, Status};

/// Above every id that is made.
const NEWEST: LinkId = LinkId::from_bytes([0xff; 16]);

pub(super) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    after: Option<LinkId>,
    limit: u32,
) -> Done<Page<Link>> {
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    // One more than asked for tells whether there is another page.
    let more = i64::from(limit).saturating_add(1);
    let (sql, params) = statement(filter, after.unwrap_or(NEWEST), more);
    let mut ids: Vec<LinkId> = tx.ask(Query::list(sql, params, |row| read(row, 0))).await?;
    let next = if ids.len() > size {
        ids.truncate(size);
        ids.last().copied()
    } else {
        None
    };
    let items = tx.ask(load_all(ids)).await?.into_iter().map(|(link, _)| link).collect();
    Ok(Page { items, next })
}

fn statement(filter: &Filter, before: LinkId, limit: i64) -> (&'static str, Vec<Param>) {
    let Filter { user_id, reference, status, created_by } = filter.clone();
    match (user_id, reference, status, created_by) {
        (Some(user_id), reference, status, created_by) => (
            "-- list_links_of_customer
             SELECT id FROM links
             WHERE customer = (SELECT id FROM customers WHERE user_id = $1) AND id < $2
               AND ($3::text IS NULL OR reference = $3)
               AND ($4::text IS NULL OR created_by = $4) AND ($5::text IS NULL OR status = $5)
             ORDER BY id DESC LIMIT $6",
            params![user_id, before, reference, created_by, status, limit],
        ),
        (None, Some(reference), status, created_by) => (
            "-- list_links_by_reference
             SELECT id FROM links
             WHERE reference = $1 AND id < $2
               AND ($3::text IS NULL OR created_by = $3) AND ($4::text IS NULL OR status = $4)
             ORDER BY id DESC LIMIT $5",
            params![reference, before, created_by, status, limit],
        ),
        (None, None, Some(status), created_by) => of_status(status, created_by, before, limit),
        (None, None, None, Some(created_by)) => (
            "-- list_links_by_maker
             SELECT id FROM links WHERE created_by = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            params![created_by, before, limit],
        ),
        (None, None, None, None) => (
            "-- list_links\nSELECT id FROM links WHERE id < $1 ORDER BY id DESC LIMIT $2",
            params![before, limit],
        ),
    }
}

/// What is open and what ended have indexes of their own, which a statement must ask for in words.
fn of_status(
    status: Status,
    created_by: Option<String>,
    before: LinkId,
    limit: i64,
) -> (&'static str, Vec<Param>) {
    match (status.is_open(), created_by) {
        (true, Some(created_by)) => (
            "-- list_open_links_by_maker
             SELECT id FROM links
             WHERE created_by = $1 AND status = $2 AND id < $3
               AND status IN ('pending', 'opened')
             ORDER BY id DESC LIMIT $4",
            params![created_by, status, before, limit],
        ),
        (true, None) => (
            "-- list_open_links
             SELECT id FROM links
             WHERE status = $1 AND id < $2 AND status IN ('pending', 'opened')
             ORDER BY id DESC LIMIT $3",
            params![status, before, limit],
        ),
        (false, Some(created_by)) => (
            "-- list_ended_links_by_maker
             SELECT id FROM links
             WHERE created_by = $1 AND status = $2 AND id < $3
               AND status <> 'pending' AND status <> 'opened'
             ORDER BY id DESC LIMIT $4",
            params![created_by, status, before, limit],
        ),
        (false, None) => (
            "-- list_ended_links
             SELECT id FROM links
             WHERE status = $1 AND id < $2 AND status <> 'pending' AND status <> 'opened'
             ORDER BY id DESC LIMIT $3",
            params![status, before, limit],
        ),
    }
}
