//! What the customer says before a ceremony: who called whom, and the code that the agent read out.

use serde_json::json;

use super::super::super::{Context, Listened, Result};
use super::super::failure::exactly_one;
use super::super::transaction::Tx;
use super::super::{audit, links, verdicts};
use super::begin::tell_opened;
use crate::domain::audit::Action;
use crate::domain::call::{CODE_TRIES, Heard, Outcome, Said};
use crate::domain::id::LinkId;
use crate::domain::link::{CallInitiator, Link, State};
use crate::domain::verdict::{Reason, Verdict};

pub(super) fn hear(
    tx: &Tx<'_>,
    id: LinkId,
    jti: [u8; 16],
    said: Said,
    context: &Context,
) -> Result<Listened> {
    let Some(mut link) = links::load(tx, id)? else { return Ok(Listened::LinkClosed) };
    if link.secret.jti != jti || link.check_open(context.now).is_err() {
        return Ok(Listened::LinkClosed);
    }
    let heard = link.hear(said, context.now);
    if heard.is_news() && link.state == State::Pending {
        open(tx, &mut link, context)?;
    }
    let Heard { answer, outcome } = heard;
    if let Some(answer) = answer {
        note_answer(tx, &mut link, answer, context)?;
    }
    let link = match outcome {
        Outcome::GoOn | Outcome::CodeRequired => link,
        Outcome::CodeAccepted => accept(tx, link, context)?,
        Outcome::CodeExpired => {
            note_late(tx, &link, context)?;
            link
        }
        Outcome::CodeWrong { tries_left } => count(tx, link, tries_left, context)?,
        Outcome::CalledByStranger => end(tx, link, Reason::CalledByStranger, context)?,
    };
    Ok(Listened::Heard(outcome, Box::new(link)))
}

fn open(tx: &Tx<'_>, link: &mut Link, context: &Context) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- open_link_for_call
             UPDATE links SET status = 'opened', opened_at = ?1
             WHERE id = ?2 AND status = 'pending' AND jti = ?3 AND expires_at > ?1",
        )?
        .execute((context.now, link.id, link.secret.jti))?;
    exactly_one("open_link_for_call", touched)?;
    tx.note_changed(link.id);
    link.state = State::Opened { at: context.now };
    tell_opened(tx, link, context)
}

fn note_answer(
    tx: &Tx<'_>,
    link: &mut Link,
    answer: CallInitiator,
    context: &Context,
) -> Result<()> {
    let touched = tx
        .prepare_cached(
            "-- note_call_answer
             UPDATE links SET call_answer = ?1
             WHERE id = ?2 AND status = 'opened' AND jti = ?3 AND expires_at > ?4",
        )?
        .execute((answer, link.id, link.secret.jti, context.now))?;
    exactly_one("note_call_answer", touched)?;
    tx.note_changed(link.id);
    link.handover.call_answer = Some(answer);
    audit::append_about(tx, Action::CallAnswered, link, json!({ "answer": answer }), context)
}

fn accept(tx: &Tx<'_>, mut link: Link, context: &Context) -> Result<Link> {
    let touched = tx
        .prepare_cached(
            "-- accept_call_code
             UPDATE links SET call_code_given_at = ?1
             WHERE id = ?2 AND status = 'opened' AND jti = ?3 AND expires_at > ?1
               AND call_code_given_at IS NULL AND call_code_until > ?1 AND call_code_tries < ?4",
        )?
        .execute((context.now, link.id, link.secret.jti, CODE_TRIES))?;
    exactly_one("accept_call_code", touched)?;
    tx.note_changed(link.id);
    if let Some(code) = &mut link.handover.call_code {
        code.given_at = Some(context.now);
    }
    audit::append_about(tx, Action::CallCodeAccepted, &link, json!({}), context)?;
    Ok(link)
}

/// Counts a wrong code; the last one ends the link.
fn count(tx: &Tx<'_>, mut link: Link, tries_left: u32, context: &Context) -> Result<Link> {
    let tries = CODE_TRIES.saturating_sub(tries_left);
    let touched = tx
        .prepare_cached(
            "-- count_call_code
             UPDATE links SET call_code_tries = ?4
             WHERE id = ?1 AND status = 'opened' AND jti = ?2 AND expires_at > ?3
               AND (call_code_given_at IS NOT NULL OR call_code_until > ?3)
               AND call_code_tries = ?4 - 1",
        )?
        .execute((link.id, link.secret.jti, context.now, tries))?;
    exactly_one("count_call_code", touched)?;
    tx.note_changed(link.id);
    if let Some(code) = &mut link.handover.call_code {
        code.tries = tries;
    }
    let reason = Reason::CallCodeWrong;
    let facts = json!({ "reason": reason, "tries_left": tries_left });
    audit::append_about(tx, Action::CallCodeRefused, &link, facts, context)?;
    if tries_left == 0 { end(tx, link, reason, context) } else { Ok(link) }
}

/// Once for each code: whoever goes on sending one fills no audit.
fn note_late(tx: &Tx<'_>, link: &Link, context: &Context) -> Result<()> {
    let until = link.handover.call_code.map(|code| code.until);
    let action = Action::CallCodeRefused;
    let noted = tx
        .prepare_cached(
            "-- late_code_was_noted
             SELECT 1 FROM audit WHERE link = ?1 AND action = ?2 AND at >= ?3",
        )?
        .exists((link.id, action.as_str(), until))?;
    if noted {
        return Ok(());
    }
    audit::append_about(tx, action, link, json!({ "reason": "call_code_expired" }), context)
}

fn end(tx: &Tx<'_>, link: Link, reason: Reason, context: &Context) -> Result<Link> {
    let verdict = Verdict::NotVerified { reason, decided_at: context.now };
    verdicts::end(tx, link, &verdict, json!({ "reason": reason }), context)
}
