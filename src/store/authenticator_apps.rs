//! What the store does for authenticator apps: offer one, bind it, take each of its codes once.

use async_trait::async_trait;

use super::{Context, Result, Settled};
use crate::domain::authenticator_app::{AuthenticatorApp, Offer, RecoveryHash, UnusedCode};
use crate::domain::endpoint::Sealed;
use crate::domain::evidence::CodeRecord;
use crate::domain::id::{CeremonyId, CredentialId, CustomerId, LinkId};
use crate::domain::link::Link;
use crate::domain::totp::Step;
use crate::domain::verdict::Verified;

/// A code that was found right, ready to end its link.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeSettlement {
    pub ceremony: CeremonyId,
    /// As it was when its challenge was consumed; its secret is the one that the code was checked
    /// under.
    pub link: Box<Link>,
    /// As in [`RefusedAnswer::attempt`](super::RefusedAnswer::attempt).
    pub attempt: u32,
    pub verified: Verified,
    pub record: CodeRecord,
    pub change: AppChange,
}

/// What a right code does to the customer's authenticator app.
#[derive(Clone, Debug, PartialEq)]
pub enum AppChange {
    /// Binds it, with its recovery codes in their order.
    Bind(Box<AuthenticatorApp>, Vec<RecoveryHash>),
    /// Takes its codes up to this step.
    Step(CredentialId, Step),
    /// Takes one of its recovery codes.
    Recovery(CredentialId, UnusedCode),
}

#[async_trait]
pub trait AuthenticatorApps {
    /// The customer's active one.
    async fn find_app(&self, customer: CustomerId) -> Result<Option<AuthenticatorApp>>;

    /// All of a customer's, revoked ones too, oldest first.
    async fn list_apps(&self, customer: CustomerId) -> Result<Vec<AuthenticatorApp>>;

    /// An app's recovery codes that were not used.
    async fn unused_codes(&self, app: CredentialId) -> Result<Vec<UnusedCode>>;

    /// Keeps `offer` unless the link has one under the same secret, which stays; the one that is
    /// kept. `None` if the link has ended or was reissued.
    async fn offer_app(&self, offer: Offer, context: Context) -> Result<Option<Offer>>;

    /// In place of an offer that no `DATA_KEY` opens any more.
    async fn renew_offer(&self, former: Offer, offer: Offer) -> Result<bool>;

    async fn find_offer(&self, link: LinkId) -> Result<Option<Offer>>;

    /// Counts a code that is about to be looked at; `false` if no more may be
    /// ([`AuthenticatorApp::rests_until`]), or the app is revoked.
    async fn count_try(&self, app: CredentialId, context: Context) -> Result<bool>;

    /// Ends the link with its verdict, as [`answer_ceremony`](super::Ceremonies::answer_ceremony)
    /// does. Its time is not asked again: the code came in it. Asked again inside: that the step is later than any that was taken, that the recovery
    /// code was not used, that the app is active and this customer's; for a new one, that the
    /// customer has neither an app nor a passkey and that the call code was given. The try is not
    /// counted any more.
    async fn settle_code(&self, settlement: CodeSettlement, context: Context) -> Result<Settled>;

    /// Revokes the customer's active app and forgets its secret; a verification that rests on it
    /// lapses. `false` if there is none such.
    async fn revoke_app(
        &self,
        customer: CustomerId,
        app: CredentialId,
        context: Context,
    ) -> Result<bool>;

    /// Active apps' secrets in the order of their ids, starting after `after`.
    async fn sealed_apps(
        &self,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Result<Vec<(CredentialId, Sealed)>>;

    /// Puts the same secret, sealed anew, in the place of `former`; `false` if that is not there.
    async fn reseal_app(&self, app: CredentialId, former: Sealed, anew: Sealed) -> Result<bool>;
}
