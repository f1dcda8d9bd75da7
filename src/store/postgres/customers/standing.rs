//! Where customers stand: columns of their row, so that the gate is one look-up.

use tokio_postgres::Row;

use super::super::columns::{Whole, read};
use super::super::failure::{Done, corrupt};
use super::super::keys;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::customer::{Footing, Refused, Standing, UserId};
use crate::domain::id::CustomerId;
use crate::domain::verdict::Verified;

/// The gate's read.
pub(super) fn find_for(key: KeyHash, user_id: &UserId) -> Query<Option<(ApiKey, Option<Footing>)>> {
    Query::optional(
        "-- standing_for
         SELECT c.standing, c.standing_link, c.standing_at, c.method, c.binding, c.first_use,
                c.credential, c.verified_until, c.lapsed, c.rebound_at,
                k.id, k.name, k.scopes, k.hash, k.created_at, k.revoked_at
         FROM api_keys k LEFT JOIN customers c ON c.user_id = $2
         WHERE k.hash = $1 AND k.revoked_at IS NULL",
        params![key, user_id.clone()],
        |row| {
            let unheard_of = read::<Option<&str>>(row, 0)?.is_none();
            let footing = if unheard_of { None } else { Some(from_row(row)?) };
            Ok((keys::from_columns(row, 10)?, footing))
        },
    )
}

/// By the CRM's id.
pub(super) fn find(user_id: &UserId) -> Query<Option<Footing>> {
    Query::optional(
        "-- standing
         SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                verified_until, lapsed, rebound_at
         FROM customers WHERE user_id = $1",
        params![user_id.clone()],
        from_row,
    )
}

/// Writes a new standing with the number of the event that tells of it.
pub(super) fn set(tx: &mut Tx, customer: CustomerId, standing: &Standing, sequence: u64) {
    let (word, link, at, verified, lapsed) = match standing {
        Standing::Never => ("never", None, None, None, false),
        Standing::Refused(Refused { link, at }) => ("refused", Some(*link), Some(*at), None, false),
        Standing::Verified { link, verified, lapsed } => {
            ("verified", Some(*link), Some(verified.verified_at), Some(verified), *lapsed)
        }
    };
    tx.write_one(
        "-- set_standing
         UPDATE customers
         SET standing = $1, standing_link = $2, standing_at = $3, method = $4, binding = $5,
             first_use = $6, credential = $7, verified_until = $8, lapsed = $9, sequence = $11
         WHERE id = $10 AND sequence = $11::bigint - 1",
        params![
            word,
            link,
            at,
            verified.map(|verified| verified.method),
            verified.map(|verified| verified.binding),
            verified.map(|verified| verified.first_use),
            verified.map(|verified| verified.credential),
            verified.map(|verified| verified.verified_until),
            lapsed,
            customer,
            Whole(sequence),
        ],
    );
}

/// From the first ten columns.
pub(super) fn from_row(row: &Row) -> Done<Footing> {
    Ok(Footing { standing: standing(row)?, rebound_at: read(row, 9)? })
}

fn standing(row: &Row) -> Done<Standing> {
    match read::<&str>(row, 0)? {
        "never" => Ok(Standing::Never),
        "refused" => Ok(Standing::Refused(Refused { link: read(row, 1)?, at: read(row, 2)? })),
        "verified" => Ok(Standing::Verified {
            link: read(row, 1)?,
            verified: Verified {
                method: read(row, 3)?,
                binding: read(row, 4)?,
                first_use: read(row, 5)?,
                credential: read(row, 6)?,
                verified_at: read(row, 2)?,
                verified_until: read(row, 7)?,
            },
            lapsed: read(row, 8)?,
        }),
        _ => Err(corrupt("no standing is called so")),
    }
}
