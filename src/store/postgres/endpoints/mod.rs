//! Endpoints: what staff and the environment say of them, and how they fare.

mod health;
mod row;
mod undelivered;

use async_trait::async_trait;

use super::super::{BuiltIn, Endpoints, Idempotency, Once, Result, Store, Undelivered};
use super::columns::read;
use super::failure::Done;
use super::idempotency::{self, Made};
use super::query::{Query, params};
use super::transaction::Tx;
use super::{PostgresStore, audit, deliveries};
use crate::domain::audit::Entry;
use crate::domain::clock::Timestamp;
use crate::domain::endpoint::{BUILT_IN, Endpoint, EndpointStatus, Health, KeptKey, MOST};
use crate::domain::id::EndpointId;
use crate::domain::remedy::Remedy;

pub(super) use self::health::{Addressee, is_failing, note, write};
pub(super) use self::row::{find, lock, set_health};
pub(super) use self::undelivered::{count, failures};

/// Failed attempts among which a remedy is looked for: all that their query finds.
const LOOKED_AT: u32 = 60;

#[async_trait]
impl Endpoints for PostgresStore {
    async fn set_built_in_endpoint(
        &self,
        built_in: Option<BuiltIn>,
        now: Timestamp,
    ) -> Result<bool> {
        self.write((built_in, now), |tx, (built_in, now)| {
            Box::pin(async move {
                match built_in {
                    Some(built_in) => put_built_in(tx, built_in, *now).await,
                    None => remove_built_in(tx).await,
                }
            })
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
            .write((endpoint, entry, idempotency), |tx, (endpoint, entry, idempotency)| {
                Box::pin(async move {
                    // Who counts must not count beside another.
                    let lock = Query::silent(
                        "-- lock_endpoints\nSELECT pg_advisory_xact_lock(7)",
                        params![],
                    );
                    let find = idempotency::find_made(idempotency.as_ref(), entry, endpoint_of);
                    let ((), earlier) = tx.ask2(lock, find).await?;
                    if earlier.is_some() {
                        return Ok(earlier);
                    }
                    if !tx.ask(row::insert(endpoint, MOST)).await? {
                        return Ok(None);
                    }
                    row::set_keys(tx, endpoint.id, &endpoint.keys);
                    audit::append(tx, entry.clone());
                    if let Some(request) = idempotency {
                        let made = Made::Endpoint(endpoint.id);
                        idempotency::remember_made(tx, request, entry, made);
                    }
                    Ok(Some(Once::New(endpoint.id)))
                })
            })
            .await?;
        self.changes().announce_endpoints();
        Ok(added)
    }

    async fn list_endpoints(&self) -> Result<Vec<Endpoint>> {
        let (mut endpoints, keys) = self.read_both(row::list(), row::keys(None)).await?;
        for endpoint in &mut endpoints {
            endpoint.keys = of(&keys, endpoint.id);
        }
        Ok(endpoints)
    }

    async fn find_endpoint(&self, id: EndpointId) -> Result<Option<Endpoint>> {
        let (found, keys) = self.read_both(find(id), row::keys(Some(id))).await?;
        let found = found.map(|endpoint| Endpoint { keys: of(&keys, id), ..endpoint });
        Ok(found.filter(|endpoint| endpoint.status != EndpointStatus::Removed))
    }

    async fn update_endpoint(&self, endpoint: Endpoint, entry: Entry) -> Result<bool> {
        let updated = self
            .write((endpoint, entry), |tx, (endpoint, entry)| Box::pin(update(tx, endpoint, entry)))
            .await?;
        self.changes().announce_endpoints();
        Ok(updated)
    }

    async fn settle_strays(&self, now: Timestamp) -> Result<usize> {
        let strays = self.read(with_strays()).await?;
        for id in &strays {
            self.write((*id, now), |tx, (id, now)| Box::pin(settle_strays(tx, *id, *now))).await?;
        }
        Ok(strays.len())
    }

    async fn newest_remedy(&self, id: EndpointId) -> Result<Option<Remedy>> {
        let failures = self.read(failures(id, LOOKED_AT)).await?;
        Ok(failures.into_iter().find_map(|failure| failure.remedy))
    }

    async fn count_undelivered(&self, id: EndpointId) -> Result<Undelivered> {
        Ok(self.read(count(id)).await?.unwrap_or_default())
    }

    async fn append_audit(&self, entry: Entry) -> Result<()> {
        self.write(entry, |tx, entry| {
            Box::pin(async move {
                audit::append(tx, entry.clone());
                Ok(())
            })
        })
        .await
    }
}

fn of(keys: &[(EndpointId, KeptKey)], id: EndpointId) -> Vec<KeptKey> {
    keys.iter().filter(|(endpoint, _)| *endpoint == id).map(|(_, key)| key.clone()).collect()
}

const fn endpoint_of(made: Made) -> Option<EndpointId> {
    match made {
        Made::Endpoint(id) => Some(id),
        Made::Replay(_) => None,
    }
}

/// Whoever queues does not lock the endpoints it reads, as that would make verdicts wait for each
/// other: an event that began before its endpoint was disabled may commit after. What waits for a
/// built-in endpoint that is not configured goes on when it is again.
fn with_strays() -> Query<Vec<EndpointId>> {
    Query::list(
        "-- endpoints_with_strays
         SELECT id FROM endpoints e
         WHERE (status = 'disabled' OR status = 'removed' AND id <> $1)
           AND (EXISTS (SELECT 1 FROM deliveries
                        WHERE endpoint = e.id AND NOT parked AND due_at IS NOT NULL)
                OR EXISTS (SELECT 1 FROM deliveries WHERE endpoint = e.id AND parked))",
        params![BUILT_IN],
        |row| read(row, 0),
    )
}

async fn settle_strays(tx: &mut Tx, id: EndpointId, now: Timestamp) -> Done<()> {
    match tx.ask(lock(id)).await?.map(|endpoint| endpoint.status) {
        Some(EndpointStatus::Disabled) => deliveries::hold_all(tx, id).await,
        Some(EndpointStatus::Removed) => deliveries::cancel_all(tx, id, now).await,
        Some(EndpointStatus::Active | EndpointStatus::Paused) | None => Ok(()),
    }
}

async fn update(tx: &mut Tx, endpoint: &Endpoint, entry: &Entry) -> Done<bool> {
    let (former, keys) = tx.ask2(lock(endpoint.id), row::keys(Some(endpoint.id))).await?;
    let Some(former) = former else { return Ok(false) };
    if former.revision != endpoint.revision || former.status == EndpointStatus::Removed {
        return Ok(false);
    }
    row::update(tx, endpoint);
    if of(&keys, endpoint.id) != endpoint.keys {
        row::set_keys(tx, endpoint.id, &endpoint.keys);
    }
    match (former.status, endpoint.status) {
        (EndpointStatus::Disabled, EndpointStatus::Active) => {
            set_health(tx, endpoint.id, &Health::default());
        }
        (EndpointStatus::Active | EndpointStatus::Paused, EndpointStatus::Disabled) => {
            deliveries::hold_all(tx, endpoint.id).await?;
        }
        (_, EndpointStatus::Removed) => {
            deliveries::cancel_all(tx, endpoint.id, entry.at).await?;
        }
        _ => {}
    }
    audit::append(tx, entry.clone());
    Ok(true)
}

/// What disabled it was for the operator to mend, who starts the server anew when that is done. The
/// endpoint's row stays locked to the end, which keeps leasing out meanwhile.
async fn put_built_in(tx: &mut Tx, built_in: &BuiltIn, now: Timestamp) -> Done<bool> {
    let former = tx.ask(lock(BUILT_IN)).await?.map(|endpoint| endpoint.status);
    tx.write_one(
        "-- put_built_in_endpoint
         INSERT INTO endpoints AS e (id, kind, shown_url, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE
         SET kind = excluded.kind, shown_url = excluded.shown_url, disabled = NULL,
             status = CASE e.status WHEN 'paused' THEN e.status ELSE 'active' END",
        params![BUILT_IN, built_in.kind, built_in.shown_url.clone(), now],
    );
    set_health(tx, BUILT_IN, &Health::default());
    deliveries::requeue_held(tx, BUILT_IN, now).await?;
    Ok(former == Some(EndpointStatus::Removed))
}

async fn remove_built_in(tx: &mut Tx) -> Done<bool> {
    let former = tx.ask(lock(BUILT_IN)).await?.map(|endpoint| endpoint.status);
    tx.write_one(
        "-- remove_built_in_endpoint
         INSERT INTO endpoints (id, status) VALUES ($1, 'removed')
         ON CONFLICT (id) DO UPDATE SET status = 'removed'",
        params![BUILT_IN],
    );
    Ok(former.is_some_and(|former| former != EndpointStatus::Removed))
}
