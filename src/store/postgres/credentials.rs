//! Customers' passkeys: reading, binding, using and revoking them.

use serde_json::json;
use tokio_postgres::Row;

use super::super::Context;
use super::columns::{Bytes, Whole, read};
use super::customers::Owner;
use super::failure::Done;
use super::query::{Query, params};
use super::transaction::Tx;
use super::{audit, events, mails};
use crate::domain::audit::{Action, Entry};
use crate::domain::ceremony::Means;
use crate::domain::credential::{Credential, KeyUse, NewKey};
use crate::domain::event::EventType;
use crate::domain::id::{CredentialId, CustomerId, LinkId};
use crate::domain::link::Link;
use crate::domain::mail::MailKind;

/// All of a customer's, oldest first.
pub(super) fn all(customer: CustomerId) -> Query<Vec<Credential>> {
    list(Some(customer), None, true)
}

/// The active ones of a link's customer.
pub(super) fn active_for(link: LinkId) -> Query<Vec<Credential>> {
    list(None, Some(link), false)
}

fn list(
    customer: Option<CustomerId>,
    link: Option<LinkId>,
    revoked_too: bool,
) -> Query<Vec<Credential>> {
    Query::list(
        "-- list_credentials
         SELECT id, customer, credential_id, public_key, sign_count, backup_eligible, backup_state,
                transports, attachment, aaguid, fmt, discoverable, binding, link, created_at,
                last_used_at, revoked_at, suspected_at, added_by
         FROM credentials
         WHERE customer = coalesce($1, (SELECT customer FROM links WHERE id = $2))
           AND ($3 OR revoked_at IS NULL)
         ORDER BY id",
        params![customer, link, revoked_too],
        from_row,
    )
}

fn from_row(row: &Row) -> Done<Credential> {
    Ok(Credential {
        id: read(row, 0)?,
        customer: read(row, 1)?,
        key: NewKey {
            id: read(row, 2)?,
            public_key: read(row, 3)?,
            sign_count: read::<Whole<u32>>(row, 4)?.0,
            backup_eligible: read(row, 5)?,
            backup_state: read(row, 6)?,
            transports: read(row, 7)?,
            attachment: read(row, 8)?,
            aaguid: read::<Bytes<16>>(row, 9)?.0,
            fmt: read(row, 10)?,
            discoverable: read(row, 11)?,
        },
        binding: read(row, 12)?,
        link: read(row, 13)?,
        created_at: read(row, 14)?,
        last_used_at: read(row, 15)?,
        revoked_at: read(row, 16)?,
        suspected_at: read(row, 17)?,
        added_by: read(row, 18)?,
    })
}

/// Whether anybody ever bound a key with this authenticator's id.
pub(super) fn is_bound(authenticators_id: &[u8]) -> Query<bool> {
    Query::exists(
        "-- is_bound\nSELECT 1 FROM credentials WHERE credential_id = $1",
        params![authenticators_id.to_vec()],
    )
}

/// Whether the customer has this key, active.
pub(super) fn is_active(customer: CustomerId, credential: CredentialId) -> Query<bool> {
    Query::exists(
        "-- is_active_credential
         SELECT 1 FROM credentials WHERE id = $1 AND customer = $2 AND revoked_at IS NULL",
        params![credential, customer],
    )
}

/// Binds a new key to the customer of `link`. Another customer may bind the same one just now:
/// then the transaction begins again, and finds it bound.
pub(super) fn bind(
    tx: &mut Tx,
    owner: &mut Owner,
    link: &Link,
    credential: &Credential,
    context: &Context,
) -> Done<()> {
    let key = credential.key.clone();
    tx.write_one_or_again(
        "-- insert_credential
         INSERT INTO credentials (id, customer, credential_id, public_key, sign_count,
                                  backup_eligible, backup_state, transports, attachment, aaguid,
                                  fmt, discoverable, binding, link, created_at, last_used_at,
                                  added_by, objected_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                 $17, (SELECT objected_at FROM credentials WHERE id = $17))
         ON CONFLICT (credential_id) DO NOTHING",
        params![
            credential.id,
            link.customer,
            key.id,
            key.public_key,
            Whole(key.sign_count),
            key.backup_eligible,
            key.backup_state,
            key.transports,
            key.attachment,
            Bytes(key.aaguid),
            key.fmt,
            key.discoverable,
            credential.binding,
            link.id,
            credential.created_at,
            credential.last_used_at,
            // What was objected to cannot be left behind by asking for another one.
            link.handover.authorised_by,
        ],
    );
    let (id, kind) = (credential.id, EventType::CredentialBound);
    events::publish_credential(tx, kind, owner, (id, Means::Passkey), Some(link.id), context)?;
    mails::notify(tx, owner.id, Some(link.id), MailKind::PasskeyAdded, context)?;
    let detail = json!({ "credential": id, "binding": credential.binding });
    audit::append_about(tx, Action::CredentialBound, link, detail, context);
    Ok(())
}

/// Advances the counter (WebAuthn Level 3, section 7.2, step 22). `false`, and nothing changes,
/// if it did not rise and is not zero on both sides: the key may have been copied.
pub(super) fn advance(tx: &mut Tx, current: u32, used: &KeyUse, context: &Context) -> bool {
    if current >= used.sign_count && (current, used.sign_count) != (0, 0) {
        return false;
    }
    tx.write_one(
        "-- advance_counter
         UPDATE credentials SET sign_count = $1, backup_state = $2, last_used_at = $3
         WHERE id = $4 AND revoked_at IS NULL
           AND (sign_count < $1 OR (sign_count = 0 AND $1 = 0))",
        params![Whole(used.sign_count), used.backup_state, context.now, used.credential],
    );
    true
}

/// Marks a key that may have been copied; the first time counts.
pub(super) fn suspect(
    tx: &mut Tx,
    owner: &mut Owner,
    link: &Link,
    credential: CredentialId,
    context: &Context,
) -> Done<()> {
    tx.write_one(
        "-- suspect_credential
         UPDATE credentials SET suspected_at = coalesce(suspected_at, $1) WHERE id = $2",
        params![context.now, credential],
    );
    let kind = EventType::CredentialSuspected;
    events::publish_credential(
        tx,
        kind,
        owner,
        (credential, Means::Passkey),
        Some(link.id),
        context,
    )?;
    let detail = json!({ "credential": credential });
    audit::append_about(tx, Action::CredentialSuspected, link, detail, context);
    Ok(())
}

/// The customer declined a link: the keys they have now are not raised by time and use.
pub(super) fn object(tx: &mut Tx, owner: &Owner, context: &Context) {
    tx.write(
        "-- object_to_credentials
         UPDATE credentials SET objected_at = $1
         WHERE customer = $2 AND revoked_at IS NULL AND objected_at IS NULL
           AND binding IN ('link', 'channel', 'call_code')",
        params![context.now, owner.id],
    );
}

/// Raises those that were used again after the waiting period. Of several instances that sweep at
/// once each takes others; what another transaction holds is looked at next time.
pub(super) async fn season(tx: &mut Tx, limit: u32, context: &Context) -> Done<usize> {
    let raised = tx
        .ask(Query::list(
            "-- season_credentials
             WITH due AS MATERIALIZED (
                 SELECT id FROM credentials
                 WHERE binding IN ('channel', 'call_code') AND revoked_at IS NULL
                   AND suspected_at IS NULL AND objected_at IS NULL
                   AND last_used_at - created_at >= $1
                 ORDER BY last_used_at - created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
             UPDATE credentials SET binding = 'seasoned' WHERE id = ANY (ARRAY(SELECT id FROM due))
             RETURNING id, customer",
            params![context.seasoning_millis(), i64::from(limit)],
            |row| Ok((read::<CredentialId>(row, 0)?, read::<CustomerId>(row, 1)?)),
        ))
        .await?;
    for (credential, customer) in &raised {
        audit::append(tx, Entry::seasoned(*credential, *customer, context.now));
    }
    Ok(raised.len())
}

/// Revokes a key of the owner that was seen active under the owner's lock; `link` replaces it.
pub(super) fn revoke(
    tx: &mut Tx,
    owner: &mut Owner,
    credential: CredentialId,
    link: Option<LinkId>,
    context: &Context,
) -> Done<()> {
    tx.write_one(
        "-- revoke_credential
         UPDATE credentials SET revoked_at = $1
         WHERE id = $2 AND customer = $3 AND revoked_at IS NULL",
        params![context.now, credential, owner.id],
    );
    let kind = EventType::CredentialRevoked;
    events::publish_credential(tx, kind, owner, (credential, Means::Passkey), link, context)?;
    mails::notify(tx, owner.id, link, MailKind::PasskeyRemoved, context)?;
    let Context { now: at, actor, .. } = *context;
    let (action, customer) = (Action::CredentialRevoked, Some(owner.id));
    let detail = json!({ "credential": credential });
    audit::append(tx, Entry { at, actor, action, link, customer, detail });
    Ok(())
}
