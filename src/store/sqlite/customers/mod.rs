//! Customers: who they are, their passkeys, and the numbers of their events.

mod lapse;
mod standing;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension};

use super::super::{Context, Customers, Result};
use super::columns::Count;
use super::transaction::Tx;
use super::{SqliteStore, credentials};
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::credential::Credential;
use crate::domain::customer::{Customer, Standing, UserId};
use crate::domain::id::{CredentialId, CustomerId};

pub(super) use self::standing::{draw_sequence, set_standing, standing_of};

#[async_trait]
impl Customers for SqliteStore {
    async fn find_customer(&self, user_id: &UserId) -> Result<Option<Customer>> {
        self.read(|connection| find(connection, user_id))
    }

    async fn standing(&self, user_id: &UserId) -> Result<Option<Standing>> {
        self.read(|connection| standing::find(connection, user_id))
    }

    async fn standing_for(
        &self,
        key: KeyHash,
        user_id: &UserId,
    ) -> Result<Option<(ApiKey, Option<Standing>)>> {
        self.read(|connection| standing::find_for(connection, key, user_id))
    }

    async fn list_credentials(&self, customer: CustomerId) -> Result<Vec<Credential>> {
        self.read(|connection| credentials::all(connection, customer))
    }

    async fn revoke_credential(
        &self,
        customer: CustomerId,
        credential: CredentialId,
        context: Context,
    ) -> Result<bool> {
        self.write(move |tx| {
            let Some(user_id) = user_id(tx, customer)? else { return Ok(false) };
            let revoked =
                credentials::revoke(tx, (customer, &user_id), credential, None, &context)?;
            if revoked {
                lapse::lapse_resting_on(tx, customer, credential, &context)?;
            }
            Ok(revoked)
        })
        .await
    }

    async fn lapse_verdicts(&self, limit: u32, context: Context) -> Result<usize> {
        self.write(move |tx| lapse::lapse(tx, limit, &context)).await
    }
}

/// Draws the number of a customer's next event.
pub(super) fn next_sequence(tx: &Tx<'_>, customer: CustomerId) -> Result<u64> {
    let Count(sequence) = tx
        .prepare_cached(
            "-- next_sequence
             UPDATE customers SET sequence = sequence + 1 WHERE id = ?1 RETURNING sequence",
        )?
        .query_one([customer], |row| row.get(0))?;
    Ok(sequence)
}

fn find(connection: &Connection, user_id: &UserId) -> Result<Option<Customer>> {
    let customer = connection
        .prepare_cached(
            "-- find_customer
             SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                    verified_until, lapsed, id, username, handle, sequence, created_at
             FROM customers WHERE user_id = ?1",
        )?
        .query_row([user_id], |row| {
            Ok(Customer {
                id: row.get(9)?,
                user_id: user_id.clone(),
                username: row.get(10)?,
                handle: row.get(11)?,
                standing: standing::from_row(row)?,
                sequence: row.get::<_, Count>(12)?.0,
                created_at: row.get(13)?,
            })
        })
        .optional()?;
    Ok(customer)
}

fn user_id(tx: &Tx<'_>, customer: CustomerId) -> Result<Option<UserId>> {
    let user_id = tx
        .prepare_cached("-- user_id\nSELECT user_id FROM customers WHERE id = ?1")?
        .query_row([customer], |row| row.get(0))
        .optional()?;
    Ok(user_id)
}
