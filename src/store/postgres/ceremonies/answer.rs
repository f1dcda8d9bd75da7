//! An answer's whole way in one transaction: its challenge is consumed, it is checked, and what it
//! came to is written.

use super::super::super::{
    Answered, Check, Checked, Context, NotLive, RefusedAnswer, Settled, Subject,
};
use super::super::customers::Owner;
use super::super::failure::{Done, Failure};
use super::super::transaction::Tx;
use super::consume::{count_attempt, take};
use super::refuse::refuse;
use super::settle::settle;
use crate::domain::ceremony::Refused;

pub(super) async fn answer(
    tx: &mut Tx,
    answered: &Answered,
    check: &Check,
    context: &Context,
) -> Done<Result<Settled, NotLive>> {
    let (mut owner, ceremony, subject) = match take(tx, answered, context).await? {
        Ok(live) => live,
        Err(why) => return Ok(Err(why)),
    };
    let settled = match check(&ceremony, &subject).map_err(Failure::from)? {
        Checked::Right(settlement) => {
            match settle(tx, &mut owner, &subject, ceremony.id, *settlement, context).await? {
                Ok(link) => Settled::Done(Box::new(link)),
                Err(refused) => wrong(tx, &mut owner, answered, subject, refused, context)?,
            }
        }
        Checked::Wrong(refused) => wrong(tx, &mut owner, answered, subject, refused, context)?,
    };
    Ok(Ok(settled))
}

fn wrong(
    tx: &mut Tx,
    owner: &mut Owner,
    answered: &Answered,
    Subject { link, .. }: Subject,
    refused: Refused,
    context: &Context,
) -> Done<Settled> {
    count_attempt(tx, answered, context);
    let (refusal, attempt) = (refused.refusal, link.attempts);
    let refused = RefusedAnswer { ceremony: answered.ceremony, link: link.id, attempt, refused };
    let link = refuse(tx, owner, link, &refused, context)?;
    Ok(Settled::Refused(refusal, Box::new(link)))
}
