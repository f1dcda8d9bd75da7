//! Lists of links, newest first. Ids are ordered by time, so each filter walks one index backwards
//! from where the last page ended; the narrowest filter given chooses the index, the others are
//! checked on the way.

use rusqlite::{CachedStatement, Connection};

use super::super::super::{Page, Result};
use super::row::must_load;
use crate::domain::id::LinkId;
use crate::domain::link::{Filter, Link};

/// Above every id that is made.
const NEWEST: LinkId = LinkId::from_bytes([0xff; 16]);

pub(super) fn list(
    connection: &Connection,
    filter: &Filter,
    after: Option<LinkId>,
    limit: u32,
) -> Result<Page<Link>> {
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    // One more than asked for tells whether there is another page.
    let ids: Vec<LinkId> = statement(connection, filter)?
        .query_map(
            (
                &filter.user_id,
                &filter.reference,
                &filter.created_by,
                filter.status,
                after.unwrap_or(NEWEST),
                i64::from(limit) + 1,
            ),
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let items =
        ids.iter().take(size).map(|id| must_load(connection, *id)).collect::<Result<Vec<_>>>()?;
    let next = if ids.len() > size { items.last().map(|link| link.id) } else { None };
    Ok(Page { items, next })
}

fn statement<'a>(connection: &'a Connection, filter: &Filter) -> Result<CachedStatement<'a>> {
    let statement = match filter {
        Filter { user_id: Some(_), .. } => connection.prepare_cached(
            "-- list_links_of_customer
             SELECT id FROM links
             WHERE customer = (SELECT id FROM customers WHERE user_id = ?1) AND id < ?5
               AND (?2 IS NULL OR reference = ?2) AND (?3 IS NULL OR created_by = ?3)
               AND (?4 IS NULL OR status = ?4)
             ORDER BY id DESC LIMIT ?6",
        ),
        Filter { reference: Some(_), .. } => connection.prepare_cached(
            "-- list_links_by_reference
             SELECT id FROM links
             WHERE reference = ?2 AND id < ?5
               AND (?3 IS NULL OR created_by = ?3) AND (?4 IS NULL OR status = ?4)
             ORDER BY id DESC LIMIT ?6",
        ),
        Filter { status: Some(status), created_by, .. } => {
            of_status(connection, status.is_open(), created_by.is_some())
        }
        Filter { created_by: Some(_), .. } => connection.prepare_cached(
            "-- list_links_by_maker
             SELECT id FROM links WHERE created_by = ?3 AND id < ?5 ORDER BY id DESC LIMIT ?6",
        ),
        Filter { user_id: None, reference: None, status: None, created_by: None } => connection
            .prepare_cached(
                "-- list_links
                 SELECT id FROM links WHERE id < ?5 ORDER BY id DESC LIMIT ?6",
            ),
    };
    Ok(statement?)
}

/// What is open and what ended have indexes of their own, which a statement must ask for in words.
fn of_status(
    connection: &Connection,
    open: bool,
    of_maker: bool,
) -> rusqlite::Result<CachedStatement<'_>> {
    match (open, of_maker) {
        (true, true) => connection.prepare_cached(
            "-- list_open_links_by_maker
             SELECT id FROM links
             WHERE created_by = ?3 AND status = ?4 AND id < ?5
               AND status IN ('pending', 'opened')
             ORDER BY id DESC LIMIT ?6",
        ),
        (true, false) => connection.prepare_cached(
            "-- list_open_links
             SELECT id FROM links INDEXED BY links_open_by_maker
             WHERE status = ?4 AND id < ?5 AND status IN ('pending', 'opened')
             ORDER BY id DESC LIMIT ?6",
        ),
        (false, true) => connection.prepare_cached(
            "-- list_ended_links_by_maker
             SELECT id FROM links
             WHERE created_by = ?3 AND status = ?4 AND id < ?5
               AND status <> 'pending' AND status <> 'opened'
             ORDER BY id DESC LIMIT ?6",
        ),
        (false, false) => connection.prepare_cached(
            "-- list_ended_links
             SELECT id FROM links
             WHERE status = ?4 AND id < ?5 AND status <> 'pending' AND status <> 'opened'
             ORDER BY id DESC LIMIT ?6",
        ),
    }
}
