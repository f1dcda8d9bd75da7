//! Authenticator apps: offered by a link, bound to a customer, revoked, sealed anew.

mod offer;
mod row;
mod settle;

pub(super) use self::row::active;

use async_trait::async_trait;
use serde_json::json;

use super::super::{AuthenticatorApps, CodeSettlement, Context, Result, Settled};
use super::transaction::Tx;
use super::{SqliteStore, audit, customers, events, mails};
use crate::domain::audit::{Action, Entry};
use crate::domain::authenticator_app::{AuthenticatorApp, Offer, TRIES, TRIES_SPAN, UnusedCode};
use crate::domain::ceremony::Means;
use crate::domain::customer::UserId;
use crate::domain::endpoint::Sealed;
use crate::domain::event::EventType;
use crate::domain::id::{CredentialId, CustomerId, LinkId};
use crate::domain::mail::MailKind;

#[async_trait]
impl AuthenticatorApps for SqliteStore {
    async fn find_app(&self, customer: CustomerId) -> Result<Option<AuthenticatorApp>> {
        self.read(|connection| active(connection, customer))
    }

    async fn list_apps(&self, customer: CustomerId) -> Result<Vec<AuthenticatorApp>> {
        self.read(|connection| row::all(connection, customer))
    }

    async fn unused_codes(&self, app: CredentialId) -> Result<Vec<UnusedCode>> {
        self.read(|connection| row::unused_codes(connection, app))
    }

    async fn offer_app(&self, offer: Offer, context: Context) -> Result<Option<Offer>> {
        self.write(move |tx| offer::keep(tx, &offer, &context)).await
    }

    async fn renew_offer(&self, former: Offer, offer: Offer) -> Result<bool> {
        self.write(move |tx| offer::renew(tx, &former, &offer)).await
    }

    async fn find_offer(&self, link: LinkId) -> Result<Option<Offer>> {
        self.read(|connection| offer::find(connection, link))
    }

    async fn count_try(&self, app: CredentialId, context: Context) -> Result<bool> {
        self.write(move |tx| count_try(tx, app, &context)).await
    }

    async fn settle_code(&self, settlement: CodeSettlement, context: Context) -> Result<Settled> {
        self.write(move |tx| settle::settle(tx, &settlement, &context)).await
    }

    async fn revoke_app(
        &self,
        customer: CustomerId,
        app: CredentialId,
        context: Context,
    ) -> Result<bool> {
        self.write(move |tx| {
            let Some(user_id) = customers::user_id(tx, customer)? else { return Ok(false) };
            let revoked = revoke(tx, (customer, &user_id), app, None, &context)?;
            if revoked {
                customers::lapse_resting_on(tx, customer, app, &context)?;
            }
            Ok(revoked)
        })
        .await
    }

    async fn sealed_apps(
        &self,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Result<Vec<(CredentialId, Sealed)>> {
        self.scan(move |connection| row::sealed(connection, after, limit)).await
    }

    async fn reseal_app(&self, app: CredentialId, former: Sealed, anew: Sealed) -> Result<bool> {
        self.write(move |tx| {
            let touched = tx
                .prepare_cached(
                    "-- reseal_app
                     UPDATE authenticator_apps SET sealed = ?3 WHERE id = ?1 AND sealed = ?2",
                )?
                .execute((app, &former, &anew))?;
            Ok(touched == 1)
        })
        .await
    }
}

fn count_try(tx: &Tx<'_>, app: CredentialId, context: &Context) -> Result<bool> {
    let span = i64::try_from(TRIES_SPAN.as_millis()).unwrap_or(i64::MAX);
    let touched = tx
        .prepare_cached(
            "-- count_try
             UPDATE authenticator_apps
             SET tries = CASE WHEN tries_since + ?3 > ?2 THEN tries + 1 ELSE 1 END,
                 tries_since = CASE WHEN tries_since + ?3 > ?2 THEN tries_since ELSE ?2 END
             WHERE id = ?1 AND revoked_at IS NULL AND (tries < ?4 OR tries_since + ?3 <= ?2)",
        )?
        .execute((app, context.now, span, TRIES))?;
    Ok(touched == 1)
}

/// All that the customer has; `link` put a passkey in their place.
pub(super) fn revoke_all(
    tx: &Tx<'_>,
    owner: (CustomerId, &UserId),
    link: LinkId,
    context: &Context,
) -> Result<()> {
    if let Some(app) = active(tx, owner.0)? {
        revoke(tx, owner, app.id, Some(link), context)?;
    }
    Ok(())
}

/// `false` if the owner has no such active app.
fn revoke(
    tx: &Tx<'_>,
    owner: (CustomerId, &UserId),
    app: CredentialId,
    link: Option<LinkId>,
    context: &Context,
) -> Result<bool> {
    let touched = tx
        .prepare_cached(
            "-- revoke_app
             UPDATE authenticator_apps SET revoked_at = ?1, sealed = NULL
             WHERE id = ?2 AND customer = ?3 AND revoked_at IS NULL",
        )?
        .execute((context.now, app, owner.0))?;
    if touched == 0 {
        return Ok(false);
    }
    let (kind, what) = (EventType::CredentialRevoked, (app, Means::Totp));
    events::publish_credential(tx, kind, owner, what, link, context)?;
    mails::notify(tx, owner.0, link, MailKind::AppRemoved, context)?;
    audit::append(
        tx,
        &Entry {
            at: context.now,
            actor: context.actor,
            action: Action::AuthenticatorAppRevoked,
            link,
            customer: Some(owner.0),
            detail: json!({ "credential": app }),
        },
    )?;
    Ok(true)
}
