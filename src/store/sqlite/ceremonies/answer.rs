//! An answer's whole way in one transaction: its challenge is consumed, it is checked, and what it
//! came to is written.

use super::super::super::{
    Answered, Check, Checked, Consumed, Context, NotLive, RefusedAnswer, Result, Settled, Subject,
};
use super::super::transaction::Tx;
use super::consume::consume;
use super::refuse::refuse;
use super::settle::settle;
use crate::domain::ceremony::{Ceremony, Refused};

pub(super) fn answer(
    tx: &Tx<'_>,
    answered: &Answered,
    check: &Check,
    context: &Context,
) -> Result<std::result::Result<Settled, NotLive>> {
    let (ceremony, subject) = match consume(tx, answered, context)? {
        Consumed::Live(live) => *live,
        Consumed::NotLive(why) => return Ok(Err(why)),
    };
    let settled = match check(&ceremony, &subject)? {
        Checked::Right(settlement) => {
            match settle(tx, &subject, ceremony.id, &settlement, context)? {
                Ok(link) => Settled::Done(Box::new(link)),
                Err(refused) => wrong(tx, &ceremony, subject, refused, context)?,
            }
        }
        Checked::Wrong(refused) => wrong(tx, &ceremony, subject, refused, context)?,
    };
    Ok(Ok(settled))
}

fn wrong(
    tx: &Tx<'_>,
    ceremony: &Ceremony,
    Subject { link, .. }: Subject,
    refused: Refused,
    context: &Context,
) -> Result<Settled> {
    let (refusal, attempt) = (refused.refusal, link.attempts);
    let refused = RefusedAnswer { ceremony: ceremony.id, link: link.id, attempt, refused };
    let link = refuse(tx, link, refused, context)?;
    Ok(Settled::Refused(refusal, Box::new(link)))
}
