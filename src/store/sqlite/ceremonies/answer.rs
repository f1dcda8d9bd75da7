//! An answer's whole way in one transaction: its challenge is consumed, it is checked, and what it
//! came to is written.

use super::super::super::{
    Answered, Check, Checked, Context, NotLive, RefusedAnswer, Result, Settled, Subject,
};
use super::super::transaction::Tx;
use super::consume::{count_attempt, take};
use super::refuse::refuse;
use super::settle::settle;
use crate::domain::ceremony::Refused;

pub(super) fn answer(
    tx: &Tx<'_>,
    answered: &Answered,
    check: &Check,
    context: &Context,
) -> Result<std::result::Result<Settled, NotLive>> {
    let (ceremony, subject) = match take(tx, answered, context)? {
        Ok(live) => live,
        Err(why) => return Ok(Err(why)),
    };
    let settled = match check(&ceremony, &subject)? {
        Checked::Right(settlement) => {
            match settle(tx, &subject, ceremony.id, &settlement, context)? {
                Ok(link) => Settled::Done(Box::new(link)),
                Err(refused) => wrong(tx, answered, subject, refused, context)?,
            }
        }
        Checked::Wrong(refused) => wrong(tx, answered, subject, refused, context)?,
    };
    Ok(Ok(settled))
}

fn wrong(
    tx: &Tx<'_>,
    answered: &Answered,
    Subject { link, .. }: Subject,
    refused: Refused,
    context: &Context,
) -> Result<Settled> {
    count_attempt(tx, answered, context)?;
    let (refusal, attempt) = (refused.refusal, link.attempts);
    let refused = RefusedAnswer { ceremony: answered.ceremony, link: link.id, attempt, refused };
    let link = refuse(tx, link, refused, context)?;
    Ok(Settled::Refused(refusal, Box::new(link)))
}
