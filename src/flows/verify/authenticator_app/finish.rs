//! Checking a code: the challenge is consumed and the try counted before it is looked at.

use serde_json::json;

use crate::domain::authenticator_app::{
    AuthenticatorApp, BINDING, RecoveryCode, SHOWN_AGAIN, TypedCode, UnusedCode,
};
use crate::domain::binding::{Grounds, Way};
use crate::domain::ceremony::{Ceremony, Kind, Means, Refusal, Refused};
use crate::domain::clock::Timestamp;
use crate::domain::evidence::{CodeRecord, CodeUse};
use crate::domain::id::CredentialId;
use crate::domain::link::Link;
use crate::domain::totp::{Checked, TotpKey};
use crate::domain::verdict::{Verdict, Verified};
use crate::flows::insist::insist;
use crate::flows::verify::{Stopped, Taken, Verify};
use crate::flows::{Unavailable, app_secrets};
use crate::store::{AppChange, CodeSettlement};

/// A link that a code verified.
#[derive(Clone, Debug)]
pub struct CodeFinished {
    pub link: Link,
    /// What the customer writes down; `None` unless the app was bound just now.
    pub recovery_codes: Option<Vec<RecoveryCode>>,
}

/// What a right code would write.
struct Right {
    change: AppChange,
    code: CodeUse,
    app: CredentialId,
    first_use: bool,
    recovery_codes: Option<Vec<RecoveryCode>>,
}

/// Why a code is not right.
enum Wrong {
    Refused(Refusal),
    Stopped(Stopped),
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E: Into<Unavailable>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self::Stopped(Stopped::Unavailable(error.into()))
    }
}

impl Verify {
    /// Checks a code. `body` is the whole request, to know the same one again.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn finish_code(
        &self,
        challenge_token: &str,
        typed: &TypedCode,
        body: &[u8],
    ) -> Result<CodeFinished, Stopped> {
        let claims =
            self.tokens.read_challenge(challenge_token).map_err(|_| Stopped::LinkInvalid)?;
        if claims.means != Means::Totp || !self.verification.totp {
            return Err(Stopped::WrongCeremony);
        }
        let now = self.clock.now();
        let (ceremony, subject) = match self.take(&claims, body, now).await? {
            Taken::Live(live) => *live,
            Taken::Repeated(link) => return self.again(*link, now).await,
        };
        let link = subject.link;
        let right = match self.look_at(&ceremony, &link, typed, now).await {
            Ok(right) => right,
            Err(Wrong::Stopped(stopped)) => return Err(stopped),
            Err(Wrong::Refused(refusal)) => {
                let refused = Refused { refusal, suspect: None, detail: json!({}) };
                self.refuse(&link, &ceremony, refused, now).await?;
                return Err(match refusal {
                    Refusal::TooManyCodes => self.too_many_codes(&link, now).await?,
                    _ => Stopped::CodeNotConfirmed,
                });
            }
        };
        let recovery_codes = right.recovery_codes.clone();
        let settlement = self.settlement(ceremony, &link, right, now);
        let context = self.context(now);
        // A consumed challenge cannot be answered again: what becomes of its answer is insisted on.
        let settled = insist(|| self.store.settle_code(settlement.clone(), context)).await;
        let (settled, again) = settled.map_err(Unavailable::from)?;
        match self.settled(settled, again, now) {
            Ok(link) => Ok(CodeFinished { link, recovery_codes }),
            Err(Stopped::NotConfirmed) => Err(Stopped::CodeNotConfirmed),
            Err(stopped) => Err(stopped),
        }
    }

    /// Read again: somebody else's try may have been the last one.
    async fn too_many_codes(&self, link: &Link, now: Timestamp) -> Result<Stopped, Unavailable> {
        let app = self.store.find_app(link.customer).await?;
        let until = app.and_then(|app| app.rests_until(now));
        Ok(until.map_or(Stopped::CodeNotConfirmed, |until| Stopped::TooManyCodes(until.since(now))))
    }

    async fn look_at(
        &self,
        ceremony: &Ceremony,
        link: &Link,
        typed: &TypedCode,
        now: Timestamp,
    ) -> Result<Right, Wrong> {
        match (ceremony.means, ceremony.kind) {
            (Means::Totp, Kind::Register) => self.look_at_first(ceremony, link, typed, now).await,
            (Means::Totp, Kind::Authenticate) => self.look_at_apps(link, typed, now).await,
            (Means::Passkey, _) => Err(Refusal::WrongCeremony.into()),
        }
    }

    /// The first code of an app that was just set up.
    async fn look_at_first(
        &self,
        ceremony: &Ceremony,
        link: &Link,
        typed: &TypedCode,
        now: Timestamp,
    ) -> Result<Right, Wrong> {
        let offer = self.store.find_offer(link.id).await?;
        let offer = offer.filter(|offer| offer.jti == link.secret.jti);
        let offer = offer.ok_or(Refusal::AppUnknown)?;
        let secret = self.open_offer(&offer).map_err(|_| Refusal::AppUnknown)?;
        let step = match typed {
            TypedCode::Digits(digits) => match secret.key.check(digits, now, None) {
                Checked::Right(step) => step,
                Checked::Used | Checked::Wrong => return Err(Refusal::CodeWrong.into()),
            },
            TypedCode::Recovery(_) => return Err(Refusal::CodeWrong.into()),
        };
        // An app rests on the call code, however its page was come to.
        let grounds = Grounds::of(link, Way::HandedOut, &[], ceremony.created_at);
        grounds.binding().map_err(Refusal::from)?;
        let app = AuthenticatorApp {
            id: offer.app,
            customer: link.customer,
            link: link.id,
            sealed: Some(app_secrets::keep(&secret.key, offer.app, &self.seal, &*self.random)?),
            last_step: step,
            tries: 0,
            tries_since: now,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
            recovery_codes_left: 0,
        };
        let codes = secret.recovery_codes();
        let hashes = codes.iter().map(|code| code.hash(offer.app, &secret.key)).collect();
        Ok(Right {
            change: AppChange::Bind(Box::new(app), hashes),
            code: CodeUse::Step(step),
            app: offer.app,
            first_use: true,
            recovery_codes: Some(codes),
        })
    }

    /// A code of the app that the customer has, or from its list.
    async fn look_at_apps(
        &self,
        link: &Link,
        typed: &TypedCode,
        now: Timestamp,
    ) -> Result<Right, Wrong> {
        let app = self.store.find_app(link.customer).await?.ok_or(Refusal::AppUnknown)?;
        let sealed = app.sealed.as_ref().ok_or(Refusal::AppUnknown)?;
        if !self.store.count_try(app.id, self.context(now)).await? {
            return Err(Refusal::TooManyCodes.into());
        }
        let key = app_secrets::open(sealed, app.id, &self.seal)?;
        let (change, code) = match typed {
            TypedCode::Digits(digits) => match key.check(digits, now, Some(app.last_step)) {
                Checked::Right(step) => (AppChange::Step(app.id, step), CodeUse::Step(step)),
                Checked::Used => return Err(Refusal::CodeUsed.into()),
                Checked::Wrong => return Err(Refusal::CodeWrong.into()),
            },
            TypedCode::Recovery(typed) => {
                let unused = self.store.unused_codes(app.id).await?;
                let code = find(&unused, typed, &app, &key).ok_or(Refusal::CodeWrong)?;
                (AppChange::Recovery(app.id, code), CodeUse::Recovery(code.number))
            }
        };
        Ok(Right { change, code, app: app.id, first_use: false, recovery_codes: None })
    }

    fn settlement(
        &self,
        ceremony: Ceremony,
        link: &Link,
        right: Right,
        now: Timestamp,
    ) -> CodeSettlement {
        let Right { change, code, app, first_use, .. } = right;
        let party = self.passkeys.relying_party();
        CodeSettlement {
            ceremony: ceremony.id,
            link: Box::new(link.clone()),
            attempt: link.attempts,
            verified: Verified {
                method: code.method(),
                binding: BINDING,
                first_use,
                credential: app,
                verified_at: now,
                verified_until: now.plus(self.verification.verdict_ttl),
            },
            record: CodeRecord {
                statement: ceremony.statement,
                nonce: ceremony.nonce,
                app,
                code,
                origin: party.origin.clone(),
                rp_id: party.id.clone(),
            },
            change,
        }
    }

    /// The answer to a request that was answered before: its recovery codes too, for a while, as
    /// the first answer may have been lost on its way.
    async fn again(&self, link: Link, now: Timestamp) -> Result<CodeFinished, Stopped> {
        let verified = link.state.verdict().and_then(Verdict::verified);
        let fresh = verified.is_some_and(|verified| {
            verified.first_use && now < verified.verified_at.plus(SHOWN_AGAIN)
        });
        let recovery_codes = if fresh {
            let offer = self.store.find_offer(link.id).await.map_err(Unavailable::from)?;
            let secret = offer.and_then(|offer| self.open_offer(&offer).ok());
            secret.map(|secret| secret.recovery_codes())
        } else {
            None
        };
        Ok(CodeFinished { link, recovery_codes })
    }
}

/// All are compared, whichever it is.
fn find(
    unused: &[UnusedCode],
    typed: &RecoveryCode,
    app: &AuthenticatorApp,
    key: &TotpKey,
) -> Option<UnusedCode> {
    let hash = typed.hash(app.id, key);
    unused.iter().fold(None, |found, code| if code.hash.is(&hash) { Some(*code) } else { found })
}
