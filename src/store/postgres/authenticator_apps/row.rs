//! Reading apps and their recovery codes.

use tokio_postgres::Row;

use super::super::columns::{Whole, read};
use super::super::failure::Done;
use super::super::query::{Query, params};
use crate::domain::authenticator_app::{AuthenticatorApp, UnusedCode};
use crate::domain::endpoint::Sealed;
use crate::domain::id::{CredentialId, CustomerId, LinkId};
use crate::domain::totp::Step;

pub(in super::super) fn active(customer: CustomerId) -> Query<Option<AuthenticatorApp>> {
    list(Some(customer), None, false).map(|mut apps| Ok(apps.pop()))
}

/// Of a link's customer.
pub(super) fn active_for(link: LinkId) -> Query<Option<AuthenticatorApp>> {
    list(None, Some(link), false).map(|mut apps| Ok(apps.pop()))
}

/// Oldest first.
pub(super) fn all(customer: CustomerId) -> Query<Vec<AuthenticatorApp>> {
    list(Some(customer), None, true)
}

fn list(
    customer: Option<CustomerId>,
    link: Option<LinkId>,
    revoked_too: bool,
) -> Query<Vec<AuthenticatorApp>> {
    Query::list(
        "-- list_apps
         SELECT id, customer, link, sealed, last_step, tries, tries_since, created_at, last_used_at,
                revoked_at,
                (SELECT count(*) FROM recovery_codes WHERE app = id AND used_at IS NULL)
         FROM authenticator_apps
         WHERE customer = coalesce($1, (SELECT customer FROM links WHERE id = $2))
           AND ($3 OR revoked_at IS NULL)
         ORDER BY id",
        params![customer, link, revoked_too],
        from_row,
    )
}

fn from_row(row: &Row) -> Done<AuthenticatorApp> {
    Ok(AuthenticatorApp {
        id: read(row, 0)?,
        customer: read(row, 1)?,
        link: read(row, 2)?,
        sealed: read(row, 3)?,
        last_step: Step(read::<Whole<u64>>(row, 4)?.0),
        tries: read::<Whole<u32>>(row, 5)?.0,
        tries_since: read(row, 6)?,
        created_at: read(row, 7)?,
        last_used_at: read(row, 8)?,
        revoked_at: read(row, 9)?,
        recovery_codes_left: read::<Whole<u32>>(row, 10)?.0,
    })
}

pub(super) fn unused_codes(app: CredentialId) -> Query<Vec<UnusedCode>> {
    Query::list(
        "-- unused_codes
         SELECT number, hash FROM recovery_codes WHERE app = $1 AND used_at IS NULL
         ORDER BY number",
        params![app],
        |row| Ok(UnusedCode { number: read::<Whole<u8>>(row, 0)?.0, hash: read(row, 1)? }),
    )
}

/// Whether a link's customer has an active passkey.
pub(super) fn has_passkey(link: LinkId) -> Query<bool> {
    Query::exists(
        "-- has_passkey
         SELECT 1 FROM credentials
         WHERE customer = (SELECT customer FROM links WHERE id = $1) AND revoked_at IS NULL
         LIMIT 1",
        params![link],
    )
}

pub(super) fn sealed(
    after: Option<CredentialId>,
    limit: u32,
) -> Query<Vec<(CredentialId, Sealed)>> {
    // Below every id that was ever drawn.
    let after = after.unwrap_or(CredentialId::from_bytes([0; 16]));
    Query::list(
        "-- sealed_apps
         SELECT id, sealed FROM authenticator_apps
         WHERE id > $1 AND sealed IS NOT NULL ORDER BY id LIMIT $2",
        params![after, i64::from(limit)],
        |row| Ok((read(row, 0)?, read(row, 1)?)),
    )
}
