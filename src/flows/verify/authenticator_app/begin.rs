//! Asking for a code; where there is no app yet and an agent is on the phone, showing a secret.

use crate::domain::ceremony::{Kind, Means};
use crate::domain::clock::Timestamp;
use crate::domain::link::Link;
use crate::domain::totp::TotpKey;
use crate::flows::Unavailable;
use crate::flows::verify::begin::ceremony;
use crate::flows::verify::{Stopped, Verify, Word, genuine};
use crate::store::{Begun, Subject};

/// A begun ceremony.
#[derive(Clone, Debug)]
pub struct CodeOptions {
    pub challenge_token: String,
    /// What the app is to be told; `None` if the customer has one.
    pub setup: Option<AppSetup>,
}

/// What an authenticator app learns. Shown to who holds the link and knows the call code.
#[derive(Clone)]
pub struct AppSetup {
    /// Base32, without spaces.
    pub secret: String,
    /// `otpauth://`.
    pub uri: String,
}

impl std::fmt::Debug for AppSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppSetup(redacted)")
    }
}

impl Verify {
    /// Asks for a code and opens the link, if what the customer says allows it.
    ///
    /// # Errors
    /// [`Stopped`]; [`Stopped::WrongCeremony`] where no codes are taken, or the customer has no app
    /// and may not bind one here.
    pub async fn begin_code(&self, token: &str, word: &Word) -> Result<CodeOptions, Stopped> {
        let claims = self.tokens.read_link(token).map_err(|_| Stopped::LinkInvalid)?;
        let subject = self.store.ceremony_subject(claims.link).await.map_err(Unavailable::from)?;
        let Subject { link, credentials, .. } = subject.ok_or(Stopped::LinkInvalid)?;
        let link = genuine(link, claims)?;
        let now = self.clock.now();
        link.check_open(now).map_err(Stopped::Closed)?;
        if !self.takes_codes(&link) {
            return Err(Stopped::WrongCeremony);
        }
        let app = self.store.find_app(link.customer).await.map_err(Unavailable::from)?;
        let kind = match &app {
            Some(_) => Kind::Authenticate,
            None if link.binds_apps() => Kind::Register,
            None => return Err(Stopped::WrongCeremony),
        };
        self.hear(&link, word, now).await?;
        if let Some(until) = app.and_then(|app| app.rests_until(now)) {
            return Err(Stopped::TooManyCodes(until.since(now)));
        }
        let setup = match kind {
            Kind::Authenticate => None,
            Kind::Register if !credentials.is_empty() => return Err(Stopped::Conflict),
            Kind::Register => Some(self.setup(&link, now).await?),
        };
        let ceremony = ceremony(&self.wish((Means::Totp, kind), claims, now)?, &link)?;
        let challenge_token =
            self.tokens.sign_challenge(&ceremony, claims.way).map_err(Unavailable::from)?;
        let begun = self.store.begin_ceremony(ceremony, &link, self.context(now)).await;
        match begun.map_err(Unavailable::from)? {
            Begun::Begun => Ok(CodeOptions { challenge_token, setup }),
            Begun::LinkClosed => Err(Stopped::Closed(self.how_closed(&link, now).await?)),
        }
    }

    /// The same for the same link, so that who loads the page again need not scan again.
    async fn setup(&self, link: &Link, now: Timestamp) -> Result<AppSetup, Stopped> {
        let (drawn, secret) = self.draw_offer(link, now)?;
        let kept = self.store.offer_app(drawn.clone(), self.context(now)).await;
        let Some(kept) = kept.map_err(Unavailable::from)? else {
            return Err(Stopped::Closed(self.how_closed(link, now).await?));
        };
        let secret = match self.open_offer(&kept) {
            Ok(secret) => secret,
            Err(error) => {
                // The key that sealed it is gone: what was scanned is lost with it.
                tracing::warn!(link = %link.id, %error, "another secret is offered");
                let renewed = self.store.renew_offer(kept, drawn).await;
                if !renewed.map_err(Unavailable::from)? {
                    return Err(Unavailable::Internal("two offers met").into());
                }
                secret
            }
        };
        Ok(self.app_setup(&secret.key, link))
    }

    fn app_setup(&self, key: &TotpKey, link: &Link) -> AppSetup {
        let issuer = &self.passkeys.relying_party().name;
        AppSetup { secret: key.base32(), uri: key.uri(issuer.as_str(), &link.username) }
    }
}
