//! Taking an answer: the challenge goes out of circulation before the answer is checked, and
//! stays out whatever the check says.

use super::super::super::{Answered, Consumed, Context, NotLive, Subject};
use super::super::columns::{Bytes, Whole, read};
use super::super::customers::{Owner, lock_of_link};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{credentials, links};
use crate::domain::ceremony::Ceremony;
use crate::domain::clock::Timestamp;
use crate::domain::link::Status;

pub(super) async fn consume(tx: &mut Tx, answered: &Answered, context: &Context) -> Done<Consumed> {
    Ok(match take(tx, answered, context).await? {
        Ok((_, ceremony, subject)) => {
            count_attempt(tx, answered, context);
            Consumed::Live(Box::new((ceremony, subject)))
        }
        Err(why) => Consumed::NotLive(why),
    })
}

/// With the customer, whose row is held. The attempt is counted in the subject, and in the store by
/// whoever goes on: with the link's end, or with [`count_attempt`].
pub(super) async fn take(
    tx: &mut Tx,
    answered: &Answered,
    context: &Context,
) -> Done<Result<(Owner, Ceremony, Subject), NotLive>> {
    let Context { now, max_attempts, .. } = *context;
    let (owner, loaded, found, credentials) = tx
        .ask4(
            lock_of_link(answered.link),
            links::load_with_handle(answered.link),
            find(answered),
            credentials::active_for(answered.link),
        )
        .await?;
    let (Some(owner), Some((mut link, handle))) = (owner, loaded) else {
        return Ok(Err(NotLive::Unknown));
    };
    let Some(Found { ceremony, answer, live, verified }) = found else {
        // It was begun, or there would be no token for it; a newer one took its place.
        return Ok(Err(match link.check_open(now) {
            Ok(()) => NotLive::Used,
            Err(_) => NotLive::LinkClosed(Box::new(link)),
        }));
    };
    let ended_verified = link.state.status() == Status::Verified;
    if answer == Some(answered.body) && ended_verified && verified {
        return Ok(Err(NotLive::Repeated(Box::new(link))));
    }
    if link.check_open(now).is_err() {
        return Ok(Err(NotLive::LinkClosed(Box::new(link))));
    }
    if answer.is_some() || !live {
        return Ok(Err(NotLive::Used));
    }
    if ceremony.expires_at <= now {
        return Ok(Err(NotLive::Expired));
    }

    if link.attempts >= max_attempts {
        return Ok(Err(NotLive::LinkClosed(Box::new(link))));
    }

    consume_challenge(tx, answered, now);
    link.attempts += 1;
    Ok(Ok((owner, ceremony, Subject { link, handle, credentials })))
}

struct Found {
    ceremony: Ceremony,
    /// SHA-256 of the body that consumed it.
    answer: Option<[u8; 32]>,
    /// It is the link's newest, and not consumed.
    live: bool,
    /// The link's verdict is this one's.
    verified: bool,
}

fn find(answered: &Answered) -> Query<Option<Found>> {
    Query::optional(
        "-- find_ceremony
         SELECT c.id, c.link, c.kind, c.nonce, c.statement, c.created_at, c.expires_at, c.answer,
                l.ceremony IS NOT DISTINCT FROM c.id,
                EXISTS (SELECT 1 FROM verdicts WHERE link = c.link AND ceremony = c.id),
                c.means
         FROM ceremonies c JOIN links l ON l.id = c.link
         WHERE c.id = $1 AND c.link = $2",
        params![answered.ceremony, answered.link],
        |row| {
            Ok(Found {
                ceremony: Ceremony {
                    id: read(row, 0)?,
                    link: read(row, 1)?,
                    kind: read(row, 2)?,
                    means: read(row, 10)?,
                    nonce: read(row, 3)?,
                    statement: read(row, 4)?,
                    created_at: read(row, 5)?,
                    expires_at: read(row, 6)?,
                },
                answer: read::<Option<Bytes<32>>>(row, 7)?.map(|bytes| bytes.0),
                live: read(row, 8)?,
                verified: read(row, 9)?,
            })
        },
    )
}

fn consume_challenge(tx: &mut Tx, answered: &Answered, now: Timestamp) {
    tx.write_one(
        "-- consume_ceremony
         UPDATE ceremonies SET consumed_at = $1, answer = $2
         WHERE id = $3 AND link = $4 AND consumed_at IS NULL AND expires_at > $1",
        params![now, Bytes(answered.body), answered.ceremony, answered.link],
    );
}

pub(super) fn count_attempt(tx: &mut Tx, answered: &Answered, context: &Context) {
    let Context { now, max_attempts, .. } = *context;
    tx.write_one(
        "-- count_attempt
         UPDATE links SET attempts = attempts + 1, ceremony = NULL
         WHERE id = $1 AND ceremony = $2 AND status = 'opened' AND expires_at > $3
           AND attempts < $4",
        params![answered.link, answered.ceremony, now, Whole(max_attempts)],
    );
    tx.noted.links.push(answered.link);
}
