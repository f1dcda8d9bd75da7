//! Customers: who they are, their passkeys, and the numbers of their events.

mod lapse;
mod standing;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension};

use super::super::{Context, Customers, Result};
use super::columns::Count;
use super::failure::exactly_one;
use super::transaction::Tx;
use super::{SqliteStore, credentials};
use crate::domain::api_key::{ApiKey, KeyHash};
use crate::domain::credential::{Credential, added_with};
use crate::domain::customer::{Customer, Footing, UserId};
use crate::domain::id::{CredentialId, CustomerId};

pub(super) use self::lapse::lapse_resting_on;
pub(super) use self::standing::{draw_sequence, set_standing, standing_of};

#[async_trait]
impl Customers for SqliteStore {
    async fn find_customer(&self, user_id: &UserId) -> Result<Option<Customer>> {
        self.read(|connection| find(connection, user_id))
    }

    async fn standing(&self, user_id: &UserId) -> Result<Option<Footing>> {
        self.read(|connection| standing::find(connection, user_id))
    }

    async fn standing_for(
        &self,
        key: KeyHash,
        user_id: &UserId,
    ) -> Result<Option<(ApiKey, Option<Footing>)>> {
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
        self.write(move |tx| revoke(tx, customer, credential, &context)).await
    }

    async fn revoke_with_added(
        &self,
        customer: CustomerId,
        credential: CredentialId,
        spared: Option<CredentialId>,
        context: Context,
    ) -> Result<Vec<CredentialId>> {
        self.write(move |tx| {
            if !revoke(tx, customer, credential, &context)? {
                return Ok(Vec::new());
            }
            let mut revoked = vec![credential];
            let all = credentials::all(tx, customer)?;
            for added in added_with(&all, credential, spared) {
                if revoke(tx, customer, added, &context)? {
                    revoked.push(added);
                }
            }
            Ok(revoked)
        })
        .await
    }

    async fn lapse_verdicts(&self, limit: u32, context: Context) -> Result<usize> {
        self.write(move |tx| lapse::lapse(tx, limit, &context)).await
    }

    async fn season_credentials(&self, limit: u32, context: Context) -> Result<usize> {
        self.write(move |tx| credentials::season(tx, limit, &context)).await
    }
}

fn revoke(
    tx: &Tx<'_>,
    customer: CustomerId,
    credential: CredentialId,
    context: &Context,
) -> Result<bool> {
    let Some(user_id) = user_id(tx, customer)? else { return Ok(false) };
    let revoked = credentials::revoke(tx, (customer, &user_id), credential, None, context)?;
    if revoked {
        lapse_resting_on(tx, customer, credential, context)?;
    }
    Ok(revoked)
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

/// A passkey takes the place of all others: whoever made it said that those are lost.
pub(super) fn note_rebound(tx: &Tx<'_>, customer: CustomerId, context: &Context) -> Result<()> {
    let touched = tx
        .prepare_cached("-- note_rebound\nUPDATE customers SET rebound_at = ?1 WHERE id = ?2")?
        .execute((context.now, customer))?;
    exactly_one("note_rebound", touched)
}

fn find(connection: &Connection, user_id: &UserId) -> Result<Option<Customer>> {
    let customer = connection
        .prepare_cached(
            "-- find_customer
             SELECT standing, standing_link, standing_at, method, binding, first_use, credential,
                    verified_until, lapsed, rebound_at, id, username, handle, sequence,
                    created_at
             FROM customers WHERE user_id = ?1",
        )?
        .query_row([user_id], |row| {
            let Footing { standing, rebound_at } = standing::from_row(row)?;
            Ok(Customer {
                id: row.get(10)?,
                user_id: user_id.clone(),
                username: row.get(11)?,
                handle: row.get(12)?,
                standing,
                rebound_at,
                sequence: row.get::<_, Count>(13)?.0,
                created_at: row.get(14)?,
            })
        })
        .optional()?;
    Ok(customer)
}

pub(super) fn user_id(tx: &Tx<'_>, customer: CustomerId) -> Result<Option<UserId>> {
    let user_id = tx
        .prepare_cached("-- user_id\nSELECT user_id FROM customers WHERE id = ?1")?
        .query_row([customer], |row| row.get(0))
        .optional()?;
    Ok(user_id)
}
