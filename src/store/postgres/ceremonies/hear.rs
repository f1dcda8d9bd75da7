//! What the customer says before a ceremony: who called whom, and the code that the agent read out.

use serde_json::json;

use super::super::super::{Context, Listened};
use super::super::columns::{Bytes, Whole};
use super::super::customers::{Owner, lock_of_link};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{audit, links, verdicts};
use super::begin::tell_opened;
use crate::domain::audit::Action;
use crate::domain::call::{CODE_TRIES, Heard, Outcome, Said};
use crate::domain::id::LinkId;
use crate::domain::link::{CallInitiator, Link, State};
use crate::domain::verdict::{Reason, Verdict};

pub(super) async fn hear(
    tx: &mut Tx,
    id: LinkId,
    jti: [u8; 16],
    said: Said,
    context: &Context,
) -> Done<Listened> {
    let (Some(mut owner), Some(mut link)) = tx.ask2(lock_of_link(id), links::load(id)).await?
    else {
        return Ok(Listened::LinkClosed);
    };
    if link.secret.jti != jti || link.check_open(context.now).is_err() {
        return Ok(Listened::LinkClosed);
    }
    let heard = link.hear(said, context.now);
    if heard.is_news() && link.state == State::Pending {
        open(tx, &mut owner, &mut link, context)?;
    }
    let Heard { answer, outcome } = heard;
    if let Some(answer) = answer {
        note_answer(tx, &mut link, answer, context);
    }
    let link = match outcome {
        Outcome::GoOn | Outcome::CodeRequired => link,
        Outcome::CodeAccepted => accept(tx, link, context),
        Outcome::CodeExpired => {
            note_late(tx, &link, context).await?;
            link
        }
        Outcome::CodeWrong { tries_left } => count(tx, &mut owner, link, tries_left, context)?,
        Outcome::CalledByStranger => end(tx, &mut owner, link, Reason::CalledByStranger, context)?,
    };
    Ok(Listened::Heard(outcome, Box::new(link)))
}

fn open(tx: &mut Tx, owner: &mut Owner, link: &mut Link, context: &Context) -> Done<()> {
    tx.write_one(
        "-- open_link_for_call
         UPDATE links SET status = 'opened', opened_at = $1
         WHERE id = $2 AND status = 'pending' AND jti = $3 AND expires_at > $1",
        params![context.now, link.id, Bytes(link.secret.jti)],
    );
    tx.noted.links.push(link.id);
    link.state = State::Opened { at: context.now };
    tell_opened(tx, owner, link, context)
}

fn note_answer(tx: &mut Tx, link: &mut Link, answer: CallInitiator, context: &Context) {
    tx.write_one(
        "-- note_call_answer
         UPDATE links SET call_answer = $1
         WHERE id = $2 AND status = 'opened' AND jti = $3 AND expires_at > $4",
        params![answer, link.id, Bytes(link.secret.jti), context.now],
    );
    tx.noted.links.push(link.id);
    link.handover.call_answer = Some(answer);
    audit::append_about(tx, Action::CallAnswered, link, json!({ "answer": answer }), context);
}

fn accept(tx: &mut Tx, mut link: Link, context: &Context) -> Link {
    tx.write_one(
        "-- accept_call_code
         UPDATE links SET call_code_given_at = $1
         WHERE id = $2 AND status = 'opened' AND jti = $3 AND expires_at > $1
           AND call_code_given_at IS NULL AND call_code_until > $1 AND call_code_tries < $4",
        params![context.now, link.id, Bytes(link.secret.jti), Whole(CODE_TRIES)],
    );
    tx.noted.links.push(link.id);
    if let Some(code) = &mut link.handover.call_code {
        code.given_at = Some(context.now);
    }
    audit::append_about(tx, Action::CallCodeAccepted, &link, json!({}), context);
    link
}

/// Counts a wrong code; the last one ends the link.
fn count(
    tx: &mut Tx,
    owner: &mut Owner,
    mut link: Link,
    tries_left: u32,
    context: &Context,
) -> Done<Link> {
    let tries = CODE_TRIES.saturating_sub(tries_left);
    tx.write_one(
        "-- count_call_code
         UPDATE links SET call_code_tries = $4
         WHERE id = $1 AND status = 'opened' AND jti = $2 AND expires_at > $3
           AND (call_code_given_at IS NOT NULL OR call_code_until > $3)
           AND call_code_tries = $4::bigint - 1",
        params![link.id, Bytes(link.secret.jti), context.now, Whole(tries)],
    );
    tx.noted.links.push(link.id);
    if let Some(code) = &mut link.handover.call_code {
        code.tries = tries;
    }
    let reason = Reason::CallCodeWrong;
    let facts = json!({ "reason": reason, "tries_left": tries_left });
    audit::append_about(tx, Action::CallCodeRefused, &link, facts, context);
    if tries_left == 0 { end(tx, owner, link, reason, context) } else { Ok(link) }
}

/// Once for each code: whoever goes on sending one fills no audit.
async fn note_late(tx: &mut Tx, link: &Link, context: &Context) -> Done<()> {
    let until = link.handover.call_code.map(|code| code.until);
    let action = Action::CallCodeRefused;
    let noted = tx
        .ask(Query::exists(
            "-- late_code_was_noted
             SELECT 1 FROM audit WHERE link = $1 AND action = $2 AND at >= $3 LIMIT 1",
            params![link.id, action.as_str(), until],
        ))
        .await?;
    if !noted {
        let facts = json!({ "reason": "call_code_expired" });
        audit::append_about(tx, action, link, facts, context);
    }
    Ok(())
}

fn end(
    tx: &mut Tx,
    owner: &mut Owner,
    link: Link,
    reason: Reason,
    context: &Context,
) -> Done<Link> {
    let verdict = Verdict::NotVerified { reason, decided_at: context.now };
    verdicts::end(tx, owner, link, &verdict, json!({ "reason": reason }), context)
}
