//! Following a link: its state now, and again each time it has changed.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use super::Unavailable;
use super::keys::Keys;
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::clock::Timestamp;
use crate::domain::id::LinkId;
use crate::domain::link::{Link, Status};
use crate::domain::random::{self, Random};
use crate::store::{Store, StoreError, Watch};

/// Follows links.
#[derive(Clone)]
pub struct Follow {
    pub store: Arc<dyn Store>,
    pub keys: Keys,
    pub random: Arc<dyn Random>,
    /// How often the store is asked all the same, for what was not announced; a quarter more or
    /// less, so that not all ask at once.
    pub poll: Duration,
}

impl Follow {
    /// The usual [`poll`](Self::poll).
    pub const POLL: Duration = Duration::from_secs(2);

    /// The link as it is, and what tells of every change since. `None` if there is no such link.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn begin(&self, id: LinkId) -> Result<Option<(Link, Following)>, Unavailable> {
        let watch = self.store.changes().watch(id);
        let Some(link) = self.store.find_link(id).await? else { return Ok(None) };
        let last = Version::of(&link);
        let following = Following { flow: self.clone(), id, watch, poll: None, look: false, last };
        Ok(Some((link, following)))
    }

    /// Whether this key may still read links.
    ///
    /// # Errors
    /// [`Unavailable`] only.
    pub async fn may_go_on(&self, key: &ApiKey) -> Result<bool, Unavailable> {
        let current = self.keys.current(key).await?;
        Ok(current.is_some_and(|current| current.scopes.contains(&Scope::LinksRead)))
    }

    fn pause(&self) -> Duration {
        // Without entropy all ask at once, which is no reason not to ask.
        let jitter = random::bytes(&*self.random)
            .map_or(0.5, |bytes| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX));
        self.poll.mul_f64(0.75 + jitter / 2.0)
    }
}

/// A link that is being followed, until dropped.
#[derive(Debug)]
pub struct Following {
    flow: Follow,
    id: LinkId,
    watch: Watch,
    /// When the store is asked next; `None` until somebody waits.
    poll: Option<Pin<Box<Sleep>>>,
    /// The store is to be asked, and has not answered yet.
    look: bool,
    last: Version,
}

impl Following {
    /// The link once it is other than it was when last told, which is never once it has ended. May
    /// be dropped and called again, nothing is lost.
    pub async fn changed(&mut self) -> Link {
        loop {
            if !self.look {
                let flow = &self.flow;
                let poll = self.poll.get_or_insert_with(|| Box::pin(sleep(flow.pause())));
                tokio::select! {
                    () = self.watch.changed() => {}
                    () = poll => {}
                }
                self.poll = None;
                self.look = true;
            }
            let found = self.flow.store.find_link(self.id).await;
            self.look = false;
            match found {
                Ok(Some(link)) => {
                    let version = Version::of(&link);
                    if version != self.last {
                        self.last = version;
                        return link;
                    }
                }
                Ok(None) => {}
                // It passes, or whoever asks whether the caller may go on finds out.
                Err(error) => log(self.id, &error),
            }
        }
    }
}

fn log(link: LinkId, error: &StoreError) {
    tracing::debug!(%link, %error, "a link that is followed could not be read");
}

/// Which of its states a link is in. Written as text, later ones are greater, on every instance:
/// a link never goes back, its answers and what is said are only ever counted up, and a reissue,
/// which forgets what was said, lengthens its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    stage: u8,
    attempts: u32,
    expires_at: Timestamp,
    /// What the customer said so far, counted.
    said: u32,
}

impl Version {
    #[must_use]
    pub const fn of(link: &Link) -> Self {
        let stage = match link.state.status() {
            Status::Pending => 0,
            Status::Opened => 1,
            Status::Verified
            | Status::Failed
            | Status::Declined
            | Status::Expired
            | Status::Revoked => 2,
        };
        let said = link.handover.call_answer.is_some() as u32
            + link.handover.new_phone_asked_at.is_some() as u32
            + match link.handover.call_code {
                Some(code) => code.tries + code.given_at.is_some() as u32,
                None => 0,
            };
        Self { stage, attempts: link.attempts, expires_at: link.expires_at, said }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, attempts, expires_at, said } = self;
        write!(f, "{stage}-{attempts:03}-{:015}-{said}", expires_at.millis())
    }
}

impl fmt::Debug for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follow").field("poll", &self.poll).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_state_has_a_greater_text() {
        let version = |stage, attempts, millis, said| {
            let expires_at = Timestamp::from_millis(millis);
            Version { stage, attempts, expires_at, said }.to_string()
        };
        let life = [
            version(0, 0, 999_999_999_999, 0),
            version(0, 0, 1_000_000_000_000, 0),
            version(1, 0, 1_000_000_000_000, 1),
            version(1, 0, 1_000_000_000_000, 4),
            version(1, 0, 1_000_000_000_001, 0),
            version(1, 9, 1_000_000_000_001, 0),
            version(1, 10, 1_000_000_000_001, 0),
            version(2, 10, 1_000_000_000_001, 0),
        ];
        assert!(life.is_sorted_by(|earlier, later| earlier < later), "{life:?}");
    }
}
