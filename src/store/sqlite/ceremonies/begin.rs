//! Beginning a ceremony: the first one opens the link, a newer one replaces the live challenge.

use serde_json::json;

use super::super::super::{Begun, Context, Result};
use super::super::transaction::Tx;
use super::super::{audit, events};
use crate::domain::audit::Action;
use crate::domain::ceremony::{Ceremony, Means};
use crate::domain::id::LinkId;
use crate::domain::link::{Link, State};

pub(super) fn begin(
    tx: &Tx<'_>,
    ceremony: &Ceremony,
    link: &Link,
    context: &Context,
) -> Result<Begun> {
    let Context { now, max_attempts, .. } = *context;
    // A code may be asked for on a link of either kind; which takes codes never changes.
    let kind = match ceremony.means {
        Means::Passkey => ceremony.kind,
        Means::Totp if takes_code(tx, ceremony)? => link.kind,
        Means::Totp => return Ok(Begun::LinkClosed),
    };
    let guard = (now, ceremony.id, ceremony.link, kind, link.secret.jti, max_attempts);
    let opened = tx
        .prepare_cached(
            "-- open_link
             UPDATE links SET status = 'opened', opened_at = ?1, ceremony = ?2
             WHERE id = ?3 AND status = 'pending' AND kind = ?4 AND jti = ?5
               AND expires_at > ?1 AND attempts < ?6
               AND (call_code_until IS NULL OR call_code_given_at IS NOT NULL)",
        )?
        .execute(guard)?
        == 1;
    let renewed = !opened
        && tx
            .prepare_cached(
                "-- renew_ceremony
                 UPDATE links SET ceremony = ?2
                 WHERE id = ?3 AND status = 'opened' AND kind = ?4 AND jti = ?5
                   AND expires_at > ?1 AND attempts < ?6
                   AND (call_code_until IS NULL OR call_code_given_at IS NOT NULL)",
            )?
            .execute(guard)?
            == 1;
    if !opened && !renewed {
        return Ok(Begun::LinkClosed);
    }
    if renewed {
        forget_unanswered(tx, ceremony.link)?;
    }
    insert(tx, ceremony)?;
    if opened {
        tx.note_changed(ceremony.link);
        // The guard found it unopened, and its secret the one that it was read with: nothing else
        // of it changes before it is opened.
        let link = Link { state: State::Opened { at: now }, ..link.clone() };
        tell_opened(tx, &link, context)?;
    }
    Ok(Begun::Begun)
}

/// Whether the link takes a code, and this kind of ceremony with one.
fn takes_code(tx: &Tx<'_>, ceremony: &Ceremony) -> Result<bool> {
    let takes = tx
        .prepare_cached(
            "-- takes_code
             SELECT 1 FROM links
             WHERE id = ?1 AND totp = 1 AND enrolment <> 'replace' AND enrolment <> 'add'
               AND (?2 = 'authenticate' OR (kind = 'register' AND enrolment = 'call_code'))",
        )?
        .exists((ceremony.link, ceremony.kind))?;
    Ok(takes)
}

/// Those before the new one, which replaces them: whoever begins again and again leaves one row.
fn forget_unanswered(tx: &Tx<'_>, link: LinkId) -> Result<()> {
    tx.prepare_cached(
        "-- forget_unanswered\nDELETE FROM ceremonies WHERE link = ?1 AND consumed_at IS NULL",
    )?
    .execute([link])?;
    Ok(())
}

fn insert(tx: &Tx<'_>, ceremony: &Ceremony) -> Result<()> {
    tx.prepare_cached(
        "-- insert_ceremony
         INSERT INTO ceremonies (id, link, kind, nonce, statement, created_at, expires_at, means)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        ceremony.id,
        ceremony.link,
        ceremony.kind,
        ceremony.nonce,
        &ceremony.statement,
        ceremony.created_at,
        ceremony.expires_at,
        ceremony.means,
    ))?;
    Ok(())
}

pub(super) fn tell_opened(tx: &Tx<'_>, link: &Link, context: &Context) -> Result<()> {
    events::publish_opened(tx, link, context)?;
    audit::append_about(tx, Action::LinkOpened, link, json!({}), context)
}
