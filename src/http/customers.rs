//! `/api/customers`: who a customer is to us, and their passkeys.

use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;

use super::body::JsonReply;
use super::caller::Caller;
use super::links::Tag;
use super::problem::{Code, Problem};
use crate::domain::api_key::Scope;
use crate::domain::authenticator_app::AuthenticatorApp;
use crate::domain::clock::Timestamp;
use crate::domain::credential::Credential;
use crate::domain::customer::{Customer, UserId};
use crate::domain::encoding::Base64Url;
use crate::domain::id::{ContactId, CredentialId, CustomerId};
use crate::domain::mail::Contact;
use crate::domain::verdict::Binding;
use crate::flows::customers::Customers;

#[derive(Debug)]
pub(super) struct CustomersApi {
    pub customers: Customers,
}

/// A customer.
#[derive(Debug, Serialize, Object)]
struct CustomerView {
    id: CustomerId,
    user_id: String,
    username: String,
    created_at: Timestamp,
    /// When a passkey last took the place of all others.
    rebound_at: Option<Timestamp>,
    /// Whether that was less than `SEASONING_SECONDS` ago.
    recent_rebind: bool,
    credentials: Vec<CredentialView>,
    /// Revoked ones too, oldest first.
    authenticator_apps: Vec<AuthenticatorAppView>,
    /// Who is told when a passkey comes or goes, oldest first.
    contacts: Vec<ContactView>,
}

/// An authenticator app.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "AuthenticatorApp")]
struct AuthenticatorAppView {
    id: CredentialId,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    /// Of ten.
    recovery_codes_left: u32,
}

/// An address on record: one that a link was mailed to.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Contact")]
struct ContactView {
    id: ContactId,
    /// As `d***@example.com`.
    email: String,
    created_at: Timestamp,
}

/// A passkey.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Credential")]
struct CredentialView {
    id: CredentialId,
    /// The authenticator's own id for it.
    credential_id: Base64Url,
    binding: Binding,
    /// It may be synced to the customer's other devices.
    backup_eligible: bool,
    /// It is synced.
    backup_state: bool,
    transports: Vec<String>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    /// Its counter went backwards once: it may have been copied.
    suspected_at: Option<Timestamp>,
    /// The passkey whose owner added this one.
    added_by: Option<CredentialId>,
}

#[derive(Debug, Serialize, Object)]
struct CredentialList {
    items: Vec<CredentialView>,
    next_cursor: Option<String>,
}

#[derive(ApiResponse)]
enum Gone {
    /// It is gone.
    #[oai(status = 204)]
    NoContent,
}

#[OpenApi(prefix_path = "/api/customers", tag = "Tag::Customers")]
impl CustomersApi {
    /// Show a customer
    #[oai(path = "/:user_id", method = "get", operation_id = "getCustomer")]
    async fn show(
        &self,
        caller: Caller,
        /// Your id for the customer.
        user_id: Path<String>,
    ) -> Result<JsonReply<CustomerView>, Problem> {
        caller.may(Scope::CustomersRead)?;
        let (customer, credentials) = self.customers.show(&parse(&user_id)?).await?;
        let recent_rebind = self.customers.recent_rebind(&customer);
        let apps = self.customers.apps(&customer).await?;
        let contacts = self.customers.contacts(&customer).await?;
        Ok(JsonReply(CustomerView::of(&customer, recent_rebind, &credentials, &apps, &contacts)))
    }

    /// List a customer's passkeys
    ///
    /// Revoked ones too, oldest first.
    #[oai(path = "/:user_id/credentials", method = "get", operation_id = "listCredentials")]
    async fn credentials(
        &self,
        caller: Caller,
        /// Your id for the customer.
        user_id: Path<String>,
    ) -> Result<JsonReply<CredentialList>, Problem> {
        caller.may(Scope::CustomersRead)?;
        let (_, credentials) = self.customers.show(&parse(&user_id)?).await?;
        let items = credentials.iter().map(CredentialView::from).collect();
        Ok(JsonReply(CredentialList { items, next_cursor: None }))
    }

    /// Revoke a passkey
    ///
    /// It never verifies its customer again, ceremonies under way included. Nor do those that were
    /// added with it, or with one that was added so: whoever stole it may have added them.
    #[oai(path = "/:user_id/credentials/:id", method = "delete", operation_id = "revokeCredential")]
    async fn revoke(
        &self,
        caller: Caller,
        /// Your id for the customer.
        user_id: Path<String>,
        /// The passkey's `id`.
        id: Path<String>,
        /// Also those that were added with it: yes, unless you are sure that its owner had it.
        #[oai(default = "with_added")]
        with_added: Query<bool>,
    ) -> Result<Gone, Problem> {
        let actor = caller.may(Scope::CustomersWrite)?;
        let id: CredentialId =
            id.parse().map_err(|_| Problem::new(Code::NotFound, "no such passkey"))?;
        self.customers.revoke_credential(&parse(&user_id)?, id, with_added.0, actor).await?;
        Ok(Gone::NoContent)
    }

    /// Revoke an authenticator app
    ///
    /// Its codes and recovery codes never verify its customer again, ceremonies under way included.
    #[oai(
        path = "/:user_id/authenticator-apps/:id",
        method = "delete",
        operation_id = "revokeAuthenticatorApp"
    )]
    async fn revoke_app(
        &self,
        caller: Caller,
        /// Your id for the customer.
        user_id: Path<String>,
        /// The app's `id`.
        id: Path<String>,
    ) -> Result<Gone, Problem> {
        let actor = caller.may(Scope::CustomersWrite)?;
        let id: CredentialId =
            id.parse().map_err(|_| Problem::new(Code::NotFound, "no such authenticator app"))?;
        self.customers.revoke_app(&parse(&user_id)?, id, actor).await?;
        Ok(Gone::NoContent)
    }

    /// Take an address off
    ///
    /// It is no longer told when a passkey comes or goes. It is told of this, so that nobody can
    /// silence the owner's mailbox unheard.
    #[oai(path = "/:user_id/contacts/:id", method = "delete", operation_id = "removeContact")]
    async fn remove_contact(
        &self,
        caller: Caller,
        /// Your id for the customer.
        user_id: Path<String>,
        /// The contact's `id`.
        id: Path<String>,
    ) -> Result<Gone, Problem> {
        let actor = caller.may(Scope::CustomersWrite)?;
        let id: ContactId =
            id.parse().map_err(|_| Problem::new(Code::NotFound, "no such contact"))?;
        self.customers.remove_contact(&parse(&user_id)?, id, actor).await?;
        Ok(Gone::NoContent)
    }
}

const fn with_added() -> bool {
    true
}

fn parse(user_id: &str) -> Result<UserId, Problem> {
    UserId::parse(user_id).map_err(|_| Problem::new(Code::NotFound, "no such customer"))
}

impl CustomerView {
    fn of(
        customer: &Customer,
        recent_rebind: bool,
        credentials: &[Credential],
        apps: &[AuthenticatorApp],
        contacts: &[Contact],
    ) -> Self {
        Self {
            id: customer.id,
            user_id: customer.user_id.to_string(),
            username: customer.username.to_string(),
            created_at: customer.created_at,
            rebound_at: customer.rebound_at,
            recent_rebind,
            credentials: credentials.iter().map(CredentialView::from).collect(),
            authenticator_apps: apps.iter().map(AuthenticatorAppView::from).collect(),
            contacts: contacts.iter().map(ContactView::from).collect(),
        }
    }
}

impl From<&AuthenticatorApp> for AuthenticatorAppView {
    fn from(app: &AuthenticatorApp) -> Self {
        Self {
            id: app.id,
            created_at: app.created_at,
            last_used_at: app.last_used_at,
            revoked_at: app.revoked_at,
            recovery_codes_left: app.recovery_codes_left,
        }
    }
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> Self {
        Self { id: contact.id, email: contact.email.masked(), created_at: contact.created_at }
    }
}

impl From<&Credential> for CredentialView {
    fn from(credential: &Credential) -> Self {
        Self {
            id: credential.id,
            credential_id: Base64Url(credential.key.id.clone()),
            binding: credential.binding,
            backup_eligible: credential.key.backup_eligible,
            backup_state: credential.key.backup_state,
            transports: credential.key.transports.words().to_vec(),
            created_at: credential.created_at,
            last_used_at: credential.last_used_at,
            revoked_at: credential.revoked_at,
            suspected_at: credential.suspected_at,
            added_by: credential.added_by,
        }
    }
}
