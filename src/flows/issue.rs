//! Links from staff's side: create, show, list, revoke, reissue, evidence.

use std::sync::Arc;
use std::time::Duration;

use super::Unavailable;
use super::wake::Wake;
use crate::config::{Tokens as TokenSettings, Verification};
use crate::domain::audit::{Actor, TimelineEntry};
use crate::domain::ceremony::Kind;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::customer::{UserHandle, UserId, Username};
use crate::domain::encoding::base32;
use crate::domain::evidence::Evidence;
use crate::domain::id::{CustomerId, LinkId};
use crate::domain::link::{
    Closed, CodeHash, Filter, IfOpen, Link, LinkSecret, Request, State, Status,
};
use crate::domain::random::{self, Random};
use crate::domain::verdict::{Reason, Verdict};
use crate::metrics::Metrics;
use crate::store::{Changed, Context, Created, DeliverySummary, Idempotency, NewLink, Page, Store};
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
}

/// How long links live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub default: Duration,
    pub max: Duration,
}

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
}

/// A link with the URLs that open it.
#[derive(Clone, Debug)]
pub struct Issued {
    pub link: Link,
    pub token: String,
    pub url: String,
    pub short_url: String,
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
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A link as staff see it.
#[derive(Clone, Debug)]
pub struct Detail {
    pub link: Link,
    pub timeline: Vec<TimelineEntry>,
    pub deliveries: Vec<DeliverySummary>,
}

impl Issue {
    /// # Errors
    /// [`NotIssued`] as its variants say.
    pub async fn create(&self, order: Order, actor: Actor) -> Result<Issued, NotIssued> {
        let now = self.clock.now();
        let ttl = order.ttl.unwrap_or(self.lifetimes.default);
        if ttl < Lifetimes::MIN || ttl > self.lifetimes.max {
            return Err(NotIssued::Ttl(self.lifetimes.max));
        }
        let new = self.draw(order, now, ttl)?;
        let context = self.context(now, actor);
        match self.store.create_link(new, context).await.map_err(Unavailable::from)? {
            Created::New(link) => {
                self.metrics.link_created();
                // An older link may have been superseded, which is an event.
                self.deliveries.wake();
                Ok(self.issued(link)?)
            }
            Created::Repeated(link) => Ok(self.issued(link)?),
            Created::IdempotencyMismatch => Err(NotIssued::IdempotencyMismatch),
            Created::OpenLink(id) => Err(NotIssued::OpenLink(id)),
            Created::NoCredential => Err(NotIssued::NoCredential),
        }
    }

    /// # Errors
    /// [`NotChanged::NotFound`] or [`NotChanged::Unavailable`].
    pub async fn show(&self, id: LinkId) -> Result<Detail, NotChanged> {
        let link = self.find(id).await?;
        let timeline = self.store.link_timeline(id).await.map_err(Unavailable::from)?;
        let deliveries = self.store.link_deliveries(id).await.map_err(Unavailable::from)?;
        Ok(Detail { link, timeline, deliveries })
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
        let link = self.find(id).await?;
        let ttl = link.expires_at.since(link.created_at).min(self.lifetimes.max);
        let secret = self.draw_secret(id)?;
        let changed = self
            .store
            .reissue_link(id, secret, now.plus(ttl), self.context(now, actor))
            .await
            .map_err(Unavailable::from)?;
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
        let link = self.find(id).await?;
        link.check_open(self.clock.now()).map_err(NotChanged::Ended)?;
        Ok(self.issued(link)?.short_url)
    }

    /// # Errors
    /// [`NotChanged::NotFound`] also for a link that no ceremony ended.
    pub async fn evidence(&self, id: LinkId, actor: Actor) -> Result<Evidence, NotChanged> {
        let context = self.context(self.clock.now(), actor);
        let evidence = self.store.read_evidence(id, context).await.map_err(Unavailable::from)?;
        evidence.ok_or(NotChanged::NotFound)
    }

    async fn find(&self, id: LinkId) -> Result<Link, NotChanged> {
        let link = self.store.find_link(id).await.map_err(Unavailable::from)?;
        link.ok_or(NotChanged::NotFound)
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
                secret: self.draw_secret(id)?,
                state: State::Pending,
                attempts: 0,
                created_at: now,
                expires_at: now.plus(ttl),
            },
            new_handle: UserHandle(random::bytes(random)?),
            if_open: order.if_open,
            idempotency: order.idempotency,
        })
    }

    fn draw_secret(&self, id: LinkId) -> Result<LinkSecret, Unavailable> {
        let jti = random::bytes(&*self.random)?;
        let kid = self.tokens.signing_kid().to_owned();
        let code_hash = CodeHash::of(&self.tokens.short_code(&kid, id, &jti)?);
        Ok(LinkSecret { jti, code_hash, kid })
    }

    fn issued(&self, link: Link) -> Result<Issued, Unavailable> {
        let token = self.tokens.sign_link(&link)?;
        let code = self.tokens.short_code(&link.secret.kid, link.id, &link.secret.jti)?;
        Ok(Issued {
            url: format!("{}/v/{token}", self.origin),
            short_url: format!("{}/l/{}", self.origin, base32(&code)),
            token,
            link,
        })
    }

    const fn context(&self, now: Timestamp, actor: Actor) -> Context {
        Context::new(now, actor, &self.verification)
    }
}

fn closed(link: &Link, now: Timestamp) -> Closed {
    // The store said that it ended; should it read as open, it is its time that is over.
    link.check_open(now).err().unwrap_or(Closed::Expired)
}

impl std::fmt::Debug for Issue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issue").field("origin", &self.origin).finish_non_exhaustive()
    }
}
