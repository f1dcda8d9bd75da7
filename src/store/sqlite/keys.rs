//! API keys: made and revoked on the command line, looked up by hash with every request.

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row};
use serde_json::json;

use super::super::{Keys, Result};
use super::columns::Scopes;
use super::failure::exactly_one;
use super::transaction::Tx;
use super::{SqliteStore, audit};
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::Timestamp;
use crate::domain::id::ApiKeyId;

#[async_trait]
impl Keys for SqliteStore {
    async fn insert_key(&self, key: ApiKey, entry: Entry) -> Result<()> {
        self.write(move |tx| {
            insert(tx, key.clone())?;
            audit::append(tx, &entry)
        })
        .await
    }

    async fn find_key(&self, hash: KeyHash) -> Result<Option<ApiKey>> {
        self.read(|connection| {
            let key = connection
                .prepare_cached(
                    "-- find_key
                     SELECT id, name, scopes, hash, created_at, revoked_at
                     FROM api_keys WHERE hash = ?1 AND revoked_at IS NULL",
                )?
                .query_row([hash], from_row)
                .optional()?;
            Ok(key)
        })
    }

    async fn list_keys(&self) -> Result<Vec<ApiKey>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "-- list_keys
                 SELECT id, name, scopes, hash, created_at, revoked_at
                 FROM api_keys ORDER BY created_at, id",
            )?;
            let keys = statement.query_map([], from_row)?;
            Ok(keys.collect::<rusqlite::Result<_>>()?)
        })
    }

    async fn revoke_key(&self, id: ApiKeyId, entry: Entry) -> Result<bool> {
        self.write(move |tx| {
            let touched = tx
                .prepare_cached(
                    "-- revoke_key
                     UPDATE api_keys SET revoked_at = ?1 WHERE id = ?2 AND revoked_at IS NULL",
                )?
                .execute((entry.at, id))?;
            if touched == 1 {
                audit::append(tx, &entry)?;
            }
            Ok(touched == 1)
        })
        .await
    }

    async fn set_bootstrap_key(&self, key: Option<ApiKey>, now: Timestamp) -> Result<bool> {
        self.write(move |tx| set_bootstrap(tx, key.clone(), now)).await
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    from_columns(row, 0)
}

/// From six columns, of which this is the first.
pub(super) fn from_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: row.get(first)?,
        name: row.get(first + 1)?,
        scopes: row.get::<_, Scopes>(first + 2)?.0,
        hash: row.get(first + 3)?,
        created_at: row.get(first + 4)?,
        revoked_at: row.get(first + 5)?,
    })
}

fn insert(tx: &Tx<'_>, key: ApiKey) -> Result<()> {
    tx.prepare_cached(
        "-- insert_key
         INSERT INTO api_keys (id, name, scopes, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((key.id, key.name, Scopes(key.scopes), key.hash, key.created_at))?;
    Ok(())
}

/// The environment says which key is valid, at every start: a changed one takes the former one's
/// place, and an unchanged one that was revoked by hand is valid again.
fn set_bootstrap(tx: &Tx<'_>, key: Option<ApiKey>, now: Timestamp) -> Result<bool> {
    let former: Option<ApiKey> = tx
        .prepare_cached(
            "-- find_bootstrap_key
             SELECT id, name, scopes, hash, created_at, revoked_at
             FROM api_keys WHERE bootstrap = 1 AND revoked_at IS NULL",
        )?
        .query_row([], from_row)
        .optional()?;
    if let (Some(former), Some(key)) = (&former, &key)
        && (former.hash, &former.name, &former.scopes) == (key.hash, &key.name, &key.scopes)
    {
        return Ok(false);
    }
    let replaced = former.is_some();
    if let Some(former) = former {
        tx.prepare_cached(
            "-- revoke_bootstrap_key
             UPDATE api_keys SET revoked_at = ?1 WHERE id = ?2",
        )?
        .execute((now, former.id))?;
        audit::append(tx, &entry(Action::ApiKeyRevoked, &former, now))?;
    }
    if let Some(key) = key {
        audit::append(tx, &entry(Action::ApiKeyCreated, &key, now))?;
        insert_bootstrap(tx, key)?;
    }
    Ok(replaced)
}

fn insert_bootstrap(tx: &Tx<'_>, key: ApiKey) -> Result<()> {
    // A key that was here before, perhaps under another id, comes back as it was.
    let known = tx
        .prepare_cached(
            "-- restore_bootstrap_key
             UPDATE api_keys SET name = ?1, scopes = ?2, bootstrap = 1, revoked_at = NULL
             WHERE hash = ?3",
        )?
        .execute((&key.name, Scopes(key.scopes.clone()), key.hash))?;
    if known == 1 {
        return Ok(());
    }
    let touched = tx
        .prepare_cached(
            "-- insert_bootstrap_key
             INSERT INTO api_keys (id, name, scopes, hash, bootstrap, created_at)
             VALUES (?1, ?2, ?3, ?4, 1, ?5)
             ON CONFLICT (id) DO UPDATE
             SET name = excluded.name, scopes = excluded.scopes, hash = excluded.hash,
                 created_at = excluded.created_at, revoked_at = NULL
             WHERE bootstrap = 1",
        )?
        .execute((key.id, key.name, Scopes(key.scopes), key.hash, key.created_at))?;
    exactly_one("insert_bootstrap_key", touched)
}

fn entry(action: Action, key: &ApiKey, now: Timestamp) -> Entry {
    Entry {
        at: now,
        actor: Actor::Operator,
        action,
        link: None,
        customer: None,
        detail: json!({ "key": key.id, "bootstrap": true }),
    }
}
