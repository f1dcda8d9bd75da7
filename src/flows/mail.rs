//! One try of one mail: look whether it is still wanted, write it, hand it over, record.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Unavailable;
use super::insist::insist;
use crate::config::Verification;
use crate::domain::alert::Alert;
use crate::domain::audit::Actor;
use crate::domain::binding::Way;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::mail::{LeasedMail, MailKind, MailNext, NOTICE_LIFE, pause_after};
use crate::domain::random::{self, Random};
use crate::mail::alert;
use crate::mail::letter::{Company, Letter, Occasion};
use crate::mail::mailer::{Mailer, Outcome};
use crate::metrics::Metrics;
use crate::store::{Context, Store, StoreError};
use crate::token::Tokens;
use crate::words::Lang;

/// Sends mails.
#[derive(Clone)]
pub struct Mailing {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<Tokens>,
    /// `None`: no mail server is configured.
    pub mailer: Option<Arc<Mailer>>,
    pub company: Company,
    /// Where customers reach us, without a trailing slash.
    pub origin: String,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub metrics: Arc<Metrics>,
    pub verification: Verification,
}

/// A mail that is wanted, and until when it is worth being tried.
struct Wanted {
    told: Told,
    /// The `jti` that the URL in it belongs to.
    jti: Option<[u8; 16]>,
    until: Timestamp,
}

/// What a mail says, and whom it is for.
enum Told {
    Customer(Occasion),
    Operators(Alert),
}

impl Mailing {
    /// Tries one mail and records what came of it.
    pub async fn send_one(&self, leased: LeasedMail) {
        let (next, answer) = match (&self.mailer, self.wanted(&leased).await) {
            (_, Ok(None)) => (MailNext::Cancelled, "the link has ended".to_owned()),
            (None, Ok(Some(_))) => {
                let answer = "SMTP_URL is not set where mails are sent";
                (MailNext::Cancelled, answer.to_owned())
            }
            (Some(mailer), Ok(Some(wanted))) => self.attempt(mailer, &leased, wanted).await,
            // The store, or a secret that is missing here: perhaps not elsewhere, or later.
            (_, Err(error)) => {
                tracing::warn!(mail = %leased.id, %error, "a mail could not be written");
                let answer = "its text could not be made".to_owned();
                (self.later(&leased, leased.created_at.plus(NOTICE_LIFE)), answer)
            }
        };
        log(&leased, next);
        self.record(&leased, next, &leased.recipient.without_addresses(&answer)).await;
    }

    /// `None` if there is no longer a reason to send it.
    async fn wanted(&self, leased: &LeasedMail) -> Result<Option<Wanted>, Unavailable> {
        let at = leased.created_at;
        let until = at.plus(NOTICE_LIFE);
        let notice = |occasion| Some(Wanted { told: Told::Customer(occasion), jti: None, until });
        let link = match (leased.kind, leased.link) {
            (MailKind::PasskeyAdded, _) => return Ok(notice(Occasion::PasskeyAdded(at))),
            (MailKind::PasskeyRemoved, _) => return Ok(notice(Occasion::PasskeyRemoved(at))),
            (MailKind::AppAdded, _) => return Ok(notice(Occasion::AppAdded(at))),
            (MailKind::AppRemoved, _) => return Ok(notice(Occasion::AppRemoved(at))),
            (MailKind::ContactRemoved, _) => return Ok(notice(Occasion::ContactRemoved(at))),
            (MailKind::Alert, _) => {
                let alert = leased.alert.as_deref().unwrap_or_default();
                let alert = Alert::parse(alert).map_err(|_| Unavailable::Internal(NO_ALERT))?;
                return Ok(Some(Wanted { told: Told::Operators(alert), jti: None, until }));
            }
            (MailKind::Link, Some(link)) => self.store.find_link(link).await?,
            (MailKind::Link, None) => None,
        };
        let Some(link) = link.filter(|link| link.check_open(self.clock.now()).is_ok()) else {
            return Ok(None);
        };
        let short_url = format!("{}/l/{}", self.origin, self.tokens.address(&link, Way::Mailed)?);
        let occasion = Occasion::Link { short_url };
        let told = Told::Customer(occasion);
        Ok(Some(Wanted { told, jti: Some(link.secret.jti), until: link.expires_at }))
    }

    async fn attempt(
        &self,
        mailer: &Mailer,
        leased: &LeasedMail,
        wanted: Wanted,
    ) -> (MailNext, String) {
        let lang = Lang::choose(leased.locale.as_deref(), None);
        let letter = match &wanted.told {
            Told::Customer(occasion) => Letter::write(lang, &self.company, occasion),
            Told::Operators(alert) => alert::write(&self.company, &self.origin, alert),
        };
        let letter = match letter {
            Ok(letter) => letter,
            Err(error) => return (MailNext::Failed, error.to_string()),
        };
        let outcome = mailer.send(leased.id, &leased.recipient, &letter, leased.created_at).await;
        match outcome {
            Outcome::Taken(answer) => (MailNext::Sent { jti: wanted.jti }, answer),
            Outcome::Refused(answer) => (MailNext::Failed, answer),
            Outcome::NotNow(answer) => (self.later(leased, wanted.until), answer),
            Outcome::Locked(answer) => {
                tracing::error!(mail = %leased.id, "the mail server cannot be used; see SMTP_URL");
                (self.later(leased, wanted.until), answer)
            }
        }
    }

    /// Later and later, while it is worth it.
    fn later(&self, leased: &LeasedMail, until: Timestamp) -> MailNext {
        let pause = pause_after(leased.attempt);
        // Without entropy all come back together, which is no reason not to come back.
        let jitter = random::bytes::<1>(&*self.random).map_or(0, |[byte]| u32::from(byte));
        let at = self.clock.now().plus(pause + pause * jitter / 1024);
        if at < until { MailNext::RetryAt(at) } else { MailNext::Failed }
    }

    /// Insists, because the customer may have the mail already.
    async fn record(&self, leased: &LeasedMail, next: MailNext, answer: &str) {
        let write = || {
            let context = Context::new(self.clock.now(), Actor::System, &self.verification);
            self.store.record_mail(leased, next, answer.to_owned(), context)
        };
        match insist(write).await {
            Ok((true, _)) => self.metrics.mailed(leased.kind, next),
            Ok((false, _)) => tracing::debug!(mail = %leased.id, "the lease was lost meanwhile"),
            Err(error) => tracing::error!(mail = %leased.id, %error, "a mail is not recorded"),
        }
    }

    /// How long one mail may take; also what a lease must cover.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.mailer.as_ref().map_or(Duration::ZERO, |mailer| mailer.deadline())
    }

    /// When the next mail is due.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.store.next_mail_due().await
    }
}

/// Of a newer version, or damaged: perhaps another process can read it.
const NO_ALERT: &str = "an alert does not read as one";

/// Ids and outcome only: addresses and answers are personal.
fn log(leased: &LeasedMail, next: MailNext) {
    let LeasedMail { id, kind, attempt, .. } = leased;
    let status = next.status();
    match next {
        MailNext::Sent { .. } => tracing::info!(mail = %id, %kind, attempt, "mailed"),
        MailNext::RetryAt(_) | MailNext::Failed | MailNext::Cancelled => {
            tracing::warn!(mail = %id, %kind, attempt, %status, "not mailed");
        }
    }
}

impl fmt::Debug for Mailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailing").field("mailer", &self.mailer).finish_non_exhaustive()
    }
}
