//! Endpoints: what staff and the environment say of them, and how they fare.

mod health;
mod row;
mod undelivered;

use async_trait::async_trait;

use super::super::{BuiltIn, Endpoints, Idempotency, Once, Result, Store, Undelivered};
use super::columns::Count;
use super::idempotency::{self, Made};
use super::transaction::Tx;
use super::{SqliteStore, audit, deliveries};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::endpoint::{BUILT_IN, Endpoint, EndpointStatus, Health, MOST};
use crate::domain::id::EndpointId;
use crate::domain::remedy::Remedy;

pub(super) use self::health::{note_attempt, standing};
pub(super) use self::row::{find, set_health};
pub(super) use self::undelivered::{count, failures};

/// Failed attempts among which a remedy is looked for: all that their query finds.
const LOOKED_AT: u32 = 60;

#[async_trait]
impl Endpoints for SqliteStore {
    async fn set_built_in_endpoint(
        &self,
        built_in: Option<BuiltIn>,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(move |tx| match &built_in {
            Some(built_in) => put_built_in(tx, built_in, now),
            None => remove_built_in(tx),
        })
        .await
    }

    async fn insert_endpoint(
        &self,
        endpoint: Endpoint,
        entry: Entry,
        idempotency: Option<Idempotency>,
    ) -> Result<Option<Once<EndpointId>>> {
        let added = self
            .write(move |tx| {
                if let Some(request) = &idempotency {
                    let earlier = idempotency::find_made(tx, request, &entry, endpoint_of)?;
                    if earlier.is_some() {
                        return Ok(earlier);
                    }
                }
                let Count(present) = tx
                .prepare_cached(
                    "-- count_endpoints\nSELECT count(*) FROM endpoints WHERE status <> 'removed'",
                )?
                .query_row([], |row| row.get(0))?;
                if present >= u64::from(MOST) {
                    return Ok(None);
                }
                row::insert(tx, &endpoint)?;
                row::set_keys(tx, endpoint.id, &endpoint.keys)?;
                audit::append(tx, &entry)?;
                if let Some(request) = &idempotency {
                    idempotency::remember_made(tx, request, &entry, Made::Endpoint(endpoint.id))?;
                }
                Ok(Some(Once::New(endpoint.id)))
            })
            .await?;
        self.changes().announce_endpoints();
        Ok(added)
    }

    async fn list_endpoints(&self) -> Result<Vec<Endpoint>> {
        self.read(row::list)
    }

    async fn find_endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>> {
        let found = self.read(|connection| find(connection, id))?;
        Ok(found.filter(|endpoint| endpoint.status != EndpointStatus::Removed))
    }

    async fn update_endpoint(&self, endpoint: Endpoint, entry: Entry) -> Result<bool> {
        let updated = self.write(move |tx| update(tx, &endpoint, &entry)).await?;
        self.changes().announce_endpoints();
        Ok(updated)
    }

    /// One writer: who queues has seen whoever disabled it before.
    async fn settle_strays(&self, _now: Timestamp) -> Result<usize> {
        Ok(0)
    }

    async fn newest_remedy(&self, id: EndpointId) -> Result<Option<Remedy>> {
        let failures = self.read(|connection| failures(connection, id, LOOKED_AT))?;
        Ok(failures.into_iter().find_map(|failure| failure.remedy))
    }

    async fn count_undelivered(&self, id: EndpointId) -> Result<Undelivered> {
        self.read(|connection| count(connection, id))
    }

    async fn append_audit(&self, entry: Entry) -> Result<()> {
        self.write(move |tx| audit::append(tx, &entry)).await
    }
}

const fn endpoint_of(made: Made) -> Option<EndpointId> {
    match made {
        Made::Endpoint(id) => Some(id),
        Made::Replay(_) => None,
    }
}

fn update(tx: &Tx<'_>, endpoint: &Endpoint, entry: &Entry) -> Result<bool> {
    let Some(former) = find(tx, endpoint.id)? else { return Ok(false) };
    if !row::update(tx, endpoint)? {
        return Ok(false);
    }
    if former.keys != endpoint.keys {
        row::set_keys(tx, endpoint.id, &endpoint.keys)?;
    }
    match (former.status, endpoint.status) {
        (EndpointStatus::Disabled, EndpointStatus::Active) => {
            set_health(tx, endpoint.id, &Health::default())?;
        }
        (EndpointStatus::Active | EndpointStatus::Paused, EndpointStatus::Disabled) => {
            deliveries::hold_all(tx, endpoint.id)?;
        }
        (_, EndpointStatus::Removed) => deliveries::cancel_all(tx, endpoint.id, entry.at)?,
        _ => {}
    }
    audit::append(tx, entry)?;
    Ok(true)
}

/// What disabled it was for the operator to mend, who starts the server anew when that is done.
fn put_built_in(tx: &Tx<'_>, built_in: &BuiltIn, now: Timestamp) -> Result<bool> {
    let former = find(tx, BUILT_IN)?.map(|endpoint| endpoint.status);
    tx.prepare_cached(
        "-- put_built_in_endpoint
         INSERT INTO endpoints (id, kind, shown_url, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE
         SET kind = excluded.kind, shown_url = excluded.shown_url, disabled = NULL,
             status = CASE status WHEN 'paused' THEN status ELSE 'active' END",
    )?
    .execute((BUILT_IN, built_in.kind, &built_in.shown_url, now))?;
    set_health(tx, BUILT_IN, &Health::default())?;
    deliveries::requeue_held(tx, BUILT_IN, now)?;
    Ok(former == Some(EndpointStatus::Removed))
}

fn remove_built_in(tx: &Tx<'_>) -> Result<bool> {
    let former = find(tx, BUILT_IN)?.map(|endpoint| endpoint.status);
    tx.prepare_cached(
        "-- remove_built_in_endpoint
         INSERT INTO endpoints (id, status) VALUES (?1, 'removed')
         ON CONFLICT (id) DO UPDATE SET status = 'removed'",
    )?
    .execute([BUILT_IN])?;
    Ok(former.is_some_and(|former| former != EndpointStatus::Removed))
}
