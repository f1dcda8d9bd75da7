//! Links from staff's side: create, show, list, revoke, reissue, evidence.

use std::sync::Arc;
use std::time::Duration;

use super::Unavailable;
use super::send::NotSent;
use super::wake::Wake;
use crate::config::{Tokens as TokenSettings, Verification};
use crate::domain::audit::{Action, Actor, TimelineEntry};
use crate::domain::binding::Way;
use crate::domain::call::Digits;
use crate::domain::ceremony::Kind;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::customer::{UserHandle, UserId, Username};
use crate::domain::door::{Door, DoorCode};
use crate::domain::encoding::base32;
use crate::domain::evidence::Record;
use crate::domain::id::{CredentialId, CustomerId, LinkId};
use crate::domain::link::{
    Closed, CodeHash, Enrolment, Filter, Handover, IfOpen, Link, LinkSecret, Request, State, Status,
};
use crate::domain::mail::{EmailAddress, SentMail};
use crate::domain::random::{self, Random};
use crate::domain::verdict::{Reason, Verdict};
use crate::metrics::Metrics;
use crate::store::{
    Bound, Changed, Context, Created, DeliverySummary, Idempotency, NewLink, Page, Store,
    StoreError,
};
use crate::token::Tokens;

/// Makes links and looks after them.
#[derive(Clone)]
pub struct Issue {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<Tokens>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Rung when there is something to deliver.
    pub deliveries: Wake,
    pub metrics: Arc<Metrics>,
    pub verification: Verification,
    pub lifetimes: Lifetimes,
    /// Where customers reach us, without a trailing slash.
    pub origin: String,
    /// Whether links can be mailed.
    pub mails: bool,
}

/// How long links live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub default: Duration,
    pub max: Duration,
}

/// The known door's path: short, as it is said on the phone too.
pub const DOOR_PATH: &str = "/verify";

/// How often a code is drawn if others have it; of 10^12 codes few are in use.
const DRAWS: u32 = 3;

impl Lifetimes {
    /// The shortest life a link may be given.
    pub const MIN: Duration = Duration::from_secs(5);
}

impl From<&TokenSettings> for Lifetimes {
    fn from(settings: &TokenSettings) -> Self {
        Self { default: settings.link_ttl, max: settings.link_ttl_max }
    }
}

/// What staff ask for.
#[derive(Clone, Debug)]
pub struct Order {
    pub user_id: UserId,
    pub username: Username,
    pub ttl: Option<Duration>,
    pub request: Request,
    pub if_open: IfOpen,
    pub idempotency: Option<Idempotency>,
    /// Where to mail the link to.
    pub send: Option<EmailAddress>,
}

/// A link with the URLs that open it.
#[derive(Clone, Debug)]
pub struct Issued {
    pub link: Link,
    pub token: String,
    pub url: String,
    pub short_url: String,
    /// Where the code is typed.
    pub door_url: String,
    /// `None` once its time is over.
    pub door_code: Option<DoorCode>,
    /// What the agent reads out to the customer, if the link asks for it.
    pub call_code: Option<Digits>,
}

/// Why there is no new link.
#[derive(Debug, thiserror::Error)]
pub enum NotIssued {
    #[error("the link may live {min} to {max} seconds", min = Lifetimes::MIN.as_secs(), max = .0.as_secs())]
    Ttl(Duration),
    #[error("the idempotency key was used with another body")]
    IdempotencyMismatch,
    #[error("the customer has an open link: {0}")]
    OpenLink(LinkId),
    #[error("the customer has no passkey")]
    NoCredential,
    #[error("the link cannot be mailed")]
    NotSent(#[from] NotSent),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a link was not changed or shown.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    #[error("no such link")]
    NotFound,
    #[error("the link has ended")]
    Ended(Closed),
    /// Who holds a link that adds a passkey gets that passkey: it is for the customer who asked for
    /// it, and staff may take it back but not have it.
    #[error("the customer made this link")]
    Customers,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A link as staff see it.
#[derive(Clone, Debug)]
pub struct Detail {
    pub link: Link,
    pub timeline: Vec<TimelineEntry>,
    pub deliveries: Vec<DeliverySummary>,
    /// The mails with it.
    pub mails: Vec<SentMail>,
}

impl Issue {
    /// # Errors
    /// [`NotIssued`] as its variants say.
    pub async fn create(&self, order: Order, actor: Actor) -> Result<Issued, NotIssued> {
        self.create_for(order, actor, None).await
    }

    /// The same for a passkey's owner, who adds another one.
    ///
    /// # Errors
    /// [`NotIssued`] as its variants say.
    pub async fn add(
        &self,
        order: Order,
        authorised_by: CredentialId,
    ) -> Result<Issued, NotIssued> {
        self.create_for(order, Actor::Customer, Some(authorised_by)).await
    }

    async fn create_for(
        &self,
        order: Order,
        actor: Actor,
        authorised_by: Option<CredentialId>,
    ) -> Result<Issued, NotIssued> {
        let now = self.clock.now();
        let ttl = order.ttl.unwrap_or(self.lifetimes.default);
        if ttl < Lifetimes::MIN || ttl > self.lifetimes.max {
            return Err(NotIssued::Ttl(self.lifetimes.max));
        }
        let mail = order.send.clone().map(|to| self.new_mail(to, now)).transpose()?;
        let mailed = mail.is_some();
        let mut new = NewLink { mail, ..self.draw(order, now, ttl)? };
        new.link.handover.authorised_by = authorised_by;
        let context = self.context(now, actor);
        let mut draws = 1;
        let created = loop {
            match self.store.create_link(new.clone(), context).await {
                Err(StoreError::Taken) if draws < DRAWS => {
                    new.link.secret = self.draw_secret(new.link.id, now, new.link.expires_at)?;
                    draws += 1;
                }
                created => break created.map_err(Unavailable::from)?,
            }
        };
        match created {
            Created::New(link, ended) => {
                self.metrics.link_created();
                if let Some(ended) = ended {
                    self.metrics.ended(ended, 1);
                }
                // An older link may have been superseded, which is an event.
                self.deliveries.wake();
                if mailed {
                    self.deliveries.wake_mails();
                }
                Ok(self.issued(link)?)
            }
            Created::Repeated(link) => Ok(self.issued(link)?),
            Created::IdempotencyMismatch => Err(NotIssued::IdempotencyMismatch),
            Created::OpenLink(id) => Err(NotIssued::OpenLink(id)),
            Created::NoCredential => Err(NotIssued::NoCredential),
            Created::TooManySends => Err(NotSent::TooOften(Bound::Customer).into()),
        }
    }

    /// # Errors
    /// [`NotChanged::NotFound`] or [`NotChanged::Unavailable`].
    pub async fn show(&self, id: LinkId) -> Result<Detail, NotChanged> {
        let link = self.find(id).await?;
        let timeline = self.store.link_timeline(id).await.map_err(Unavailable::from)?;
        let deliveries = self.store.link_deliveries(id).await.map_err(Unavailable::from)?;
        let sent = |entry: &TimelineEntry| entry.action == Action::LinkSendRequested.as_str();
        let mails = if timeline.iter().any(sent) {
            self.store.link_mails(id).await.map_err(Unavailable::from)?
        } else {
            Vec::new()
        };
        Ok(Detail { link, timeline, deliveries, mails })
    }

    /// # Errors
    /// [`Unavailable`] only.
    pub async fn list(
        &self,
        filter: &Filter,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Page<Link>, Unavailable> {
        Ok(self.store.list_links(filter, after, limit).await?)
    }

    /// # Errors
    /// [`NotChanged`]; a link that is revoked already stays so, without an error.
    pub async fn revoke(&self, id: LinkId, actor: Actor) -> Result<Link, NotChanged> {
        let now = self.clock.now();
        let verdict = Verdict::NotVerified { reason: Reason::Revoked, decided_at: now };
        let changed = self.store.end_link(id, verdict, self.context(now, actor)).await;
        match changed.map_err(Unavailable::from)? {
            Changed::Done(link) => {
                self.metrics.ended(Status::Revoked, 1);
                self.deliveries.wake();
                Ok(link)
            }
            Changed::Ended(link) if link.state.status() == Status::Revoked => Ok(link),
            Changed::Ended(link) => Err(NotChanged::Ended(closed(&link, now))),
            Changed::NotFound => Err(NotChanged::NotFound),
        }
    }

    /// A new URL, with a new life as long as the first, for the same request.
    ///
    /// # Errors
    /// [`NotChanged`].
    pub async fn reissue(&self, id: LinkId, actor: Actor) -> Result<Issued, NotChanged> {
        let now = self.clock.now();
        let link = self.find_staffs(id).await?;
        let ttl = link.expires_at.since(link.created_at).min(self.lifetimes.max);
        let expires_at = now.plus(ttl);
        let context = self.context(now, actor);
        let mut draws = 1;
        let changed = loop {
            let secret = self.draw_secret(id, now, expires_at)?;
            match self.store.reissue_link(id, secret, expires_at, context).await {
                Err(StoreError::Taken) if draws < DRAWS => draws += 1,
                changed => break changed.map_err(Unavailable::from)?,
            }
        };
        match changed {
            Changed::Done(link) => Ok(self.issued(link)?),
            Changed::Ended(link) => Err(NotChanged::Ended(closed(&link, now))),
            Changed::NotFound => Err(NotChanged::NotFound),
        }
    }

    /// The short URL of an open link, to be shown as a QR code.
    ///
    /// # Errors
    /// [`NotChanged`].
    pub async fn short_url(&self, id: LinkId) -> Result<String, NotChanged> {
        let link = self.find_staffs(id).await?;
        link.check_open(self.clock.now()).map_err(NotChanged::Ended)?;
        Ok(self.issued(link)?.short_url)
    }

    /// # Errors
    /// [`NotChanged::NotFound`] also for a link that no ceremony ended.
    pub async fn evidence(&self, id: LinkId, actor: Actor) -> Result<Record, NotChanged> {
        let context = self.context(self.clock.now(), actor);
        let evidence = self.store.read_evidence(id, context).await.map_err(Unavailable::from)?;
        evidence.ok_or(NotChanged::NotFound)
    }

    async fn find(&self, id: LinkId) -> Result<Link, NotChanged> {
        let link = self.store.find_link(id).await.map_err(Unavailable::from)?;
        link.ok_or(NotChanged::NotFound)
    }

    async fn find_staffs(&self, id: LinkId) -> Result<Link, NotChanged> {
        let link = self.find(id).await?;
        if link.request.enrolment == Enrolment::Add {
            return Err(NotChanged::Customers);
        }
        Ok(link)
    }

    fn draw(&self, order: Order, now: Timestamp, ttl: Duration) -> Result<NewLink, Unavailable> {
        let random = &*self.random;
        let id = LinkId::new(now, random)?;
        Ok(NewLink {
            link: Link {
                id,
                customer: CustomerId::new(now, random)?,
                user_id: order.user_id,
                username: order.username,
                kind: Kind::Register,
                request: order.request,
                secret: self.draw_secret(id, now, now.plus(ttl))?,
                handover: Handover::default(),
                state: State::Pending,
                attempts: 0,
                created_at: now,
                expires_at: now.plus(ttl),
            },
            new_handle: UserHandle(random::bytes(random)?),
            if_open: order.if_open,
            idempotency: order.idempotency,
            mail: None,
        })
    }

    fn draw_secret(
        &self,
        id: LinkId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<LinkSecret, Unavailable> {
        let jti = random::bytes(&*self.random)?;
        let kid = self.tokens.signing_kid().to_owned();
        let code_hash = CodeHash::of(&self.tokens.short_code(&kid, id, &jti)?);
        let door_code = self.tokens.door_code(&kid, id, &jti)?;
        let hash = self.tokens.door_hash(&kid, door_code)?;
        Ok(LinkSecret { jti, code_hash, kid, door: Some(Door::new(hash, now, expires_at)) })
    }

    pub(super) fn issued(&self, link: Link) -> Result<Issued, Unavailable> {
        let token = self.tokens.sign_link(&link, Way::HandedOut)?;
        let LinkSecret { kid, jti, door, .. } = &link.secret;
        let code = self.tokens.short_code(kid, link.id, jti)?;
        let now = self.clock.now();
        let door_code = match door {
            Some(door) if now < door.until => Some(self.tokens.door_code(kid, link.id, jti)?),
            Some(_) | None => None,
        };
        let call_code = if link.asks_call_code() {
            Some(self.tokens.call_code(kid, link.id, jti)?)
        } else {
            None
        };
        Ok(Issued {
            url: format!("{}/v/{token}", self.origin),
            short_url: format!("{}/l/{}", self.origin, base32(&code)),
            door_url: format!("{}{DOOR_PATH}", self.origin),
            token,
            door_code,
            call_code,
            link,
        })
    }

    pub(super) const fn context(&self, now: Timestamp, actor: Actor) -> Context {
        Context::new(now, actor, &self.verification)
    }
}

pub(super) fn closed(link: &Link, now: Timestamp) -> Closed {
    // The store said that it ended; should it read as open, it is its time that is over.
    link.check_open(now).err().unwrap_or(Closed::Expired)
}

impl std::fmt::Debug for Issue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issue").field("origin", &self.origin).finish_non_exhaustive()
    }
}
