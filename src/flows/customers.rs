//! Customers from staff's side: who they are, which passkeys they have, taking one away.

use std::sync::Arc;

use super::Unavailable;
use super::wake::Wake;
use crate::config::Verification;
use crate::domain::audit::Actor;
use crate::domain::authenticator_app::AuthenticatorApp;
use crate::domain::clock::Clock;
use crate::domain::credential::Credential;
use crate::domain::customer::{Customer, UserId};
use crate::domain::id::{ContactId, CredentialId};
use crate::domain::mail::Contact;
use crate::store::{Context, Store};

#[derive(Clone)]
pub struct Customers {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// Rung when there is something to deliver.
    pub deliveries: Wake,
    pub verification: Verification,
}

/// Why a customer was not shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum CustomerError {
    #[error("no such customer or passkey")]
    NotFound,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Customers {
    /// # Errors
    /// [`CustomerError`].
    pub async fn show(
        &self,
        user_id: &UserId,
    ) -> Result<(Customer, Vec<Credential>), CustomerError> {
        let customer = self.store.find_customer(user_id).await.map_err(Unavailable::from)?;
        let customer = customer.ok_or(CustomerError::NotFound)?;
        let credentials = self.store.list_credentials(customer.id).await;
        Ok((customer, credentials.map_err(Unavailable::from)?))
    }

    /// All authenticator apps of a customer, revoked ones too, oldest first.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn apps(&self, customer: &Customer) -> Result<Vec<AuthenticatorApp>, Unavailable> {
        Ok(self.store.list_apps(customer.id).await?)
    }

    /// Whether the customer's passkeys were replaced less than the waiting period ago.
    #[must_use]
    pub fn recent_rebind(&self, customer: &Customer) -> bool {
        customer.recent_rebind(self.verification.seasoning, self.clock.now())
    }

    /// The addresses that are told of a customer's passkeys, oldest first.
    ///
    /// # Errors
    /// [`CustomerError::Unavailable`].
    pub async fn contacts(&self, customer: &Customer) -> Result<Vec<Contact>, CustomerError> {
        Ok(self.store.list_contacts(customer.id).await.map_err(Unavailable::from)?)
    }

    /// Takes an address off, which is told so.
    ///
    /// # Errors
    /// [`CustomerError::NotFound`] also if it was taken off before.
    pub async fn remove_contact(
        &self,
        user_id: &UserId,
        contact: ContactId,
        actor: Actor,
    ) -> Result<(), CustomerError> {
        let customer = self.store.find_customer(user_id).await.map_err(Unavailable::from)?;
        let customer = customer.ok_or(CustomerError::NotFound)?;
        let context = Context::new(self.clock.now(), actor, &self.verification);
        let removed = self.store.remove_contact(customer.id, contact, context).await;
        if !removed.map_err(Unavailable::from)? {
            return Err(CustomerError::NotFound);
        }
        self.deliveries.wake_mails();
        Ok(())
    }

    /// Takes a passkey away, and unless told otherwise those that were added with it: whoever stole
    /// it may have added them. None of them ever verifies its customer again.
    ///
    /// # Errors
    /// [`CustomerError::NotFound`] also if it was revoked before.
    pub async fn revoke_credential(
        &self,
        user_id: &UserId,
        credential: CredentialId,
        with_added: bool,
        actor: Actor,
    ) -> Result<(), CustomerError> {
        let customer = self.store.find_customer(user_id).await.map_err(Unavailable::from)?;
        let customer = customer.ok_or(CustomerError::NotFound)?;
        let context = Context::new(self.clock.now(), actor, &self.verification);
        let revoked = if with_added {
            let revoked = self.store.revoke_with_added(customer.id, credential, None, context);
            !revoked.await.map_err(Unavailable::from)?.is_empty()
        } else {
            let revoked = self.store.revoke_credential(customer.id, credential, context);
            revoked.await.map_err(Unavailable::from)?
        };
        if !revoked {
            return Err(CustomerError::NotFound);
        }
        // The verification that rested on it has lapsed with it.
        self.deliveries.wake();
        self.deliveries.wake_mails();
        Ok(())
    }

    /// Takes an authenticator app away, with its recovery codes.
    ///
    /// # Errors
    /// [`CustomerError::NotFound`] also if it was revoked before.
    pub async fn revoke_app(
        &self,
        user_id: &UserId,
        app: CredentialId,
        actor: Actor,
    ) -> Result<(), CustomerError> {
        let customer = self.store.find_customer(user_id).await.map_err(Unavailable::from)?;
        let customer = customer.ok_or(CustomerError::NotFound)?;
        let context = Context::new(self.clock.now(), actor, &self.verification);
        let revoked = self.store.revoke_app(customer.id, app, context).await;
        if !revoked.map_err(Unavailable::from)? {
            return Err(CustomerError::NotFound);
        }
        self.deliveries.wake();
        self.deliveries.wake_mails();
        Ok(())
    }
}

impl std::fmt::Debug for Customers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Customers").finish_non_exhaustive()
    }
}
