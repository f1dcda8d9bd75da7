//! Reading apps and their recovery codes.

use rusqlite::{Connection, OptionalExtension, Row};

use super::super::super::Result;
use super::super::columns::Count;
use crate::domain::authenticator_app::{AuthenticatorApp, UnusedCode};
use crate::domain::endpoint::Sealed;
use crate::domain::id::{CredentialId, CustomerId};
use crate::domain::totp::Step;

pub(in super::super) fn active(
    connection: &Connection,
    customer: CustomerId,
) -> Result<Option<AuthenticatorApp>> {
    let mut apps = list(connection, customer, false)?;
    Ok(apps.pop())
}

/// Oldest first.
pub(super) fn all(connection: &Connection, customer: CustomerId) -> Result<Vec<AuthenticatorApp>> {
    list(connection, customer, true)
}

fn list(
    connection: &Connection,
    customer: CustomerId,
    revoked_too: bool,
) -> Result<Vec<AuthenticatorApp>> {
    let mut statement = connection.prepare_cached(
        "-- list_apps
         SELECT id, customer, link, sealed, last_step, tries, tries_since, created_at, last_used_at,
                revoked_at,
                (SELECT count(*) FROM recovery_codes WHERE app = id AND used_at IS NULL)
         FROM authenticator_apps
         WHERE customer = ?1 AND (?2 OR revoked_at IS NULL) ORDER BY id",
    )?;
    let apps = statement.query_map((customer, revoked_too), from_row)?;
    Ok(apps.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AuthenticatorApp> {
    Ok(AuthenticatorApp {
        id: row.get(0)?,
        customer: row.get(1)?,
        link: row.get(2)?,
        sealed: row.get(3)?,
        last_step: Step(row.get::<_, Count>(4)?.0),
        tries: row.get(5)?,
        tries_since: row.get(6)?,
        created_at: row.get(7)?,
        last_used_at: row.get(8)?,
        revoked_at: row.get(9)?,
        recovery_codes_left: row.get(10)?,
    })
}

pub(super) fn unused_codes(connection: &Connection, app: CredentialId) -> Result<Vec<UnusedCode>> {
    let mut statement = connection.prepare_cached(
        "-- unused_codes
         SELECT number, hash FROM recovery_codes WHERE app = ?1 AND used_at IS NULL
         ORDER BY number",
    )?;
    let codes = statement
        .query_map([app], |row| Ok(UnusedCode { number: row.get(0)?, hash: row.get(1)? }))?;
    Ok(codes.collect::<rusqlite::Result<_>>()?)
}

/// Whether the customer has an active passkey.
pub(super) fn has_passkey(connection: &Connection, customer: CustomerId) -> Result<bool> {
    let found = connection
        .prepare_cached(
            "-- has_passkey
             SELECT 1 FROM credentials WHERE customer = ?1 AND revoked_at IS NULL LIMIT 1",
        )?
        .query_row([customer], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

pub(super) fn sealed(
    connection: &Connection,
    after: Option<CredentialId>,
    limit: u32,
) -> Result<Vec<(CredentialId, Sealed)>> {
    let mut statement = connection.prepare_cached(
        "-- sealed_apps
         SELECT id, sealed FROM authenticator_apps
         WHERE id > ?1 AND sealed IS NOT NULL ORDER BY id LIMIT ?2",
    )?;
    // Below every id that was ever drawn.
    let after = after.unwrap_or(CredentialId::from_bytes([0; 16]));
    let apps = statement.query_map((after, limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(apps.collect::<rusqlite::Result<_>>()?)
}
