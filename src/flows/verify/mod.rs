//! Links from the customer's side: look, begin a ceremony, finish it, decline.

mod authenticator_app;
mod begin;
mod check;
mod finish;
mod hear;

pub use self::authenticator_app::{AppSetup, CodeFinished, CodeOptions};
use self::finish::Taken;
pub use self::hear::Word;

use std::sync::Arc;
use std::time::Duration;

use super::Unavailable;
use super::wake::Wake;
use crate::config::Verification;
use crate::domain::audit::Actor;
use crate::domain::binding::Way;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::door::DoorCode;
use crate::domain::encoding::{BASE32_LENGTH, from_base32};
use crate::domain::link::{Closed, CodeHash, DeclineReason, Link, Status};
use crate::domain::random::Random;
use crate::domain::session;
use crate::domain::verdict::Verdict;
use crate::metrics::Metrics;
use crate::passkey::Passkeys;
use crate::seal::Seal;
use crate::store::{Changed, Context, Store};
use crate::token::{LinkClaims, SessionClaims, Tokens};

/// Runs ceremonies.
#[derive(Clone)]
pub struct Verify {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<Tokens>,
    pub passkeys: Arc<Passkeys>,
    pub seal: Arc<Seal>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Rung when there is something to deliver.
    pub deliveries: Wake,
    pub metrics: Arc<Metrics>,
    pub verification: Verification,
}

/// A begun ceremony: what the page hands to the browser, and the token to come back with.
#[derive(Clone, Debug)]
pub struct Options {
    pub challenge_token: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
    pub public_key: serde_json::Value,
}

/// A link that somebody looks at.
#[derive(Clone, Debug)]
pub struct Looked {
    pub link: Link,
    pub token: String,
    pub way: Way,
}

/// Why a customer gets no further. One variant a remedy: what the customer can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// No link of ours.
    #[error("no such link")]
    LinkInvalid,
    #[error("the link has ended")]
    Closed(Closed),
    /// The link asks for the other kind of ceremony.
    #[error("the link is for the other ceremony")]
    WrongCeremony,
    /// The customer's passkeys are no longer what the link was made for; staff make a new one.
    #[error("the customer's passkeys changed since the link was made")]
    Conflict,
    #[error("the link asks for the code that the agent reads out")]
    CallCodeRequired,
    /// So many more may be typed.
    #[error("the call code is wrong")]
    CallCodeWrong { tries_left: u32 },
    #[error("the call code's time is over")]
    CallCodeExpired,
    #[error("the challenge was answered or replaced")]
    ChallengeUsed,
    #[error("the challenge's time is over")]
    ChallengeExpired,
    /// The answer was refused; why stands in the audit.
    #[error("not confirmed")]
    NotConfirmed,
    /// The same of a code: the customer may type another.
    #[error("the code was not confirmed")]
    CodeNotConfirmed,
    /// Codes of the customer's app were wrong too often; after so long it takes some again.
    #[error("too many codes were wrong")]
    TooManyCodes(Duration),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Verify {
    /// The link of a token, for its page. Changes nothing.
    ///
    /// # Errors
    /// [`Stopped::LinkInvalid`] for a forged or unknown token, [`Stopped::Closed`] for a reissued
    /// link's old one.
    pub async fn look(&self, token: &str) -> Result<Link, Stopped> {
        let claims = self.tokens.read_link(token).map_err(|_| Stopped::LinkInvalid)?;
        let link = self.store.find_link(claims.link).await.map_err(Unavailable::from)?;
        genuine(link.ok_or(Stopped::LinkInvalid)?, claims)
    }

    /// The same with how the customer came to it.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub async fn look_by_token(&self, token: String) -> Result<Looked, Stopped> {
        let link = self.look(&token).await?;
        let way = self.tokens.read_link(&token).map_err(|_| Stopped::LinkInvalid)?.way;
        Ok(Looked { link, token, way })
    }

    /// The link of a short URL's code, or of the longer one in our mail, for its page. Changes
    /// nothing.
    ///
    /// # Errors
    /// [`Stopped::LinkInvalid`] for an unknown code, [`Stopped::Closed`] for a reissued link's old
    /// one.
    pub async fn look_by_code(&self, code: &str) -> Result<Looked, Stopped> {
        let (code, proof) = code.split_at_checked(BASE32_LENGTH).ok_or(Stopped::LinkInvalid)?;
        let code = CodeHash::of(&from_base32(code).ok_or(Stopped::LinkInvalid)?);
        let link = self.store.find_link_by_code(code).await;
        let link = link.map_err(Unavailable::from)?.ok_or(Stopped::LinkInvalid)?;
        if link.secret.code_hash != code {
            return Err(Stopped::Closed(Closed::Revoked));
        }
        let way = self.tokens.way(&link, proof).ok_or(Stopped::LinkInvalid)?;
        let token = self.tokens.sign_link(&link, way).map_err(|_| Stopped::LinkInvalid)?;
        Ok(Looked { link, token, way })
    }

    /// The short code of the link that this code of the known door opens. Changes nothing.
    ///
    /// # Errors
    /// [`Stopped::LinkInvalid`] for everything that opens no door now, whatever it once was: who
    /// guesses learns nothing from wrong codes.
    pub async fn look_by_door(&self, code: DoorCode) -> Result<String, Stopped> {
        let now = self.clock.now();
        for hash in self.tokens.door_hashes(code) {
            let found = self.store.find_link_by_door(hash).await.map_err(Unavailable::from)?;
            let Some(link) = found else { continue };
            let in_time =
                link.secret.door.is_some_and(|door| door.hash == hash && now < door.until);
            if in_time && link.check_open(now).is_ok() {
                return self.address(&link, Way::HandedOut).ok_or(Stopped::LinkInvalid);
            }
        }
        Err(Stopped::LinkInvalid)
    }

    /// The code of a link's URL, for a QR code on its page that leads there in the same way; `None`
    /// if its secret is gone.
    #[must_use]
    pub fn address(&self, link: &Link, way: Way) -> Option<String> {
        self.tokens.address(link, way).ok()
    }

    /// "This wasn't me." Declining again changes nothing.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn decline(&self, token: &str, reason: DeclineReason) -> Result<Link, Stopped> {
        let link = self.look(token).await?;
        let now = self.clock.now();
        if link.state.status() == Status::Declined {
            return Ok(link);
        }
        link.check_open(now).map_err(Stopped::Closed)?;
        let verdict = Verdict::NotVerified { reason: reason.reason(), decided_at: now };
        let changed = self.store.end_link(link.id, verdict, self.context(now)).await;
        match changed.map_err(Unavailable::from)? {
            Changed::Done(link) => {
                self.metrics.ended(Status::Declined, 1);
                self.deliveries.wake();
                Ok(link)
            }
            Changed::Ended(link) if link.state.status() == Status::Declined => Ok(link),
            Changed::Ended(link) => {
                Err(Stopped::Closed(link.check_open(now).err().unwrap_or(Closed::Expired)))
            }
            Changed::NotFound => Err(Stopped::LinkInvalid),
        }
    }

    /// "I have a new phone." Staff read it; the link stays as it is, and nothing is enrolled. Saying
    /// it again changes nothing.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn ask_new_phone(&self, token: &str) -> Result<Link, Stopped> {
        let link = self.look(token).await?;
        let now = self.clock.now();
        link.check_open(now).map_err(Stopped::Closed)?;
        let asked = self.store.ask_new_phone(link.id, link.secret.jti, self.context(now)).await;
        match asked.map_err(Unavailable::from)? {
            Changed::Done(link) => Ok(link),
            Changed::Ended(link) => {
                self.deliveries.wake();
                Err(Stopped::Closed(link.check_open(now).err().unwrap_or(Closed::Expired)))
            }
            // Reissued meanwhile.
            Changed::NotFound => Err(Stopped::Closed(Closed::Revoked)),
        }
    }

    /// The token with which the customer of a link that was just verified looks at what is theirs;
    /// `None` for any other link.
    #[must_use]
    pub fn session(&self, link: &Link) -> Option<String> {
        let verified = link.state.verdict()?.verified()?;
        let expires_at = verified.verified_at.plus(session::LIFE);
        if expires_at <= self.clock.now() {
            return None;
        }
        let claims = SessionClaims { link: link.id, credential: verified.credential, expires_at };
        self.tokens.sign_session(&claims).ok()
    }

    const fn context(&self, now: Timestamp) -> Context {
        Context::new(now, Actor::Customer, &self.verification)
    }
}

/// A token whose `jti` is no longer its link's was replaced by a reissue.
fn genuine(link: Link, claims: LinkClaims) -> Result<Link, Stopped> {
    if link.secret.jti == claims.jti { Ok(link) } else { Err(Stopped::Closed(Closed::Revoked)) }
}

impl std::fmt::Debug for Verify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verify").finish_non_exhaustive()
    }
}
