//! Where customers stand: columns of their row, so that the gate is one look-up.

use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::super::Result;
use super::super::columns::Count;
use super::super::failure::exactly_one;
use super::super::keys;
use super::super::transaction::Tx;
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::customer::{Footing, Refused, Standing, UserId};
use crate::domain::id::CustomerId;
use crate::domain::verdict::Verified;

/// The gate's read: one statement, because each takes and gives back two locks of the file.
pub(super) fn find_for(
    connection: &Connection,
    key: KeyHash,
    user_id: &UserId,
) -> Result<Option<(ApiKey, Option<Footing>)>> {
    let found = connection
        .prepare_cached(
            "-- standing_for
             SELECT c.standing, c.standing_link, c.standing_at, c.method, c.binding, c.first_use,
                    c.credential, c.verified_until, c.lapsed, c.rebound_at,
                    k.id, k.name, k.scopes, k.hash, k.created_at, k.revoked_at
             FROM api_keys k LEFT JOIN customers c ON c.user_id = ?2
             WHERE k.hash = ?1 AND k.revoked_at IS NULL",
        )?
        .query_row((key, user_id), |row| {
            let unheard_of = matches!(row.get_ref(0)?, ValueRef::Null);
            let footing = if unheard_of { None } else { Some(from_row(row)?) };
            Ok((keys::from_columns(row, 10)?, footing))
        })
        .optional()?;
    Ok(found)
}

/// By the CRM's id.
pub(super) fn find(connection: &Connection, user_id: &UserId) -> Result<Option<Footing>> {
    let footing = connection
        .prepare_cached(
            "-- standing
             SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                    verified_until, lapsed, rebound_at
             FROM customers WHERE user_id = ?1",
        )?
        .query_row([user_id], from_row)
        .optional()?;
    Ok(footing)
}

/// Of a customer that another row names.
pub(in super::super) fn standing_of(
    connection: &Connection,
    customer: CustomerId,
) -> Result<Footing> {
    let footing = connection
        .prepare_cached(
            "-- standing_of
             SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                    verified_until, lapsed, rebound_at
             FROM customers WHERE id = ?1",
        )?
        .query_one([customer], from_row)?;
    Ok(footing)
}

/// Where a customer stands, and the number of the next event, which is drawn.
pub(in super::super) fn draw_sequence(tx: &Tx<'_>, customer: CustomerId) -> Result<(Footing, u64)> {
    let drawn = tx
        .prepare_cached(
            "-- draw_sequence
             UPDATE customers SET sequence = sequence + 1 WHERE id = ?1
             RETURNING standing, standing_link, standing_at, method, binding, first_use, credential,
                       verified_until, lapsed, rebound_at, sequence",
        )?
        .query_one([customer], |row| Ok((from_row(row)?, row.get::<_, Count>(10)?.0)))?;
    Ok(drawn)
}

/// Writes a new standing and draws the number of the event that tells of it.
pub(in super::super) fn set_standing(
    tx: &Tx<'_>,
    customer: CustomerId,
    standing: Standing,
) -> Result<(Footing, u64)> {
    let (word, link, at, verified, lapsed) = match &standing {
        Standing::Never => ("never", None, None, None, false),
        Standing::Refused(Refused { link, at }) => ("refused", Some(link), Some(at), None, false),
        Standing::Verified { link, verified, lapsed } => {
            ("verified", Some(link), Some(&verified.verified_at), Some(verified), *lapsed)
        }
    };
    // `RETURNING` would write the row down in a table made for it alone.
    let (Count(sequence), rebound_at) = tx
        .prepare_cached(
            "-- next_sequence_and_rebound
             SELECT sequence + 1, rebound_at FROM customers WHERE id = ?1",
        )?
        .query_one([customer], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let touched = tx
        .prepare_cached(
            "-- set_standing
             UPDATE customers
             SET standing = ?1, standing_link = ?2, standing_at = ?3, method = ?4, binding = ?5,
                 first_use = ?6, credential = ?7, verified_until = ?8, lapsed = ?9, sequence = ?10
             WHERE id = ?11 AND sequence = ?10 - 1",
        )?
        .execute((
            word,
            link,
            at,
            verified.map(|verified| verified.method),
            verified.map(|verified| verified.binding),
            verified.map(|verified| verified.first_use),
            verified.map(|verified| verified.credential),
            verified.map(|verified| verified.verified_until),
            lapsed,
            Count(sequence),
            customer,
        ))?;
    exactly_one("set_standing", touched)?;
    Ok((Footing { standing, rebound_at }, sequence))
}

/// From the first ten columns.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Footing> {
    Ok(Footing { standing: standing(row)?, rebound_at: row.get(9)? })
}

fn standing(row: &Row<'_>) -> rusqlite::Result<Standing> {
    match row.get_ref(0)?.as_str()? {
        "never" => Ok(Standing::Never),
        "refused" => Ok(Standing::Refused(Refused { link: row.get(1)?, at: row.get(2)? })),
        "verified" => Ok(Standing::Verified {
            link: row.get(1)?,
            verified: Verified {
                method: row.get(3)?,
                binding: row.get(4)?,
                first_use: row.get(5)?,
                credential: row.get(6)?,
                verified_at: row.get(2)?,
                verified_until: row.get(7)?,
            },
            lapsed: row.get(8)?,
        }),
        _ => Err(rusqlite::Error::FromSqlConversionFailure(
            0,
            Type::Text,
            "no standing is called so".into(),
        )),
    }
}
