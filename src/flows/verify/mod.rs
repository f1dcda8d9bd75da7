//! Links from the customer's side: look, begin a ceremony, finish it, decline.

mod begin;
mod finish;

use std::sync::Arc;

use super::Unavailable;
use super::wake::Wake;
use crate::config::Verification;
use crate::domain::audit::Actor;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::encoding::{base32, from_base32};
use crate::domain::link::{Closed, CodeHash, DeclineReason, Link, Status};
use crate::domain::random::Random;
use crate::domain::verdict::Verdict;
use crate::metrics::Metrics;
use crate::passkey::Passkeys;
use crate::store::{Changed, Context, Store};
use crate::token::{LinkClaims, Tokens};

/// Runs ceremonies.
#[derive(Clone)]
pub struct Verify {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<Tokens>,
    pub passkeys: Arc<Passkeys>,
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
    #[error("the challenge was answered or replaced")]
    ChallengeUsed,
    #[error("the challenge's time is over")]
    ChallengeExpired,
    /// The answer was refused; why stands in the audit.
    #[error("not confirmed")]
    NotConfirmed,
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

    /// The link of a short code with its token, for its page. Changes nothing.
    ///
    /// # Errors
    /// [`Stopped::LinkInvalid`] for an unknown code, [`Stopped::Closed`] for a reissued link's old
    /// one.
    pub async fn look_by_code(&self, code: &str) -> Result<(Link, String), Stopped> {
        let code = CodeHash::of(&from_base32(code).ok_or(Stopped::LinkInvalid)?);
        let link = self.store.find_link_by_code(code).await;
        let link = link.map_err(Unavailable::from)?.ok_or(Stopped::LinkInvalid)?;
        if link.secret.code_hash != code {
            return Err(Stopped::Closed(Closed::Revoked));
        }
        let token = self.tokens.sign_link(&link).map_err(|_| Stopped::LinkInvalid)?;
        Ok((link, token))
    }

    /// The code of a link's short URL, for a QR code on its page; `None` if its secret is gone.
    #[must_use]
    pub fn short_code(&self, link: &Link) -> Option<String> {
        let code = self.tokens.short_code(&link.secret.kid, link.id, &link.secret.jti);
        code.ok().map(|code| base32(&code))
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
