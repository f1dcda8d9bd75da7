//! Keeps mails going: leases what is due, a few at a time. Several instances may run this; the
//! store's leases keep them apart.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{BackOff, Stop};
use crate::flows::mail::Mailing;
use crate::flows::wake::Wake;
use crate::store::{self, MailLease};

/// Mails on their way at once.
const AT_ONCE: u32 = 4;
/// For looking before, and writing down after, what the mailer's deadline covers.
const RECORD: Duration = Duration::from_secs(20);
/// Another process may queue a mail at any time and rings only its own bell.
const POLL: Duration = Duration::from_secs(2);
/// What is said to be due but cannot be leased is in another worker's hands.
const POLL_SOONEST: Duration = Duration::from_millis(50);
/// Who has no mail server calls off what nobody has sent for so long: while servers are started
/// anew one by one, some know it sooner than others.
const GRACE: Duration = Duration::from_secs(60);

/// Runs until stopped; then leases no more, and what is under way is finished or, at the end of
/// `drain`, left to its lease's end.
pub async fn run(mailing: Mailing, wake: Wake, drain: Duration, mut stop: Stop) {
    let mut bell = wake.mails();
    let mut back_off = BackOff::new();
    let mut running = JoinSet::new();
    let mut wait = Duration::ZERO;
    loop {
        let full = running.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        tokio::select! {
            biased;
            () = stop.requested() => break,
            Some(done) = running.join_next() => {
                if let Err(error) = done {
                    tracing::error!(%error, "a mail ended abruptly");
                }
                continue;
            }
            () = bell.rung(), if !full => {}
            () = sleep(wait), if !full => {}
        }
        let room = AT_ONCE.saturating_sub(u32::try_from(running.len()).unwrap_or(AT_ONCE));
        wait = match lease(&mailing, room, &mut running).await {
            Ok(wait) => {
                back_off.reset();
                wait
            }
            Err(error) => {
                tracing::warn!(%error, "could not lease mails");
                back_off.next()
            }
        };
    }
    let left = async { while running.join_next().await.is_some() {} };
    if timeout(drain, left).await.is_err() {
        tracing::warn!("mails were left to the end of their leases");
    }
}

/// Begins what is due; how long until it is worth asking again.
async fn lease(
    mailing: &Mailing,
    limit: u32,
    running: &mut JoinSet<()>,
) -> store::Result<Duration> {
    let now = mailing.clock.now();
    let due = mailing.next_due().await?;
    let overdue = if mailing.mailer.is_some() { Duration::ZERO } else { GRACE };
    if due.is_none_or(|due| due.plus(overdue) > now) {
        let until = |due: crate::domain::clock::Timestamp| due.plus(overdue).since(now);
        return Ok(due.map_or(POLL, until).clamp(POLL_SOONEST, POLL));
    }
    let request = MailLease { limit, ttl: mailing.deadline() + RECORD, overdue };
    for leased in mailing.store.lease_mails(request, now).await? {
        let mailing = mailing.clone();
        running.spawn(async move { mailing.send_one(leased).await });
    }
    Ok(POLL_SOONEST)
}
