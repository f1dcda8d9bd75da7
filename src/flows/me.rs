//! The customer's own view: after a verification they look at their passkeys, their authenticator
//! app and what was confirmed, remove a passkey or the app, or ask for a link that adds a passkey.

use std::fmt;
use std::sync::Arc;

use super::Unavailable;
use super::issue::{Issue, Issued, NotIssued, Order};
use super::wake::Wake;
use crate::config::Verification;
use crate::domain::audit::Actor;
use crate::domain::authenticator_app::AuthenticatorApp;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::credential::{Credential, added_with};
use crate::domain::customer::UserHandle;
use crate::domain::id::{CredentialId, LinkId};
use crate::domain::link::{Enrolment, Filter, IfOpen, Link, Request};
use crate::domain::session::{self, Opener, may_change};
use crate::domain::text::Line;
use crate::domain::verdict::{Method, Reason, Verdict};
use crate::store::{Changed, Context, Store, Subject};
use crate::token::Tokens;

/// How many of their links customers see.
const HISTORY: u32 = 20;

#[derive(Clone)]
pub struct Me {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<Tokens>,
    pub clock: Arc<dyn Clock>,
    /// Rung when there is something to deliver.
    pub deliveries: Wake,
    pub verification: Verification,
    pub issue: Issue,
    /// Who asks, on a link that customers make for themselves.
    pub company: Line<64>,
}

/// What customers see.
#[derive(Clone, Debug)]
pub struct View {
    /// The passkey or the app that opened the session.
    pub current: CredentialId,
    pub may_change: bool,
    pub expires_at: Timestamp,
    /// Active ones, oldest first.
    pub passkeys: Vec<Passkey>,
    /// The active one.
    pub app: Option<AuthenticatorApp>,
    /// What came to an end, newest first.
    pub history: Vec<Ended>,
}

/// A passkey of the customer's.
#[derive(Clone, Debug)]
pub struct Passkey {
    pub key: Credential,
    /// Active ones that were added with it and may be removed with it.
    pub added: usize,
}

/// One thing that was asked of the customer.
#[derive(Clone, Debug)]
pub struct Ended {
    pub at: Timestamp,
    pub link: Link,
    /// What they approved, if they may read it here.
    pub statement: Option<Line<500>>,
}

/// A removed passkey, and what is left: for the device, which forgets what it need not offer.
#[derive(Clone, Debug)]
pub struct Removed {
    pub removed: Credential,
    pub handle: UserHandle,
    pub left: Vec<Credential>,
}

/// Why a customer does not see or change something.
#[derive(Debug, thiserror::Error)]
pub enum NotMine {
    /// The session's time is over, its passkey or app was removed, or it never was one.
    #[error("the session is over")]
    NoSession,
    #[error("this session only looks")]
    LooksOnly,
    #[error("no such passkey or app")]
    NotFound,
    /// Staff asked the customer something that comes first.
    #[error("the customer has an open link: {0}")]
    OpenLink(LinkId),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A genuine token's session, with what opened it still good.
struct Session {
    subject: Subject,
    /// The passkey or the app.
    opener: CredentialId,
    may_change: bool,
    expires_at: Timestamp,
}

impl Me {
    /// # Errors
    /// [`NotMine::NoSession`] or [`NotMine::Unavailable`].
    pub async fn view(&self, token: &str) -> Result<View, NotMine> {
        let session = self.open(token).await?;
        let history = self.history(&session).await?;
        let customer = session.subject.link.customer;
        let all = self.store.list_credentials(customer).await.map_err(Unavailable::from)?;
        let added = |id| added_with(&all, id, Some(session.opener)).len();
        let app = self.store.find_app(customer).await.map_err(Unavailable::from)?;
        let passkeys = session.subject.credentials.into_iter();
        Ok(View {
            current: session.opener,
            may_change: session.may_change,
            expires_at: session.expires_at,
            passkeys: passkeys.map(|key| Passkey { added: added(key.id), key }).collect(),
            app,
            history,
        })
    }

    /// Takes a passkey away, be it the last one or the session's own; a verification that rests on
    /// it lapses. Also one that is worth more than the session's: a removal closes gates and never
    /// opens one, and a lost phone's key has to go whatever it was worth. Those that were added with
    /// it stay, unless `with_added`: who moves to a new phone added its passkey with the old one. The
    /// session's own stays in any case, with what was added with that one.
    ///
    /// # Errors
    /// [`NotMine`]; [`NotMine::NotFound`] also if it was removed before.
    pub async fn remove(
        &self,
        token: &str,
        id: CredentialId,
        with_added: bool,
    ) -> Result<Removed, NotMine> {
        let Session { subject, opener: own, .. } = self.open_to_change(token).await?;
        let Subject { link, handle, mut credentials } = subject;
        let at = credentials.iter().position(|credential| credential.id == id);
        let removed = credentials.remove(at.ok_or(NotMine::NotFound)?);
        let revoked = if with_added {
            let spared = (own != id).then_some(own);
            let context = self.context();
            let revoked = self.store.revoke_with_added(link.customer, id, spared, context).await;
            revoked.map_err(Unavailable::from)?
        } else {
            let revoked = self.store.revoke_credential(link.customer, id, self.context()).await;
            if revoked.map_err(Unavailable::from)? { vec![id] } else { Vec::new() }
        };
        if revoked.is_empty() {
            return Err(NotMine::NotFound);
        }
        let left = credentials.into_iter().filter(|key| !revoked.contains(&key.id)).collect();
        self.deliveries.wake();
        self.deliveries.wake_mails();
        Ok(Removed { removed, handle, left })
    }

    /// Takes an authenticator app away, with its recovery codes; a verification that rests on it
    /// lapses. As with a passkey, a removal closes gates and opens none.
    ///
    /// # Errors
    /// [`NotMine`]; [`NotMine::NotFound`] also if it was removed before.
    pub async fn remove_app(&self, token: &str, id: CredentialId) -> Result<(), NotMine> {
        let session = self.open_to_change(token).await?;
        let customer = session.subject.link.customer;
        let revoked = self.store.revoke_app(customer, id, self.context()).await;
        if !revoked.map_err(Unavailable::from)? {
            return Err(NotMine::NotFound);
        }
        self.deliveries.wake();
        self.deliveries.wake_mails();
        Ok(())
    }

    /// A link under which the customer makes one more passkey, here or on another device. It takes
    /// the place of one they asked for before, and of none that staff made.
    ///
    /// # Errors
    /// [`NotMine`].
    pub async fn add(&self, token: &str) -> Result<Issued, NotMine> {
        let session = self.open_to_change(token).await?;
        match self.ask_for_link(&session).await {
            Err(NotMine::OpenLink(open)) if self.withdraw(open).await? => {
                self.ask_for_link(&session).await
            }
            issued => issued,
        }
    }

    async fn ask_for_link(&self, session: &Session) -> Result<Issued, NotMine> {
        let link = &session.subject.link;
        let found = self.store.find_customer(&link.user_id).await.map_err(Unavailable::from)?;
        let customer = found.ok_or(NotMine::NoSession)?;
        let order = Order {
            user_id: customer.user_id,
            username: customer.username,
            ttl: Some(session::ADDING.min(self.issue.lifetimes.max)),
            request: Request {
                requester: self.company.clone(),
                created_by: Actor::Customer,
                statement: None,
                call_initiator: None,
                enrolment: Enrolment::Add,
                totp: false,
                locale: link.request.locale.clone(),
                reference: None,
                crm: None,
                metadata: serde_json::Map::new(),
                return_url: None,
            },
            if_open: IfOpen::Refuse,
            idempotency: None,
            send: None,
        };
        self.issue.add(order, session.opener).await.map_err(|error| match error {
            NotIssued::OpenLink(open) => NotMine::OpenLink(open),
            NotIssued::Unavailable(unavailable) => unavailable.into(),
            NotIssued::Ttl(_)
            | NotIssued::IdempotencyMismatch
            | NotIssued::NoCredential
            | NotIssued::NotSent(_) => {
                Unavailable::Internal("a link to add a passkey was refused").into()
            }
        })
    }

    /// Ends an open link that the customer asked for; whether it was one and the way is free.
    async fn withdraw(&self, open: LinkId) -> Result<bool, NotMine> {
        let link = self.store.find_link(open).await.map_err(Unavailable::from)?;
        if !link.is_some_and(|link| link.request.enrolment == Enrolment::Add) {
            return Ok(false);
        }
        let context = self.context();
        let verdict = Verdict::NotVerified { reason: Reason::Superseded, decided_at: context.now };
        let changed = self.store.end_link(open, verdict, context).await;
        match changed.map_err(Unavailable::from)? {
            Changed::Done(_) | Changed::Ended(_) => {
                self.deliveries.wake();
                Ok(true)
            }
            Changed::NotFound => Ok(true),
        }
    }

    /// What a session shows was read by its opener's holder before. Others' links, as those under
    /// a passkey that was lost since, show when they ended and how; who only looks sees none but
    /// their own.
    async fn history(&self, session: &Session) -> Result<Vec<Ended>, Unavailable> {
        let own = &session.subject.link;
        let links = if session.may_change {
            let filter = Filter { user_id: Some(own.user_id.clone()), ..Filter::default() };
            self.store.list_links(&filter, None, HISTORY).await?.items
        } else {
            vec![own.clone()]
        };
        let ended = links.into_iter().filter_map(|link| {
            let verdict = link.state.verdict()?;
            let signed = verdict.verified().map(|verified| verified.credential);
            let statement =
                link.request.statement.clone().filter(|_| signed == Some(session.opener));
            Some(Ended { at: verdict.decided_at(), statement, link })
        });
        Ok(ended.collect())
    }

    async fn open_to_change(&self, token: &str) -> Result<Session, NotMine> {
        let session = self.open(token).await?;
        if session.may_change { Ok(session) } else { Err(NotMine::LooksOnly) }
    }

    async fn open(&self, token: &str) -> Result<Session, NotMine> {
        let claims = self.tokens.read_session(token).map_err(|_| NotMine::NoSession)?;
        if claims.expires_at <= self.clock.now() {
            return Err(NotMine::NoSession);
        }
        let subject = self.store.ceremony_subject(claims.link).await.map_err(Unavailable::from)?;
        let subject = subject.ok_or(NotMine::NoSession)?;
        let verdict = subject.link.state.verdict().and_then(Verdict::verified);
        let opener = claims.credential;
        let verified = verdict.filter(|verified| verified.credential == opener);
        let verified = verified.ok_or(NotMine::NoSession)?;
        let opened_by = match verified.method {
            Method::Passkey => {
                subject.credentials.iter().find(|known| known.id == opener).map(Opener::Passkey)
            }
            Method::Totp | Method::RecoveryCode => {
                let app = self.store.find_app(subject.link.customer).await;
                let app = app.map_err(Unavailable::from)?;
                app.filter(|app| app.id == opener).map(|_| Opener::Code)
            }
        };
        let may_change = may_change(verified, opened_by.ok_or(NotMine::NoSession)?);
        Ok(Session { opener, may_change, expires_at: claims.expires_at, subject })
    }

    fn context(&self) -> Context {
        Context::new(self.clock.now(), Actor::Customer, &self.verification)
    }
}

impl fmt::Debug for Me {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Me").finish_non_exhaustive()
    }
}
