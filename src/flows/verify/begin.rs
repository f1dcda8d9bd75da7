//! Beginning a ceremony: options, challenge, statement.

use super::{Options, Stopped, Verify, Word, genuine};
use crate::domain::ceremony::{Ceremony, Kind, Means, Wish};
use crate::domain::clock::Timestamp;
use crate::domain::id::CeremonyId;
use crate::domain::link::{Closed, Enrolment, Link};
use crate::domain::statement::Nonce;
use crate::flows::Unavailable;
use crate::passkey::UserEntity;
use crate::store::{Begun, Subject};
use crate::token::LinkClaims;

impl Verify {
    /// Begins a ceremony and opens the link, if what the customer says allows it.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn begin(&self, kind: Kind, token: &str, word: &Word) -> Result<Options, Stopped> {
        let claims = self.tokens.read_link(token).map_err(|_| Stopped::LinkInvalid)?;
        let wish = self.wish((Means::Passkey, kind), claims, self.clock.now())?;
        let begun = if word.is_silent() { self.at_once(&wish).await? } else { None };
        let (ceremony, subject) = match begun {
            Some(begun) => begun,
            None => self.step_by_step(wish, claims, word).await?,
        };
        let Subject { link, handle, credentials } = &subject;
        let challenge = ceremony.challenge();
        let public_key = match kind {
            Kind::Register => {
                let user = UserEntity { handle: *handle, username: link.username.as_str() };
                // Otherwise nothing is excluded: the customer has no active passkey, or
                // (`replace`) is to make a new one even where a synced old one is found.
                let adds = link.request.enrolment == Enrolment::Add;
                let excluded = if adds { credentials.as_slice() } else { &[] };
                self.passkeys.registration_options(&user, excluded, &challenge)
            }
            Kind::Authenticate => {
                let options = self.passkeys.authentication_options(credentials, &challenge);
                options.map_err(|_| Stopped::Conflict)?
            }
        };
        let challenge_token =
            self.tokens.sign_challenge(&ceremony, claims.way).map_err(Unavailable::from)?;
        Ok(Options { challenge_token, public_key })
    }

    pub(super) fn wish(
        &self,
        (means, kind): (Means, Kind),
        claims: LinkClaims,
        now: Timestamp,
    ) -> Result<Wish, Unavailable> {
        Ok(Wish {
            id: CeremonyId::new(now, &*self.random)?,
            link: claims.link,
            jti: claims.jti,
            way: claims.way,
            means,
            kind,
            nonce: Nonce::draw(&*self.random)?,
            rp_id: self.passkeys.relying_party().id.clone(),
            at: now,
        })
    }

    /// With one visit to the store. `None`: something is in the way, or must be said first.
    async fn at_once(&self, wish: &Wish) -> Result<Option<(Ceremony, Subject)>, Unavailable> {
        let begun = self.store.begin_wished(wish.clone(), self.context(wish.at)).await?;
        Ok(begun.map(|begun| *begun))
    }

    /// Finds out what is in the way, and hears the customer.
    async fn step_by_step(
        &self,
        wish: Wish,
        claims: LinkClaims,
        word: &Word,
    ) -> Result<(Ceremony, Subject), Stopped> {
        let now = wish.at;
        let subject = self.store.ceremony_subject(claims.link).await.map_err(Unavailable::from)?;
        let Subject { link, handle, credentials } = subject.ok_or(Stopped::LinkInvalid)?;
        let link = genuine(link, claims)?;
        link.check_open(now).map_err(Stopped::Closed)?;
        if link.kind != wish.kind {
            return Err(Stopped::WrongCeremony);
        }
        self.hear(&link, word, now).await?;
        if !wish.fits(&link, &credentials) {
            return Err(Stopped::Conflict);
        }
        let ceremony = ceremony(&wish, &link)?;
        let begun = self.store.begin_ceremony(ceremony.clone(), &link, self.context(now)).await;
        match begun.map_err(Unavailable::from)? {
            Begun::Begun => Ok((ceremony, Subject { link, handle, credentials })),
            Begun::LinkClosed => Err(Stopped::Closed(self.how_closed(&link, now).await?)),
        }
    }

    /// How a link that was open when it was read ended since.
    pub(super) async fn how_closed(
        &self,
        link: &Link,
        now: Timestamp,
    ) -> Result<Closed, Unavailable> {
        let current = self.store.find_link(link.id).await?;
        let closed = current.as_ref().map(|link| link.check_open(now));
        Ok(match closed {
            Some(Err(closed)) => closed,
            // Still open, but no longer for this token, or without attempts left.
            Some(Ok(())) if current.is_some_and(|now| now.secret != link.secret) => Closed::Revoked,
            Some(Ok(())) => Closed::Failed,
            None => Closed::Expired,
        })
    }
}

/// What is wished for, on the link that was read.
pub(super) fn ceremony(wish: &Wish, link: &Link) -> Result<Ceremony, Unavailable> {
    wish.ceremony(link).map_err(|_| Unavailable::Internal("a statement could not be written"))
}
