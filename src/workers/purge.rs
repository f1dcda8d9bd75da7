//! Deletes links that ended, and what belongs to them, once they were kept long enough.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{BackOff, Stop};
use crate::domain::audit::{Action, Actor, Entry};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::id::{EventId, LinkId};
use crate::store::{self, Purged, Retention};

/// Links that one transaction deletes at most: each takes a dozen rows along, and whoever writes
/// next must not wait for long.
const LINKS: u32 = 20;
/// The same of events, which go alone.
const EVENTS: u32 = 500;

/// How fast it goes.
#[derive(Clone, Copy, Debug)]
struct Rhythm {
    /// After a batch that deleted something: most of the writer's time belongs to others.
    batch: Duration,
    /// From the end of one purge to the next.
    purge: Duration,
}

const USUAL: Rhythm = Rhythm { batch: Duration::from_millis(50), purge: Duration::from_secs(3600) };

type Records = Arc<dyn Retention + Send + Sync>;

/// Runs until stopped: a purge at once, then every hour. One that is stopped goes on where it was
/// with the next start, for what it deleted is gone.
pub async fn run(store: Records, clock: Arc<dyn Clock>, keep: Duration, stop: Stop) {
    run_at(USUAL, store, clock, keep, stop).await;
}

async fn run_at(
    rhythm: Rhythm,
    store: Records,
    clock: Arc<dyn Clock>,
    keep: Duration,
    mut stop: Stop,
) {
    let mut back_off = BackOff::new();
    let mut purge = Purge::of(clock.now().minus(keep));
    loop {
        let wait = match purge.step(&*store, clock.now()).await {
            Ok(deleted) => {
                back_off.reset();
                if deleted > 0 { rhythm.batch } else { Duration::ZERO }
            }
            Err(error) => {
                tracing::warn!(%error, "could not purge");
                back_off.next()
            }
        };
        let over = purge.at == At::End;
        tokio::select! {
            biased;
            () = stop.requested() => break,
            () = tokio::time::sleep(if over { rhythm.purge } else { wait }) => {}
        }
        if over {
            purge = Purge::of(clock.now().minus(keep));
        }
    }
    if let Err(error) = purge.record(&*store, clock.now()).await {
        let Purge { links, events, alerts, .. } = purge;
        tracing::error!(%error, links, events, alerts, "a purge is not on record");
    }
}

/// One purge on its way.
#[derive(Debug)]
struct Purge {
    cutoff: Timestamp,
    at: At,
    /// Deleted, and not on record yet.
    links: usize,
    events: usize,
    alerts: usize,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Links after this one.
    Links(Option<LinkId>),
    /// Events of no link after this one.
    Events(Option<EventId>),
    /// Alerts to the operators, which are few.
    Alerts,
    Record,
    End,
}

impl Purge {
    const fn of(cutoff: Timestamp) -> Self {
        Self { cutoff, at: At::Links(None), links: 0, events: 0, alerts: 0 }
    }

    /// One transaction; how many rows it deleted. After an error the same again.
    async fn step(
        &mut self,
        store: &(dyn Retention + Send + Sync),
        now: Timestamp,
    ) -> store::Result<usize> {
        match self.at {
            At::Links(after) => {
                let Purged { deleted, next } = store.purge_links(self.cutoff, after, LINKS).await?;
                self.links += deleted;
                self.at = next.map_or(At::Events(None), |last| At::Links(Some(last)));
                return Ok(deleted);
            }
            At::Events(after) => {
                let Purged { deleted, next } =
                    store.purge_events(self.cutoff, after, EVENTS).await?;
                self.events += deleted;
                self.at = next.map_or(At::Alerts, |last| At::Events(Some(last)));
                return Ok(deleted);
            }
            At::Alerts => {
                let deleted = store.purge_alerts(self.cutoff).await?;
                self.alerts += deleted;
                self.at = At::Record;
                return Ok(deleted);
            }
            At::Record => {
                self.record(store, now).await?;
                self.at = At::End;
            }
            At::End => {}
        }
        Ok(0)
    }

    /// What was deleted since the last record, if anything was.
    async fn record(
        &mut self,
        store: &(dyn Retention + Send + Sync),
        now: Timestamp,
    ) -> store::Result<()> {
        let Self { cutoff, links, events, alerts, .. } = *self;
        if links + events + alerts == 0 {
            return Ok(());
        }
        tracing::info!(links, events, alerts, %cutoff, "purged");
        let (actor, action) = (Actor::System, Action::RecordsPurged);
        let detail =
            json!({ "before": cutoff, "links": links, "events": events, "alerts": alerts });
        let entry = Entry { at: now, actor, action, link: None, customer: None, detail };
        store.record_purge(entry).await?;
        (self.links, self.events, self.alerts) = (0, 0, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
