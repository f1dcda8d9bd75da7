//! Beginning a ceremony: the first one opens the link, a newer one replaces the live challenge.

use serde_json::json;

use super::super::super::{Begun, Context};
use super::super::columns::{Bytes, Whole};
use super::super::customers::{Owner, lock_of_link};
use super::super::failure::Done;
use super::super::query::{Param, params};
use super::super::transaction::Tx;
use super::super::{audit, events, links};
use crate::domain::audit::Action;
use crate::domain::ceremony::{Ceremony, Kind, Means};
use crate::domain::id::LinkId;
use crate::domain::link::{Link, State};

pub(super) async fn begin(
    tx: &mut Tx,
    ceremony: &Ceremony,
    jti: [u8; 16],
    context: &Context,
) -> Done<Begun> {
    let Context { now, max_attempts, .. } = *context;
    let (lock, load) = (lock_of_link(ceremony.link), links::load(ceremony.link));
    let (Some(mut owner), Some(mut link)) = tx.ask2(lock, load).await? else {
        return Ok(Begun::LinkClosed);
    };
    let fits = match ceremony.means {
        Means::Passkey => link.kind == ceremony.kind,
        // A code may be asked for on a link of either kind; which takes codes never changes.
        Means::Totp => match ceremony.kind {
            Kind::Register => link.binds_apps(),
            Kind::Authenticate => link.takes_codes(),
        },
    };
    let usable = fits
        && link.secret.jti == jti
        && link.expires_at > now
        && link.attempts < max_attempts
        && link.handover.call_code.is_none_or(|code| code.given_at.is_some());
    let opens = match link.state {
        State::Pending if usable => true,
        State::Opened { .. } if usable => false,
        State::Pending | State::Opened { .. } | State::Ended { .. } => {
            return Ok(Begun::LinkClosed);
        }
    };
    let guard = guard(ceremony, &link, jti, context);
    if opens {
        tx.write_one(
            "-- open_link
             UPDATE links SET status = 'opened', opened_at = $1, ceremony = $2
             WHERE id = $3 AND status = 'pending' AND kind = $4 AND jti = $5
               AND expires_at > $1 AND attempts < $6
               AND (call_code_until IS NULL OR call_code_given_at IS NOT NULL)",
            guard,
        );
        tx.noted.links.push(ceremony.link);
    } else {
        tx.write_one(
            "-- renew_ceremony
             UPDATE links SET ceremony = $2
             WHERE id = $3 AND status = 'opened' AND kind = $4 AND jti = $5
               AND expires_at > $1 AND attempts < $6
               AND (call_code_until IS NULL OR call_code_given_at IS NOT NULL)",
            guard,
        );
        forget_unanswered(tx, ceremony.link);
    }
    insert(tx, ceremony);
    if opens {
        link.state = State::Opened { at: now };
        tell_opened(tx, &mut owner, &link, context)?;
    }
    Ok(Begun::Begun)
}

fn guard(ceremony: &Ceremony, link: &Link, jti: [u8; 16], context: &Context) -> Vec<Param> {
    let Context { now, max_attempts, .. } = *context;
    params![now, ceremony.id, ceremony.link, link.kind, Bytes(jti), Whole(max_attempts)]
}

/// Those before the new one, which replaces them: whoever begins again and again leaves one row.
fn forget_unanswered(tx: &mut Tx, link: LinkId) {
    tx.write(
        "-- forget_unanswered\nDELETE FROM ceremonies WHERE link = $1 AND consumed_at IS NULL",
        params![link],
    );
}

fn insert(tx: &mut Tx, ceremony: &Ceremony) {
    tx.write(
        "-- insert_ceremony
         INSERT INTO ceremonies (id, link, kind, nonce, statement, created_at, expires_at, means)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            ceremony.id,
            ceremony.link,
            ceremony.kind,
            ceremony.nonce,
            ceremony.statement.clone(),
            ceremony.created_at,
            ceremony.expires_at,
            ceremony.means,
        ],
    );
}

pub(super) fn tell_opened(
    tx: &mut Tx,
    owner: &mut Owner,
    link: &Link,
    context: &Context,
) -> Done<()> {
    events::publish_opened(tx, owner, link, context)?;
    audit::append_about(tx, Action::LinkOpened, link, json!({}), context);
    Ok(())
}
