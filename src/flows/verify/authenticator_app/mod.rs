//! Verifying with a code of an authenticator app, or a recovery code, where no passkey is at hand.

mod begin;
mod finish;

pub use self::begin::{AppSetup, CodeOptions};
pub use self::finish::CodeFinished;

use super::Verify;
use crate::domain::authenticator_app::{Offer, OfferSecret};
use crate::domain::ceremony::Kind;
use crate::domain::clock::Timestamp;
use crate::domain::id::CredentialId;
use crate::domain::link::Link;
use crate::flows::Unavailable;
use crate::seal::SealError;

impl Verify {
    /// Whether codes of an authenticator app are taken for this link.
    #[must_use]
    pub const fn takes_codes(&self, link: &Link) -> bool {
        self.verification.totp && link.takes_codes()
    }

    /// Whether nothing but a code is left to the customer of this link: it uses what is there, which
    /// is an app and no passkey. Who holds the link learns as much from asking for a ceremony.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn takes_only_codes(&self, link: &Link) -> Result<bool, Unavailable> {
        if link.kind != Kind::Authenticate || !self.takes_codes(link) {
            return Ok(false);
        }
        let subject = self.store.ceremony_subject(link.id).await?;
        if subject.is_none_or(|subject| !subject.credentials.is_empty()) {
            return Ok(false);
        }
        Ok(self.store.find_app(link.customer).await?.is_some())
    }

    /// A new secret for `link` to show.
    fn draw_offer(&self, link: &Link, now: Timestamp) -> Result<(Offer, OfferSecret), Unavailable> {
        let secret = OfferSecret::draw(&*self.random)?;
        let app = CredentialId::new(now, &*self.random)?;
        let bytes = secret.to_bytes();
        let sealed = self.seal.seal(bytes.expose(), &place(app), &*self.random)?;
        let offer = Offer { link: link.id, app, jti: link.secret.jti, sealed, created_at: now };
        Ok((offer, secret))
    }

    fn open_offer(&self, offer: &Offer) -> Result<OfferSecret, SealError> {
        let bytes = self.seal.open(&offer.sealed, &place(offer.app))?;
        OfferSecret::from_bytes(bytes.expose()).ok_or(SealError::Damaged)
    }
}

/// What an offer's secret belongs to.
fn place(app: CredentialId) -> String {
    format!("app_offers/{app}/sealed")
}
