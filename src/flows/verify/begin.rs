//! Beginning a ceremony: options, challenge, statement.

use super::{Options, Stopped, Verify, Word, genuine};
use crate::domain::binding::Grounds;
use crate::domain::ceremony::{CHALLENGE_TTL, Ceremony, Kind};
use crate::domain::clock::Timestamp;
use crate::domain::id::CeremonyId;
use crate::domain::link::{Closed, Enrolment, Link};
use crate::domain::statement::{Nonce, Statement};
use crate::flows::Unavailable;
use crate::passkey::UserEntity;
use crate::store::{Begun, Subject};

impl Verify {
    /// Begins a ceremony and opens the link, if what the customer says allows it.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn begin(&self, kind: Kind, token: &str, word: &Word) -> Result<Options, Stopped> {
        let claims = self.tokens.read_link(token).map_err(|_| Stopped::LinkInvalid)?;
        let subject = self.store.ceremony_subject(claims.link).await.map_err(Unavailable::from)?;
        let Subject { link, handle, credentials } = subject.ok_or(Stopped::LinkInvalid)?;
        let link = genuine(link, claims)?;
        let now = self.clock.now();
        link.check_open(now).map_err(Stopped::Closed)?;
        if link.kind != kind {
            return Err(Stopped::WrongCeremony);
        }
        self.hear(&link, word, now).await?;
        let ceremony = self.draw(&link, now)?;
        let challenge = ceremony.challenge();
        let public_key = match kind {
            Kind::Register => {
                if !credentials.is_empty() && !link.request.enrolment.adds() {
                    return Err(Stopped::Conflict);
                }
                let user = UserEntity { handle, username: link.username.as_str() };
                let adds = link.request.enrolment == Enrolment::Add;
                if adds && Grounds::of(&link, &credentials, now).binding().is_err() {
                    return Err(Stopped::Conflict);
                }
                // Otherwise nothing is excluded: the customer has no active passkey, or
                // (`replace`) is to make a new one even where a synced old one is found.
                let excluded = if adds { credentials.as_slice() } else { &[] };
                self.passkeys.registration_options(&user, excluded, &challenge)
            }
            Kind::Authenticate => {
                let options = self.passkeys.authentication_options(&credentials, &challenge);
                options.map_err(|_| Stopped::Conflict)?
            }
        };
        let challenge_token = self.tokens.sign_challenge(&ceremony).map_err(Unavailable::from)?;
        let begun = self
            .store
            .begin_ceremony(ceremony, &link, self.context(now))
            .await
            .map_err(Unavailable::from)?;
        match begun {
            Begun::Begun => Ok(Options { challenge_token, public_key }),
            Begun::LinkClosed => Err(Stopped::Closed(self.how_closed(&link, now).await?)),
        }
    }

    fn draw(&self, link: &Link, now: Timestamp) -> Result<Ceremony, Unavailable> {
        let rp_id = &self.passkeys.relying_party().id;
        Ok(Ceremony {
            id: CeremonyId::new(now, &*self.random)?,
            link: link.id,
            kind: link.kind,
            nonce: Nonce::draw(&*self.random)?,
            statement: Statement::of(link, rp_id)
                .map_err(|_| Unavailable::Internal("a statement could not be written"))?,
            created_at: now,
            expires_at: now.plus(CHALLENGE_TTL),
        })
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
