//! Taking an answer: the challenge goes out of circulation before the answer is checked, and
//! stays out whatever the check says.

use rusqlite::OptionalExtension;

use super::super::super::{Answered, Consumed, Context, NotLive, Result, Subject};
use super::super::credentials;
use super::super::failure::exactly_one;
use super::super::links::{self, Loaded};
use super::super::transaction::Tx;
use crate::domain::ceremony::Ceremony;
use crate::domain::clock::Timestamp;
use crate::domain::link::{Link, Status};

pub(super) fn consume(tx: &Tx<'_>, answered: &Answered, context: &Context) -> Result<Consumed> {
    Ok(match take(tx, answered, context)? {
        Ok(live) => {
            count_attempt(tx, answered, context)?;
            Consumed::Live(Box::new(live))
        }
        Err(why) => Consumed::NotLive(why),
    })
}

/// The attempt is counted in the subject, and in the store by whoever goes on: with the link's end,
/// or with [`count_attempt`].
pub(super) fn take(
    tx: &Tx<'_>,
    answered: &Answered,
    context: &Context,
) -> Result<std::result::Result<(Ceremony, Subject), NotLive>> {
    let Context { now, max_attempts, .. } = *context;
    let not_live = |why| Ok(Err(why));
    let Some(Loaded { mut link, handle, ceremony: newest }) = links::load_whole(tx, answered.link)?
    else {
        return not_live(NotLive::Unknown);
    };
    let Some(Found { ceremony, answer }) = find(tx, answered)? else {
        // It was begun, or there would be no token for it; a newer one took its place.
        return not_live(match link.check_open(now) {
            Ok(()) => NotLive::Used,
            Err(_) => NotLive::LinkClosed(Box::new(link)),
        });
    };
    if answer == Some(answered.body) && was_verified_by(tx, &link, answered)? {
        return not_live(NotLive::Repeated(Box::new(link)));
    }
    if link.check_open(now).is_err() {
        return not_live(NotLive::LinkClosed(Box::new(link)));
    }
    if answer.is_some() || newest != Some(ceremony.id) {
        return not_live(NotLive::Used);
    }
    if ceremony.expires_at <= now {
        return not_live(NotLive::Expired);
    }

    if link.attempts >= max_attempts {
        return not_live(NotLive::LinkClosed(Box::new(link)));
    }

    consume_challenge(tx, answered, now)?;
    link.attempts += 1;
    let credentials = credentials::active(tx, link.customer)?;
    Ok(Ok((ceremony, Subject { link, handle, credentials })))
}

struct Found {
    ceremony: Ceremony,
    /// SHA-256 of the body that consumed it.
    answer: Option<[u8; 32]>,
}

fn find(tx: &Tx<'_>, answered: &Answered) -> Result<Option<Found>> {
    let found = tx
        .prepare_cached(
            "-- find_ceremony
             SELECT kind, nonce, statement, created_at, expires_at, answer, means
             FROM ceremonies WHERE id = ?1 AND link = ?2",
        )?
        .query_row((answered.ceremony, answered.link), |row| {
            Ok(Found {
                ceremony: Ceremony {
                    id: answered.ceremony,
                    link: answered.link,
                    kind: row.get(0)?,
                    means: row.get(6)?,
                    nonce: row.get(1)?,
                    statement: row.get(2)?,
                    created_at: row.get(3)?,
                    expires_at: row.get(4)?,
                },
                answer: row.get(5)?,
            })
        })
        .optional()?;
    Ok(found)
}

fn was_verified_by(tx: &Tx<'_>, link: &Link, answered: &Answered) -> Result<bool> {
    if link.state.status() != Status::Verified {
        return Ok(false);
    }
    let found = tx
        .prepare_cached(
            "-- was_verified_by\nSELECT 1 FROM verdicts WHERE link = ?1 AND ceremony = ?2",
        )?
        .exists((link.id, answered.ceremony))?;
    Ok(found)
}

fn consume_challenge(tx: &Tx<'_>, answered: &Answered, now: Timestamp) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- consume_ceremony
             UPDATE ceremonies SET consumed_at = ?1, answer = ?2
             WHERE id = ?3 AND link = ?4 AND consumed_at IS NULL AND expires_at > ?1",
        )?
        .execute((now, answered.body, answered.ceremony, answered.link))?;
    exactly_one("consume_ceremony", touched)
}

pub(super) fn count_attempt(tx: &Tx<'_>, answered: &Answered, context: &Context) -> Result<()> {
    let Context { now, max_attempts, .. } = *context;
    let touched = tx
        .prepare_cached(
            "-- count_attempt
             UPDATE links SET attempts = attempts + 1, ceremony = NULL
             WHERE id = ?1 AND ceremony = ?2 AND status = 'opened' AND expires_at > ?3
               AND attempts < ?4",
        )?
        .execute((answered.link, answered.ceremony, now, max_attempts))?;
    exactly_one("count_attempt", touched)?;
    tx.note_changed(answered.link);
    Ok(())
}
