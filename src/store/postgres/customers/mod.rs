//! Customers: who they are, their passkeys, and the numbers of their events.

mod lapse;
mod owner;
mod standing;

use async_trait::async_trait;

use super::super::{Context, Customers, Result};
use super::columns::{Whole, read};
use super::failure::Done;
use super::query::{Query, params};
use super::transaction::Tx;
use super::{PostgresStore, credentials};
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::credential::{Credential, added_with};
use crate::domain::customer::{Customer, Footing, UserId};
use crate::domain::id::{CredentialId, CustomerId};

pub(super) use self::lapse::lapse_resting_on;
pub(super) use self::owner::{Owner, lock, lock_by_user, lock_of_link, must_lock};

#[async_trait]
impl Customers for PostgresStore {
    async fn find_customer(&self, user_id: &UserId) -> Result<Option<Customer>> {
        self.read(find(user_id)).await
    }

    async fn standing(&self, user_id: &UserId) -> Result<Option<Footing>> {
        self.read(standing::find(user_id)).await
    }

    async fn standing_for(
        &self,
        key: KeyHash,
        user_id: &UserId,
    ) -> Result<Option<(ApiKey, Option<Footing>)>> {
        self.read(standing::find_for(key, user_id)).await
    }

    async fn list_credentials(&self, customer: CustomerId) -> Result<Vec<Credential>> {
        self.read(credentials::all(customer)).await
    }

    async fn revoke_credential(
        &self,
        customer: CustomerId,
        credential: CredentialId,
        context: Context,
    ) -> Result<bool> {
        self.write((customer, credential, context), |tx, (customer, credential, context)| {
            Box::pin(revoke(tx, *customer, *credential, context))
        })
        .await
    }

    async fn revoke_with_added(
        &self,
        customer: CustomerId,
        credential: CredentialId,
        spared: Option<CredentialId>,
        context: Context,
    ) -> Result<Vec<CredentialId>> {
        let input = (customer, credential, spared, context);
        self.write(input, |tx, (customer, credential, spared, context)| {
            Box::pin(revoke_with_added(tx, *customer, *credential, *spared, context))
        })
        .await
    }

    async fn lapse_verdicts(&self, limit: u32, context: Context) -> Result<usize> {
        self.write((limit, context), |tx, (limit, context)| {
            Box::pin(lapse::lapse(tx, *limit, context))
        })
        .await
    }

    async fn season_credentials(&self, limit: u32, context: Context) -> Result<usize> {
        self.write((limit, context), |tx, (limit, context)| {
            Box::pin(credentials::season(tx, *limit, context))
        })
        .await
    }
}

async fn revoke(
    tx: &mut Tx,
    customer: CustomerId,
    credential: CredentialId,
    context: &Context,
) -> Done<bool> {
    let active = credentials::is_active(customer, credential);
    let (Some(mut owner), true) = tx.ask2(lock(customer), active).await? else {
        return Ok(false);
    };
    credentials::revoke(tx, &mut owner, credential, None, context)?;
    lapse_resting_on(tx, &mut owner, credential, context).await?;
    Ok(true)
}

async fn revoke_with_added(
    tx: &mut Tx,
    customer: CustomerId,
    credential: CredentialId,
    spared: Option<CredentialId>,
    context: &Context,
) -> Done<Vec<CredentialId>> {
    // Read after the lock is held: nobody adds another one until this is done.
    let (owner, all) = tx.ask2(lock(customer), credentials::all(customer)).await?;
    let first = all.iter().find(|key| key.id == credential && key.revoked_at.is_none());
    let (Some(mut owner), Some(_)) = (owner, first) else { return Ok(Vec::new()) };
    let mut revoked = vec![credential];
    revoked.extend(added_with(&all, credential, spared));
    for credential in &revoked {
        credentials::revoke(tx, &mut owner, *credential, None, context)?;
        lapse_resting_on(tx, &mut owner, *credential, context).await?;
    }
    Ok(revoked)
}

fn find(user_id: &UserId) -> Query<Option<Customer>> {
    Query::optional(
        "-- find_customer
         SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                verified_until, lapsed, rebound_at, id, user_id, username, handle, sequence,
                created_at
         FROM customers WHERE user_id = $1",
        params![user_id.clone()],
        |row| {
            let Footing { standing, rebound_at } = standing::from_row(row)?;
            Ok(Customer {
                standing,
                rebound_at,
                id: read(row, 10)?,
                user_id: read(row, 11)?,
                username: read(row, 12)?,
                handle: read(row, 13)?,
                sequence: read::<Whole<u64>>(row, 14)?.0,
                created_at: read(row, 15)?,
            })
        },
    )
}
