//! API keys: made and revoked on the command line, looked up by hash with every request.

use async_trait::async_trait;
use serde_json::json;
use tokio_postgres::Row;

use super::super::{Keys, Result};
use super::columns::{Scopes, read};
use super::failure::Done;
use super::query::{Query, params};
use super::transaction::Tx;
use super::{PostgresStore, audit};
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::Timestamp;
use crate::domain::id::ApiKeyId;

#[async_trait]
impl Keys for PostgresStore {
    async fn insert_key(&self, key: ApiKey, entry: Entry) -> Result<()> {
        self.write((key, entry), |tx, (key, entry)| {
            Box::pin(async {
                insert(tx, key.clone());
                audit::append(tx, entry.clone());
                Ok(())
            })
        })
        .await
    }

    async fn find_key(&self, hash: KeyHash) -> Result<Option<ApiKey>> {
        self.read(Query::optional(
            "-- find_key
             SELECT id, name, scopes, hash, created_at, revoked_at
             FROM api_keys WHERE hash = $1 AND revoked_at IS NULL",
            params![hash],
            from_row,
        ))
        .await
    }

    async fn list_keys(&self) -> Result<Vec<ApiKey>> {
        self.read(Query::list(
            "-- list_keys
             SELECT id, name, scopes, hash, created_at, revoked_at
             FROM api_keys ORDER BY created_at, id",
            params![],
            from_row,
        ))
        .await
    }

    async fn revoke_key(&self, id: ApiKeyId, entry: Entry) -> Result<bool> {
        self.write((id, entry), |tx, (id, entry)| Box::pin(revoke(tx, *id, entry))).await
    }

    async fn set_bootstrap_key(&self, key: Option<ApiKey>, now: Timestamp) -> Result<bool> {
        self.write((key, now), |tx, (key, now)| Box::pin(set_bootstrap(tx, key.as_ref(), *now)))
            .await
    }
}

fn from_row(row: &Row) -> Done<ApiKey> {
    from_columns(row, 0)
}

/// From six columns, of which this is the first.
pub(super) fn from_columns(row: &Row, first: usize) -> Done<ApiKey> {
    Ok(ApiKey {
        id: read(row, first)?,
        name: read(row, first + 1)?,
        scopes: read::<Scopes>(row, first + 2)?.0,
        hash: read(row, first + 3)?,
        created_at: read(row, first + 4)?,
        revoked_at: read(row, first + 5)?,
    })
}

fn insert(tx: &mut Tx, key: ApiKey) {
    tx.write(
        "-- insert_key
         INSERT INTO api_keys (id, name, scopes, hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        params![key.id, key.name, Scopes(key.scopes), key.hash, key.created_at],
    );
}

async fn revoke(tx: &mut Tx, id: ApiKeyId, entry: &Entry) -> Done<bool> {
    let revoked = tx
        .ask(Query::exists(
            "-- revoke_key
             UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL RETURNING id",
            params![entry.at, id],
        ))
        .await?;
    if revoked {
        audit::append(tx, entry.clone());
    }
    Ok(revoked)
}

/// The environment says which key is valid, at every start: a changed one takes the former one's
/// place, and an unchanged one that was revoked by hand is valid again. Instances that start
/// together do so one after the other; look-ups go on.
async fn set_bootstrap(tx: &mut Tx, key: Option<&ApiKey>, now: Timestamp) -> Done<bool> {
    let lock = "-- lock_keys\nLOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE";
    let ((), former) = tx.ask2(Query::silent(lock, params![]), find_bootstrap()).await?;
    if let (Some(former), Some(key)) = (&former, key)
        && (former.hash, &former.name, &former.scopes) == (key.hash, &key.name, &key.scopes)
    {
        return Ok(false);
    }
    let replaced = former.is_some();
    if let Some(former) = former {
        tx.write_one(
            "-- revoke_bootstrap_key
             UPDATE api_keys SET revoked_at = $1 WHERE id = $2",
            params![now, former.id],
        );
        audit::append(tx, entry(Action::ApiKeyRevoked, &former, now));
    }
    if let Some(key) = key {
        audit::append(tx, entry(Action::ApiKeyCreated, key, now));
        insert_bootstrap(tx, key.clone()).await?;
    }
    Ok(replaced)
}

fn find_bootstrap() -> Query<Option<ApiKey>> {
    Query::optional(
        "-- find_bootstrap_key
         SELECT id, name, scopes, hash, created_at, revoked_at
         FROM api_keys WHERE bootstrap AND revoked_at IS NULL",
        params![],
        from_row,
    )
}

async fn insert_bootstrap(tx: &mut Tx, key: ApiKey) -> Done<()> {
    // A key that was here before, perhaps under another id, comes back as it was.
    let known = tx
        .ask(Query::exists(
            "-- restore_bootstrap_key
             UPDATE api_keys SET name = $1, scopes = $2, bootstrap = true, revoked_at = NULL
             WHERE hash = $3 RETURNING id",
            params![key.name.clone(), Scopes(key.scopes.clone()), key.hash],
        ))
        .await?;
    if known {
        return Ok(());
    }
    tx.write_one(
        "-- insert_bootstrap_key
         INSERT INTO api_keys (id, name, scopes, hash, bootstrap, created_at)
         VALUES ($1, $2, $3, $4, true, $5)
         ON CONFLICT (id) DO UPDATE
         SET name = excluded.name, scopes = excluded.scopes, hash = excluded.hash,
             created_at = excluded.created_at, revoked_at = NULL
         WHERE api_keys.bootstrap",
        params![key.id, key.name, Scopes(key.scopes), key.hash, key.created_at],
    );
    Ok(())
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
