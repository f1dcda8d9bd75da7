//! Authenticator apps: offered by a link, bound to a customer, revoked, sealed anew.

mod offer;
mod row;
mod settle;

pub(super) use self::row::active;

use async_trait::async_trait;
use serde_json::json;

use super::super::{AuthenticatorApps, CodeSettlement, Context, Result, Settled};
use super::columns::Whole;
use super::customers::{self, Owner};
use super::failure::Done;
use super::query::{Query, params};
use super::transaction::Tx;
use super::{PostgresStore, audit, events, mails};
use crate::domain::audit::{Action, Entry};
use crate::domain::authenticator_app::{AuthenticatorApp, Offer, TRIES, TRIES_SPAN, UnusedCode};
use crate::domain::ceremony::Means;
use crate::domain::endpoint::Sealed;
use crate::domain::event::EventType;
use crate::domain::id::{CredentialId, CustomerId, LinkId};
use crate::domain::mail::MailKind;

#[async_trait]
impl AuthenticatorApps for PostgresStore {
    async fn find_app(&self, customer: CustomerId) -> Result<Option<AuthenticatorApp>> {
        self.read(active(customer)).await
    }

    async fn list_apps(&self, customer: CustomerId) -> Result<Vec<AuthenticatorApp>> {
        self.read(row::all(customer)).await
    }

    async fn unused_codes(&self, app: CredentialId) -> Result<Vec<UnusedCode>> {
        self.read(row::unused_codes(app)).await
    }

    async fn offer_app(&self, offer: Offer, context: Context) -> Result<Option<Offer>> {
        self.write((offer, context), |tx, (offer, context)| {
            Box::pin(offer::keep(tx, offer, context))
        })
        .await
    }

    async fn renew_offer(&self, former: Offer, offer: Offer) -> Result<bool> {
        self.write_at_once(offer::renew(&former, offer)).await
    }

    async fn find_offer(&self, link: LinkId) -> Result<Option<Offer>> {
        self.read(offer::find(link)).await
    }

    async fn count_try(&self, app: CredentialId, context: Context) -> Result<bool> {
        self.write_at_once(count_try(app, &context)).await
    }

    async fn settle_code(&self, settlement: CodeSettlement, context: Context) -> Result<Settled> {
        self.write((settlement, context), |tx, (settlement, context)| {
            Box::pin(settle::settle(tx, settlement, context))
        })
        .await
    }

    async fn revoke_app(
        &self,
        customer: CustomerId,
        app: CredentialId,
        context: Context,
    ) -> Result<bool> {
        self.write((customer, app, context), |tx, (customer, app, context)| {
            Box::pin(revoke_one(tx, *customer, *app, context))
        })
        .await
    }

    async fn sealed_apps(
        &self,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Result<Vec<(CredentialId, Sealed)>> {
        self.read(row::sealed(after, limit)).await
    }

    async fn reseal_app(&self, app: CredentialId, former: Sealed, anew: Sealed) -> Result<bool> {
        self.write_at_once(Query::exists(
            "-- reseal_app
             UPDATE authenticator_apps SET sealed = $3 WHERE id = $1 AND sealed = $2 RETURNING id",
            params![app, former, anew],
        ))
        .await
    }
}

fn count_try(app: CredentialId, context: &Context) -> Query<bool> {
    let span = i64::try_from(TRIES_SPAN.as_millis()).unwrap_or(i64::MAX);
    Query::exists(
        "-- count_try
         UPDATE authenticator_apps
         SET tries = CASE WHEN tries_since + $3 > $2 THEN tries + 1 ELSE 1 END,
             tries_since = CASE WHEN tries_since + $3 > $2 THEN tries_since ELSE $2 END
         WHERE id = $1 AND revoked_at IS NULL AND (tries < $4 OR tries_since + $3 <= $2)
         RETURNING id",
        params![app, context.now, span, Whole(TRIES)],
    )
}

async fn revoke_one(
    tx: &mut Tx,
    customer: CustomerId,
    app: CredentialId,
    context: &Context,
) -> Done<bool> {
    let (owner, active) = tx.ask2(customers::lock(customer), active(customer)).await?;
    let (Some(mut owner), true) = (owner, active.is_some_and(|active| active.id == app)) else {
        return Ok(false);
    };
    revoke(tx, &mut owner, app, None, context)?;
    customers::lapse_resting_on(tx, &mut owner, app, context).await?;
    Ok(true)
}

/// All that the owner, whose row is locked, has; `link` put a passkey in their place.
pub(super) async fn revoke_all(
    tx: &mut Tx,
    owner: &mut Owner,
    link: LinkId,
    context: &Context,
) -> Done<()> {
    match tx.ask(active(owner.id)).await? {
        Some(app) => revoke(tx, owner, app.id, Some(link), context),
        None => Ok(()),
    }
}

/// Revokes an app of the owner that was seen active under the owner's lock.
fn revoke(
    tx: &mut Tx,
    owner: &mut Owner,
    app: CredentialId,
    link: Option<LinkId>,
    context: &Context,
) -> Done<()> {
    tx.write_one(
        "-- revoke_app
         UPDATE authenticator_apps SET revoked_at = $1, sealed = NULL
         WHERE id = $2 AND customer = $3 AND revoked_at IS NULL",
        params![context.now, app, owner.id],
    );
    let (kind, what) = (EventType::CredentialRevoked, (app, Means::Totp));
    events::publish_credential(tx, kind, owner, what, link, context)?;
    mails::notify(tx, owner.id, link, MailKind::AppRemoved, context)?;
    let Context { now: at, actor, .. } = *context;
    let (action, customer) = (Action::AuthenticatorAppRevoked, Some(owner.id));
    let detail = json!({ "credential": app });
    audit::append(tx, Entry { at, actor, action, link, customer, detail });
    Ok(())
}
