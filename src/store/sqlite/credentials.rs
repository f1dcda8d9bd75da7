//! Customers' passkeys: reading, binding, using and revoking them.

use rusqlite::{Connection, Row};
use serde_json::json;

use super::super::{Context, Result};
use super::failure::exactly_one;
use super::transaction::Tx;
use super::{audit, events, mails};
use crate::domain::audit::{Action, Entry};
use crate::domain::ceremony::Means;
use crate::domain::credential::{Credential, KeyUse, NewKey};
use crate::domain::customer::UserId;
use crate::domain::event::EventType;
use crate::domain::id::{CredentialId, CustomerId, LinkId};
use crate::domain::link::Link;
use crate::domain::mail::MailKind;

/// All of a customer's, oldest first.
pub(super) fn all(connection: &Connection, customer: CustomerId) -> Result<Vec<Credential>> {
    list(connection, customer, true)
}

/// A customer's active ones, oldest first.
pub(super) fn active(connection: &Connection, customer: CustomerId) -> Result<Vec<Credential>> {
    list(connection, customer, false)
}

fn list(
    connection: &Connection,
    customer: CustomerId,
    revoked_too: bool,
) -> Result<Vec<Credential>> {
    let mut statement = connection.prepare_cached(
        "-- list_credentials
         SELECT id, customer, credential_id, public_key, sign_count, backup_eligible, backup_state,
                transports, attachment, aaguid, fmt, discoverable, binding, link, created_at,
                last_used_at, revoked_at, suspected_at, added_by
         FROM credentials WHERE customer = ?1 AND (?2 OR revoked_at IS NULL) ORDER BY id",
    )?;
    let credentials = statement.query_map((customer, revoked_too), from_row)?;
    Ok(credentials.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Credential> {
    Ok(Credential {
        id: row.get(0)?,
        customer: row.get(1)?,
        key: NewKey {
            id: row.get(2)?,
            public_key: row.get(3)?,
            sign_count: row.get(4)?,
            backup_eligible: row.get(5)?,
            backup_state: row.get(6)?,
            transports: row.get(7)?,
            attachment: row.get(8)?,
            aaguid: row.get(9)?,
            fmt: row.get(10)?,
            discoverable: row.get(11)?,
        },
        binding: row.get(12)?,
        link: row.get(13)?,
        created_at: row.get(14)?,
        last_used_at: row.get(15)?,
        revoked_at: row.get(16)?,
        suspected_at: row.get(17)?,
        added_by: row.get(18)?,
    })
}

/// Whether anybody ever bound a key with this authenticator's id.
pub(super) fn is_bound(tx: &Tx<'_>, authenticators_id: &[u8]) -> Result<bool> {
    let found = tx
        .prepare_cached("-- is_bound\nSELECT 1 FROM credentials WHERE credential_id = ?1")?
        .exists([authenticators_id])?;
    Ok(found)
}

/// Binds a new key to the customer of `link`.
pub(super) fn bind(
    tx: &Tx<'_>,
    link: &Link,
    credential: &Credential,
    context: &Context,
) -> Result<()> {
    let key = &credential.key;
    tx.prepare_cached(
        "-- insert_credential
         INSERT INTO credentials (id, customer, credential_id, public_key, sign_count,
                                  backup_eligible, backup_state, transports, attachment, aaguid,
                                  fmt, discoverable, binding, link, created_at, last_used_at,
                                  added_by, objected_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                 ?17, (SELECT objected_at FROM credentials WHERE id = ?17))",
    )?
    .execute(rusqlite::params![
        credential.id,
        link.customer,
        &key.id,
        &key.public_key,
        key.sign_count,
        key.backup_eligible,
        key.backup_state,
        &key.transports,
        key.attachment,
        key.aaguid,
        &key.fmt,
        key.discoverable,
        credential.binding,
        link.id,
        credential.created_at,
        credential.last_used_at,
        // What was objected to cannot be left behind by asking for another one.
        link.handover.authorised_by,
    ])?;
    publish(tx, EventType::CredentialBound, link, credential.id, context)?;
    mails::notify(tx, link.customer, Some(link.id), MailKind::PasskeyAdded, context)?;
    let detail = json!({ "credential": credential.id, "binding": credential.binding });
    audit::append_about(tx, Action::CredentialBound, link, detail, context)
}

/// Advances the counter (WebAuthn Level 3, section 7.2, step 22). `false`, and nothing changed,
/// if it did not rise and is not zero on both sides: the key may have been copied.
pub(super) fn advance(tx: &Tx<'_>, used: &KeyUse, context: &Context) -> Result<bool> {
    let touched = tx
        .prepare_cached(
            "-- advance_counter
             UPDATE credentials SET sign_count = ?1, backup_state = ?2, last_used_at = ?3
             WHERE id = ?4 AND revoked_at IS NULL
               AND (sign_count < ?1 OR (sign_count = 0 AND ?1 = 0))",
        )?
        .execute((used.sign_count, used.backup_state, context.now, used.credential))?;
    Ok(touched == 1)
}

/// Marks a key that may have been copied; the first time counts.
pub(super) fn suspect(
    tx: &Tx<'_>,
    link: &Link,
    credential: CredentialId,
    context: &Context,
) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- suspect_credential
             UPDATE credentials SET suspected_at = coalesce(suspected_at, ?1) WHERE id = ?2",
        )?
        .execute((context.now, credential))?;
    exactly_one("suspect_credential", touched)?;
    publish(tx, EventType::CredentialSuspected, link, credential, context)?;
    let detail = json!({ "credential": credential });
    audit::append_about(tx, Action::CredentialSuspected, link, detail, context)
}

/// The customer declined a link: the keys they have now are not raised by time and use.
pub(super) fn object(tx: &Tx<'_>, customer: CustomerId, context: &Context) -> Result<()> {
    tx.prepare_cached(
        "-- object_to_credentials
         UPDATE credentials SET objected_at = ?1
         WHERE customer = ?2 AND revoked_at IS NULL AND objected_at IS NULL
           AND binding IN ('link', 'channel', 'call_code')",
    )?
    .execute((context.now, customer))?;
    Ok(())
}

/// Raises those that were used again after the waiting period.
pub(super) fn season(tx: &Tx<'_>, limit: u32, context: &Context) -> Result<usize> {
    let raised: Vec<(CredentialId, CustomerId)> = tx
        .prepare_cached(
            "-- season_credentials
             UPDATE credentials SET binding = 'seasoned'
             WHERE id IN (SELECT id FROM credentials INDEXED BY credentials_to_season
                          WHERE binding IN ('channel', 'call_code') AND revoked_at IS NULL
                            AND suspected_at IS NULL AND objected_at IS NULL
                            AND last_used_at - created_at >= ?1
                          ORDER BY last_used_at - created_at LIMIT ?2)
             RETURNING id, customer",
        )?
        .query_map((context.seasoning_millis(), limit), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (credential, customer) in &raised {
        audit::append(tx, &Entry::seasoned(*credential, *customer, context.now))?;
    }
    Ok(raised.len())
}

/// `false` if the owner has no such active key.
pub(super) fn revoke(
    tx: &Tx<'_>,
    owner: (CustomerId, &UserId),
    credential: CredentialId,
    link: Option<LinkId>,
    context: &Context,
) -> Result<bool> {
    let touched = tx
        .prepare_cached(
            "-- revoke_credential
             UPDATE credentials SET revoked_at = ?1
             WHERE id = ?2 AND customer = ?3 AND revoked_at IS NULL",
        )?
        .execute((context.now, credential, owner.0))?;
    if touched == 0 {
        return Ok(false);
    }
    events::publish_credential(
        tx,
        EventType::CredentialRevoked,
        owner,
        (credential, Means::Passkey),
        link,
        context,
    )?;
    mails::notify(tx, owner.0, link, MailKind::PasskeyRemoved, context)?;
    audit::append(
        tx,
        &Entry {
            at: context.now,
            actor: context.actor,
            action: Action::CredentialRevoked,
            link,
            customer: Some(owner.0),
            detail: json!({ "credential": credential }),
        },
    )?;
    Ok(true)
}

fn publish(
    tx: &Tx<'_>,
    kind: EventType,
    link: &Link,
    credential: CredentialId,
    context: &Context,
) -> Result<()> {
    let owner = (link.customer, &link.user_id);
    events::publish_credential(
        tx,
        kind,
        owner,
        (credential, Means::Passkey),
        Some(link.id),
        context,
    )
}
